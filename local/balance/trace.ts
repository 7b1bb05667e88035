import { exponential, seeded } from "../load";
import { type Job, queueTheory, waits } from "./queues";

export interface Trace {
    readonly seed: number;
    readonly jobs: readonly Job[];
    /** Mean wait in a single queue, exactly, in mean times of service. */
    readonly exactMean: number;
}

export interface TraceShape {
    readonly requests: number;
    readonly servers: number;
    /** The share of the servers' time that is asked for. */
    readonly utilization: number;
    /** Mean time of service. */
    readonly meanSeconds: number;
}

/** Poisson arrivals and exponential times of service. */
export function drawTrace({ requests, servers, utilization, meanSeconds }: TraceShape, seed: number): Job[] {
    const random = seeded(seed);
    const pause = meanSeconds / (servers * utilization);
    let at = 0;
    return Array.from({ length: requests }, () => {
        at += exponential(random, pause);
        return { at, seconds: exponential(random, meanSeconds) };
    });
}

/**
 * Of so many traces the one whose mean wait in a single queue is nearest to theory. Requests that follow each other wait alike,
 * so that one trace of twenty minutes may be ten percent off by chance: what would be measured then is the trace.
 */
export function typicalTrace(shape: TraceShape, candidates: number): Trace {
    const theory = queueTheory(shape.servers, shape.utilization).mean;
    const drawn = Array.from({ length: candidates }, (_, index) => {
        const jobs = drawTrace(shape, index + 1);
        const exactMean = mean(waits("single queue", jobs, shape.servers, Math.random)) / shape.meanSeconds;
        return { seed: index + 1, jobs, exactMean };
    });
    const off = ({ exactMean }: Trace) => Math.abs(exactMean - theory);
    return drawn.reduce((best, one) => (off(one) < off(best) ? one : best));
}

export function mean(values: readonly number[]): number {
    return values.reduce((sum, value) => sum + value, 0) / values.length;
}
