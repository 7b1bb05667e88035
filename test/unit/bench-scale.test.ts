import assert from "node:assert/strict";
import { lanes } from "../../local/scale/bench";
import { overshoots, percentilesOf, type Row, rowsOf, targets } from "../../local/scale/figures";
import { modelled } from "../../local/scale/model";
import { reportMarkdown } from "../../local/scale/report";
import { type Bench, type Step, stepsOf } from "../../local/scale/steps";
import { allSubjects, type Subject } from "../../local/scale/subjects";

const subjects = allSubjects(1);
function subject(name: string): Subject {
    return subjects.find((one) => one.name === name) ?? assert.fail(`no subject ${name}`);
}
const step = (desiredSeconds: number | null, peak = 3): Step => ({
    desiredSeconds,
    readySeconds: desiredSeconds,
    goalSeconds: desiredSeconds,
    peak,
});
const row = (name: string, syncSeconds: number, steps: Step[]): Row => {
    const [made] = rowsOf([{ subject: subject(name), steps }], syncSeconds);
    return made ?? assert.fail("no row");
};

describe("bench-scale", () => {
    describe("figures", () => {
        it("take a step that never came for longer than every other", () => {
            const { p50, p95 } = percentilesOf(
                row("queue-keda-o1", 1, [step(1), step(2), step(null)]),
                "desiredSeconds",
            );
            assert.equal(p50, 2);
            assert.equal(p95, Number.POSITIVE_INFINITY);
        });

        it("put the copies of a subject together, and nothing else", () => {
            const copies = allSubjects(2).filter(({ name }) => /^queue-keda-d/.test(name));
            assert.equal(copies.length, 2);
            const rows = rowsOf(
                [...copies, subject("queue-keda-o1"), subject("queue-adapter-o1")].map((one, i) => ({
                    subject: one,
                    steps: [step(i)],
                })),
                15,
            );
            assert.deepEqual(
                rows.map(({ steps }) => steps.length),
                [2, 1, 1],
            );
        });

        it("count the steps with more replicas than the demand asks for", () => {
            assert.equal(overshoots(row("queue-keda-o1", 1, [step(1, 3), step(1, 4), step(1, 2)])), 1);
        });

        it("are met, or not, by the sync period, by the defaults in the same run, and by overshoots", () => {
            const verdicts = (rows: Row[]) => targets(rows).map(({ met }) => met);
            assert.deepEqual(verdicts([row("queue-keda-o1", 1, [step(2.9)])]), [true, true]);
            assert.deepEqual(verdicts([row("queue-keda-o1", 1, [step(3.1, 4)])]), [false, false]);
            assert.deepEqual(verdicts([row("queue-keda-o1", 15, [step(15.9)])]), [true, true]);
            assert.deepEqual(verdicts([row("zero-adapter-o1", 15, [step(3.1, 1)])]), [false, true]);
            const beside = (ours: number, theirs: number) =>
                verdicts([
                    row("queue-keda-o1", 15, [step(ours)]),
                    row("queue-keda-d1", 15, [step(theirs)]),
                ])[1];
            assert.equal(beside(10, 30), true);
            assert.equal(beside(10, 29), false);
        });

        it("stand in the report, a missed one in bold", () => {
            const text = reportMarkdown([row("queue-keda-o1", 1, [step(null)])]);
            assert.match(text, /\| queue, 1 to 3 \| keda \| tuned \| 1 s \| 1 \| never \/ never \|/);
            assert.match(text, /p95 until more are desired \| 3 s \| never \| \*\*no\*\* \|/);
        });
    });

    describe("the model", () => {
        const near = (measured: number, expected: number) =>
            assert.ok(
                Math.abs(measured - expected) <= 0.02 * expected + 0.02,
                `${measured}, not ${expected}`,
            );

        it("is one uniform wait where KEDA asks redis itself", () => {
            const { p50, p95 } = modelled(subject("queue-keda-o1"), 15);
            near(p50, 7.5);
            near(p95, 14.25);
        });

        it("is the sum of scrape, rule and HPA through Prometheus", () => {
            // Of three uniform waits of a second, the sum: 1.5 in the median, and 3 - (6 * 0.05)^(1/3) at 95 %.
            const { p50, p95 } = modelled(subject("queue-adapter-o1"), 1);
            near(p50, 1.5);
            near(p95, 3 - 0.3 ** (1 / 3));
        });
    });

    describe("lanes", () => {
        const ours = subjects.filter(({ settings }) => settings === "ours");

        it("step four subjects at a time where the HPA looks each second, and each once", () => {
            const cpu = ours.filter(({ workload }) => workload.cpu);
            assert.equal(lanes(ours, 1).length, 4 + cpu.length);
            assert.deepEqual(new Set(lanes(ours, 1).flat()), new Set(ours));
            assert.equal(lanes(ours, 1).flat().length, ours.length);
        });

        it("step all at the same time where it looks every 15 s", () => {
            assert.equal(lanes(subjects, 15).length, subjects.length);
        });
    });

    describe("a step", () => {
        /** Replicas of one workload that follow what is set, each time with a delay of so many milliseconds. */
        function surroundings(
            delayMs: number,
            after: (amount: number) => number,
            demand: Bench["demand"] = async () => 10,
        ): Bench {
            let replicas = 1;
            const listeners = new Set<() => void>();
            const now = () => ({ desired: replicas, ready: replicas });
            return {
                set: async ({ amount }) => {
                    setTimeout(() => {
                        replicas = after(amount);
                        for (const look of listeners) look();
                    }, delayMs);
                },
                replicas: now,
                until: (_app, so, timeoutMs) =>
                    new Promise((resolve) => {
                        const end = (time: number | undefined) => {
                            clearTimeout(timer);
                            listeners.delete(look);
                            resolve(time);
                        };
                        const look = () => so(now()) && end(performance.now());
                        const timer = setTimeout(() => end(undefined), timeoutMs);
                        timer.unref();
                        listeners.add(look);
                        look();
                    }),
                demand,
                order: (one, amount) => ({ kind: "queue", subject: one.name, url: "", amount }) as never,
                syncSeconds: -1.9,
                restMs: 100,
                log: () => {},
            };
        }

        it("is timed from the change in demand, and tells the most replicas", async () => {
            const bench = surroundings(100, (amount) => (amount > 10 ? 4 : 1));
            const [one, two] = await stepsOf(bench, subject("queue-keda-o1"), 2, 0.01);
            for (const { desiredSeconds, readySeconds, goalSeconds, peak, problem } of [one, two].filter(
                Boolean,
            ) as Step[]) {
                assert.equal(problem, undefined);
                for (const seconds of [desiredSeconds, readySeconds, goalSeconds])
                    assert.ok(seconds !== null && seconds >= 0.09 && seconds < 1, `${seconds} s`);
                assert.equal(peak, 4);
            }
        });

        it("comes when the demand has been known for a while, without a pause", async () => {
            // Never two good looks in a row before the end: whether one wait is a whole rest is a matter of a millisecond.
            const known = [10, undefined, 10, 60, 10, 10];
            let looks = 0;
            const bench = surroundings(
                10,
                (amount) => (amount > 10 ? 3 : 1),
                async () => (looks < known.length ? known[looks++] : 10),
            );
            const [only] = await stepsOf({ ...bench, restMs: 50 }, subject("queue-adapter-o1"), 1, 0.01);
            assert.equal(only?.problem, undefined);
            // At the fifth look the rest begins, and it is over at the sixth at the earliest.
            assert.ok(looks >= 6, `it began after ${looks} looks`);
        });
    });
});
