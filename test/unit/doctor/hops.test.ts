import assert from "node:assert/strict";
import type { Hop } from "../../../components/autoscaling/autoscaler/chain";
import { failed, found } from "../../../doctor/read/answer";
import type { Snapshot } from "../../../doctor/snapshot";
import { diagnose } from "../../../doctor/walk";
import {
    ago,
    api,
    chain,
    healthy,
    meta,
    missing,
    monitor,
    monitorObject,
    only,
    pod,
    refused,
    rule,
    ruleObject,
    sample,
    scaledObject,
    service,
    signal,
    silent,
    source,
    target,
    unplaced,
    waitingPod,
    withApi,
    withAround,
    withHpa,
    without,
    withPrometheus,
    withRule,
    withSignal,
    withSource,
    withSubject,
    withTarget,
} from "./support";

const scale = (replicas: number) =>
    found({ spec: { replicas }, status: { replicas, selector: "app=orders" } });
const young = { managedFields: [{ time: ago(20) }] };
const empty = { present: found([]) };
const failing = (message: string) =>
    failed({ kind: "error" as const, message, path: "/apis/external.metrics.k8s.io" });
const event = (reason: string, message: string, name: string) => ({
    metadata: meta("event"),
    involvedObject: { name, uid: `uid-${name}` },
    type: "Warning",
    reason,
    message,
    lastTimestamp: ago(10),
});
const budget = (spec: object) => ({
    metadata: meta("orders"),
    spec: { selector: { matchLabels: { app: "orders" } }, ...spec },
});
const probe = (change: object) =>
    ({ probes: [{ ...source.probes[0], has: false, ...change }] }) as Partial<typeof source>;
const { hpa: _, ...subjectWithoutHpa } = healthy.subject;

