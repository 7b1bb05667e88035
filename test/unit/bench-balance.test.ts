import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measuredWaits, type Row, rowsOf, targets, theoryOf } from "../../local/balance/figures";
import { balanceSpec } from "../../local/balance/plot";
import { choosing, plain, policies, queue } from "../../local/balance/policies";
import { choosingCfg } from "../../local/balance/proxy-cfg";
import { erlangC, type Job, queueTheory, type Way, waits } from "../../local/balance/queues";
import { balanceMarkdown } from "../../local/balance/report";
import { changeReplicas, type ScaleIn, scaleInFigures } from "../../local/balance/scale-in";
import { drawTrace, mean, typicalTrace } from "../../local/balance/trace";
import { percentile } from "../../local/bench/spread";
import { type LoadResult, seeded } from "../../local/load";
import { countAnswers } from "../../local/load/run";
import { findHaproxy, type Haproxy } from "./support/haproxy";

const near = (measured: number, expected: number, part: number) =>
    assert.ok(Math.abs(measured / expected - 1) <= part, `${measured}, not ${expected}`);

describe("theory of queues", () => {
    it("has the waits of one and of four servers, as they are published", () => {
        near(erlangC(4, 0.7), 0.4287, 1e-3);
        near(erlangC(4, 0.8), 0.5964, 1e-3);
        near(erlangC(1, 0.8), 0.8, 1e-9);
        near(queueTheory(4, 0.8).mean, 0.745, 2e-3);
        near(queueTheory(4, 0.8).p99, 5.1, 1e-2);
        near(queueTheory(1, 0.8).mean, 4, 1e-9);
        near(queueTheory(1, 0.8).p99, 21.9, 1e-2);
        near(queueTheory(4, 0.95).mean, 4.457, 1e-3);
        assert.equal(queueTheory(4, 0.01).p99, 0);
    });
});

describe("simulated queues", () => {
    const jobs: Job[] = [
        { at: 0, seconds: 10 },
        { at: 1, seconds: 2 },
        { at: 2, seconds: 3 },
        { at: 2.5, seconds: 1 },
        { at: 20, seconds: 1 },
    ];

    it("give the next free server of all to who has waited longest", () => {
        // Free at 10 and 3; the third begins at 3 and ends at 6, when the fourth begins.
        assert.deepEqual(waits("single queue", jobs, 2, Math.random), [0, 0, 1, 3.5, 0]);
    });

    it("by turns make one wait at a server while the other is idle", () => {
        // The third is behind the first, which takes ten seconds.
        assert.deepEqual(waits("turns", jobs, 2, Math.random), [0, 0, 8, 0.5, 0]);
    });

    it("by the fewest requests choose the server that has fewer, not the one that is free sooner", () => {
        const [, , third, fourth] = waits("least", jobs, 2, () => 0);
        assert.deepEqual([third, fourth], [8, 0.5]);
    });

    it("by chance take the server that was drawn", () => {
        assert.deepEqual(
            waits("random", jobs, 2, () => 0),
            [0, 9, 10, 12.5, 0],
        );
    });

    it("of many requests wait as theory has it, or as others have simulated it", () => {
        const wait = (way: Way) => theoryOf(way, 300_000).mean;
        const many = drawTrace({ requests: 300_000, servers: 4, utilization: 0.8, meanSeconds: 2 }, 5);
        near(mean(waits("single queue", many, 4, Math.random)) / 2, 0.745, 0.05);
        near(mean(waits("random", many, 4, seeded(1))) / 2, 4, 0.1);
        near(wait("turns"), 2.32, 0.1);
        near(wait("least"), 0.94, 0.07);
        // Two draws that may be the same: between two different ones, 1.33, and one.
        assert.ok(wait("two choices") > 1.33 && wait("two choices") < 2.32, `${wait("two choices")}`);
    }).timeout(60_000);
});

