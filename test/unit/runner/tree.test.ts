import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import type { Operation, RunEvent } from "../../../local/runner";
import { endLines, Tree } from "../../../local/runner/tree";

const start = (urn: string, parent?: string, component = false): RunEvent => ({
    type: "start",
    urn,
    label: urn,
    component,
    ...(parent && { parent }),
});
const done = (urn: string, operation: Operation = "create", diff: string[] = []) =>
    ({ type: "end", urn, seconds: 1, state: "done", operation, diff }) as const;
const failed = { type: "end", urn: "b", seconds: 1, state: "failed", message: "no\nat all" } as const;

describe("Tree", () => {
    const lines = (events: RunEvent[], preview = false, rows?: number) => {
        const tree = new Tree(preview);
        for (const event of events) tree.take(event, 0);
        return tree.lines(rows, 2000).map(stripVTControlCharacters);
    };
    const begun = [
        start("stack", undefined, true),
        start("web", "stack", true),
        start("a", "web"),
        start("b", "web"),
    ];

    it("shows components with their children, state and seconds", () => {
        const waiting: RunEvent = { type: "progress", urn: "b", text: "0 of 1 replicas" };
        assert.deepEqual(lines([...begun, done("a"), waiting]), [
            "● stack 1 of 2 resources, 2.0 s",
            "  ● web 1 of 2 resources, 2.0 s",
            "    ✔ a created 1.0 s",
            "    ● b 2.0 s, 0 of 1 replicas",
        ]);
    });

    it("folds what is done", () => {
        assert.deepEqual(lines([...begun, done("a"), done("b")]), [
            "✔ stack 2 resources, 1.0 s",
            "  ✔ web 2 resources, 1.0 s",
        ]);
    });

    it("keeps failures open", () => {
        assert.ok(lines([...begun, done("a"), failed]).includes("    ✘ b failed 1.0 s no"));
    });

    it("leaves out what is done where there is no room for it", () => {
        assert.equal(
            lines([...begun, done("a")], false, 3).some((line) => line.includes("created")),
            false,
        );
    });

    it("shows in a preview what would change, with its diff, and nothing else", () => {
        const other = [start("idle", "stack", true), start("c", "idle"), done("c", "unchanged")];
        const events = [...begun, ...other, done("a", "update", ["~ x: 1 → 2"]), done("b", "unchanged")];
        assert.deepEqual(lines(events, true).slice(1), [
            "  ✔ web 2 resources, 1.0 s",
            "    ~ a update",
            "        ~ x: 1 → 2",
        ]);
    });

    it("says of what ended how it ended", () => {
        const text = (event: Parameters<typeof endLines>[1]) =>
            endLines("x", event, false).map(stripVTControlCharacters);
        assert.deepEqual(text({ ...done("x"), note: "why" }), ["✔ x created 1.0 s", "    (why)"]);
        assert.deepEqual(text({ type: "end", urn: "x", seconds: 1, state: "skipped", because: "y" }), [
            "↷ x skipped: needs y",
        ]);
    });
});
