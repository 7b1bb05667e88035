import type { Chain } from "../../../components/autoscaling/autoscaler/chain";
import { vectorSelectors } from "../../../doctor/chain/promql";
import { type Failure, failed, found } from "../../../doctor/read/answer";
import type { Hpa, Pod, ScaledObject, Workload } from "../../../doctor/read/objects";
import type { Monitor, PrometheusObject, RuleObject, Service } from "../../../doctor/read/objects-around";
import type { MetricsApiFacts, SignalFacts, Snapshot } from "../../../doctor/snapshot";
import type {
    MonitorFacts,
    PrometheusFacts,
    RuleFacts,
    Sample,
    SourceFacts,
} from "../../../doctor/snapshot-source";

/** The time of every snapshot. */
export const now = Date.parse("2026-06-01T12:00:00Z");

/** A time so many seconds before. */
export const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();

export const missing = (message = "not found") =>
    failed({ kind: "missing", message, path: "/api", status: 404 });
export const refused = (path: string): { ok: false; failure: Failure } =>
    failed({ kind: "forbidden", message: "forbidden", path, status: 403 });
export const silent = (message = "no answer in 2.5 s") =>
    failed({ kind: "timeout", message, path: "/proxy/" });

/** An object's metadata, as of long ago. */
export function meta(name: string, more: object = {}) {
    return { name, namespace: "shop", uid: `uid-${name}`, creationTimestamp: ago(9000), ...more };
}

export function pod(
    name: string,
    more: Partial<Pod["status"]> = {},
    labels = { app: name.replace(/-.*/, "") },
): Pod {
    const ready = { type: "Ready", status: "True", lastTransitionTime: ago(8000) };
    return {
        metadata: meta(name, {
            labels,
            ownerReferences: [{ kind: "ReplicaSet", name: "orders-1", uid: "uid-orders-1" }],
        }),
        spec: {
            nodeName: "one",
            containers: [
                {
                    name: "main",
                    image: "main:1",
                    ports: [{ name: "http", containerPort: 8000 }],
                    resources: { requests: { cpu: "100m" } },
                },
            ],
        },
        status: { phase: "Running", podIP: "10.0.0.1", startTime: ago(8100), conditions: [ready], ...more },
    };
}

/** A pod that is not Ready, and why. */
export function waitingPod(name: string, reason: string, message?: string): Pod {
    return pod(name, {
        conditions: [{ type: "Ready", status: "False" }],
        containerStatuses: [
            {
                name: "main",
                ready: false,
                restartCount: 4,
                state: { waiting: { reason, ...(message && { message }) } },
            },
        ],
    });
}

export const unplaced = (name: string): Pod =>
    pod(name, {
        phase: "Pending",
        conditions: [
            {
                type: "PodScheduled",
                status: "False",
                reason: "Unschedulable",
                message: "0/1 nodes are available",
                lastTransitionTime: ago(60),
            },
        ],
    });

export const target: Workload = {
    metadata: meta("orders", { generation: 2, annotations: { "deployment.kubernetes.io/revision": "1" } }),
    spec: { replicas: 1, template: { metadata: { labels: { app: "orders" } }, spec: pod("orders").spec } },
    status: { replicas: 1, readyReplicas: 1, observedGeneration: 2 },
};

const replicaSet: Workload = {
    metadata: meta("orders-1", {
        annotations: { "deployment.kubernetes.io/revision": "1" },
        ownerReferences: [{ kind: "Deployment", name: "orders", uid: "uid-orders" }],
    }),
};

export const hpa: Hpa = {
    metadata: meta("keda-hpa-orders"),
    spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "orders" },
        minReplicas: 1,
        maxReplicas: 5,
        metrics: [
            {
                type: "External",
                external: {
                    metric: { name: "s0-prometheus" },
                    target: { type: "AverageValue", averageValue: "10" },
                },
            },
        ],
    },
    status: {
        currentReplicas: 1,
        desiredReplicas: 1,
        conditions: [
            { type: "AbleToScale", status: "True" },
            { type: "ScalingActive", status: "True", reason: "ValidMetricFound" },
            { type: "ScalingLimited", status: "False", reason: "DesiredWithinRange" },
        ],
    },
};

export const query = 'autoscaler:demand{autoscaler="orders",signal="queue"}';
export const expr = 'sum by (namespace) (orders_waiting{job="exporter"})';

export const scaledObject: ScaledObject = {
    metadata: meta("orders"),
    spec: {
        scaleTargetRef: { name: "orders" },
        minReplicaCount: 1,
        maxReplicaCount: 5,
        triggers: [
            {
                type: "prometheus",
                metadata: { serverAddress: "http://prometheus.monitoring.svc:9090", query, threshold: "10" },
            },
        ],
    },
    status: {
        hpaName: "keda-hpa-orders",
        externalMetricNames: ["s0-prometheus"],
        conditions: [{ type: "Ready", status: "True" }],
    },
};

