import type { KubernetesObject } from "./objects";
import { isRecord } from "./wire";

/** One changed field; `before` or `after` is absent where the field is new or goes. */
export interface Change {
    readonly path: string;
    readonly before?: unknown;
    readonly after?: unknown;
}

/** What the server keeps for itself and what its controllers report: never a change that a program made. */
const serverOwned = [
    "status",
    "metadata.managedFields",
    "metadata.resourceVersion",
    "metadata.generation",
    "metadata.uid",
    "metadata.creationTimestamp",
    "metadata.selfLink",
];

/** The fields that differ between the live object and the result of applying it. */
export function changes(live: KubernetesObject, applied: KubernetesObject): Change[] {
    return [...compare("", live, applied)];
}

/** Changes as lines, `~ spec.replicas: 1 → 2`; values at secret paths are masked, whichever list item they are of. */
export function diffLines(all: readonly Change[], secretPaths: readonly string[]): string[] {
    const anyItem = (path: string) => path.replaceAll(/\[[^\]]*\]/g, "[]");
    const masked = secretPaths.map(anyItem);
    const within = (inner: string, outer: string) =>
        inner === outer || /^[.[]/.test(inner.slice(outer.length));
    return all.map(({ path, before, after }) => {
        const at = anyItem(path);
        const hide = masked.some(
            (p) => (at.startsWith(p) && within(at, p)) || (p.startsWith(at) && within(p, at)),
        );
        const show = (value: unknown) => (hide ? "[secret]" : shorten(JSON.stringify(value)));
        if (before === undefined) {
            return `+ ${path}: ${show(after)}`;
        }
        return after === undefined
            ? `- ${path}: ${show(before)}`
            : `~ ${path}: ${show(before)} → ${show(after)}`;
    });
}

function* compare(path: string, before: unknown, after: unknown): Generator<Change> {
    if (serverOwned.includes(path) || before === after) {
        return;
    }
    const [left, right] = [fields(before), fields(after)];
    if (!left || !right || Array.isArray(before) !== Array.isArray(after)) {
        yield { path, before, after };
        return;
    }
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
        const inner = Array.isArray(before) ? `${path}[${key}]` : path ? `${path}.${key}` : key;
        yield* compare(inner, left[key], right[key]);
    }
}

/** A record's fields, or a list's items by name where all have one (containers, ports, env), else by position. */
function fields(value: unknown): Record<string, unknown> | undefined {
    if (!Array.isArray(value)) {
        return isRecord(value) ? value : undefined;
    }
    const names = value.map((item) => (isRecord(item) ? item.name : undefined));
    const named = names.every((name) => typeof name === "string") && new Set(names).size === names.length;
    return Object.fromEntries(value.map((item, index) => [named ? names[index] : index, item]));
}

function shorten(text: string): string {
    return text.length > 160 ? `${text.slice(0, 100)}… (${text.length} characters)` : text;
}
