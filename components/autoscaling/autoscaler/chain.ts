/**
 * The chain of one autoscaler, from the workload's metric to its replicas, as data: what `Autoscaler` writes into the
 * cluster and what the doctor reads. One ConfigMap each, beside the target, found by its label.
 */

/** Label of the ConfigMap; its value is the name of the autoscaler. */
export const chainLabel = "pulumi-kube-observability/autoscaler";

/** Key of the ConfigMap under which the chain stands, as JSON. */
export const chainKey = "chain.json";

/** The series that every signal becomes: labels `namespace`, `autoscaler`, `signal`; value the whole demand. */
export const demandSeries = "autoscaler:demand";

/** Who moves the replicas, and from which metrics API. */
export const backends = ["resource", "prometheus-adapter", "keda"] as const;

/** `resource`: an HPA on cpu and memory. `prometheus-adapter`: an HPA on the custom metrics API. `keda`: a ScaledObject. */
export type Backend = (typeof backends)[number];

/** The hops of a chain, in the order in which demand travels them. Alerts and the doctor name the same. */
export const hops = [
    "target",
    "pods",
    "endpoint",
    "service",
    "monitor",
    "prometheus",
    "scrape",
    "series",
    "rule",
    "metrics-api",
    "metric",
    "autoscaler",
    "limits",
] as const;

export type Hop = (typeof hops)[number];

/** One signal of an autoscaler. */
export interface ChainSignal {
    /** Its name, unique in the autoscaler: value of the label `signal`. */
    readonly signal: string;
    readonly kind: "cpu" | "memory" | "queue" | "requests" | "waiting" | "gpu" | "promql";
    /** What the demand is counted in, e.g. "items" or "requests/s". */
    readonly unit: string;
    /** Demand for each replica; of cpu and memory, percent of the request or an amount (`targetType`). */
    readonly target: number;
    /** @default AverageValue */
    readonly targetType?: "Utilization";
    /**
     * How the autoscaler reads it: the resource metrics API, the custom metrics API (metric `metric` of the Namespace),
     * the external metrics API from the recorded series, or from the source itself without Prometheus ("direct").
     */
    readonly via: "resource" | "custom" | "external" | "direct";
    /** Container whose cpu or memory counts. @default the whole pod's */
    readonly container?: string;
    /** Name at the custom metrics API. */
    readonly metric?: string;
    /** PromQL selectors of what is scraped, one for each metric that the expression reads. */
    readonly sources?: readonly string[];
    /** The recorded series, with its labels, as a PromQL selector. */
    readonly series?: string;
    /** What is asked for it, where it is asked in PromQL: the series as long as it is recorded. */
    readonly query?: string;
    /** What is recorded. */
    readonly expr?: string;
    /** The PrometheusRule object that records it. */
    readonly rule?: string;
    /** Seconds between two scrapes of the sources. */
    readonly scrapeSeconds?: number;
}

/** One autoscaler. */
export interface Chain {
    readonly version: 1;
    /** Its name: that of the HPA, and with KEDA of the ScaledObject. */
    readonly autoscaler: string;
    readonly namespace: string;
    readonly target: { readonly apiVersion: string; readonly kind: string; readonly name: string };
    readonly backend: Backend;
    readonly minReplicas: number;
    readonly maxReplicas: number;
    /** Replicas on which it stands while its metric is missing. @default those it has */
    readonly fallbackReplicas?: number;
    /** Address of Prometheus inside the cluster, where a signal needs it. */
    readonly prometheusUrl?: string;
    readonly signals: readonly ChainSignal[];
}
