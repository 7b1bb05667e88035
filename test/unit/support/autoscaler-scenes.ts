import type { AutoscalerArgs } from "../../../components/autoscaler";
import { type AutoscalerPlan, planAutoscaler } from "../../../components/autoscaler/plan";
import { selector } from "../../../components/autoscaler/promql";
import * as signals from "../../../components/autoscaler/signals";
import type { Samples, Stretch } from "./promtool";

/** Autoscalers of every kind, and the series of a cluster in which they are well. */

const target = {
    namespace: "shop",
    name: "web",
    containers: [{ name: "app", resources: { requests: { cpu: "100m" } } }],
};

const queue = { list: "jobs", itemsPerReplica: 10 };
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
        args({ signals: [signals.appRequests({ perReplica: 50 })], backend: "prometheus-adapter" }),
    ),
    "an HPA on a queue": planAutoscaler(args({ backend: "prometheus-adapter" })),
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
const ofScaledObject = (condition: string) =>
    selector("kube_scaledobject_status_condition", {
        namespace: "shop",
        scaledobject: "web",
        condition,
        ...scraped,
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
    kedaReady: selector("kube_deployment_status_replicas_ready", {
        namespace: "keda",
        deployment: "keda-operator",
        ...scraped,
    }),
    exporterUp: ofExporter("up"),
    redisUp: ofExporter("redis_up"),
    list: ofExporter("redis_key_size", { key: "jobs", db: "db0" }),
    appUp: selector("up", { namespace: "shop", job: "web", pod: "web-1" }),
    appUpToo: selector("up", { namespace: "shop", job: "web", pod: "web-2" }),
    requests: selector("http_requests_total", { namespace: "shop", job: "web", pod: "web-1" }),
    proxyUp: selector("up", { namespace: "ingress", job: "haproxy" }),
    waiting: selector("haproxy_backend_current_queue", {
        namespace: "ingress",
        job: "haproxy",
        proxy: "web",
    }),
} as const;

export type SeriesName = keyof typeof series;

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
    kedaReady: 1,
    exporterUp: 1,
    redisUp: 1,
    list: 20,
    appUp: 1,
    appUpToo: 1,
    requests: "0+500",
    proxyUp: 1,
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
