import type { AutoscalerArgs } from "../../../components/autoscaling/autoscaler";
import { type AutoscalerPlan, planAutoscaler } from "../../../components/autoscaling/autoscaler/plan";
import { selector } from "../../../components/autoscaling/autoscaler/promql";
import * as signals from "../../../components/autoscaling/autoscaler/signals";
import type { Samples, Stretch } from "./promtool";

/** Autoscalers of every kind, and the series of a cluster in which they are well. */

const target = {
    namespace: "shop",
    name: "web",
    containers: [{ name: "app", resources: { requests: { cpu: "100m" } } }],
};

const queue = { list: "jobs", itemsPerReplica: 10, scrapeSeconds: 5 };
const redis = { address: "redis.shop.svc:6379" };

const args = (given: Partial<AutoscalerArgs>): AutoscalerArgs => ({
    target,
    maxReplicas: 8,
    signals: [signals.queueLength(queue)],
    ...given,
});

/** One autoscaler of each kind: of each back end, and of each way in which KEDA reads. */
export const kinds = {
    "an HPA on cpu": planAutoscaler(args({ signals: [signals.cpu({ utilization: 60 })] })),
    "an HPA on requests": planAutoscaler(
        args({
            signals: [signals.appRequests({ perReplica: 50, scrapeSeconds: 5 })],
            backend: "prometheus-adapter",
        }),
    ),
    "an HPA on GPUs": planAutoscaler(
        args({
            signals: [signals.gpuUtilization({ utilization: 70, scrapeSeconds: 5 })],
            backend: "prometheus-adapter",
        }),
    ),
    "an HPA on a queue": planAutoscaler(args({ backend: "prometheus-adapter" })),
    "an HPA from zero": planAutoscaler(args({ minReplicas: 0, backend: "prometheus-adapter" })),
    "KEDA on the recorded queue": planAutoscaler(args({ minReplicas: 0, backend: "keda" })),
    "KEDA on the queue itself": planAutoscaler(
        args({ minReplicas: 0, backend: "keda", signals: [signals.queueLength({ ...queue, redis })] }),
    ),
    "KEDA with a fallback": planAutoscaler(args({ backend: "keda", fallbackReplicas: 4 })),
    "KEDA on two signals": planAutoscaler(
        args({
            backend: "keda",
            signals: [
                signals.queueLength(queue),
                signals.waitingRequests({
                    backend: "web",
                    job: "haproxy",
                    namespace: "ingress",
                    perReplica: 5,
                    scrapeSeconds: 5,
                }),
                signals.cpu({ average: "200m" }),
            ],
        }),
    ),
} as const satisfies Record<string, AutoscalerPlan>;

export type Kind = keyof typeof kinds;

/** What kube-state-metrics' own pod adds to each of its series: none of it may get into an alert. */
const scraped = { instance: "10.0.0.7:8080", job: "kube-state-metrics", container: "kube-state-metrics" };

const ofHpa = (metric: string, labels: Record<string, string> = {}, from = scraped) =>
    selector(`kube_horizontalpodautoscaler_${metric}`, {
        namespace: "shop",
        horizontalpodautoscaler: "web",
        ...labels,
        ...from,
    });
const ofCondition = (condition: string, status: string) => ofHpa("status_condition", { condition, status });
const ofScaledObject = (condition: string, scaledobject = "web") =>
    selector("kube_scaledobject_status_condition", {
        namespace: "shop",
        scaledobject,
        condition,
        ...scraped,
    });
const ofPod = (pod: string, namespace = "shop") =>
    selector("kube_pod_status_ready", { namespace, pod, condition: "true", ...scraped });
const upOf = (pod: string, job = "web", namespace = "shop") => selector("up", { namespace, job, pod });
const gpuOf = (pod: string) =>
    selector("DCGM_FI_DEV_GPU_UTIL", {
        exported_namespace: "shop",
        exported_pod: pod,
        namespace: "gpu",
        pod: "dcgm-1",
    });
const ofExporter = (metric: string, labels: Record<string, string> = {}) =>
    selector(metric, { namespace: "shop", job: "redis-exporter", instance: "10.0.0.9:9121", ...labels });

