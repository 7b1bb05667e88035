import { type AutoscalerArgs, type Backend, type Signal, signals } from "../../../components";
import type { AutoscalingPlatform } from "../../../components/autoscaling/autoscaler/platform";

/** Namespace of all that is made for this test. */
export const namespace = "faults";

/** The exporters that can be told what to say; the second puts a timestamp on each sample. */
export const exporter = "exporter";
export const stampedExporter = "stamped-exporter";

/** Names of what the exporters tell, and what they say where they are told nothing. */
export const calm = { plain: "30", asleep: "0", large: "30", small: "10" } as const;

/** Seconds between two scrapes. */
export const scrapeSeconds = 2;

/** An autoscaler under test. */
export interface Subject {
    /** Name of the autoscaler, and of its target. */
    readonly name: string;
    readonly namespace: string;
    /** What it is, in the table's legend. */
    readonly what: string;
    /** Replicas that the demand asks for, and fewer than which are wrong. */
    readonly asks: number;
    /** Fewer than `asks` where the measure itself wavers. @default asks */
    readonly atLeast?: number;
    /** Replicas that the larger demand asks for, by which one sees that it follows again. */
    readonly grown: number;
    /** Wrong on purpose: what it does in an outage is what the others must not do. */
    readonly control?: true;
}

const ours = { namespace, asks: 3, grown: 5 };

/** All autoscalers under test. The consumer is the dev stack's. */
export const subjects: readonly Subject[] = [
    { ...ours, name: "keda", what: "KEDA on a recorded series" },
    { ...ours, name: "adapter", what: "the same series, by prometheus-adapter and an HPA" },
    { ...ours, name: "zero-keda", what: "as `keda`, with `minReplicas: 0` and the default cooldown" },
    { ...ours, name: "zero-adapter", what: "as `adapter`, with `minReplicas: 0`" },
    { ...ours, name: "fallback", what: "as `keda`, with `fallbackReplicas: 4`" },
    { ...ours, name: "several", what: "KEDA on two recorded series, of which the larger asks for 3" },
    { ...ours, name: "stamped", what: "as `adapter`, of an exporter that stamps its samples" },
    { ...ours, name: "own", what: "as `stamped`, by PromQL of the user's own" },
    { ...ours, name: "asleep", what: "as `keda`, at zero replicas", asks: 0, grown: 2 },
    { ...ours, name: "cpu", what: "an HPA on cpu, which wavers: 2 will do", atLeast: 2 },
    {
        name: "consumer",
        namespace: "queue",
        what: "KEDA on redis itself, messages flowing",
        asks: 3,
        grown: 5,
    },
    { ...ours, name: "short-cooldown", what: "as `zero-keda`, with a cooldown of 5 s", control: true },
    { ...ours, name: "naive-keda", what: "KEDA with its default, `ignoreNullValues`", control: true },
    { ...ours, name: "naive-rule", what: "an HPA on a rule with `or vector(0)`", control: true },
];

/** Replicas that `fallback` keeps without a metric. */
export const fallbackReplicas = 4;

/** Alerts after seconds, so that a fault need not last for minutes. */
export const platform: AutoscalingPlatform = {
    backends: ["resource", "prometheus-adapter", "keda"],
    prometheusUrl: "http://prometheus.monitoring.svc:9090",
    hpaScaleToZero: true,
    alerts: { blind: "10s" },
};

/** Down within seconds: were an outage read as less demand, the replicas would be gone before it ends. */
export const pace = { downStabilizationSeconds: 5, downPercentPer15s: 100 } as const;

/** The same of KEDA, which polls and cools down besides. */
const kedaPace = { ...pace, pollingSeconds: 1, cooldownSeconds: 5 } as const;

const list = (name: keyof typeof calm, job: string = exporter): Signal =>
    signals.queueLength({ list: name, itemsPerReplica: 10, job, scrapeSeconds });

const of = (job: string) => `namespace="${namespace}",job="${job}"`;

const told = (name: keyof typeof calm, expr: string, job: string): Signal =>
    signals.promql({ name, expr, unit: "items", perReplica: 10, scrapeSeconds, up: `up{${of(job)}}` });

const sum = (name: keyof typeof calm) => told(name, `sum(demand{${of(exporter)},name="${name}"})`, exporter);

/** Of two metrics, of which the second has to be one series. */
const weighted = told(
    "plain",
    `sum(demand{${of(stampedExporter)},name="plain"} * on (job) group_left () weight{${of(stampedExporter)}})`,
    stampedExporter,
);

/** Seconds that `cpu` waits before it takes replicas: a fault of its metric has to last longer to prove anything. */
export const cpuStabilizationSeconds = 45;

/** Processor time that each request of the driver's takes. */
export const cpuMilliseconds = 15;
const cpuContainers = [{ name: "cpu", resources: { requests: { cpu: "50m" } } }];

/** Arguments of the Autoscalers, by the name of the subject. */
export const autoscalers: Readonly<Record<string, AutoscalerArgs>> = {
    keda: { ...scaling("keda", "keda"), signals: [list("plain")] },
    "zero-keda": {
        ...scaling("zero-keda", "keda"),
        signals: [list("plain")],
        minReplicas: 0,
        pace: { ...kedaPace, cooldownSeconds: undefined },
    },
    "short-cooldown": {
        ...scaling("short-cooldown", "keda"),
        signals: [list("plain")],
        minReplicas: 0,
    },
    "zero-adapter": {
        ...scaling("zero-adapter", "prometheus-adapter"),
        signals: [list("plain")],
        minReplicas: 0,
    },
    adapter: { ...scaling("adapter", "prometheus-adapter"), signals: [list("plain")] },
    fallback: { ...scaling("fallback", "keda"), signals: [list("plain")], fallbackReplicas },
    several: { ...scaling("several", "keda"), signals: [sum("large"), sum("small")] },
    stamped: {
        ...scaling("stamped", "prometheus-adapter"),
        signals: [list("plain", stampedExporter)],
    },
    own: { ...scaling("own", "prometheus-adapter"), signals: [weighted] },
    asleep: { ...scaling("asleep", "keda"), signals: [list("asleep")], minReplicas: 0 },
    cpu: {
        ...scaling("cpu", "resource"),
        target: { namespace, name: "cpu", containers: cpuContainers },
        signals: [signals.cpu({ utilization: 60 })],
        // Of pods that have gone the metrics server tells nothing, and of the others only a while later that they do more.
        pace: { ...pace, downStabilizationSeconds: cpuStabilizationSeconds },
    },
};

function scaling(name: string, backend: Backend) {
    return {
        target: { namespace, name },
        maxReplicas: 6,
        platform,
        backend,
        pace: backend === "keda" ? kedaPace : pace,
    };
}
