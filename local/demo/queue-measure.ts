import { type Burst, expectedReplicas, type PodTimes, type QueueResult, type Sample } from "./queue-result";
import {
    advance,
    type ConsumerPod,
    hasNoReplicas,
    readyCount,
    unknownWorkload,
    type Workload,
    type WorkloadEvent,
} from "./workload";

type Moment = "firstReady" | "allReady" | "firstProcessed" | "drained" | "processed" | "zero";

/** One reading as a point of the time series. */
export function sampleOf(
    workload: Workload,
    at: number,
    sentAt: number,
    consumedBefore: number | null,
): Sample {
    const { stats, replicas } = workload;
    return {
        t: round(at - sentAt),
        queued: stats?.queued ?? null,
        processed: stats === null || consumedBefore === null ? null : stats.consumed - consumedBefore,
        ready: readyCount(workload),
        desired: replicas?.desired ?? null,
        current: replicas?.current ?? null,
    };
}

/**
 * The result of a run, from nothing but the recorded events. The last reading of the counters before
 * the burst is their zero.
 * @throws Error where a counter went backwards: redis lost its data, and no difference means anything
 */
export function queueResult(events: readonly WorkloadEvent[], burst: Burst): QueueResult {
    const since = (at: number) => round(at - burst.sentAt);
    const expected = expectedReplicas(burst.messages, burst.perReplica, burst.maxReplicas);
    const before = statsOf(events.filter((event) => event.at < burst.sentAt)).at(-1) ?? null;
    const after = statsOf(events.filter((event) => event.at >= burst.sentAt)).at(-1) ?? null;
    if (before && after && (after.published < before.published || after.consumed < before.consumed)) {
        throw new Error(
            `The queue's counters went backwards during the run (published ${before.published} to ` +
                `${after.published}, consumed ${before.consumed} to ${after.consumed}): redis was restarted or emptied.`,
        );
    }
    const published = before && after ? after.published - before.published : null;
    const processed = before && after ? after.consumed - before.consumed : null;

    let workload = unknownWorkload;
    const samples: Sample[] = [];
    const moments: { [name in Moment]?: number } = {};
    const pods = new Map<string, PodTimes>();
    let peakReplicas: number | null = null;
    let peakReady: number | null = null;
    for (const event of events) {
        workload = advance(workload, event);
        if (event.at < burst.sentAt) {
            // The series begins with what was known when the burst left.
            samples[0] = { ...sampleOf(workload, event.at, burst.sentAt, before?.consumed ?? null), t: 0 };
            continue;
        }
        const t = since(event.at);
        const ready = readyCount(workload);
        if (event.kind === "stats") {
            samples.push(sampleOf(workload, event.at, burst.sentAt, before?.consumed ?? null));
        }
        for (const pod of workload.pods?.serving ?? []) {
            pods.set(pod.name, podTimes(pod, t, burst.sentTime, pods.get(pod.name)));
        }
        if (ready !== null && ready >= 1) {
            moments.firstReady ??= t;
        }
        if (ready !== null && ready >= expected) {
            moments.allReady ??= t;
        }
        // A reading that was under way while the burst was being written may still show the empty queue.
        if (workload.stats?.queued === 0 && workload.statsAskedAt >= burst.answeredAt) {
            moments.drained ??= t;
        }
        if (isProcessed(workload, before?.consumed, 1)) {
            moments.firstProcessed ??= t;
        }
        if (published && isProcessed(workload, before?.consumed, published)) {
            moments.processed ??= t;
        }
        // The last time that it came to zero counts, should the autoscaler have dithered.
        if (!hasNoReplicas(workload)) {
            delete moments.zero;
        } else if (moments.drained !== undefined) {
            moments.zero ??= t;
        }
        peakReplicas = most(peakReplicas, workload.replicas?.current ?? null);
        peakReady = most(peakReady, ready);
    }
    return {
        sentTime: burst.sentTime,
        requested: burst.messages,
        publishSeconds: since(burst.answeredAt),
        expectedReplicas: expected,
        firstReadySeconds: moments.firstReady ?? null,
        allReadySeconds: moments.allReady ?? null,
        firstProcessedSeconds: moments.firstProcessed ?? null,
        drainedSeconds: moments.drained ?? null,
        processedSeconds: moments.processed ?? null,
        backToZeroSeconds: moments.zero ?? null,
        peakReplicas,
        peakReady,
        published,
        processed,
        lost: published === null || processed === null ? null : Math.max(0, published - processed),
        doubled: published === null || processed === null ? null : Math.max(0, processed - published),
        pods: [...pods.values()],
        samples,
    };
}

function statsOf(events: readonly WorkloadEvent[]) {
    return events.flatMap((event) => (event.kind === "stats" && event.stats ? [event.stats] : []));
}

function isProcessed({ stats }: Workload, before: number | undefined, messages: number): boolean {
    return stats !== null && before !== undefined && stats.consumed - before >= messages;
}

/** The times of a pod as of moment `t`; what was seen `earlier` stays, also when the pod is Ready no more. */
function podTimes(pod: ConsumerPod, t: number, sentTime: string, earlier: PodTimes | undefined): PodTimes {
    const since = (time: string | null) =>
        time === null ? null : round((Date.parse(time) - Date.parse(sentTime)) / 1000);
    return {
        name: pod.name,
        readySeconds: earlier?.readySeconds ?? (pod.ready ? t : null),
        createdSeconds: since(pod.createdAt),
        scheduledSeconds: since(pod.scheduledAt),
        readyConditionSeconds: earlier?.readyConditionSeconds ?? since(pod.readyAt),
    };
}

function most(a: number | null, b: number | null): number | null {
    return a === null ? b : b === null ? a : Math.max(a, b);
}

/** To milliseconds: what a watch event over the network can be worth. */
function round(seconds: number): number {
    return Math.round(seconds * 1000) / 1000;
}