export const chain: Chain = {
    version: 1,
    autoscaler: "orders",
    namespace: "shop",
    target: { apiVersion: "apps/v1", kind: "Deployment", name: "orders" },
    backend: "keda",
    minReplicas: 1,
    maxReplicas: 5,
    prometheusUrl: "http://prometheus.monitoring.svc:9090",
    signals: [
        {
            signal: "queue",
            kind: "promql",
            unit: "items",
            target: 10,
            via: "external",
            series: query,
            expr,
            rule: "orders",
            sources: ['orders_waiting{job="exporter"}'],
        },
    ],
};

export const service: Service = {
    metadata: meta("exporter", { labels: { app: "exporter" } }),
    spec: { selector: { app: "exporter" }, ports: [{ name: "http", port: 80, targetPort: "http" }] },
};

export const monitorObject: Monitor = {
    metadata: meta("exporter"),
    spec: { selector: { matchLabels: { app: "exporter" } }, endpoints: [{ port: "http" }] },
};

export const monitor: MonitorFacts = {
    kind: "ServiceMonitor",
    object: monitorObject,
    name: "exporter",
    namespace: "shop",
    selects: ["exporter"],
    looks: true,
    selected: true,
};

export const sample = (value: number, secondsOld = 5): Sample => ({
    labels: {},
    value,
    at: now / 1000 - secondsOld,
});

export const source: SourceFacts = {
    selector: only('orders_waiting{job="exporter"}'),
    namespace: "shop",
    own: false,
    present: found([sample(3)]),
    loose: found([]),
    monitors: [monitor],
    monitorsRead: found([]),
    services: found([service]),
    slices: [],
    pods: found([pod("exporter-1")]),
    probes: [
        {
            pod: "exporter-1",
            scheme: "http",
            port: 8000,
            path: "/metrics",
            asked: true,
            answer: found("orders_waiting 3\n"),
            has: true,
        },
    ],
    targets: [
        {
            scrapePool: "serviceMonitor/shop/exporter/0",
            scrapeUrl: "http://10.0.0.1:8000/metrics",
            labels: { job: "exporter" },
            health: "up",
            lastError: "",
            lastScrape: ago(3),
            scrapeInterval: "5s",
        },
    ],
    remembered: true,
};

const prometheusObject: PrometheusObject = {
    metadata: { ...meta("main"), namespace: "monitoring" },
    spec: {
        replicas: 1,
        serviceMonitorSelector: { matchLabels: { release: "kps" } },
        ruleSelector: { matchLabels: { release: "kps" } },
    },
};

export const prometheus: PrometheusFacts = {
    address: "http://prometheus.monitoring.svc:9090",
    service: { scheme: "http", name: "prometheus", namespace: "monitoring", port: 9090, path: "" },
    serviceObject: found({ metadata: meta("prometheus"), spec: { ports: [{ port: 9090 }] } }),
    objects: found([prometheusObject]),
    object: prometheusObject,
    pods: found([pod("prometheus-main-0")]),
    atAddress: found(1),
    answers: found(1),
    reached: "http://prometheus.monitoring.svc:9090",
    targets: found(source.targets),
    groups: found([]),
    operatorRuns: true,
    runtime: found({ reloadConfigSuccess: true, lastConfigTime: ago(5000) }),
};

export const ruleObject: RuleObject = {
    metadata: meta("orders"),
    spec: {
        groups: [
            {
                name: "orders",
                rules: [
                    { record: "autoscaler:demand", expr, labels: { autoscaler: "orders", signal: "queue" } },
                ],
            },
        ],
    },
};

export const rule: RuleFacts = {
    record: "autoscaler:demand",
    selector: only(query),
    expr,
    expected: "orders",
    objects: found([ruleObject]),
    object: ruleObject,
    selected: true,
    loaded: {
        name: "autoscaler:demand",
        query: expr,
        health: "ok",
        type: "recording",
        lastEvaluation: ago(4),
        interval: 5,
    },
    present: found([sample(3)]),
};

export const signal: SignalFacts = {
    name: "queue",
    via: "external",
    spec: hpa.spec.metrics?.[0],
    trigger: scaledObject.spec.triggers[0],
    chain: chain.signals[0],
    reading: found({ values: [{ value: 3 }] }),
    prometheus,
    query: { text: query, parses: true, now: found([sample(3)]), range: { min: 2, max: 4 } },
    rules: [rule],
    sources: [source],
};

