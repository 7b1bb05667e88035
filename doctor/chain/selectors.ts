import type { Labels, Selector } from "../read/objects";
import type { NamespaceChoice } from "../read/objects-around";

/** Whether a label selector takes labels. An empty one takes all; none (`null`, undefined) takes nothing. */
export function selects(selector: Selector | null | undefined, labels: Labels = {}): boolean {
    if (!selector) return false;
    const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
    return equal && (selector.matchExpressions ?? []).every((expression) => matches(expression, labels));
}

function matches(
    { key, operator, values = [] }: NonNullable<Selector["matchExpressions"]>[number],
    labels: Labels,
): boolean {
    const value = labels[key];
    switch (operator) {
        case "In":
            return value !== undefined && values.includes(value);
        case "NotIn":
            return value === undefined || !values.includes(value);
        case "Exists":
            return value !== undefined;
        default:
            return value === undefined;
    }
}

/** Whether a Service's selector takes a pod's labels. One without selector has its endpoints from somebody else. */
export function serviceSelects(selector: Labels | undefined, labels: Labels = {}): boolean {
    const wanted = Object.entries(selector ?? {});
    return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
}

/** A label selector as the API server reads it from a query. */
export function selectorQuery(selector: Selector | undefined): string {
    const operators: Record<string, (key: string, values: string) => string> = {
        In: (key, values) => `${key} in (${values})`,
        NotIn: (key, values) => `${key} notin (${values})`,
        Exists: (key) => key,
        DoesNotExist: (key) => `!${key}`,
    };
    return [
        ...Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`),
        ...(selector?.matchExpressions ?? []).map(({ key, operator, values = [] }) =>
            (operators[operator] ?? ((name) => name))(key, values.join(",")),
        ),
    ].join(",");
}

/** A selector in words. */
export function selectorText(selector: Selector | null | undefined): string {
    if (!selector) return "nothing";
    return selectorQuery(selector) || "everything";
}

/** The labels of an object in words. */
export function labelText(labels: Labels = {}): string {
    return (
        Object.entries(labels)
            .map(([key, value]) => `${key}=${value}`)
            .join(",") || "no labels"
    );
}

/** Whether a monitor looks into a namespace; without a choice it looks into its own. */
export function looksInto(choice: NamespaceChoice | undefined, own: string, namespace: string): boolean {
    if (choice?.any) return true;
    const names = choice?.matchNames ?? [];
    return names.length > 0 ? names.includes(namespace) : own === namespace;
}
