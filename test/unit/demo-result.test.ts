import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { queueResult } from "../../local/demo/queue-measure";
import { type Burst, expectedReplicas, isExact } from "../../local/demo/queue-result";
import {
    advance,
    describeWorkload,
    isAtZero,
    parseStats,
    unknownWorkload,
    type WorkloadEvent,
} from "../../local/demo/workload";
import { consumerPods, replicasOf } from "../../local/demo/workload-watch";

const burst: Burst = {
    messages: 40,
    sentAt: 100,
    answeredAt: 100.1,
    sentTime: "2026-01-31T12:00:00.000Z",
    perReplica: 20,
    maxReplicas: 20,
};

const stats = (at: number, queued: number, published: number, consumed: number): WorkloadEvent => ({
    kind: "stats",
    at,
    askedAt: at - 0.01,
    stats: { queued, published, consumed },
});
const unreadable = (at: number): WorkloadEvent => ({
    kind: "stats",
    at,
    askedAt: at - 0.01,
    stats: null,
    problem: "gone",
});
const replicas = (at: number, desired: number, current = desired): WorkloadEvent => ({
    kind: "replicas",
    at,
    replicas: { desired, current },
});
/** Pods by name, `true` where Ready. */
const pods = (at: number, serving: Record<string, boolean>, terminating = 0): WorkloadEvent => ({
    kind: "pods",
    at,
    pods: {
        terminating,
        serving: Object.entries(serving).map(([name, ready]) => ({
            name,
            ready,
            createdAt: "2026-01-31T12:00:01.000Z",
            scheduledAt: "2026-01-31T12:00:01.000Z",
            readyAt: ready ? "2026-01-31T12:00:02.000Z" : null,
        })),
    },
});

/** 1000 and 998 messages from before: only differences may count. */
const atRest = [stats(99.5, 0, 1000, 998), replicas(99, 0), pods(99, {})];
const run: WorkloadEvent[] = [
    ...atRest,
    // Asked before the producer had answered: this empty queue is not a drained one.
    stats(100.1, 0, 1000, 998),
    stats(100.3, 40, 1040, 998),
    replicas(100.9, 1),
    pods(101, { a: false }),
    replicas(101.2, 2),
    pods(101.75, { a: true }),
    pods(102, { a: true, b: false }),
    stats(102.1, 39, 1040, 998),
    stats(103.1, 38, 1040, 999),
    pods(103.5, { a: true, b: true }),
    stats(121, 0, 1040, 1036),
    stats(122, 0, 1040, 1038),
    replicas(150, 0, 2),
    pods(150.2, {}, 2),
    replicas(150.3, 0, 0),
    pods(151, {}),
    stats(151.2, 0, 1040, 1038),
];
const changed = (change: (event: WorkloadEvent) => WorkloadEvent[]) =>
    queueResult(run.flatMap(change), burst);