const operator: Workload = { metadata: meta("keda-operator"), spec: { replicas: 1 } };

export const api: MetricsApiFacts = {
    group: "external.metrics.k8s.io",
    apiServices: found([
        {
            metadata: meta("v1beta1.external.metrics.k8s.io"),
            spec: {
                group: "external.metrics.k8s.io",
                version: "v1beta1",
                service: { name: "keda-metrics", namespace: "keda" },
            },
            status: { conditions: [{ type: "Available", status: "True" }] },
        },
    ]),
    service: found({ metadata: meta("keda-metrics"), spec: { selector: { app: "keda" } } }),
    pods: found([pod("keda-metrics-1")]),
    slices: [],
    workloads: found([operator]),
    operatorPods: found([pod("keda-operator-1")]),
};

/** A chain in good health: KEDA on a recorded series of an exporter. */
export const healthy: Snapshot = {
    now,
    subject: {
        namespace: "shop",
        name: "orders",
        target: { apiVersion: "apps/v1", kind: "Deployment", name: "orders" },
        hpa,
        scaledObject,
        chain,
    },
    target: {
        object: found(target),
        scale: found({ spec: { replicas: 1 }, status: { replicas: 1, selector: "app=orders" } }),
        rivals: [],
        pods: found([pod("orders-a")]),
        replicaSets: found([replicaSet]),
    },
    signals: [signal],
    apis: [api],
    around: { events: found([]), quotas: found([]), budgets: found([]), namespaces: found([]) },
};

export function only(text: string) {
    const [selector] = vectorSelectors(text);
    if (!selector) throw new Error(`no selector in ${text}`);
    return selector;
}

/** The healthy chain with some of its source, rule, Prometheus or signal replaced. */
export const withSource = (change: Partial<SourceFacts>, more: Partial<SignalFacts> = {}) =>
    withSignal({ sources: [{ ...source, ...change }], ...more });
export const withRule = (change: Partial<RuleFacts>) => withSignal({ rules: [{ ...rule, ...change }] });
export const withPrometheus = (change: Partial<PrometheusFacts>) =>
    withSignal({ prometheus: { ...prometheus, ...change } });
export const withSignal = (change: Partial<SignalFacts>): Snapshot => ({
    ...healthy,
    signals: [{ ...signal, ...change }],
});
export const withTarget = (change: Partial<Snapshot["target"]>): Snapshot => ({
    ...healthy,
    target: { ...healthy.target, ...change },
});
export const withApi = (change: Partial<MetricsApiFacts>): Snapshot => ({
    ...healthy,
    apis: [{ ...api, ...change }],
});
export const withSubject = (change: Partial<Snapshot["subject"]>): Snapshot => ({
    ...healthy,
    subject: { ...healthy.subject, ...change },
});
export const withAround = (change: Partial<Snapshot["around"]>): Snapshot => ({
    ...healthy,
    around: { ...healthy.around, ...change },
});

/** The HPA with some of its specification, and one of its conditions, replaced. */
export function withHpa(
    spec: Partial<Hpa["spec"]>,
    condition?: {
        type: string;
        status: string;
        reason: string;
        message?: string;
        lastTransitionTime?: string;
    },
): Hpa {
    const conditions = (hpa.status?.conditions ?? []).filter(({ type }) => type !== condition?.type);
    return {
        ...hpa,
        spec: { ...hpa.spec, ...spec },
        status: { ...hpa.status, conditions: [...conditions, ...(condition ? [condition] : [])] },
    };
}

/** Without the labels of types that a spread of optional fields would need. */
export function without<T extends object, K extends keyof T>(object: T, key: K): Omit<T, K> {
    const { [key]: _, ...rest } = object;
    return rest;
}

const noSamples = found<Sample[]>([]);
const noMetric = failed({
    kind: "error",
    message: "error getting metric: prometheus query returned no result",
    path: "/apis/external.metrics.k8s.io",
});

/** The example of docs/doctor.md: somebody's ServiceMonitor lost the label by which Prometheus takes it, long ago. */
export const example: Snapshot = {
    ...withSource(
        { monitors: [{ ...monitor, selected: false }], targets: [], present: noSamples },
        {
            rules: [{ ...rule, present: noSamples }],
            query: { text: query, parses: true, now: noSamples },
            reading: noMetric,
        },
    ),
    subject: {
        ...healthy.subject,
        hpa: withHpa(
            {},
            {
                type: "ScalingActive",
                status: "False",
                reason: "FailedGetExternalMetric",
                message: "unable to get external metric shop/s0-prometheus",
                lastTransitionTime: ago(600),
            },
        ),
    },
};