/** Faults, each with the hop at which it is and words of its reason. */
const faults: readonly [string, Snapshot, Hop, RegExp][] = [
    [
        "the target does not exist",
        withTarget({ object: missing(), scale: missing() }),
        "target",
        /does not exist/,
    ],
    ["the target has no scale", withTarget({ scale: missing() }), "target", /no scale subresource/],
    [
        "two autoscalers",
        withTarget({ rivals: ["HPA shop/other"] }),
        "target",
        /more than one autoscaler.*HPA shop\/other/,
    ],
    [
        "a paused rollout",
        withTarget({ object: found({ ...target, spec: { ...target.spec, paused: true } }) }),
        "target",
        /paused/,
    ],
    [
        "a crashing pod",
        withTarget({ pods: found([waitingPod("orders-a", "CrashLoopBackOff")]) }),
        "pods",
        /crashes/,
    ],
    [
        "no image for any pod",
        withTarget({ pods: found([waitingPod("orders-a", "ImagePullBackOff")]) }),
        "pods",
        /image main:1/,
    ],
    ["no node for any pod", withTarget({ pods: found([unplaced("orders-a")]) }), "pods", /no node/],
    [
        "a missing ConfigMap",
        withTarget({
            pods: found([waitingPod("orders-a", "CreateContainerConfigError", "configmap x not found")]),
        }),
        "pods",
        /configmap x/,
    ],
    [
        "pods that never get Ready",
        withTarget({
            pods: found([
                pod("orders-a", { conditions: [{ type: "Ready", status: "False", message: "not ready" }] }),
            ]),
        }),
        "pods",
        /not Ready/,
    ],
    [
        "an exporter that crashes",
        withSource({ pods: found([waitingPod("exporter-1", "CrashLoopBackOff")]) }),
        "endpoint",
        /crashes/,
    ],
    [
        "an exporter scaled to nothing",
        withSource({
            pods: found([]),
            probes: [],
            targets: [],
            workload: { metadata: meta("exporter"), spec: { replicas: 0 } },
        }),
        "endpoint",
        /0 replicas/,
    ],
    [
        "an exporter that is gone",
        withSource({ pods: found([]), probes: [], targets: [] }),
        "endpoint",
        /gone/,
    ],
    [
        "an exporter that is gone, which Prometheus has not missed yet",
        withSource({
            pods: found([]),
            probes: [],
            targets: source.targets.map((one) => ({ ...one, labels: { ...one.labels, pod: "exporter-1" } })),
        }),
        "endpoint",
        /gone/,
    ],
    [
        "an exporter that hangs",
        withSource({ ...probe({ answer: silent() }), targets: [] }),
        "endpoint",
        /does not answer/,
    ],
    [
        "an exporter that nobody listens for any more, which Prometheus has not seen yet",
        withSource(probe({ answer: failing("dial tcp 10.0.0.1:8000: connect: connection refused") })),
        "endpoint",
        /connection refused/,
    ],
    [
        "an exporter that answers in HTML",
        withSource(probe({ answer: found("<html>hello</html>") })),
        "endpoint",
        /format/,
    ],
    [
        "an exporter that lost the metric",
        withSource({ ...probe({ answer: found("other 1\n") }), ...empty }),
        "endpoint",
        /no longer gives orders_waiting/,
    ],
    [
        "a Service that selects other pods",
        withSource({
            services: found([{ ...service, spec: { ...service.spec, selector: { app: "other" } } }]),
        }),
        "service",
        /selects app=other/,
    ],
    [
        "a Service with a port that no pod has",
        withSource({
            services: found([
                {
                    ...service,
                    spec: { ...service.spec, ports: [{ name: "http", port: 80, targetPort: "web" }] },
                },
            ]),
        }),
        "service",
        /leads to port web/,
    ],
    [
        "a Service that is gone",
        withSource({ services: found([]), monitors: [{ ...monitor, selects: [] }] }),
        "service",
        /not there/,
    ],
    [
        "a Service that lost its labels",
        withSource({
            services: found([{ ...service, metadata: meta("exporter", young) }]),
            monitors: [{ ...monitor, selects: [] }],
        }),
        "service",
        /no longer those/,
    ],
    [
        "a monitor that selects other labels",
        withSource({
            monitors: [
                {
                    ...monitor,
                    selects: [],
                    object: {
                        ...monitorObject,
                        spec: { ...monitorObject.spec, selector: { matchLabels: { app: "x" } } },
                    },
                },
            ],
        }),
        "monitor",
        /selects app=x/,
    ],
    [
        "a monitor of other namespaces",
        withSource({ monitors: [{ ...monitor, looks: false }] }),
        "monitor",
        /does not look into/,
    ],
    [
        "a monitor at another port",
        withSource({
            monitors: [
                {
                    ...monitor,
                    object: {
                        ...monitorObject,
                        spec: { ...monitorObject.spec, endpoints: [{ port: "web" }] },
                    },
                },
            ],
        }),
        "monitor",
        /asks for port web/,
    ],
    [
        "a monitor at another path",
        withSource({
            probes: [
                { ...source.probes[0], path: "/x", has: false, answer: failing("404") },
                { ...source.probes[0], asked: false },
            ] as typeof source.probes,
        }),
        "monitor",
        /asks the pods at :8000\/x/,
    ],
    ["no monitor", withSource({ monitors: [], targets: [] }), "monitor", /no ServiceMonitor or PodMonitor/],
    [
        "a monitor that was deleted",
        withSource({ monitors: [without({ ...monitor, selects: [] }, "object")] }),
        "monitor",
        /was deleted/,
    ],
    [
        "a monitor without the release label",
        withSource({ monitors: [{ ...monitor, selected: false }] }),
        "monitor",
        /does not take ServiceMonitor.*release=kps/,
    ],
    [
        "a Prometheus that does not answer",
        withPrometheus({ answers: failing("502"), atAddress: failing("502") }),
        "prometheus",
        /does not answer/,
    ],
    [
        "a Prometheus that crashes",
        withPrometheus({
            answers: failing("503"),
            atAddress: failing("503"),
            pods: found([waitingPod("prometheus-main-0", "CrashLoopBackOff")]),
        }),
        "prometheus",
        /crashes/,
    ],
    [
        "a Prometheus without replicas",
        withPrometheus({
            answers: failing("503"),
            atAddress: failing("503"),
            pods: found([]),
            object: { metadata: meta("main"), spec: { replicas: 0 } },
        }),
        "prometheus",
        /0 replicas/,
    ],
    [
        "no Service of Prometheus",
        withPrometheus({ atAddress: missing(), serviceObject: missing(), reached: "pod x" }),
        "prometheus",
        /Service monitoring\/prometheus is not there/,
    ],
    [
        "a target that is down",
        withSource({
            targets: source.targets.map((one) => ({
                ...one,
                health: "down",
                lastError: "context deadline exceeded",
            })),
        }),
        "scrape",
        /deadline exceeded/,
    ],
    ["no target", withSource({ targets: [], ...empty }), "scrape", /no target/],
    [
        "a series with other labels",
        withSource({ ...empty, loose: found([{ ...sample(3), labels: { job: "other" } }]) }),
        "series",
        /job="exporter" \(is "other"\)/,
    ],
    [
        "a series that is no number",
        withSource({ present: found([sample(Number.NaN)]) }),
        "series",
        /no number/,
    ],
    ["a series that is old", withSource({ present: found([sample(3, 200)]) }), "series", /3 min old/],
    [
        "a series that relabelling drops",
        withSource({
            ...empty,
            monitors: [
                {
                    ...monitor,
                    object: {
                        ...monitorObject,
                        spec: {
                            ...monitorObject.spec,
                            endpoints: [{ port: "http", metricRelabelings: [{}] }],
                        },
                    },
                },
            ],
        }),
        "series",
        /metricRelabelings/,
    ],
    [
        "a rule that is gone",
        withRule({ object: undefined, objects: found([]), loaded: undefined, present: found([]) }),
        "rule",
        /PrometheusRule shop\/orders.*is not there/,
    ],
    [
        "a rule that Prometheus does not take",
        withRule({ selected: false }),
        "rule",
        /does not take PrometheusRule/,
    ],
    [
        "a rule that is not loaded",
        withRule({ loaded: undefined, present: found([]) }),
        "rule",
        /has not loaded/,
    ],
    [
        "a rule that fails",
        withRule({
            loaded: { ...rule.loaded, health: "err", lastError: "many-to-many" } as NonNullable<
                typeof rule.loaded
            >,
        }),
        "rule",
        /many-to-many/,
    ],
    ["a rule that gives nothing", withRule({ present: found([]) }), "rule", /gives nothing/],
    ["a rule that is no PromQL", withRule({ expr: "sum(" }), "rule", /no PromQL/],
    ["a rule that gives no number", withRule({ present: found([sample(Number.NaN)]) }), "rule", /no number/],
    [
        "a rule that was changed to read what is not there",
        {
            ...withSource({ ...empty, selector: only("orders_wating") }),
            signals: [
                {
                    ...signal,
                    rules: [{ ...rule, expr: "orders_wating", present: found([]) }],
                    sources: [{ ...source, ...empty, selector: only("orders_wating") }],
                },
            ],
        },
        "rule",
        /gives nothing/,
    ],
    ["no APIService", withApi({ apiServices: found([]) }), "metrics-api", /no APIService/],
    [
        "an APIService without its Service",
        withApi({ service: missing() }),
        "metrics-api",
        /points at Service/,
    ],
    ["no pod of KEDA's operator", withApi({ operatorPods: found([]) }), "metrics-api", /operator has no pod/],
    ["no pod behind the API", withApi({ pods: found([]) }), "metrics-api", /nothing serves/],
    [
        "another server with KEDA's API",
        withApi({ workloads: found([{ metadata: meta("datadog") }]) }),
        "metrics-api",
        /not KEDA/,
    ],
    [
        "a metric that is not listed",
        { ...withSignal({ reading: missing() }), subject: without(healthy.subject, "scaledObject") },
        "metric",
        /has no s0-prometheus/,
    ],
    [
        "a metric that differs from Prometheus",
        withSignal({ reading: found({ values: [{ value: 900 }] }) }),
        "metric",
        /says 900/,
    ],
    ["a metric without a value", withSignal({ reading: found({ values: [] }) }), "metric", /no value/],
    [
        "a paused ScaledObject",
        withSubject({
            scaledObject: {
                ...scaledObject,
                metadata: meta("orders", { annotations: { "autoscaling.keda.sh/paused": "true" } }),
            },
        }),
        "autoscaler",
        /is paused/,
    ],
    [
        "a ScaledObject that is not ready",
        withSubject({
            scaledObject: {
                ...scaledObject,
                status: { conditions: [{ type: "Ready", status: "False", message: "bad trigger" }] },
            },
        }),
        "autoscaler",
        /bad trigger/,
    ],
    [
        "a ScaledObject on its fallback",
        withSubject({
            scaledObject: { ...scaledObject, status: { conditions: [{ type: "Fallback", status: "True" }] } },
        }),
        "autoscaler",
        /fallback/,
    ],
    [
        "a trigger that KEDA cannot read",
        withSignal({ reading: failing("scaler error") }),
        "autoscaler",
        /KEDA cannot read/,
    ],
    [
        "a trigger with an address of nobody",
        {
            ...withSignal({
                prometheus: {
                    ...withPrometheus({}).signals[0]?.prometheus,
                    address: "http://prometheus.x:9090",
                    serviceObject: missing(),
                    atAddress: missing(),
                } as typeof signal.prometheus,
            }),
        },
        "autoscaler",
        /asks http:\/\/prometheus.x/,
    ],
    [
        "a query that is no PromQL",
        withSignal({ query: { text: "sum(", parses: false, now: missing() } }),
        "autoscaler",
        /no PromQL/,
    ],
    [
        "an HPA that is gone",
        {
            ...healthy,
            subject: {
                ...without(subjectWithoutHpa, "scaledObject"),
                chain: { ...chain, backend: "resource" },
            },
        },
        "autoscaler",
        /HPA shop\/orders is not there/,
    ],
    [
        "an HPA that cannot tell",
        withSubject({
            hpa: withHpa(
                {},
                {
                    type: "ScalingActive",
                    status: "False",
                    reason: "FailedGetExternalMetric",
                    message: "no metrics",
                    lastTransitionTime: ago(100),
                },
            ),
        }),
        "autoscaler",
        /no metrics/,
    ],
    [
        "an HPA whose target was scaled to zero by hand",
        {
            ...withTarget({ scale: scale(0), pods: found([]) }),
            subject: without(without(healthy.subject, "scaledObject"), "chain"),
        },
        "autoscaler",
        /switched off/,
    ],
    [
        "a minimum above the maximum",
        withSubject({
            scaledObject: { ...scaledObject, spec: { ...scaledObject.spec, minReplicaCount: 9 } },
        }),
        "autoscaler",
        /above its maximum/,
    ],
    [
        "more wanted than allowed",
        withSubject({
            hpa: {
                ...withHpa({}, { type: "ScalingLimited", status: "True", reason: "TooManyReplicas" }),
                status: {
                    ...withHpa({}, { type: "ScalingLimited", status: "True", reason: "TooManyReplicas" })
                        .status,
                    desiredReplicas: 5,
                },
            },
        }),
        "limits",
        /all 5 replicas/,
    ],
    [
        "a quota",
        {
            ...withAround({ events: found([event("FailedCreate", "exceeded quota: small", "orders-1")]) }),
            target: { ...healthy.target, scale: scale(3) },
        },
        "limits",
        /exceeded quota/,
    ],
    [
        "no node for one more pod",
        withTarget({ pods: found([pod("orders-a"), unplaced("orders-b")]) }),
        "limits",
        /no node/,
    ],
    [
        "no image for one more pod",
        withTarget({ pods: found([pod("orders-a"), waitingPod("orders-b", "ErrImagePull")]) }),
        "limits",
        /image/,
    ],
    [
        "a budget that allows nothing ever",
        withAround({ budgets: found([budget({ maxUnavailable: 0 })]) }),
        "limits",
        /never lets a pod go/,
    ],
    [
        "two budgets",
        withAround({ budgets: found([budget({ maxUnavailable: 1 }), budget({ maxUnavailable: 1 })]) }),
        "limits",
        /several PodDisruptionBudgets/,
    ],
    [
        "scaling up that is switched off",
        withSubject({ hpa: withHpa({ behavior: { scaleUp: { selectPolicy: "Disabled" } } }) }),
        "limits",
        /scaling up is switched off/,
    ],
    [
        "a pod that its liveness probe kills",
        {
            ...withTarget({
                pods: found([
                    pod("orders-a", { containerStatuses: [{ name: "main", ready: true, restartCount: 3 }] }),
                ]),
            }),
            around: {
                ...healthy.around,
                events: found([event("Unhealthy", "Liveness probe failed: 500", "orders-a")]),
            },
        },
        "pods",
        /killed again and again/,
    ],
    [
        "a new rule, and no prometheus-operator to bring it to Prometheus",
        withSignal({
            prometheus: { ...signal.prometheus, operatorRuns: false } as typeof signal.prometheus,
            rules: [
                {
                    ...rule,
                    object: { ...ruleObject, metadata: meta("orders", young) },
                    loaded: undefined,
                    present: found([]),
                },
            ],
        }),
        "rule",
        /prometheus-operator.*does not run/,
    ],
    [
        "an adapter that asks Prometheus where there is none",
        withApi({ asks: { address: "http://prom:9090", object: missing() } }),
        "metrics-api",
        /asks Prometheus at http:\/\/prom:9090/,
    ],
    [
        "a metrics server of KEDA that does not reach the operator",
        withSignal({ reading: failing("rpc error: code = Unavailable desc = connection error") }),
        "metrics-api",
        /does not reach KEDA's operator/,
    ],
    [
        "an operator of KEDA that is not Ready, and silent",
        {
            ...withSignal({ reading: silent() }),
            apis: [
                {
                    ...api,
                    operatorPods: found([
                        pod("keda-operator-1", {
                            startTime: ago(3),
                            conditions: [{ type: "Ready", status: "False" }],
                        }),
                    ]),
                },
            ],
        },
        "metrics-api",
        /operator is not Ready/,
    ],
    [
        "an HPA that nobody moves",
        withSignal({
            query: { ...signal.query, steady: 40, range: { min: 2, max: 45 } } as typeof signal.query,
        }),
        "autoscaler",
        /nobody moves.*asked for 4 replicas/,
    ],
    [
        "policies that hardly let it scale up",
        withSubject({
            hpa: {
                ...withHpa({}, { type: "ScalingLimited", status: "True", reason: "ScaleUpLimit" }),
                status: {
                    ...withHpa({}, { type: "ScalingLimited", status: "True", reason: "ScaleUpLimit" }).status,
                    lastScaleTime: ago(100),
                },
            },
        }),
        "limits",
        /policies hold it/,
    ],
];

