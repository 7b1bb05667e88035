import { EditorState } from "@codemirror/state";
import { Parser } from "@prometheus-io/codemirror-promql/dist/cjs/parser/parser";
import { parser } from "@prometheus-io/lezer-promql";

/** What an expression is made of, as far as an autoscaler has to know. */
export interface ParsedPromql {
    /** Where it stops making sense, or which types do not fit each other; undefined where it is a vector. */
    readonly error: string | undefined;
    /** Every vector selector, as it is written, without its range. */
    readonly selectors: readonly string[];
    /** The length of every range, in seconds, 0 of one that is computed, and the text of its selector. */
    readonly ranges: readonly { readonly text: string; readonly seconds: number }[];
    /** Functions that give a value where there is no series, which would make an outage a number. */
    readonly inventions: readonly string[];
}

/** `vector` makes a value of nothing; `absent` turns a missing series into 1, and so into demand. */
const inventing = new Set(["vector", "absent", "absent_over_time"]);

/** Takes an expression apart with the grammar of Prometheus' own editor. */
export function parsePromql(expr: string): ParsedPromql {
    const selectors: string[] = [];
    const ranges: { text: string; seconds: number }[] = [];
    const inventions: string[] = [];
    let error: string | undefined;
    const text = (node: { from: number; to: number }) => expr.slice(node.from, node.to);
    parser.parse(expr).iterate({
        enter(node) {
            if (node.type.isError) error ??= broken(expr, node.from);
            if (node.name === "VectorSelector") selectors.push(text(node));
            if (node.name === "FunctionIdentifier" && inventing.has(text(node))) inventions.push(text(node));
            if (node.name === "MatrixSelector") {
                ranges.push({ text: text(node), seconds: rangeSeconds(text(node)) ?? 0 });
            }
        },
    });
    // An empty text is an expression without a name.
    if (expr.trim() === "") error = "it is empty";
    error ??= typeError(expr) ?? patternError(selectors);
    return { error, selectors: [...new Set(selectors)], ranges, inventions };
}

function broken(expr: string, at: number): string {
    const before = expr.slice(Math.max(0, at - 30), at);
    return before.trim() === ""
        ? "it stops making sense at its start"
        : `it stops making sense after "${before}"`;
}

/** What Prometheus would say of the types: that of an expression which parses, and as something to be summed. */
function typeError(expr: string): string | undefined {
    const diagnosed = (text: string) => {
        const checker = new Parser(EditorState.create({ doc: text }));
        // An editor parses for 20 ms at a time, and checks what it has by then: here it is the whole.
        Object.assign(checker, { tree: parser.parse(text) });
        checker.analyze();
        return checker.getDiagnostics()[0]?.message;
    };
    const own = diagnosed(expr);
    if (own !== undefined) return own;
    return diagnosed(`sum(${expr})`) === undefined ? undefined : "it is no vector of series";
}

/** A regular expression that none is. Prometheus' own are RE2's; flags at the start are the one thing that differs here. */
function patternError(selectors: readonly string[]): string | undefined {
    for (const selector of selectors) {
        for (const [, quoted] of selector.matchAll(/[=!]~\s*("(?:[^"\\]|\\.)*")/g)) {
            const pattern = unquoted(quoted as string);
            try {
                new RegExp(pattern.replace(/^\(\?[a-zA-Z]+\)/, ""));
            } catch {
                return `"${pattern}" is no regular expression`;
            }
        }
    }
    return undefined;
}

function unquoted(text: string): string {
    try {
        return JSON.parse(text) as string;
    } catch {
        // An escape that only Go has: not for us to judge.
        return "";
    }
}

const unitSeconds: Readonly<Record<string, number>> = {
    ms: 0.001,
    s: 1,
    m: 60,
    h: 3600,
    d: 86400,
    w: 604800,
    y: 31536000,
};

/** The length at the end of `x{…}[1m30s]`; undefined for one that is computed. */
function rangeSeconds(matrix: string): number | undefined {
    const [, given] = /\[([^[\]]+)\]$/.exec(matrix) ?? [];
    return given === undefined ? undefined : durationSeconds(given.trim());
}

/** Seconds of a Prometheus duration such as `1m30s`; undefined for what is none. */
export function durationSeconds(text: string): number | undefined {
    if (!/^([0-9]+(ms|[smhdwy]))+$/.test(text)) return undefined;
    return [...text.matchAll(/([0-9]+)(ms|[smhdwy])/g)].reduce(
        (sum, [, count, unit]) => sum + Number(count) * (unitSeconds[unit as string] as number),
        0,
    );
}

/** A vector selector: a name, and labels that equal or, with a RegExp, match. */
export function selector(metric: string, labels: Readonly<Record<string, string | RegExp>>): string {
    const matchers = Object.entries(labels).map(([label, value]) =>
        value instanceof RegExp
            ? `${label}=~${JSON.stringify(value.source)}`
            : `${label}=${JSON.stringify(value)}`,
    );
    return `${metric}{${matchers.join(",")}}`;
}
