import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { bench } from "../../local/bench";
import type { Environment } from "../../local/bench/environment";
import { describeSpread, singleFigure, spreadFigure } from "../../local/bench/figures";
import { queueFigures, summarizeQueue } from "../../local/bench/queue";
import { figuresMarkdown, replaceSection, writeSection } from "../../local/bench/report";
import { percentile, spread } from "../../local/bench/spread";
import { benchTiming } from "../../local/bench/timing";
import type { QueueRun } from "../../local/demo/queue-result";

const where: Environment = {
    date: "2026-01-31T12:00:00.000Z",
    cores: 2,
    cpu: "some",
    memoryGiB: 24,
    kernel: "6.1.0",
    versions: { node: "20.20.2" },
};

describe("percentiles", () => {
    it("lie between values by linear interpolation, in whatever order these come", () => {
        assert.equal(percentile([3, 1, 2], 0.5), 2);
        assert.equal(percentile([4, 1, 2, 3], 0.5), 2.5);
        assert.equal(percentile([10, 0], 0.9), 9);
        assert.equal(percentile([7], 0.3), 7);
        assert.deepEqual([percentile([5, 3, 9], 0), percentile([5, 3, 9], 1)], [3, 9]);
    });

    it("sort as numbers, not as text", () => {
        assert.equal(percentile([10, 9, 100], 0.5), 10);
    });

    it("are not a number where there is nothing, and refused outside 0 to 1", () => {
        assert.ok(Number.isNaN(percentile([], 0.5)));
        assert.throws(() => percentile([1], 50), RangeError);
    });

    it("leave the given values as they were", () => {
        const values = [3, 1, 2];
        percentile(values, 0.5);
        assert.deepEqual(values, [3, 1, 2]);
    });
});

describe("a spread", () => {
    it("is minimum, median and maximum", () => {
        assert.deepEqual(spread([3, 1, 2]), { runs: 3, missing: 0, min: 1, median: 2, max: 3 });
    });

    it("counts a run where it never came as the worst one", () => {
        assert.deepEqual(spread([1, null, 2]), { runs: 3, missing: 1, min: 1, median: 2, max: null });
        assert.deepEqual(spread([1, null, null]), { runs: 3, missing: 2, min: 1, median: null, max: null });
        assert.deepEqual(spread([1, null]).median, null);
    });

    it("of nothing is nothing", () => {
        assert.deepEqual(spread([]), { runs: 0, missing: 0, min: null, median: null, max: null });
        assert.equal(describeSpread(spread([]), "s"), "not measured");
    });

    it("reads as text", () => {
        assert.equal(describeSpread(spread([1.234, 2, 120.4]), "s"), "1.23 / 2.00 / 120 s (3 runs)");
        assert.equal(describeSpread(spread([1, null]), "s"), "1.00 / never / never s (2 runs, 1 without)");
    });
});

describe("a figure", () => {
    const met = (values: (number | null)[]) =>
        spreadFigure("f", spread(values), "s", { median: 2, max: 3 }).met;

    it("is met up to its limits and not beyond either", () => {
        assert.equal(met([1, 2, 3]), true);
        assert.equal(met([1, 2.01, 3]), false);
        assert.equal(met([1, 2, 3.01]), false);
        assert.equal(met([1, 2, null]), false);
    });

    it("is neither met nor missed where nothing was measured or nothing is asked", () => {
        assert.equal(met([]), null);
        assert.equal(spreadFigure("f", spread([1]), "s").met, null);
        assert.equal(singleFigure("f", null, "cores", 0.4).met, null);
    });

    it("with a single value must stay under its limit", () => {
        assert.deepEqual(
            [0.39, 0.4].map((value) => singleFigure("f", value, "cores", 0.4).met),
            [true, false],
        );
    });
});

describe("the queue benchmark's summary", () => {
    const run = (firstReadySeconds: number | null, lost = 0) =>
        ({
            requested: 200,
            published: 200,
            processed: 200 - lost,
            lost,
            doubled: 0,
            firstReadySeconds,
            allReadySeconds: 8,
            firstProcessedSeconds: firstReadySeconds === null ? null : firstReadySeconds + 1,
            drainedSeconds: 25,
            backToZeroSeconds: 60,
        }) as QueueRun;

    it("meets its targets with runs that do", () => {
        const figures = queueFigures(summarizeQueue([run(1), run(1.5), run(2.5)]), 200);
        assert.deepEqual(
            figures.map(({ met }) => met),
            [true, true, null, true, null, null],
        );
        assert.equal(figures[0]?.measured, "1.00 / 1.50 / 2.50 s (3 runs)");
        assert.match(figures[2]?.figure ?? "", /: first message done \(1 s of work\)$/);
        assert.equal(figures[2]?.measured, "2.00 / 2.50 / 3.50 s (3 runs)");
        assert.equal(figures[3]?.measured, "200 of 200 in 3 of 3 runs");
    });

    it("names the run that lost a message", () => {
        const figure = queueFigures(summarizeQueue([run(1), run(1, 1)]), 200)[3];
        assert.equal(figure?.met, false);
        assert.match(
            figure?.measured ?? "",
            /^200 of 200 in 1 of 2 runs; run 2: 199 of 200 processed, 1 lost/,
        );
    });

    it("counts a run that did not end against every target", () => {
        const figures = queueFigures(summarizeQueue([run(1), { problem: "timeout" }]), 200);
        assert.deepEqual(
            figures.map(({ met }) => met),
            [false, false, null, false, null, null],
        );
    });

    it("knows no time limits for bursts of another size", () => {
        assert.deepEqual(
            queueFigures(summarizeQueue([run(1)]), 50).map(({ met }) => met),
            [null, null, null, true, null, null],
        );
    });
});