describe("the result of a burst", () => {
    it("has every moment in seconds since the burst was sent", () => {
        const result = queueResult(run, burst);
        assert.equal(result.publishSeconds, 0.1);
        assert.equal(result.firstReadySeconds, 1.75);
        assert.equal(result.allReadySeconds, 3.5);
        assert.equal(result.firstProcessedSeconds, 3.1);
        assert.equal(result.drainedSeconds, 21);
        assert.equal(result.processedSeconds, 22);
        assert.equal(result.backToZeroSeconds, 51);
        assert.equal(result.peakReplicas, 2);
        assert.equal(result.peakReady, 2);
    });

    it("counts from the counters' difference", () => {
        const result = queueResult(run, burst);
        assert.deepEqual([result.published, result.processed, result.lost, result.doubled], [40, 40, 0, 0]);
        assert.equal(isExact(result), true);
    });

    it("has the times of each pod, seen here and by the cluster", () => {
        assert.deepEqual(queueResult(run, burst).pods, [
            {
                name: "a",
                readySeconds: 1.75,
                createdSeconds: 1,
                scheduledSeconds: 1,
                readyConditionSeconds: 2,
            },
            {
                name: "b",
                readySeconds: 3.5,
                createdSeconds: 1,
                scheduledSeconds: 1,
                readyConditionSeconds: 2,
            },
        ]);
    });

    it("has a series that begins with the state before the burst, with the replicas of each moment", () => {
        const { samples } = queueResult(run, burst);
        assert.deepEqual(samples[0], { t: 0, queued: 0, processed: 0, ready: 0, desired: 0, current: 0 });
        assert.deepEqual(
            samples.find(({ t }) => t === 2.1),
            { t: 2.1, queued: 39, processed: 0, ready: 1, desired: 2, current: 2 },
        );
        assert.equal(samples.length, 8);
    });

    it("says how many messages were lost", () => {
        const result = changed((event) =>
            event.kind === "stats" && event.at > 122.5 ? [stats(event.at, 0, 1040, 1037)] : [event],
        );
        assert.deepEqual([result.processed, result.lost, result.doubled], [39, 1, 0]);
        assert.equal(isExact(result), false);
    });

    it("says how many were processed more than once", () => {
        const result = changed((event) =>
            event.kind === "stats" && event.at > 122.5 ? [stats(event.at, 0, 1040, 1041)] : [event],
        );
        assert.deepEqual([result.lost, result.doubled], [0, 3]);
        assert.equal(isExact(result), false);
    });

    it("is not exact where less was published than asked for", () => {
        assert.equal(isExact(queueResult(run, { ...burst, messages: 41 })), false);
    });

    it("has null, not zero, for a pod that never became Ready", () => {
        const result = changed((event) =>
            event.kind === "pods" && event.at > 100 && event.at < 150
                ? [pods(event.at, { a: false })]
                : [event],
        );
        assert.equal(result.firstReadySeconds, null);
        assert.equal(result.allReadySeconds, null);
        assert.equal(result.peakReady, 0);
        assert.equal(result.pods[0]?.readySeconds, null);
    });

    it("has null for the first message done where every consumer was Ready and none did anything", () => {
        const result = changed((event) =>
            event.kind === "stats" && event.at > 102 ? [stats(event.at, 40, 1040, 998)] : [event],
        );
        assert.equal(result.allReadySeconds, 3.5);
        assert.equal(result.firstProcessedSeconds, null);
    });

    it("has null for all Ready where only some were", () => {
        const result = queueResult(run, { ...burst, messages: 60 });
        assert.equal(result.expectedReplicas, 3);
        assert.equal(result.firstReadySeconds, 1.75);
        assert.equal(result.allReadySeconds, null);
    });

    it("has null, not zero, for counts that nobody could read", () => {
        const result = changed((event) => [event.kind === "stats" ? unreadable(event.at) : event]);
        assert.deepEqual(
            [result.published, result.processed, result.lost, result.doubled, result.drainedSeconds],
            [null, null, null, null, null],
        );
        assert.equal(result.firstProcessedSeconds, null);
        assert.ok(result.samples.every((sample) => sample.queued === null && sample.processed === null));
        assert.equal(isExact(result), false);
    });

    it("does not take unreadable replicas for none", () => {
        const result = changed((event) => [
            event.kind === "replicas" ? { kind: "replicas", at: event.at, replicas: null } : event,
        ]);
        assert.equal(result.peakReplicas, null);
        assert.equal(result.backToZeroSeconds, null);
        assert.ok(result.samples.every((sample) => sample.desired === null));
    });

    it("takes the last return to zero, should replicas come back", () => {
        const result = queueResult([...run, replicas(152, 1), replicas(160, 0)], burst);
        assert.equal(result.backToZeroSeconds, 60);
    });

    it("refuses counters that went backwards", () => {
        assert.throws(() => queueResult([...run, stats(152, 0, 3, 3)], burst), /redis was restarted/);
    });

    it("expects one replica for each started share, up to the maximum", () => {
        assert.deepEqual(
            [1, 20, 21, 200, 9999].map((messages) => expectedReplicas(messages, 20, 20)),
            [1, 1, 2, 10, 20],
        );
    });
});

describe("the state of the workload", () => {
    const rest = atRest.reduce(advance, unknownWorkload);

    it("is at zero only where everything is known to be zero", () => {
        assert.equal(isAtZero(unknownWorkload), false);
        assert.equal(isAtZero(rest), true);
        for (const event of [
            unreadable(100),
            stats(100, 1, 1, 0),
            replicas(100, 1, 0),
            replicas(100, 0, 1),
            pods(100, { a: false }),
            pods(100, {}, 1),
            { kind: "pods", at: 100, pods: null } as const,
        ]) {
            assert.equal(isAtZero(advance(rest, event)), false, JSON.stringify(event));
        }
    });

    it("describes itself with the latest problem, until it is solved", () => {
        const broken = advance(rest, unreadable(100));
        assert.match(describeWorkload(broken), /^unknown queued, 0 replicas wanted.*stats: gone$/);
        assert.doesNotMatch(describeWorkload(advance(broken, stats(101, 3, 3, 0))), /gone/);
    });

    it("accepts counts and nothing else as /stats", () => {
        assert.deepEqual(parseStats({ queued: 0, published: 5, consumed: 4 }), {
            queued: 0,
            published: 5,
            consumed: 4,
        });
        for (const answer of [
            null,
            "busy",
            {},
            { queued: 0, published: 5 },
            { queued: "0", published: 5, consumed: 4 },
            { queued: -1, published: 5, consumed: 4 },
            { queued: 0.5, published: 5, consumed: 4 },
        ]) {
            assert.throws(() => parseStats(answer), /not a count/, JSON.stringify(answer));
        }
    });

    it("does not count a pod that is being deleted as Ready", () => {
        const conditions = [
            { type: "Ready", status: "True", lastTransitionTime: new Date("2026-01-31T12:00:02Z") },
        ];
        const seen = consumerPods([
            { metadata: { name: "a" }, status: { conditions } },
            { metadata: { name: "b", deletionTimestamp: new Date() }, status: { conditions } },
            { metadata: { name: "c" }, status: { conditions: [{ type: "Ready", status: "False" }] } },
        ]);
        assert.deepEqual(
            [seen.terminating, seen.serving.map((pod) => [pod.name, pod.ready, pod.readyAt])],
            [
                1,
                [
                    ["a", true, "2026-01-31T12:00:02.000Z"],
                    ["c", false, null],
                ],
            ],
        );
    });

    it("reads a missing status.replicas as none, and a missing Deployment as unknown", () => {
        assert.deepEqual(replicasOf({ spec: { replicas: 3, selector: {}, template: {} }, status: {} }), {
            desired: 3,
            current: 0,
        });
        assert.equal(replicasOf(undefined), null);
    });
});
