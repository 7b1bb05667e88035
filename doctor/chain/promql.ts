import { parser } from "@prometheus-io/lezer-promql";

/** One `label op "value"` of a selector. */
export interface Matcher {
    readonly label: string;
    readonly operator: "=" | "!=" | "=~" | "!~";
    readonly value: string;
}

/** A selector of series, without its range. */
export interface VectorSelector {
    /** Name of the metric; undefined where the selector has none, or a pattern. */
    readonly metric: string | undefined;
    readonly matchers: readonly Matcher[];
    /** As PromQL. */
    readonly text: string;
}

/** Whether an expression is PromQL. */
export function parses(query: string): boolean {
    let sound = query.trim() !== "";
    parser.parse(query).iterate({
        enter: (node) => {
            if (node.type.isError) sound = false;
        },
    });
    return sound;
}

/** The series that an expression reads, each once, in the order in which they stand. */
export function vectorSelectors(query: string): VectorSelector[] {
    const found = new Map<string, VectorSelector>();
    parser.parse(query).iterate({
        enter: (node) => {
            if (node.name !== "VectorSelector") return;
            const selector = selectorAt(query.slice(node.from, node.to), node.node, query);
            found.set(selector.text, selector);
        },
    });
    return [...found.values()];
}

type Node = ReturnType<typeof parser.parse>["topNode"];

function selectorAt(text: string, node: Node, query: string): VectorSelector {
    let metric: string | undefined;
    const matchers: Matcher[] = [];
    const cursor = node.cursor();
    const end = node.to;
    while (cursor.next() && cursor.from < end) {
        const part = query.slice(cursor.from, cursor.to);
        if (
            cursor.name === "Identifier" &&
            metric === undefined &&
            cursor.node.parent?.name === "VectorSelector"
        )
            metric = part;
        if (cursor.name === "QuotedLabelName" || cursor.name === "QuotedLabelMatcher") {
            const quoted = /^(["'`])(.*)\1$/s.exec(part);
            if (quoted) metric ??= quoted[2];
        }
        if (cursor.name === "UnquotedLabelMatcher") matchers.push(...matcherOf(part));
    }
    const named = matchers.find(({ label, operator }) => label === "__name__" && operator === "=");
    metric ??= named?.value;
    return { metric, matchers: matchers.filter((matcher) => matcher !== named), text };
}

function matcherOf(text: string): Matcher[] {
    const parts = /^\s*([\w:.]+)\s*(=~|!~|!=|=)\s*(["'`])(.*)\3\s*$/s.exec(text);
    if (!parts) return [];
    const [, label = "", operator, quote, raw = ""] = parts;
    const value = quote === "`" ? raw : raw.replace(/\\(.)/g, "$1");
    return [{ label, operator: operator as Matcher["operator"], value }];
}

/** The value that a selector asks of a label, where it asks for exactly one. */
export function wanted(selector: VectorSelector, label: string): string | undefined {
    return selector.matchers.find((matcher) => matcher.label === label && matcher.operator === "=")?.value;
}

/** Whether labels satisfy a matcher, as Prometheus sees it: a label that is not there is an empty one. */
export function satisfies(matcher: Matcher, labels: Readonly<Record<string, string>>): boolean {
    const value = labels[matcher.label] ?? "";
    switch (matcher.operator) {
        case "=":
            return value === matcher.value;
        case "!=":
            return value !== matcher.value;
        case "=~":
            return fully(matcher.value).test(value);
        default:
            return !fully(matcher.value).test(value);
    }
}

/** Prometheus' expressions are anchored; one that JavaScript cannot read is taken to match. */
function fully(pattern: string): RegExp {
    try {
        return new RegExp(`^(?:${pattern})$`, "s");
    } catch {
        return /^/;
    }
}

/** A selector as PromQL. */
export function selectorOf(metric: string, matchers: readonly Matcher[]): string {
    const parts = matchers.map(({ label, operator, value }) => `${label}${operator}${JSON.stringify(value)}`);
    return `${metric}${parts.length > 0 ? `{${parts.join(",")}}` : ""}`;
}
