import * as pulumi from "@pulumi/pulumi";
import { type ChartSource, checkChartSource } from "../charts/chart-source";
import { installChart, type Values } from "../charts/install-chart";
import { type ClusterFacts, checkApiOwner } from "../cluster/cluster-facts";
import { egressTo } from "../namespaces/egress";
import { checkQuota, type Opening, SecureNamespace } from "../namespaces/secure-namespace";
import { checkName, checkWhole, type Problem, reject } from "../problems";
import { checkAdapterValues } from "./prometheus-adapter/ownership";
import { checkPrometheusUrl, prometheusAddress } from "./prometheus-adapter/prometheus-url";
import { adapterApp, prometheusAdapterValues } from "./prometheus-adapter/values";

export { metricOfSignal, signalRule } from "./prometheus-adapter/values";

export interface PrometheusAdapterArgs {
    /** Where the chart comes from. @default upstream, at the version of `charts` */
    readonly source?: ChartSource | undefined;
    /**
     * Address of Prometheus, without credentials; a path is kept. Plain, since it decides what the namespace lets
     * out. @default that of KubePrometheusStack, "http://monitoring-prometheus.monitoring.svc:9090"
     */
    readonly prometheusUrl?: string | undefined;
    /** Namespace to create and install into. @default "prometheus-adapter" */
    readonly namespace?: string | undefined;
    /** The most that the namespace may hold, by the names of a ResourceQuota. @default no quota */
    readonly quota?: Readonly<Record<string, string>> | undefined;
    /**
     * What is known of the cluster (`readClusterFacts`). Where another server provides the custom metrics API,
     * the component is refused. @default unknown: it is installed
     */
    readonly facts?: Pick<ClusterFacts, "apiServices"> | undefined;
    /** Seconds until a series that Prometheus has for the first time is a metric, 5 to 600. @default 15 */
    readonly relistSeconds?: number | undefined;
    /** Pods, 1 to 5; with two or more a disruption budget lets one go at a time. @default 1 */
    readonly replicas?: number | undefined;
    /** Values of the chart, merged last. Prefer a named argument where one exists. */
    readonly values?: PrometheusAdapterValues | undefined;
}

/** The chart's keys that this component sets. */
export interface PrometheusAdapterValues extends Values {
    readonly fullnameOverride?: string;
    readonly prometheus?: Values;
    readonly metricsRelistInterval?: string;
    readonly extraArguments?: readonly string[];
    readonly rules?: Values;
    readonly replicas?: number;
    readonly affinity?: object;
    readonly podDisruptionBudget?: Values;
    readonly readinessProbe?: Values;
    readonly resources?: object;
}

/**
 * The custom metrics API (`custom.metrics.k8s.io`) from Prometheus: every recorded series that is named
 * `autoscaler:<signal>` becomes the metric `autoscaler_<signal>` of its namespace. One rule for all of them, so
 * that a new autoscaler is a new recording rule, and never a new configuration of the adapter.
 *
 * It provides this API and no other: external metrics are KEDA's, resource metrics the metrics server's.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range, and an API that has an owner already.
 */
export class PrometheusAdapter extends pulumi.ComponentResource {
    constructor(name: string, args: PrometheusAdapterArgs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:PrometheusAdapter", name, {}, opts);
        reject(this, validatePrometheusAdapter(args));
        const namespace = args.namespace ?? adapterApp;

        const home = new SecureNamespace(
            `${name}-namespace`,
            { namespace, quota: args.quota, openings: adapterOpenings(args) },
            { parent: this, dependsOn: opts?.dependsOn ?? [] },
        );
        installChart(
            name,
            {
                chart: "prometheusAdapter",
                release: adapterApp,
                namespace,
                values: prometheusAdapterValues(args),
                extraValues: args.values,
                source: args.source,
            },
            { parent: this, dependsOn: [home] },
        );

        this.registerOutputs();
    }
}

/** Problems with the arguments. */
export function validatePrometheusAdapter(args: PrometheusAdapterArgs): Problem[] {
    const service = `${args.namespace ?? adapterApp}/${adapterApp}`;
    return [
        ...checkPrometheusUrl("prometheusUrl", args.prometheusUrl),
        ...checkName("namespace", args.namespace),
        ...checkQuota("quota", args.quota),
        ...checkWhole("relistSeconds", args.relistSeconds, 5, 600),
        ...checkWhole("replicas", args.replicas, 1, 5),
        ...checkChartSource("source", args.source, ["prometheusAdapter"]),
        // Autoscalers ask for the newest version that is registered, so an older one would not help.
        ...["v1beta1", "v1beta2"].flatMap((version) =>
            checkApiOwner("facts", `${version}.custom.metrics.k8s.io`, service, args.facts),
        ),
        ...checkAdapterValues("values", args.values),
    ];
}

/** What goes in and out of the namespace. */
export function adapterOpenings({ prometheusUrl }: PrometheusAdapterArgs): Opening[] {
    const { hostname, port, scheme } = prometheusAddress(prometheusUrl);
    return [
        egressTo("prometheus", hostname, port ?? (scheme === "https" ? 443 : 80)),
        { name: "api-server", direction: "egress", peer: "anywhere", ports: [443, 6443] },
        // The API server, which is no pod, forwards the custom metrics API to it.
        { name: "metrics-from-api-server", direction: "ingress", peer: "anywhere", ports: [6443] },
    ];
}