describe("the trace", () => {
    const shape = { requests: 5000, servers: 4, utilization: 0.8, meanSeconds: 0.25 };

    it("asks for the share of the servers' time that it says", () => {
        const jobs = drawTrace({ ...shape, requests: 100_000 }, 1);
        const seconds = jobs.map((job) => job.seconds);
        near(mean(seconds), 0.25, 0.02);
        near(Math.sqrt(mean(seconds.map((one) => (one - 0.25) ** 2))), 0.25, 0.03);
        near(jobs.length / (jobs.at(-1)?.at ?? 0), 12.8, 0.02);
        assert.ok(jobs.every(({ at }, i) => at > (jobs[i - 1]?.at ?? -1)));
    });

    it("is the one of many whose queue is as long as theory has it", () => {
        const { exactMean, seed, jobs } = typicalTrace(shape, 32);
        near(exactMean, 0.745, 0.02);
        near(mean(waits("single queue", jobs, 4, Math.random)) / 0.25, exactMean, 1e-9);
        assert.deepEqual(drawTrace(shape, seed), jobs);
        const others = Array.from({ length: 32 }, (_, i) => drawTrace(shape, i + 1)).map(
            (one) => mean(waits("single queue", one, 4, Math.random)) / 0.25,
        );
        assert.equal(
            Math.min(...others.map((other) => Math.abs(other - queueTheory(4, 0.8).mean))),
            Math.abs(exactMean - queueTheory(4, 0.8).mean),
        );
    });
});

/** A generator's result: each request waits so much longer than its service takes. */
function result(
    jobs: readonly Job[],
    waited: readonly number[],
    statuses: readonly number[] = [],
): LoadResult {
    const answers = jobs.map(({ at, seconds }, i) => ({
        index: i,
        // As it comes back from k6: not to the last digit.
        due: at * (1 + 1e-15),
        sent: at + 0.001,
        ended: at + (waited[i] ?? 0) + seconds,
        status: statuses[i] ?? 200,
    }));
    return { ...countAnswers(answers.toReversed()), planned: jobs.length, startedAt: 0 };
}

describe("figures of balancing", () => {
    const jobs = drawTrace({ requests: 2000, servers: 4, utilization: 0.8, meanSeconds: 0.25 }, 2);
    const exact = (way: Way) => waits(way, jobs, 4, seeded(3));
    const results = (single: readonly number[], statuses?: readonly number[]) =>
        new Map([
            [plain.app, result(jobs, exact("random"))],
            [queue.app, result(jobs, single, statuses)],
        ]);

    it("are waits: what an answer took from when it was due, less the time that was asked for", () => {
        const three = jobs.slice(0, 3);
        const measured = measuredWaits(three, result(three, [0.5, 0, 2], [200, 503, 200]).answers);
        assert.equal(measured.length, 2);
        near(measured[0] ?? 0, 0.5, 1e-6);
        near(measured[1] ?? 0, 2, 1e-6);
    });

    it("of a system without overhead are those of the simulated trace", () => {
        const rows = rowsOf({ jobs }, 0.25, results(exact("single queue")));
        assert.deepEqual(
            rows.map(({ app }) => app),
            [plain.app, queue.app],
        );
        const [random, single] = rows as [Row, Row];
        near(single.measured.mean, single.simulated.mean, 1e-6);
        near(single.measured.p99, percentile(exact("single queue"), 0.99) / 0.25, 1e-6);
        assert.deepEqual(random.theory, queueTheory(1, 0.8));
        assert.deepEqual(single.theory, queueTheory(4, 0.8));
        near(random.lateP99, 0.001, 1e-6);
        assert.ok(single.tail.every(({ wait }, i) => wait >= (single.tail[i - 1]?.wait ?? 0)));
    });

    const row = (app: string, measuredMean: number, failed = 0, late = 0): Row => ({
        title: app,
        app,
        measured: { mean: measuredMean, p99: 5 },
        simulated: { mean: 0.74, p99: 5 },
        theory: queueTheory(4, 0.8),
        failed,
        late,
        lateP99: 0.0021,
        tail: [{ wait: 1, share: 0.5 }],
    });
    const scaleIn = (failed: number, held: number): ScaleIn => ({
        requests: 100,
        failed,
        held,
        longestHeldSeconds: 20,
        replicas: "4, 2, 4, 0, 4",
    });
    const met = (rows: Row[], change?: ScaleIn) => targets(rows, change).map((target) => target.met);

    it("are met within ten percent of theory, at four times better than chance, and with no failure", () => {
        assert.deepEqual(met([row(plain.app, 3.3), row(queue.app, 0.81)], scaleIn(0, 5)), [
            true,
            true,
            true,
            true,
            true,
            true,
        ]);
        assert.deepEqual(met([row(plain.app, 3.2), row(queue.app, 0.83, 1, 1)], scaleIn(1, 5)), [
            false,
            false,
            false,
            false,
            false,
            false,
        ]);
        // None was held: it was not tried.
        assert.deepEqual(met([], scaleIn(0, 0)), [true, true, true, false]);
    });

    it("stand in the report and in the picture", () => {
        const where = {
            date: "2026-01-31T12:00:00Z",
            cores: 2,
            cpu: "",
            memoryGiB: 8,
            kernel: "6",
            versions: {},
        };
        const rows = [row(plain.app, 3.2), row(queue.app, 0.9)];
        const text = balanceMarkdown(
            rows,
            targets(rows, undefined),
            { seed: 9, jobs, exactMean: 0.745 },
            where,
        );
        assert.match(
            text,
            /\| queue \| 0\.90 \/ 5\.0 \| 0\.74 \/ 5\.0 \| 0\.75 \/ 5\.1 \| 0 \| 0, p99 2\.1 ms \|/,
        );
        assert.match(text, /within 10 % of M\/M\/4, 0\.746 S \| 0\.900 S: \+20\.7 % \| \*\*no\*\*/);
        assert.match(text, /Trace 9, .* REQUESTS=2000/);
        const { data } = balanceSpec(rows, "") as unknown as { data: { values: { policy: string }[] } };
        assert.deepEqual(
            data.values.map(({ policy }) => policy),
            [plain.app, queue.app],
        );
    });
});

