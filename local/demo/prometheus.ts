import type { Recorded } from "./queue-result";
import { endpoint, reason } from "./workload-watch";

/**
 * The recording rule that dashboards, alerts and this picture show; Prometheus evaluates it every few
 * seconds. The autoscaler does not scale on it: KEDA reads redis itself.
 */
export const QUEUE_SERIES = "redis_items_in_queue";

const STEP_SECONDS = 5;
const TIMEOUT_MILLISECONDS = 10_000;

/**
 * The queue length as Prometheus recorded it, from the burst until now. The picture is only better for
 * it, so where Prometheus cannot answer the run still counts, and `problem` says why.
 */
export async function recordedQueue(
    prometheusUrl: string,
    sentTime: string,
    signal: AbortSignal,
): Promise<Recorded> {
    const from = Date.parse(sentTime) / 1000;
    const url = endpoint(prometheusUrl, "/api/v1/query_range");
    url.searchParams.set("query", QUEUE_SERIES);
    url.searchParams.set("start", String(from));
    url.searchParams.set("end", String(Date.now() / 1000));
    url.searchParams.set("step", String(STEP_SECONDS));
    try {
        const timeout = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
        const answer = await fetch(url, { signal: AbortSignal.any([signal, timeout]) });
        if (!answer.ok) {
            return { points: [], problem: `${url.origin} answered HTTP ${answer.status}` };
        }
        const points = rangePoints(await answer.json(), from);
        return points.length > 0 ? { points } : { points, problem: `no ${QUEUE_SERIES} was recorded` };
    } catch (error) {
        signal.throwIfAborted();
        return { points: [], problem: `${url.origin}: ${reason(error)}` };
    }
}

/** The points of a `query_range` answer with exactly one series; `from` is time zero, Unix seconds. */
export function rangePoints(answer: unknown, from: number): Recorded["points"] {
    const { data } = answer as { data?: { result?: { values?: [number, string][] }[] } };
    const series = data?.result ?? [];
    if (series.length > 1) {
        throw new Error(`${QUEUE_SERIES} is ${series.length} series, where the rule records one`);
    }
    return (series[0]?.values ?? []).map(([time, value]) => ({
        t: Math.round((time - from) * 1000) / 1000,
        queued: Number(value),
    }));
}
