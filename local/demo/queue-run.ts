import { recordedQueue } from "./prometheus";
import { queueResult, sampleOf } from "./queue-measure";
import type { QueueRun, Sample } from "./queue-result";
import {
    advance,
    describeWorkload,
    isAtZero,
    unknownWorkload,
    type Workload,
    type WorkloadEvent,
} from "./workload";
import { endpoint, now, watchWorkload } from "./workload-watch";

export interface BurstOptions {
    /** Messages to publish, 1 or more. */
    messages: number;
    /** The stack's `producerUrl`. */
    producerUrl: string;
    /** Path of the cluster's kubeconfig. */
    kubeconfig: string;
    /** The stack's `prometheusUrl`: where given, the recorded series comes with the result. */
    prometheusUrl?: string;
    /** Namespace of the workload. Default `queue`. */
    namespace?: string;
    /** Label selector of the consumer pods. Default `app.kubernetes.io/name=consumer`. */
    selector?: string;
    /** Name of the consumer Deployment. Default `consumer`. */
    deployment?: string;
    /** How the autoscaler is set: messages for each replica (default 20), most replicas (default 20). */
    perReplica?: number;
    maxReplicas?: number;
    /** How long an earlier burst may take to come to an end before this one. Default 180 s. */
    idleTimeoutSeconds?: number;
    /** How long the burst may take until the workload is back at zero. Default 300 s. */
    timeoutSeconds?: number;
    /** Time between two readings of the queue. Default 200 ms. */
    pollMilliseconds?: number;
    /** Called with every reading of the queue, from the moment when the burst was sent. */
    onSample?: (sample: Sample) => void;
    /** Called once, where the workload is not at zero yet, with what it still does. */
    onWait?: (what: string) => void;
    signal?: AbortSignal;
}

/** The same, for who publishes nothing. */
export type RestOptions = Omit<
    BurstOptions,
    "messages" | "prometheusUrl" | "perReplica" | "maxReplicas" | "timeoutSeconds" | "onSample"
>;

const PUBLISH_TIMEOUT_MILLISECONDS = 60_000;

/**
 * Waits until the workload is at zero.
 * @param before what it is waited for, for the error
 * @throws Error where it was not at zero in time, and the signal's reason where it was aborted
 */
export async function waitForRest(options: RestOptions, before: string): Promise<void> {
    options.signal?.throwIfAborted();
    const ended = new AbortController();
    const signal = options.signal ? AbortSignal.any([ended.signal, options.signal]) : ended.signal;
    try {
        await comeToRest(followWorkload(options, signal), options, before);
    } finally {
        ended.abort();
    }
}

async function comeToRest(follower: Follower, options: RestOptions, before: string): Promise<void> {
    const { idleTimeoutSeconds = 180, onWait } = options;
    if (onWait) {
        await follower.until(isKnown, idleTimeoutSeconds, "could not be read");
        if (!isAtZero(follower.workload())) {
            onWait(describeWorkload(follower.workload()));
        }
    }
    await follower.until(isAtZero, idleTimeoutSeconds, `did not come to rest before ${before}`);
}

/**
 * Publishes a burst and follows the workload until it is back at zero.
 * @throws Error where the workload was not at zero in time before or after the burst, where the producer
 *   refused, where redis lost its counters, and the signal's reason where it was aborted
 */