/** States that look like a fault and are none. */
const sound: readonly [string, Snapshot][] = [
    ["everything runs", healthy],
    [
        "nothing is wanted of a queue that is empty",
        {
            ...withTarget({ scale: scale(0), pods: found([]) }),
            subject: {
                ...healthy.subject,
                hpa: withHpa({}, { type: "ScalingActive", status: "False", reason: "ScalingDisabled" }),
            },
        },
    ],
    [
        "its own pods give the series, and there are none",
        {
            ...withTarget({ scale: scale(0), pods: found([]) }),
            signals: [
                {
                    ...signal,
                    rules: [{ ...rule, ...empty }],
                    sources: [{ ...source, own: true, pods: found([]), targets: [], probes: [], ...empty }],
                },
            ],
        },
    ],
    [
        "a pod starts",
        withTarget({
            pods: found([
                pod("orders-a"),
                pod("orders-b", { startTime: ago(4), conditions: [{ type: "Ready", status: "False" }] }),
            ]),
        }),
    ],
    [
        "a pod is about to go",
        withTarget({
            pods: found([
                pod("orders-a"),
                {
                    ...waitingPod("orders-b", "CrashLoopBackOff"),
                    metadata: meta("orders-b", { deletionTimestamp: ago(1) }),
                },
            ]),
        }),
    ],
    [
        "it is at its maximum, and no more is wanted",
        withSubject({
            hpa: {
                ...withHpa({}),
                status: { ...withHpa({}).status, desiredReplicas: 5, currentReplicas: 5 },
            },
        }),
    ],
    [
        "it is held by its minimum",
        withSubject({
            hpa: withHpa({}, { type: "ScalingLimited", status: "True", reason: "TooFewReplicas" }),
        }),
    ],
    [
        "a rule was written a moment ago",
        withRule({
            object: { ...ruleObject, metadata: meta("orders", young) },
            loaded: undefined,
            present: found([]),
        }),
    ],
    ["the network hides the pods, and Prometheus sees them", withSource(probe({ answer: silent() }))],
    [
        "what gives the series is no pod, and Prometheus sees it",
        withSource({ pods: found([]), services: found([]), monitors: [], probes: [] }),
    ],
    [
        "pods may not be asked, and Prometheus sees them",
        withSource(probe({ answer: refused("/api/v1/namespaces/shop/pods/x:1/proxy/metrics") })),
    ],
    [
        "one of two series is there at times only",
        {
            ...healthy,
            signals: [
                { ...signal, sources: [source, { ...source, ...empty, selector: only("orders_other") }] },
            ],
        },
    ],
    [
        "a budget that is tight now",
        withAround({
            budgets: found([
                { ...budget({ minAvailable: 1 }), status: { disruptionsAllowed: 0, expectedPods: 1 } },
            ]),
        }),
    ],
    [
        "an HPA says so only since a moment ago",
        withSubject({
            hpa: withHpa(
                {},
                {
                    type: "ScalingActive",
                    status: "False",
                    reason: "FailedGetExternalMetric",
                    lastTransitionTime: ago(5),
                },
            ),
        }),
    ],
];

