import pc from "picocolors";
import type { Operation, RunEvent } from "./events";

type Ended = Extract<RunEvent, { type: "end" }>;

interface Node {
    readonly label: string;
    readonly component: boolean;
    readonly started: number;
    readonly children: Node[];
    progress?: string;
    result?: Ended;
}

export const past = { create: "created", update: "updated", replace: "replaced", delete: "deleted" } as const;
const signs = {
    create: pc.green("+"),
    update: pc.yellow("~"),
    replace: pc.magenta("±"),
    delete: pc.red("-"),
} as const;

/** The resources of a run as a tree under their components: grows with the events, and draws itself as lines. */
export class Tree {
    private readonly roots: Node[] = [];
    private readonly nodes = new Map<string, Node>();

    /** @param preview - shows what would change, with its diff; a real run folds components that are done. */
    constructor(private readonly preview: boolean) {}

    take(event: RunEvent, now = performance.now()): void {
        if (event.type === "start") {
            const node: Node = { label: event.label, component: event.component, started: now, children: [] };
            const parent = event.parent && this.nodes.get(event.parent);
            (parent ? parent.children : this.roots).push(node);
            this.nodes.set(event.urn, node);
        } else if (event.type !== "note") {
            const node = this.nodes.get(event.urn);
            if (node && event.type === "progress") {
                node.progress = event.text;
            } else if (node && event.type === "end") {
                node.result = event;
            }
        }
    }

    /** @param rows - how many lines there is room for; resources that are done give way first. */
    lines(rows = Number.POSITIVE_INFINITY, now = performance.now()): string[] {
        const all = this.roots.flatMap((root) => this.draw(root, "", now));
        const fitting = all.length <= rows ? all : all.filter(({ done }) => !done);
        return fitting.slice(-rows).map(({ text }) => text);
    }

    private draw(node: Node, indent: string, now: number): { text: string; done: boolean }[] {
        if (!node.component || node.result) {
            const quiet = this.preview && node.result?.state === "done" && isQuiet(node.result.operation);
            const lines = node.result
                ? endLines(node.label, node.result, this.preview)
                : [activeLine(node, now)];
            return quiet
                ? []
                : lines.map((text) => ({ text: indent + text, done: node.result?.state === "done" }));
        }
        const leaves = leavesOf(node);
        const wellDone = leaves.every(({ result }) => result?.state === "done");
        const seconds = Math.max(
            0,
            ...leaves.map(({ started, result }) => (result ? started + result.seconds * 1000 : now)),
        );
        const time =
            leaves.length > 0
                ? pc.dim(` ${count(leaves)}, ${((seconds - node.started) / 1000).toFixed(1)} s`)
                : "";
        const title = {
            text: `${indent}${wellDone ? pc.green("✔") : pc.cyan("●")} ${node.label}${time}`,
            done: wellDone,
        };
        const inner = node.children.flatMap((child) => this.draw(child, `${indent}  `, now));
        const folded = wellDone && !this.preview && indent !== "";
        return (this.preview && inner.length === 0) || (leaves.length === 0 && indent)
            ? []
            : [title, ...(folded ? [] : inner)];
    }
}

/** What ended, as lines: how, what, after how long, and below it the diff, the note or the failure. */
export function endLines(label: string, result: Ended, preview: boolean): string[] {
    if (result.state === "skipped") {
        return [`${pc.yellow("↷")} ${label} ${pc.yellow(`skipped: needs ${result.because}`)}`];
    }
    const below = (text: string) => text.split("\n").map((line) => `    ${line}`);
    const time = pc.dim(` ${result.seconds.toFixed(1)} s`);
    if (result.state === "failed") {
        // The whole message comes in the report at the end.
        return [`${pc.red("✘")} ${label} ${pc.red("failed")}${time} ${result.message.split("\n")[0]}`];
    }
    const { operation, diff, note } = result;
    const word = isQuiet(operation) ? operation : preview ? operation : past[operation];
    const sign = isQuiet(operation) ? pc.green("✔") : preview ? signs[operation] : pc.green("✔");
    const line = `${sign} ${label} ${isQuiet(operation) ? pc.dim(word) : word}${preview ? "" : time}`;
    return [
        line,
        ...diff.flatMap(below).map((text) => pc.dim(text)),
        ...(note ? below(pc.dim(`(${note})`)) : []),
    ];
}

function activeLine({ label, started, progress }: Node, now: number): string {
    return `${pc.cyan("●")} ${label}${pc.dim(` ${((now - started) / 1000).toFixed(1)} s${progress ? `, ${progress}` : ""}`)}`;
}

function isQuiet(operation: Operation): operation is "unchanged" | "read" {
    return operation === "unchanged" || operation === "read";
}

function leavesOf(node: Node): Node[] {
    return node.component ? node.children.flatMap(leavesOf) : [node];
}

function count(leaves: readonly Node[]): string {
    const done = leaves.filter(({ result }) => result).length;
    return done === leaves.length ? `${done} resources` : `${done} of ${leaves.length} resources`;
}
