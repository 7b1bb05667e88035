/**
 * What is known about the queue workload at one moment, built up event by event.
 *
 * Everywhere here `null` means "not known" and never zero: a workload that nobody could read must not
 * look like an empty one.
 */

/** The producer's answer to `GET /stats`; all three are counts of messages. */
export interface QueueStats {
    queued: number;
    published: number;
    consumed: number;
}

/** One consumer pod that exists and is not being deleted. */
export interface ConsumerPod {
    name: string;
    ready: boolean;
    /** The cluster's own time stamps (ISO 8601, whole seconds), where it has set them. */
    createdAt: string | null;
    scheduledAt: string | null;
    readyAt: string | null;
}

/** All consumer pods at one moment. A pod that is being deleted is only counted, as it takes no more work. */
export interface ConsumerPods {
    serving: ConsumerPod[];
    terminating: number;
}

/** The consumer Deployment: `spec.replicas` (what the autoscaler wants) and `status.replicas` (what exists). */
export interface Replicas {
    desired: number;
    current: number;
}

/** `at` is the moment of arrival on this machine's monotonic clock, in seconds. */
export type WorkloadEvent =
    | { kind: "stats"; at: number; askedAt: number; stats: QueueStats | null; problem?: string }
    | { kind: "pods"; at: number; pods: ConsumerPods | null; problem?: string }
    | { kind: "replicas"; at: number; replicas: Replicas | null; problem?: string };

export interface Workload {
    stats: QueueStats | null;
    /** When the request behind `stats` was sent: the counts are at least as new as this. Seconds. */
    statsAskedAt: number;
    pods: ConsumerPods | null;
    replicas: Replicas | null;
    /** The latest failure to read each of the three, for error messages; cleared by the next success. */
    problems: { [kind in WorkloadEvent["kind"]]?: string };
}

export const unknownWorkload: Workload = {
    stats: null,
    statsAskedAt: Number.NEGATIVE_INFINITY,
    pods: null,
    replicas: null,
    problems: {},
};

/** The workload after one more event. */
export function advance(before: Workload, event: WorkloadEvent): Workload {
    const { [event.kind]: _solved, ...others } = before.problems;
    const problems =
        event.problem === undefined ? others : { ...before.problems, [event.kind]: event.problem };
    switch (event.kind) {
        case "stats":
            return { ...before, problems, stats: event.stats, statsAskedAt: event.askedAt };
        case "pods":
            return { ...before, problems, pods: event.pods };
        case "replicas":
            return { ...before, problems, replicas: event.replicas };
    }
}

/** How many consumers are Ready, or null where the pods are not known. */
export function readyCount(workload: Workload): number | null {
    return workload.pods === null ? null : workload.pods.serving.filter((pod) => pod.ready).length;
}

/** True once nothing is wanted, nothing runs and nothing is still shutting down. Unknown is not zero. */
export function hasNoReplicas({ replicas, pods }: Workload): boolean {
    return (
        replicas !== null &&
        pods !== null &&
        replicas.desired === 0 &&
        replicas.current === 0 &&
        pods.serving.length === 0 &&
        pods.terminating === 0
    );
}

/** True once the queue is known to be empty and no consumer is left. */
export function isAtZero(workload: Workload): boolean {
    return workload.stats?.queued === 0 && hasNoReplicas(workload);
}

/** One line for people, for example `37 queued, 3 replicas wanted, 3 exist, 2 Ready, 1 stopping`. */
export function describeWorkload(workload: Workload): string {
    const { stats, replicas, pods, problems } = workload;
    const number = (value: number | null | undefined) => value ?? "unknown";
    const parts = [
        `${number(stats?.queued)} queued`,
        `${number(replicas?.desired)} replicas wanted`,
        `${number(replicas?.current)} exist`,
        `${number(readyCount(workload))} Ready`,
        `${number(pods?.terminating)} stopping`,
    ];
    const reasons = Object.entries(problems).map(([kind, problem]) => `; ${kind}: ${problem}`);
    return parts.join(", ") + reasons.join("");
}

/**
 * Checks the producer's `/stats` answer.
 * @throws Error where a count is missing or is not a whole number from zero up
 */
export function parseStats(answer: unknown): QueueStats {
    const fields = (answer ?? {}) as Record<string, unknown>;
    const count = (name: string): number => {
        const value = fields[name];
        if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) {
            return value;
        }
        throw new Error(`/stats: "${name}" is ${JSON.stringify(value)}, not a count`);
    };
    return { queued: count("queued"), published: count("published"), consumed: count("consumed") };
}