describe("the doctor names the first broken hop", () => {
    for (const [fault, snapshot, hop, why] of faults) {
        it(`${hop}: ${fault}`, () => {
            const { health, broken } = diagnose(snapshot);
            assert.equal(health, "broken");
            assert.equal(broken?.hop, hop, broken?.why);
            assert.match(broken?.why ?? "", why);
            assert.ok((broken?.fix ?? "").length > 10, "it says what to do");
        });
    }
});

describe("the doctor raises no alarm where", () => {
    for (const [state, snapshot] of sound) {
        it(state, () => {
            const { health, broken } = diagnose(snapshot);
            assert.equal(health, "healthy", `${broken?.hop}: ${broken?.why}`);
        });
    }
});

describe("what the doctor may not see", () => {
    it("is unknown and not broken, and it says which right is missing", () => {
        const path = "/apis/apps/v1/namespaces/shop/deployments/orders";
        const { health, hops } = diagnose(
            withTarget({ object: refused(path), scale: refused(`${path}/scale`) }),
        );
        assert.equal(health, "unknown");
        const [hop] = hops;
        assert.equal(hop?.right, "get deployments.apps in namespace shop");
    });

    it("does not hide what is broken elsewhere", () => {
        const { health, broken } = diagnose({
            ...withApi({ apiServices: found([]) }),
            around: {
                ...healthy.around,
                budgets: refused("/apis/policy/v1/namespaces/shop/poddisruptionbudgets"),
            },
        });
        assert.equal(health, "broken");
        assert.equal(broken?.hop, "metrics-api");
    });
});

describe("every hop", () => {
    it("has a fault in the table", () => {
        const covered = new Set(faults.map(([, , hop]) => hop));
        assert.deepEqual(
            diagnose(healthy)
                .hops.map(({ hop }) => hop)
                .filter((hop) => !covered.has(hop)),
            [],
        );
    });

    it("is looked at in the healthy chain", () => {
        assert.deepEqual(
            diagnose(healthy).hops.map(({ verdict }) => verdict),
            Array(13).fill("ok"),
        );
        assert.equal(api.group, "external.metrics.k8s.io");
    });
});
