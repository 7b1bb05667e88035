/** What was asked, and when; moments are seconds on the same clock as the events. */
export interface Burst {
    /** Messages that the producer was asked to publish. */
    messages: number;
    /** The request was about to leave this machine: every reported time counts from here. */
    sentAt: number;
    /** The producer had answered: from here on, an empty queue is a drained one. */
    answeredAt: number;
    /** The wall clock at `sentAt`, ISO 8601. */
    sentTime: string;
    /** Messages that the autoscaler gives to one replica, and the most replicas that it may ask for. */
    perReplica: number;
    maxReplicas: number;
}

/** One point of the time series; `t` in seconds since the burst, null where nothing could be read. */
export interface Sample {
    t: number;
    queued: number | null;
    /** Messages of this burst that are done. */
    processed: number | null;
    ready: number | null;
    desired: number | null;
    current: number | null;
}

/** One consumer pod. Times in seconds since the burst, null where it never came so far. */
export interface PodTimes {
    name: string;
    /** Readiness as it reached this machine. */
    readySeconds: number | null;
    /** The same moments by the cluster's clock, which writes whole seconds only. */
    createdSeconds: number | null;
    scheduledSeconds: number | null;
    readyConditionSeconds: number | null;
}

/** All times are seconds since the burst was sent, null where the moment never came (or was not seen). */
export interface QueueResult {
    sentTime: string;
    requested: number;
    /** Until the producer answered that everything is in the queue. */
    publishSeconds: number;
    /** Replicas that a burst of this size asks for. */
    expectedReplicas: number;
    firstReadySeconds: number | null;
    /** As many Ready at once as `expectedReplicas`. */
    allReadySeconds: number | null;
    /**
     * A message of the burst was read as done. Unlike readiness, which for a consumer says only that its
     * container was started, this cannot come before the work.
     */
    firstProcessedSeconds: number | null;
    /** The queue was read empty; the last messages may still be in work. */
    drainedSeconds: number | null;
    /** As many messages done as were published. */
    processedSeconds: number | null;
    /** No replica wanted, none left, none stopping. */
    backToZeroSeconds: number | null;
    /** Most replicas that existed at once, and most that were Ready at once. */
    peakReplicas: number | null;
    peakReady: number | null;
    /** From the producer's counters: the difference between the first and the last reading. */
    published: number | null;
    processed: number | null;
    /**
     * Published but not processed, and processed more often than published. They come from two counters,
     * so one lost and one doubled message in the same run would cancel out.
     */
    lost: number | null;
    doubled: number | null;
    pods: PodTimes[];
    samples: Sample[];
}

/** The queue length as Prometheus has it; `t` in seconds since the burst. */
export interface Recorded {
    points: { t: number; queued: number }[];
    /** Why there are no points. */
    problem?: string;
}

/** A result together with Prometheus' view of it; null where nobody asked Prometheus. */
export type QueueRun = QueueResult & { recorded: Recorded | null };

/** Replicas that a queue of this length asks for. */
export function expectedReplicas(messages: number, perReplica: number, maxReplicas: number): number {
    return Math.min(Math.ceil(messages / perReplica), maxReplicas);
}

/** True for a run that did exactly what it was asked: everything published, everything processed once. */
export function isExact(result: QueueResult): boolean {
    return result.published === result.requested && result.lost === 0 && result.doubled === 0;
}
