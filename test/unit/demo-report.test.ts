import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { milestones, placeLabels } from "../../local/demo/milestones";
import { plotSpec, plotSvg } from "../../local/demo/plot";
import { rangePoints } from "../../local/demo/prometheus";
import type { QueueRun } from "../../local/demo/queue-result";

const run: QueueRun = {
    sentTime: "2026-01-31T12:00:00.500Z",
    requested: 40,
    publishSeconds: 0.1,
    expectedReplicas: 2,
    firstReadySeconds: 1.7,
    allReadySeconds: 3.5,
    firstProcessedSeconds: 2.9,
    drainedSeconds: 21,
    processedSeconds: 22,
    backToZeroSeconds: 51,
    peakReplicas: 2,
    peakReady: 2,
    published: 40,
    processed: 40,
    lost: 0,
    doubled: 0,
    pods: [],
    samples: [0, 5, 10, 15, 21, 51].map((t) => ({
        t,
        queued: t === 0 || t >= 21 ? 0 : 40 - t,
        processed: 0,
        ready: t > 0 && t < 51 ? 2 : 0,
        desired: t > 0 && t < 51 ? 2 : 0,
        current: 0,
    })),
    recorded: { points: [0, 5, 10].map((t) => ({ t, queued: 30 })) },
};

describe("the picture of a run", function () {
    // Loading Vega takes a second or two of a busy machine.
    this.timeout(20_000);
    let svg: string;
    before(async () => {
        svg = await plotSvg(run, ["40 of 40 processed"]);
    });

    it("is an SVG with a title, named axes with units and both legends", () => {
        assert.match(svg, /^<svg[^>]*>/);
        for (const text of [
            "A burst of 40 messages through the redis queue",
            "40 of 40 processed",
            "queue length (messages)",
            "consumer replicas",
            "seconds since the burst was sent",
            "read from redis",
            "recorded by Prometheus",
            "wanted",
            "Ready",
        ]) {
            assert.ok(svg.includes(`>${text}</text>`), text);
        }
    });

    it("has a line for each series and dots for what Prometheus recorded", () => {
        const lines = [...svg.matchAll(/aria-roledescription="line mark"/g)];
        assert.equal(lines.length, 4);
        assert.equal([...svg.matchAll(/aria-roledescription="point"/g)].length, 3);
    });

    it("marks the milestones across both panels and labels them once", () => {
        assert.equal([...svg.matchAll(/aria-roledescription="rule mark"/g)].length, 8);
        for (const label of [
            "first Ready 1.7 s",
            "all 2 Ready 3.5 s",
            "drained 21.0 s",
            "back to zero 51.0 s",
        ]) {
            assert.equal(svg.split(`>${label}</text>`).length, 2, label);
        }
    });

    it("leaves out what never came", async () => {
        const never = await plotSvg(
            { ...run, firstReadySeconds: null, allReadySeconds: null, recorded: null },
            [],
        );
        assert.doesNotMatch(never, /first Ready|all 2 Ready|recorded by Prometheus/);
        assert.match(never, /drained 21\.0 s/);
    });

    it("draws a reading that failed as a gap, not as zero", async () => {
        const path = (text: string) =>
            /aria-roledescription="line mark"[^>]*d="([^"]*)"/.exec(text)?.[1] ?? "";
        const subpaths = (text: string) => path(text).split("M").length - 1;
        const samples = run.samples.map((one) => (one.t === 10 ? { ...one, queued: null } : one));
        assert.equal(subpaths(svg), 1);
        assert.equal(subpaths(await plotSvg({ ...run, samples }, [])), 2);
    });

    it("gives both panels one time axis", () => {
        const { vconcat } = plotSpec(run, []) as { vconcat: { encoding: { x: { scale: object } } }[] };
        assert.deepEqual(
            vconcat.map((panel) => panel.encoding.x.scale),
            Array(2).fill({ domain: [0, 51], nice: false }),
        );
    });
});

describe("the labels of the milestones", () => {
    it("come in the order of time, without what never came", () => {
        assert.deepEqual(
            milestones({ ...run, allReadySeconds: null, drainedSeconds: 1 }).map(({ label }) => label),
            ["drained 1.0 s", "first Ready 1.7 s", "back to zero 51.0 s"],
        );
    });

    it("do not name all Ready where one replica is all", () => {
        assert.equal(milestones({ ...run, expectedReplicas: 1 }).length, 3);
    });

    it("stand above every later line that would cross them", () => {
        const rows = (times: number[]) =>
            placeLabels(
                times.map((t) => ({ t, label: "ten chars." })),
                1000,
                100,
                10,
            ).map((mark) => mark.row);
        assert.deepEqual(rows([10, 50, 90]), [0, 0, 0]);
        assert.deepEqual(rows([10, 15, 19, 90]), [2, 1, 0, 0]);
        assert.deepEqual(rows([10, 20, 22]), [2, 1, 0]);
        assert.deepEqual(rows([10, 10]), [1, 0]);
    });
});

describe("the recorded series", () => {
    const answer = (...series: [number, string][][]) => ({
        data: { result: series.map((values) => ({ metric: {}, values })) },
    });

    it("is moved to seconds since the burst", () => {
        const points = rangePoints(answer([[1000.5, "200"]], ...[]), 1000);
        assert.deepEqual(points, [{ t: 0.5, queued: 200 }]);
    });

    it("is empty where nothing was recorded, and refused where it is several", () => {
        assert.deepEqual(rangePoints(answer(), 0), []);
        assert.throws(() => rangePoints(answer([[1, "1"]], [[1, "2"]]), 0), /2 series/);
    });
});
