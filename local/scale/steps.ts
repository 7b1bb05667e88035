import { setTimeout as sleep } from "node:timers/promises";
import type { Order } from "./driver";
import type { Replicas } from "./observe";
import type { Subject } from "./subjects";

/** What one step in demand led to; seconds since the step, null where it never came. */
export interface Step {
    readonly desiredSeconds: number | null;
    readonly readySeconds: number | null;
    /** Until as many are desired as the demand asks for. */
    readonly goalSeconds: number | null;
    /** The most replicas that were desired after it. */
    readonly peak: number;
    /** Why it could not be measured, where it could not. */
    readonly problem?: string;
}

/** What a benchmark of steps needs of its surroundings; tests bring their own. */
export interface Bench {
    readonly set: (demand: Omit<Order, "id">) => Promise<void>;
    readonly replicas: (app: string) => Replicas;
    readonly until: (
        app: string,
        so: (now: Replicas) => boolean,
        timeoutMs: number,
    ) => Promise<number | undefined>;
    /** The recorded demand of the first signal; undefined where there is none, or none is recorded. */
    readonly demand: (subject: Subject) => Promise<number | undefined>;
    readonly order: (subject: Subject, amount: number) => Omit<Order, "id">;
    /** Seconds between two looks of the HPA. */
    readonly syncSeconds: number;
    /**
     * Milliseconds for which replicas and demand have to be where they were before the next step: pods that have just gone are
     * still looked for by Prometheus, and the demand is not known meanwhile.
     */
    readonly restMs: number;
    readonly log: (line: string) => void;
}

/** Longest time for a step to act, and to be taken back, in milliseconds. */
const patience = 300_000;

/** Steps of one subject, one after the other, each at a random phase of everything that has a period. */
export async function stepsOf(
    bench: Bench,
    subject: Subject,
    count: number,
    periodSeconds: number,
): Promise<Step[]> {
    const steps: Step[] = [];
    await bench.set(bench.order(subject, subject.from));
    while (steps.length < count) {
        try {
            await atRest(bench, subject);
            await sleep(Math.random() * periodSeconds * 1000);
            steps.push(await oneStep(bench, subject));
        } catch (error) {
            steps.push({
                desiredSeconds: null,
                readySeconds: null,
                goalSeconds: null,
                peak: 0,
                problem: (error as Error).message,
            });
        }
        const { desiredSeconds, readySeconds, peak } = steps.at(-1) as Step;
        bench.log(
            `${subject.name} ${steps.length}/${count}: desired ${shown(desiredSeconds)}, Ready ${shown(readySeconds)}, peak ${peak}`,
        );
        await bench.set(bench.order(subject, subject.from)).catch(() => undefined);
    }
    return steps;
}

async function oneStep(bench: Bench, subject: Subject): Promise<Step> {
    const { name, base, goal, to } = subject;
    let peak = 0;
    const watching = new AbortController();
    // Told at each change, so that no peak is missed however short it is.
    void bench.until(
        name,
        ({ desired }) => {
            if (!watching.signal.aborted) peak = Math.max(peak, desired);
            return watching.signal.aborted;
        },
        2 * patience,
    );
    const started = performance.now();
    await bench.set(bench.order(subject, to));
    const desired = await bench.until(name, (now) => now.desired > base, patience);
    const ready = await bench.until(name, (now) => now.ready > base, patience);
    const reached = await bench.until(name, (now) => now.desired >= goal, patience);
    // One more look of the HPA, which is when it would overshoot.
    await sleep((bench.syncSeconds + 2) * 1000);
    watching.abort();
    const since = (time: number | undefined) => (time === undefined ? null : (time - started) / 1000);
    return { desiredSeconds: since(desired), readySeconds: since(ready), goalSeconds: since(reached), peak };
}

/** Replicas and recorded demand are where they were before the step; the metrics server keeps its own demand. */
async function atRest(bench: Bench, subject: Subject): Promise<void> {
    const { name, base, from } = subject;
    const deadline = performance.now() + patience;
    // Of requests in flight some wait at times: only rates and lists have a value to come back to.
    const near = (demand: number) =>
        subject.demand === "hold" || Math.abs(demand - from) <= 0.15 * from + 0.5;
    let since: number | undefined;
    for (;;) {
        const back = await bench.until(name, (now) => now.desired === base && now.ready === base, patience);
        if (back === undefined) throw new Error(`it did not come back to ${base} replicas`);
        if (subject.workload.cpu) return;
        // Until Prometheus has taken up the rule there is none.
        const demand = await bench.demand(subject).catch(() => undefined);
        since = demand !== undefined && near(demand) ? (since ?? performance.now()) : undefined;
        if (since !== undefined && performance.now() - since >= bench.restMs) return;
        if (performance.now() > deadline) throw new Error("its demand did not come back to what it was");
        await sleep(Math.min(1000, bench.restMs));
    }
}

function shown(seconds: number | null): string {
    return seconds === null ? "never" : `${seconds.toFixed(2)} s`;
}
