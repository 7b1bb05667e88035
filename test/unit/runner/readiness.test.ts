import assert from "node:assert/strict";
import type { KubernetesObject } from "../../../local/runner/objects";
import { awaitSeconds, readiness } from "../../../local/runner/readiness";
import { parseWaitFor } from "../../../local/runner/wait-for";

interface Case {
    readonly is: string;
    readonly kind: string;
    readonly spec?: object;
    readonly status?: object;
    readonly annotations?: Record<string, string>;
    /** Reason for waiting; none where the object is ready. */
    readonly waits?: string;
    readonly fails?: string;
}

const seen = { observedGeneration: 2 };
const isTrue = (type: string) => [{ type, status: "True" }];
const annotated = (waitFor: string) => ({ annotations: { "pulumi.com/waitFor": waitFor } });

const cases: Case[] = [
    { is: "without replicas", kind: "apps/v1 Deployment", spec: { replicas: 0 }, status: seen },
    {
        is: "available",
        kind: "apps/v1 Deployment",
        spec: { replicas: 2 },
        status: { ...seen, replicas: 2, updatedReplicas: 2, availableReplicas: 2 },
    },
    { is: "just made", kind: "apps/v1 Deployment", waits: "not seen by its controller yet" },
    {
        is: "seen in an older generation",
        kind: "apps/v1 Deployment",
        status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 },
        waits: "not seen by its controller yet",
    },
    {
        is: "starting",
        kind: "apps/v1 Deployment",
        status: seen,
        waits: "0 of 1 replicas are of the new version",
    },
    {
        is: "rolling",
        kind: "apps/v1 Deployment",
        status: { ...seen, replicas: 2, updatedReplicas: 1, availableReplicas: 2 },
        waits: "1 old replicas have not ended yet",
    },
    {
        is: "not available",
        kind: "apps/v1 Deployment",
        status: { ...seen, replicas: 1, updatedReplicas: 1 },
        waits: "0 of 1 replicas are available",
    },
    {
        is: "given up by its controller",
        kind: "apps/v1 Deployment",
        status: {
            ...seen,
            conditions: [
                {
                    type: "Progressing",
                    status: "False",
                    reason: "ProgressDeadlineExceeded",
                    message: "timed out",
                },
            ],
        },
        fails: "timed out",
    },
    {
        is: "ready",
        kind: "apps/v1 StatefulSet",
        status: { ...seen, readyReplicas: 1, currentRevision: "a", updateRevision: "a" },
    },
    {
        is: "rolling",
        kind: "apps/v1 StatefulSet",
        spec: { replicas: 2 },
        status: { ...seen, readyReplicas: 2, updatedReplicas: 1, currentRevision: "a", updateRevision: "b" },
        waits: "1 of 2 replicas are of the new version",
    },
    {
        is: "rolled up to its partition",
        kind: "apps/v1 StatefulSet",
        spec: { replicas: 2, updateStrategy: { rollingUpdate: { partition: 1 } } },
        status: { ...seen, readyReplicas: 2, updatedReplicas: 1, currentRevision: "a", updateRevision: "b" },
    },
    {
        is: "updated by deletion",
        kind: "apps/v1 StatefulSet",
        spec: { updateStrategy: { type: "OnDelete" } },
        status: { ...seen, readyReplicas: 1, currentRevision: "a", updateRevision: "b" },
    },
    { is: "not ready", kind: "apps/v1 StatefulSet", status: seen, waits: "0 of 1 replicas are ready" },
    { is: "on no node", kind: "apps/v1 DaemonSet", status: { ...seen, desiredNumberScheduled: 0 } },
    {
        is: "on one of two nodes",
        kind: "apps/v1 DaemonSet",
        status: { ...seen, desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 1 },
        waits: "1 of 2 pods are available",
    },
    { is: "complete", kind: "batch/v1 Job", status: { conditions: isTrue("Complete") } },
    { is: "running", kind: "batch/v1 Job", waits: "not complete" },
    { is: "suspended", kind: "batch/v1 Job", spec: { suspend: true } },
    {
        is: "failed",
        kind: "batch/v1 Job",
        status: { conditions: [{ type: "Failed", status: "True", reason: "BackoffLimitExceeded" }] },
        fails: "True (BackoffLimitExceeded)",
    },
    { is: "ready", kind: "v1 Pod", status: { phase: "Running", conditions: isTrue("Ready") } },
    { is: "ended well", kind: "v1 Pod", status: { phase: "Succeeded" } },
    { is: "pending", kind: "v1 Pod", status: { phase: "Pending" }, waits: "phase is Pending" },
    { is: "failed", kind: "v1 Pod", status: { phase: "Failed", message: "evicted" }, fails: "evicted" },
    { is: "active", kind: "v1 Namespace", status: { phase: "Active" } },
    { is: "ending", kind: "v1 Namespace", status: { phase: "Terminating" }, waits: "phase is Terminating" },
    {
        is: "pending",
        kind: "v1 PersistentVolumeClaim",
        status: { phase: "Pending" },
        waits: "phase is Pending",
    },
    { is: "bound", kind: "v1 PersistentVolumeClaim", status: { phase: "Bound" } },
    { is: "inside the cluster", kind: "v1 Service", spec: { type: "ClusterIP" } },
    {
        is: "without address",
        kind: "v1 Service",
        spec: { type: "LoadBalancer" },
        waits: "no load balancer address",
    },
    {
        is: "with address",
        kind: "v1 Service",
        spec: { type: "LoadBalancer" },
        status: { loadBalancer: { ingress: [{ ip: "1.2.3.4" }] } },
    },
    {
        is: "established",
        kind: "apiextensions.k8s.io/v1 CustomResourceDefinition",
        status: { conditions: isTrue("Established") },
    },
    { is: "new", kind: "apiextensions.k8s.io/v1 CustomResourceDefinition", waits: "Established is not set" },
    // The provider does not wait for it either; what needs it annotates it (pulumi.com/waitFor).
    {
        is: "without endpoints",
        kind: "apiregistration.k8s.io/v1 APIService",
        status: { conditions: [{ type: "Available", status: "False", reason: "MissingEndpoints" }] },
    },
    { is: "of any other kind", kind: "example.com/v1 Widget" },
    { is: "not to be awaited", kind: "apps/v1 Deployment", annotations: { "pulumi.com/skipAwait": "true" } },
    {
        is: "with a condition that holds",
        kind: "example.com/v1 Widget",
        ...annotated("condition=ready"),
        status: { conditions: isTrue("Ready") },
    },
    {
        is: "with a condition that does not hold",
        kind: "example.com/v1 Widget",
        ...annotated("condition=Ready"),
        status: { conditions: [{ type: "Ready", status: "False", reason: "Busy" }] },
        waits: "condition Ready is False (Busy), waiting for True",
    },
    {
        is: "with a condition that shall be false",
        kind: "example.com/v1 Widget",
        ...annotated("condition=Paused=False"),
        status: { conditions: [{ type: "Paused", status: "False" }] },
    },
    {
        is: "with a condition of an older generation",
        kind: "example.com/v1 Widget",
        ...annotated("condition=Ready"),
        status: { conditions: [{ type: "Ready", status: "True", observedGeneration: 1 }] },
        waits: "condition Ready is of an older generation",
    },
    {
        is: "with a path that exists",
        kind: "example.com/v1 Widget",
        ...annotated("jsonpath={.status.phase}"),
        status: { phase: "x" },
    },
    {
        is: "with a path of another value",
        kind: "example.com/v1 Widget",
        ...annotated("jsonpath={.status.phase}=Done"),
        status: { phase: "Busy" },
        waits: '$.status.phase is "Busy", waiting for Done',
    },
    {
        is: "with a filtered path",
        kind: "example.com/v1 Widget",
        ...annotated('jsonpath={.status.parts[?(@.name=="a")].ok}=true'),
        status: { parts: [{ name: "b" }, { name: "a", ok: true }] },
    },
    {
        is: "with a list of which one is unmet",
        kind: "apps/v1 Deployment",
        ...annotated('["jsonpath={.status.phase}=Done", "condition=Ready"]'),
        status: { phase: "Done" },
        waits: "condition Ready is not there, waiting for True",
    },
];