/** Names of the series of a cluster, so that a scene can say which of them are otherwise. */
export const series = {
    desired: ofHpa("status_desired_replicas"),
    current: ofHpa("status_current_replicas"),
    minimum: ofHpa("spec_min_replicas"),
    maximum: ofHpa("spec_max_replicas"),
    active: ofCondition("ScalingActive", "true"),
    inactive: ofCondition("ScalingActive", "false"),
    able: ofCondition("AbleToScale", "true"),
    unable: ofCondition("AbleToScale", "false"),
    limited: ofCondition("ScalingLimited", "true"),
    unlimited: ofCondition("ScalingLimited", "false"),
    ready: selector("kube_deployment_status_replicas_ready", {
        namespace: "shop",
        deployment: "web",
        ...scraped,
    }),
    scaledObjectReady: ofScaledObject("Ready"),
    scaledObjectFallback: ofScaledObject("Fallback"),
    scaledObjectPaused: ofScaledObject("Paused"),
    otherScaledObjectReady: ofScaledObject("Ready", "other"),
    kedaReady: selector("kube_deployment_status_replicas_ready", {
        namespace: "keda",
        deployment: "keda-operator",
        ...scraped,
    }),
    exporterUp: ofExporter("up"),
    redisUp: ofExporter("redis_up"),
    list: ofExporter("redis_key_size", { key: "jobs", db: "db0" }),
    appUp: upOf("web-1"),
    appUpToo: upOf("web-2"),
    appReady: ofPod("web-1"),
    appReadyToo: ofPod("web-2"),
    requests: selector("http_requests_total", { namespace: "shop", job: "web", pod: "web-1" }),
    gpu: gpuOf("web-7d9c-abcde"),
    gpuToo: gpuOf("web-7d9c-fghij"),
    gpuReady: ofPod("web-7d9c-abcde"),
    gpuReadyToo: ofPod("web-7d9c-fghij"),
    proxyUp: upOf("haproxy-1", "haproxy", "ingress"),
    proxyUpToo: upOf("haproxy-2", "haproxy", "ingress"),
    proxyReady: ofPod("haproxy-1", "ingress"),
    proxyReadyToo: ofPod("haproxy-2", "ingress"),
    waiting: selector("haproxy_backend_current_queue", {
        namespace: "ingress",
        job: "haproxy",
        proxy: "web",
    }),
} as const;

export type SeriesName = keyof typeof series;

/** What there is of an HPA, of a ScaledObject, of the target's own pods, and of all that kube-state-metrics tells. */
const ofHpaItself: SeriesName[] = [
    ...(["desired", "current", "minimum", "maximum", "limited", "unlimited"] as const),
    ...(["active", "inactive", "able", "unable"] as const),
];
const ofScaledObjectItself: SeriesName[] = [
    "scaledObjectReady",
    "scaledObjectFallback",
    "scaledObjectPaused",
];
const ofPods: SeriesName[] = [
    ...(["appUp", "appUpToo", "appReady", "appReadyToo", "requests"] as const),
    ...(["gpu", "gpuToo", "gpuReady", "gpuReadyToo"] as const),
];

export const seriesOf = {
    hpa: ofHpaItself,
    scaledObject: ofScaledObjectItself,
    pods: ofPods,
    kubeStateMetrics: (Object.keys(series) as SeriesName[]).filter((name) =>
        series[name].startsWith("kube_"),
    ),
} as const;

/** All of them end. */
export const gone = (names: readonly SeriesName[]): Changes =>
    Object.fromEntries(names.map((name) => [name, "stale"]));

/** Two replicas, as many as the demand asks for. */
const well: Readonly<Record<SeriesName, Stretch[0]>> = {
    desired: 2,
    current: 2,
    minimum: 1,
    maximum: 8,
    active: 1,
    inactive: 0,
    able: 1,
    unable: 0,
    limited: 0,
    unlimited: 1,
    ready: 2,
    scaledObjectReady: 1,
    scaledObjectFallback: 0,
    scaledObjectPaused: 0,
    otherScaledObjectReady: 1,
    kedaReady: 1,
    exporterUp: 1,
    redisUp: 1,
    list: 20,
    appUp: 1,
    appUpToo: 1,
    appReady: 1,
    appReadyToo: 1,
    requests: "0+500",
    gpu: 60,
    gpuToo: 70,
    gpuReady: 1,
    gpuReadyToo: 1,
    proxyUp: 1,
    proxyUpToo: 1,
    proxyReady: 1,
    proxyReadyToo: 1,
    waiting: 8,
};

/** What is otherwise for a while. */
export type Changes = Partial<Readonly<Record<SeriesName, Stretch[0]>>>;

/** The series of a cluster through some times, each in seconds; all is well but for the changes of each. */
export function samples(...times: readonly (readonly [seconds: number, changes?: Changes])[]): Samples {
    return Object.fromEntries(
        Object.entries(series).map(([name, written]) => [
            written,
            times.map(([seconds, changes = {}]): Stretch => {
                const key = name as SeriesName;
                return [changes[key] ?? well[key], seconds];
            }),
        ]),
    );
}

/** The same series from another pod, as when a second kube-state-metrics runs. */
export function twice(given: Samples): Samples {
    const again = Object.entries(given).map(([name, stretches]) => [
        name.replace("10.0.0.7:8080", "10.0.0.8:8080"),
        stretches,
    ]);
    return { ...given, ...Object.fromEntries(again) };
}
