import type { Figure } from "../bench/figures";
import { percentile } from "../bench/spread";
import { type Answer, isFailure, type LoadResult, latency, seeded } from "../load";
import { type Policy, plain, policies, queue, servers } from "./policies";
import { type Job, queueTheory, type Way, waits } from "./queues";
import type { ScaleIn } from "./scale-in";
import { drawTrace, mean, type Trace } from "./trace";

/** Waits in mean times of service. */
export interface Wait {
    readonly mean: number;
    readonly p99: number;
}

/** What one policy did with the trace. */
export interface Row {
    readonly title: string;
    readonly app: string;
    readonly measured: Wait;
    /** Without end: by formula where there is one, else by simulation of many requests. */
    readonly theory: Wait;
    /** The same trace in simulation; of a policy that chooses by chance the mean of many runs. */
    readonly simulated: Wait;
    readonly failed: number;
    readonly late: number;
    /** Of what was sent, how long after it was due: the 99th percentile, in seconds. */
    readonly lateP99: number;
    /** Waits for the picture: this many per mille waited longer. */
    readonly tail: readonly { readonly wait: number; readonly share: number }[];
}

export const utilization = 0.8;

const ways: Readonly<Record<string, Way>> = {
    plain: "random",
    turns: "turns",
    two: "two choices",
    least: "least",
    queue: "single queue",
};

/** How long requests waited, in order of the trace: what they took less what the server was told to take. */
export function measuredWaits(jobs: readonly Job[], answers: readonly Answer[]): number[] {
    return answers
        .filter((answer) => !isFailure(answer))
        .toSorted((a, b) => a.due - b.due)
        .map((answer) => latency(answer) - (jobs[answer.index ?? -1]?.seconds ?? Number.NaN));
}

/** The rows of all policies, in the order of the list. */
export function rowsOf(
    { jobs }: Pick<Trace, "jobs">,
    meanSeconds: number,
    results: ReadonlyMap<string, LoadResult>,
): Row[] {
    return policies.flatMap((policy) => {
        const result = results.get(policy.app);
        return result === undefined ? [] : [rowOf(policy, jobs, meanSeconds, result)];
    });
}

function rowOf({ app, title }: Policy, jobs: readonly Job[], meanSeconds: number, result: LoadResult): Row {
    const measured = measuredWaits(jobs, result.answers).map((wait) => wait / meanSeconds);
    const way = ways[app] ?? "random";
    const { failed, late, answers } = result;
    return {
        title,
        app,
        measured: spreadOf(measured),
        theory: theoryOf(way),
        simulated: simulatedOf(way, jobs, meanSeconds),
        failed,
        late,
        lateP99: percentile(
            answers.map(({ due, sent }) => sent - due),
            0.99,
        ),
        tail: tailOf(measured),
    };
}

function spreadOf(values: readonly number[]): Wait {
    return { mean: mean(values), p99: percentile(values, 0.99) };
}

/** Without end: random choice makes a queue with one server of each, so that it has a formula as the single queue has. */
export function theoryOf(way: Way, requests = 400_000): Wait {
    if (way === "single queue") return queueTheory(servers, utilization);
    if (way === "random") return queueTheory(1, utilization);
    const jobs = drawTrace({ requests, servers, utilization, meanSeconds: 1 }, 1);
    return spreadOf(waits(way, jobs, servers, seeded(1)).slice(requests / 10));
}

function simulatedOf(way: Way, jobs: readonly Job[], meanSeconds: number): Wait {
    const runs = way === "single queue" || way === "turns" ? 1 : 50;
    const spreads = Array.from({ length: runs }, (_, run) =>
        spreadOf(waits(way, jobs, servers, seeded(run + 1)).map((wait) => wait / meanSeconds)),
    );
    return { mean: mean(spreads.map((one) => one.mean)), p99: mean(spreads.map((one) => one.p99)) };
}

/** Points of the share that waits longer, closer to each other where few do. */
function tailOf(values: readonly number[]): Row["tail"] {
    const shares = Array.from({ length: 61 }, (_, i) => 10 ** (-i / 20));
    return shares.map((share) => ({ share, wait: Math.max(0, percentile(values, 1 - share)) }));
}

/** What is to be reached, and what was. */
export function targets(rows: readonly Row[], scaleIn: ScaleIn | undefined): Figure[] {
    const row = ({ app }: Policy) => rows.find((one) => one.app === app);
    const [single, random] = [row(queue), row(plain)];
    const failed = rows.reduce((sum, one) => sum + one.failed, 0);
    const late = rows.reduce((sum, one) => sum + one.late, 0);
    return [
        ...(single ? [nearTheory(single)] : []),
        ...(single && random ? [betterThan(single, random)] : []),
        figure("requests that failed, all policies", "0", `${failed}`, failed === 0),
        figure("requests that the generator sent over 50 ms late", "0", `${late}`, late === 0),
        ...(scaleIn ? scaleInTargets(scaleIn) : []),
    ];
}

function nearTheory({ measured, theory }: Row): Figure {
    const off = measured.mean / theory.mean - 1;
    const percent = `${off >= 0 ? "+" : ""}${(100 * off).toFixed(1)} %`;
    const text = `${measured.mean.toFixed(3)} S: ${percent}`;
    const wanted = `within 10 % of M/M/${servers}, ${theory.mean.toFixed(3)} S`;
    return figure("single queue, mean wait", wanted, text, Math.abs(off) <= 0.1);
}

function betterThan(single: Row, random: Row): Figure {
    const times = random.measured.mean / single.measured.mean;
    return figure(
        "mean wait behind a plain Service, in those of the single queue",
        "at least 4",
        times.toFixed(1),
        times >= 4,
    );
}

function scaleInTargets({ requests, failed, held, longestHeldSeconds, replicas }: ScaleIn): Figure[] {
    return [
        figure(`${requests} requests while replicas go ${replicas}: failed`, "0", `${failed}`, failed === 0),
        figure(
            "of these, held while there was no server, and answered then",
            "all, and at least 1",
            `${held}, at most ${longestHeldSeconds.toFixed(1)} s`,
            held > 0 && failed === 0,
        ),
    ];
}

function figure(name: string, target: string, measured: string, met: boolean): Figure {
    return { figure: name, target, measured, met };
}