describe("scale-in under load", () => {
    it("goes to half, back, to none, and back, and knows when there was no server", async () => {
        const done: string[] = [];
        const without = await changeReplicas(
            {
                scale: async (replicas) => void done.push(`scale ${replicas}`),
                gone: async () => void done.push("gone"),
                ready: async (replicas) => void done.push(`ready ${replicas}`),
            },
            4,
            0.01,
        );
        assert.deepEqual(done, ["scale 2", "scale 4", "ready 4", "scale 0", "gone", "scale 4", "ready 4"]);
        assert.ok(without.until > without.from);
    });

    it("counts those that came while there was none, and were answered", () => {
        const jobs = [1, 2, 3, 4].map((at) => ({ at, seconds: 0.1 }));
        const { answers, failed } = result(jobs, [0, 5, 4, 0], [200, 200, 503, 200]);
        const figures = scaleInFigures(
            { answers, failed, startedAt: 10_000 },
            { from: 12_000, until: 13_500 },
            4,
        );
        assert.equal(figures.held, 1);
        assert.equal(figures.failed, 1);
        near(figures.longestHeldSeconds, 5.1, 1e-6);
        assert.equal(figures.replicas, "4, 2, 4, 0, 4");
    });
});

describe("the proxies that are compared", () => {
    /** What HAProxy has against a configuration. */
    function complaint([command, ...args]: Haproxy, file: string): string {
        const { status, stderr } = spawnSync(command, [...args, "-c", "-f", file], { encoding: "utf8" });
        return status === 0 ? "" : stderr;
    }

    it("choose each in a way of its own, and all policies have names of their own", () => {
        assert.equal(new Set(choosing.map(({ balance }) => balance)).size, choosing.length);
        assert.equal(new Set(policies.map(({ app }) => app)).size, 5);
    });

    it("have a configuration that HAProxy takes, without a limit for a server", function () {
        this.timeout(20_000);
        const folder = mkdtempSync(join(tmpdir(), "balance-"));
        try {
            const haproxy = findHaproxy(folder);
            // Told as pending by mocha. `make test` builds the image first, so there it is found.
            if (!haproxy) return this.skip();
            for (const { balance } of choosing) {
                const cfg = choosingCfg({ balance, serversName: "a.b.svc", serverPort: 80, servers: 4 });
                assert.doesNotMatch(cfg, /server.* maxconn/);
                writeFileSync(join(folder, "haproxy.cfg"), cfg);
                assert.equal(complaint(haproxy, join(folder, "haproxy.cfg")), "");
            }
        } finally {
            rmSync(folder, { recursive: true });
        }
    });
});