describe("the benchmark document", () => {
    const figures = [
        { figure: "a", target: "max at most 3 s", measured: "1 / 2 / 3 s", met: true },
        { figure: "b | c", target: "none", measured: "5", met: null },
        { figure: "d", target: "under 1", measured: "2", met: false },
    ];

    it("is a table with the command and the place", () => {
        assert.equal(
            figuresMarkdown(figures, "make bench", where),
            [
                "| figure | target | measured (min / median / max) | met |",
                "| --- | --- | --- | --- |",
                "| a | max at most 3 s | 1 / 2 / 3 s | yes |",
                "| b \\| c | none | 5 | - |",
                "| d | under 1 | 2 | **no** |",
                "",
                "Reproduce with `make bench`. Measured on 2 cores, 24 GiB, Linux 6.1.0, 2026-01-31; node 20.20.2.",
            ].join("\n"),
        );
    });

    const text =
        "# T\n\n<!-- bench:a -->\nold $& a\n<!-- /bench:a -->\nkept\n<!-- bench:b -->\nold b\n<!-- /bench:b -->\n";

    it("is changed between its own markers only, and twice in the same way", () => {
        const once = replaceSection(text, "a", "new $& $1 |");
        assert.equal(
            once,
            text.replace("\nold $& a\n", () => "\n\nnew $& $1 |\n\n"),
        );
        assert.equal(replaceSection(once, "a", "new $& $1 |"), once);
    });

    it("gets markers at its end where it has none", () => {
        assert.equal(
            replaceSection("# T\n\ntext\n", "c", "new"),
            "# T\n\ntext\n\n<!-- bench:c -->\n\nnew\n\n<!-- /bench:c -->\n",
        );
    });

    it("is left alone where its markers are broken", () => {
        for (const broken of [
            "<!-- bench:a -->\ntext",
            "text <!-- /bench:a -->",
            "<!-- /bench:a --> text <!-- bench:a -->",
            `${text}${text}`,
        ]) {
            assert.throws(() => replaceSection(broken, "a", "new"), /must both be there once/);
        }
    });
});

describe("timed commands", () => {
    let folder: string;
    before(async () => {
        folder = await mkdtemp(join(tmpdir(), "bench-"));
    });
    after(() => rm(folder, { recursive: true }));

    it("are run as often as asked, each after what prepares it", async () => {
        const log = join(folder, "log");
        const command = (text: string): [string, ...string[]] => [
            "sh",
            "-c",
            `echo ${text} >> ${log}; sleep 0.05`,
        ];
        const one = { name: "x", prepare: command("before"), command: command("run"), runs: 2 };
        const timing = await benchTiming(one);
        assert.equal(await readFile(log, "utf8"), "before\nrun\nbefore\nrun\n");
        assert.equal(timing.seconds.length, 2);
        assert.ok(timing.seconds.every((seconds) => seconds >= 0.05 && seconds < 5));
        assert.equal(timing.spread.runs, 2);
    });

    it("that fail are an error with the end of their output, and no time", async () => {
        const command: [string, ...string[]] = ["sh", "-c", "echo broken; exit 3"];
        await assert.rejects(benchTiming({ name: "x", command }), /sh -c .*: ended with 3\.\nbroken/);
        await assert.rejects(benchTiming({ name: "x", command: ["no-such-program"] }), /no-such-program/);
    });

    it("become a section of the document, a data file and rows that keep each other", async () => {
        const docsFile = join(folder, "benchmarks.md");
        await writeFile(docsFile, "# Ours\n");
        const result = await bench({
            parts: ["timing"],
            reportsDir: join(folder, "reports"),
            docsFile,
            timings: [
                { name: "quick", command: ["true"], runs: 1, maxSeconds: 60 },
                { name: "impossible", command: ["true"], runs: 1, maxSeconds: 0 },
            ],
        });
        const document = await readFile(docsFile, "utf8");
        assert.match(document, /^# Ours\n\n<!-- bench:timing -->/);
        assert.match(
            document,
            /\| quick \(`true`\) \| max at most 60 s \| .* \| yes \|\n\| impossible .*\*\*no\*\*/,
        );
        assert.equal(JSON.parse(await readFile(result.json, "utf8")).timings.length, 2);
    });

    it("need to be given", async () => {
        await assert.rejects(bench({ parts: ["timing"], reportsDir: folder }), /needs "timings"/);
    });

    it("start a document that is not there yet", async () => {
        const file = join(folder, "new.md");
        await writeSection(file, "x", "text");
        assert.equal(
            await readFile(file, "utf8"),
            "# Benchmarks\n\n<!-- bench:x -->\n\ntext\n\n<!-- /bench:x -->\n",
        );
    });
});
