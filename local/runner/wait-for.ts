import { type JsonValue, query } from "jsonpath-rfc9535";
import type { KubernetesObject } from "./objects";

/** One demand of the annotation `pulumi.com/waitFor`. */
export type Demand =
    | { readonly kind: "condition"; readonly type: string; readonly status: string }
    | { readonly kind: "jsonpath"; readonly path: string; readonly value?: string };

export interface Condition {
    type: string;
    status: string;
    reason?: string;
    message?: string;
    observedGeneration?: number;
}

/**
 * Parses `pulumi.com/waitFor` as the Kubernetes provider does: `condition=Type[=Status]`,
 * `jsonpath={.path}[=value]` (RFC 9535), or a JSON list of these.
 *
 * @throws Error which says what is wrong with the annotation.
 */
export function parseWaitFor(annotation: string): Demand[] {
    const demands = annotation.startsWith("[") ? (JSON.parse(annotation) as string[]) : [annotation];
    if (demands.length === 0) {
        throw new Error("pulumi.com/waitFor is an empty list: give at least one condition= or jsonpath=.");
    }
    return demands.map(parseDemand);
}

function parseDemand(text: string): Demand {
    const condition = /^condition=([^=]+)(?:=(.+))?$/.exec(text);
    if (condition?.[1]) {
        return { kind: "condition", type: condition[1], status: condition[2] ?? "True" };
    }
    // The value follows the last single "="; "==" belongs to a filter inside the path.
    const path = /^jsonpath=\{\s*(.*?)\s*\}(?:=([^=]+))?$/.exec(text);
    if (path?.[1]) {
        const expression = path[1].startsWith("$") ? path[1] : `$${path[1]}`;
        query({}, expression);
        return { kind: "jsonpath", path: expression, ...(path[2] && { value: path[2] }) };
    }
    throw new Error(
        `pulumi.com/waitFor "${text}" is neither condition=Type[=Status] nor jsonpath={.path}[=value].`,
    );
}

/** @returns what is still missing, or undefined where the demand is met. */
export function unmet(demand: Demand, object: KubernetesObject): string | undefined {
    const status = (object.status ?? {}) as { observedGeneration?: number; conditions?: Condition[] };
    const generation = object.metadata.generation ?? 0;
    const stale = (observed: number | undefined) => observed !== undefined && observed < generation;
    if (demand.kind === "condition") {
        const found = status.conditions?.find((c) => c.type.toLowerCase() === demand.type.toLowerCase());
        if (found && stale(found.observedGeneration ?? status.observedGeneration)) {
            return `condition ${demand.type} is of an older generation`;
        }
        return found?.status.toLowerCase() === demand.status.toLowerCase()
            ? undefined
            : `condition ${demand.type} is ${found ? describe(found) : "not there"}, waiting for ${demand.status}`;
    }
    if (stale(status.observedGeneration)) {
        return "the status is of an older generation";
    }
    const [found] = query(object as JsonValue, demand.path);
    const met = found !== undefined && (demand.value === undefined || String(found) === demand.value);
    return met
        ? undefined
        : `${demand.path} is ${JSON.stringify(found) ?? "not there"}${demand.value ? `, waiting for ${demand.value}` : ""}`;
}

export function describe(condition: Condition): string {
    const because = [condition.reason, condition.message].filter(Boolean).join(": ");
    return because ? `${condition.status} (${because})` : condition.status;
}