export async function runBurst(options: BurstOptions): Promise<QueueRun> {
    const { messages, producerUrl, prometheusUrl, timeoutSeconds = 300 } = options;
    if (!Number.isSafeInteger(messages) || messages < 1) {
        throw new Error(
            `A burst of ${messages} messages was asked for; a whole number from 1 up is possible.`,
        );
    }
    options.signal?.throwIfAborted();
    const ended = new AbortController();
    const signal = options.signal ? AbortSignal.any([ended.signal, options.signal]) : ended.signal;
    try {
        const follower = followWorkload(options, signal);
        await comeToRest(follower, options, "the burst");

        const consumedBefore = follower.workload().stats?.consumed ?? null;
        const sentTime = new Date().toISOString();
        const sentAt = now();
        follower.onReading = (workload, at) =>
            options.onSample?.(sampleOf(workload, at, sentAt, consumedBefore));
        follower.onReading(follower.workload(), sentAt);
        await publish(producerUrl, messages, signal);
        const answeredAt = now();

        const readSince = (moment: number) => (workload: Workload) => workload.statsAskedAt >= moment;
        const isOver = (workload: Workload) => isAtZero(workload) && readSince(answeredAt)(workload);
        const problem = `was not back at zero after a burst of ${messages} messages`;
        await follower.until(isOver, timeoutSeconds, problem);
        // The last consumer counts its last message before it goes: read the counters once more.
        await follower.until(readSince(now()), timeoutSeconds, "could not be read after the burst");

        const { perReplica = 20, maxReplicas = 20 } = options;
        const burst = { messages, sentAt, answeredAt, sentTime, perReplica, maxReplicas };
        const result = queueResult(follower.events, burst);
        const recorded = prometheusUrl ? await recordedQueue(prometheusUrl, sentTime, signal) : null;
        return { ...result, recorded };
    } finally {
        ended.abort();
    }
}

interface Follower {
    events: readonly WorkloadEvent[];
    workload(): Workload;
    /** Called with every reading of the queue while set. */
    onReading?: (workload: Workload, at: number) => void;
    /** Resolves as soon as the workload satisfies the condition, rejects once the time is over. */
    until(condition: (workload: Workload) => boolean, seconds: number, problem: string): Promise<void>;
}

function followWorkload(options: RestOptions, signal: AbortSignal): Follower {
    const { kubeconfig, producerUrl, namespace = "queue", deployment = "consumer" } = options;
    const { selector = "app.kubernetes.io/name=consumer", pollMilliseconds = 200 } = options;
    const events: WorkloadEvent[] = [];
    const waiting = new Set<() => void>();
    let workload = unknownWorkload;

    const follower: Follower = {
        events,
        workload: () => workload,
        until: (condition, seconds, problem) =>
            new Promise((resolve, reject) => {
                const settle = (error?: unknown) => {
                    waiting.delete(check);
                    clearTimeout(timer);
                    signal.removeEventListener("abort", stop);
                    error === undefined ? resolve() : reject(error);
                };
                const check = () => condition(workload) && settle();
                const stop = () => settle(signal.reason);
                const timer = setTimeout(() => {
                    const where = `The queue workload in namespace ${namespace}`;
                    const state = describeWorkload(workload);
                    settle(new Error(`${where} ${problem} within ${seconds} s: ${state}.`));
                }, seconds * 1000);
                signal.addEventListener("abort", stop, { once: true });
                waiting.add(check);
                check();
            }),
    };
    const target = { kubeconfig, producerUrl, namespace, selector, deployment, pollMilliseconds };
    watchWorkload(
        target,
        (event) => {
            events.push(event);
            workload = advance(workload, event);
            for (const check of [...waiting]) {
                check();
            }
            if (event.kind === "stats") {
                follower.onReading?.(workload, event.at);
            }
        },
        signal,
    );
    return follower;
}

function isKnown({ stats, pods, replicas }: Workload): boolean {
    return stats !== null && pods !== null && replicas !== null;
}

async function publish(producerUrl: string, messages: number, signal: AbortSignal): Promise<void> {
    const url = endpoint(producerUrl, `/publish/${messages}`);
    const timeout = AbortSignal.timeout(PUBLISH_TIMEOUT_MILLISECONDS);
    const answer = await fetch(url, { method: "POST", signal: AbortSignal.any([signal, timeout]) });
    const text = await answer.text();
    if (!answer.ok) {
        throw new Error(`POST ${url} answered HTTP ${answer.status}: ${text.trim().slice(0, 200)}`);
    }
}
