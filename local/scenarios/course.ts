import { percentile } from "../bench/spread";
import { type Answer, isFailure, latency } from "./load";

/** Replicas from a moment on. */
export interface Change {
    /** Seconds since the start of the load. */
    readonly t: number;
    /** What the autoscaler wants, and what is Ready. */
    readonly desired: number;
    readonly ready: number;
}

/** One look at a workload under load; null where nothing could be read, or nobody was answered. */
export interface CourseReading extends Change {
    /** As Prometheus has it. */
    readonly demand: number | null;
    /** Of the answers of the last seconds: seconds until half of them, and 95 of 100, were there. */
    readonly p50: number | null;
    readonly p95: number | null;
}

/** What a workload did under a load. Times are seconds since the load's start. */
export interface Course {
    /** ISO 8601. */
    readonly startedAt: string;
    /** When the last request was due, or clients stopped. */
    readonly loadEnd: number;
    readonly readings: readonly CourseReading[];
    readonly changes: readonly Change[];
    readonly answers: readonly Answer[];
    readonly planned: number;
    /** Requests that the generator sent late. */
    readonly late: number;
}

/** Seconds over which latency is taken. */
export const latencyWindow = 5;

/** Half, and 95 of 100, of the answers that came in the window up to `t` were there within so many seconds. */
export function recentLatency(
    answers: readonly Answer[],
    t: number,
    window = latencyWindow,
): { p50: number; p95: number } | null {
    const recent = answers.filter(
        (answer) => answer.ended > t - window && answer.ended <= t && !isFailure(answer),
    );
    if (recent.length === 0) return null;
    const all = recent.map(latency);
    return { p50: percentile(all, 0.5), p95: percentile(all, 0.95) };
}

/**
 * The readings with their latencies, on the clock of the load: what came before its start is left out but for the last.
 *
 * @param offset seconds from the first reading's zero to the start of the load
 */
export function onLoadClock(
    readings: readonly CourseReading[],
    offset: number,
    answers: readonly Answer[],
): CourseReading[] {
    const moved = sinceLoad(readings, offset);
    return moved.map((reading) => ({
        ...reading,
        ...(recentLatency(answers, reading.t) ?? { p50: null, p95: null }),
    }));
}

/** Moments on the clock of the load; the last one before its start is what it began with. */
export function sinceLoad<T extends { readonly t: number }>(moments: readonly T[], offset: number): T[] {
    const moved = moments.map((moment) => ({ ...moment, t: moment.t - offset }));
    const before = moved.filter(({ t }) => t <= 0).at(-1);
    return [...(before ? [{ ...before, t: 0 }] : []), ...moved.filter(({ t }) => t > 0)];
}

/**
 * When the wanted replicas came between two numbers, from where they did not leave them again until `end`; null where they
 * were elsewhere then.
 */
export function settledAt(
    changes: readonly Change[],
    { from, to }: { from: number; to: number },
    end: number,
): number | null {
    let since: number | null = null;
    for (const { t, desired } of changes) {
        if (t > end) break;
        since = desired < from || desired > to ? null : (since ?? t);
    }
    return since;
}

/** The wanted replicas between two times: those at the first, and all that they changed to. */
export function desiredBetween(changes: readonly Change[], from: number, to: number): number[] {
    const first = changes.filter(({ t }) => t <= from).at(-1);
    const further = changes.filter(({ t }) => t > from && t <= to);
    return [...(first ? [first] : []), ...further].map(({ desired }) => desired);
}

/** When so many replicas were Ready at once; null where they never were. */
export function readyAt(changes: readonly Change[], replicas: number): number | null {
    return changes.find(({ ready }) => ready >= replicas)?.t ?? null;
}

/** When, after the load, there were as few replicas as may be, and stayed so to the end; null where there are more. */
export function backAt(changes: readonly Change[], fewest: number, loadEnd: number): number | null {
    let since: number | null = null;
    for (const { t, desired, ready } of changes) {
        since = desired === fewest && ready === fewest ? (since ?? Math.max(t, loadEnd)) : null;
    }
    return since;
}
