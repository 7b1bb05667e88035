import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "mocha";
import {
    type ChartSize,
    type ChartView,
    chartText,
    columnLines,
    niceTop,
    timeTicks,
} from "../../local/demo/chart";
import { liveView } from "../../local/demo/live";
import type { Sample } from "../../local/demo/queue-result";
import { queueView, statusLine } from "../../local/demo/queue-view";

const sample = (t: number, queued: number | null, ready: number | null): Sample => ({
    t,
    queued,
    processed: queued === null ? null : 100 - queued,
    ready,
    desired: 5,
    current: 5,
});
const series = Array.from({ length: 101 }, (_, index) =>
    sample(index / 5, Math.max(0, 100 - index), index < 10 ? 0 : 5),
);

const drawn = (samples: readonly Sample[], size: ChartSize = {}) => chartText(queueView, samples, size);

describe("the chart in the terminal", () => {
    const text = drawn(series, { columns: 80, rows: 24, color: false });
    const lines = text.split("\n");

    it("fits into 80 by 24, with a line to spare for the cursor", () => {
        assert.ok(lines.length <= 23, `${lines.length} lines`);
        assert.ok(lines.length >= 18, `${lines.length} lines`);
        assert.ok(
            lines.every((line) => line.length <= 80),
            text,
        );
    });

    it("shows a queue that falls from its top left to zero at its right", () => {
        const top = lines.find((line) => line.includes("100┤"));
        const bottom = lines.find((line) => line.includes("  0┤"));
        assert.ok(top && bottom, text);
        assert.match(top.slice(0, 20), /━/);
        assert.doesNotMatch(top.slice(30), /━/);
        assert.match(bottom.slice(-3), /━/);
    });

    it("shows replicas that step up from zero, once for Ready, and names both lines", () => {
        assert.ok(lines.includes("Replicas: wanted, Ready"), text);
        const zero = lines.findLast((line) => line.includes(" 0┤")) ?? "";
        assert.match(zero, /0┤━+┛\s*$/);
    });

    it("puts both panels on the same column and writes the seconds once", () => {
        const corners = lines.filter((line) => line.includes("└") && line.includes("▶"));
        assert.equal(corners.length, 2);
        assert.equal(corners[0]?.indexOf("└"), corners[1]?.indexOf("└"));
        const seconds = lines.filter((line) => /^\s*0 s\s+5 s\s+10 s\s+15 s\s+20 s$/.test(line));
        assert.equal(seconds.length, 1, text);
    });

    it("ends with the latest numbers", () => {
        assert.equal(lines.at(-1), statusLine(series.at(-1)));
        assert.equal(
            statusLine(sample(3.25, 97, 4)),
            "   3.3 s | queue    97 | replicas Ready  4 of  5 wanted | done     3",
        );
    });

    it("colours the lines only when asked to", () => {
        assert.equal(text.includes("\u001b"), false);
        assert.ok(drawn(series, { color: true }).includes("\u001b[34m"));
    });

    it("leaves a gap where nothing could be read, and keeps the time axis where it was", () => {
        const holed = series.map((one) => (one.t > 5 && one.t < 10 ? { ...one, queued: null } : one));
        const [before, after] = columnLines(holed, ({ queued }) => queued, 68, 20);
        assert.ok((before?.at(-1)?.[0] ?? 99) <= 5.2);
        assert.ok((after?.[0]?.[0] ?? 0) >= 9.8);

        const cut = series.map((one) => (one.t > 10 ? { ...one, queued: null, processed: null } : one));
        const rows = drawn(cut, { color: false }).split("\n");
        const queue = rows.slice(0, rows.indexOf("Replicas: wanted, Ready")).map((line) => line.length);
        assert.ok(Math.max(...queue) < 50, "half of the time without a reading must stay empty");
        assert.equal(rows.at(-1), "  20.0 s | queue     ? | replicas Ready  5 of  5 wanted | done     ?");
    });

    it("has as many panels as a view has, each with its own axis, and still fits", () => {
        const panel = (title: string, factor: number) => ({
            title,
            lines: [{ color: "blue" as const, value: ({ t }: { t: number }) => t * factor }],
        });
        const view: ChartView<{ t: number }> = {
            panels: [panel("Demand", 10), panel("Replicas", 1), panel("Seconds", 0.01)],
            status: (reading) => `at ${reading?.t}`,
        };
        const readings = Array.from({ length: 31 }, (_, t) => ({ t }));
        const rows = chartText(view, readings, { columns: 80, rows: 24, color: false }).split("\n");
        assert.ok(rows.length <= 23 && rows.length >= 18, `${rows.length} lines`);
        for (const top of ["500┤", "50┤", "0.5┤"]) {
            assert.ok(
                rows.some((row) => row.trimStart().startsWith(top)),
                `${top}\n${rows.join("\n")}`,
            );
        }
        const corners = rows.filter((row) => row.includes("└") && row.includes("▶"));
        assert.deepEqual(new Set(corners.map((row) => row.indexOf("└"))).size, 1);
        assert.equal(corners.length, 3);
        assert.equal(rows.filter((row) => /^\s*0 s\s/.test(row)).length, 1);
        assert.equal(rows.at(-1), "at 30");
    });

    it("is a single line where there is no room or nothing to draw yet", () => {
        assert.equal(drawn(series, { columns: 80, rows: 10 }), statusLine(series.at(-1)));
        assert.equal(drawn([]), "waiting for the first reading");
    });

    it("cuts axes at round numbers", () => {
        assert.deepEqual(niceTop(200, 9), { step: 50, steps: 4 });
        assert.deepEqual(niceTop(10, 6), { step: 5, steps: 2 });
        assert.deepEqual(niceTop(0, 6), { step: 1, steps: 1 });
        assert.deepEqual(niceTop(0.04, 6), { step: 0.02, steps: 2 });
        assert.deepEqual(timeTicks(62, 68), [0, 10, 20, 30, 40, 50, 60]);
    });
});

describe("the live view", () => {
    const written = (stream: PassThrough) => String(stream.read() ?? "");

    it("writes one line per second where there is no terminal", () => {
        const stream = new PassThrough();
        const view = liveView(queueView, stream as unknown as NodeJS.WriteStream, false);
        for (const t of [0, 0.2, 0.8, 1.1, 1.4, 2.1, 2.3]) {
            view.add(sample(t, 1, 0));
        }
        view.end();
        const times = written(stream)
            .trimEnd()
            .split("\n")
            .map((line) => Number.parseFloat(line));
        assert.deepEqual(times, [0, 1.1, 2.1, 2.3]);
    });

    it("draws the chart on a terminal and leaves the last one there", () => {
        const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
        const view = liveView(queueView, stream as unknown as NodeJS.WriteStream, false);
        for (const one of series) {
            view.add(one);
        }
        view.end();
        assert.ok(written(stream).includes("Queue length (messages)"));
    });
});