describe("readiness", () => {
    for (const { is, kind, annotations = {}, spec, status, waits, fails } of cases) {
        const verdict = fails ? "has failed" : waits ? "waits" : "is ready";
        it(`${kind.split(" ")[1]} ${is} ${verdict}`, () => {
            const [apiVersion = "", name = ""] = kind.split(" ");
            const metadata = { name: "x", generation: 2, annotations };
            const object = { apiVersion, kind: name, metadata, spec, status } as KubernetesObject;
            const reason = fails ?? waits ?? "";
            assert.deepEqual(readiness(object), {
                ready: reason === "",
                reason,
                ...(fails && { failed: true }),
            });
        });
    }

    it("does not wait for a claim that its first pod binds", () => {
        const claim = { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "x" } };
        assert.equal(readiness(claim, true).ready, true);
    });

    it("waits as long as the option says, else the annotation, else ten minutes", () => {
        const object = (seconds?: string) => {
            const annotations = seconds ? { "pulumi.com/timeoutSeconds": seconds } : {};
            return { apiVersion: "v1", kind: "Pod", metadata: { name: "x", annotations } };
        };
        assert.equal(awaitSeconds(object("30"), 45), 45);
        assert.equal(awaitSeconds(object("30")), 30);
        assert.equal(awaitSeconds(object()), 600);
    });
});

describe("parseWaitFor", () => {
    it("reads one demand, or a JSON list of them", () => {
        assert.deepEqual(parseWaitFor('["condition=Ready", "jsonpath={ .status.phase }=Done"]'), [
            { kind: "condition", type: "Ready", status: "True" },
            { kind: "jsonpath", path: "$.status.phase", value: "Done" },
        ]);
    });

    for (const wrong of [
        "Ready",
        "condition=",
        "jsonpath=.status",
        "jsonpath={.a}=",
        "jsonpath={.a[}",
        "[]",
    ]) {
        it(`refuses ${JSON.stringify(wrong)}`, () => assert.throws(() => parseWaitFor(wrong)));
    }
});
