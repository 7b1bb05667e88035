import * as pulumi from "@pulumi/pulumi";
import { softAntiAffinity } from "../anti-affinity";
import { type ChartSource, checkChartSource } from "../charts/chart-source";
import { installChart, type Values } from "../charts/install-chart";
import { type ClusterFacts, ownerAnnotation } from "../cluster/cluster-facts";
import { checkWhole, type Problem, reject } from "../problems";

export interface MetricsServerArgs {
    /** Where the chart comes from. @default upstream, at the version of `charts` */
    readonly source?: ChartSource | undefined;
    /**
     * What is known of the cluster (`readClusterFacts`). Where another metrics server provides the API already,
     * as on GKE, AKS, k3s and with the EKS add-on, nothing is installed. @default unknown: it is installed
     */
    readonly facts?: Pick<ClusterFacts, "apiServices"> | undefined;
    /** Whether kubelets may present a certificate that the cluster's CA did not sign, as on kind. @default false */
    readonly kubeletInsecureTls?: boolean | undefined;
    /** How old figures may get: seconds between two readings of every kubelet, 10 to 300. @default 15 */
    readonly resolutionSeconds?: number | undefined;
    /** Pods, 1 to 5; with two or more a disruption budget keeps one. @default 1 */
    readonly replicas?: number | undefined;
    /** Values of the chart, merged last. Prefer a named argument where one exists. */
    readonly values?: MetricsServerValues | undefined;
}

/** The chart's keys that this component sets. */
export interface MetricsServerValues extends Values {
    readonly fullnameOverride?: string;
    readonly replicas?: number;
    readonly args?: readonly string[];
    readonly defaultArgs?: readonly string[];
    readonly resources?: Values;
    readonly apiService?: Values;
    readonly podDisruptionBudget?: Values;
    readonly affinity?: object;
}

const app = "metrics-server";
const api = "v1beta1.metrics.k8s.io";

/**
 * The resource metrics API (`metrics.k8s.io`) from the chart of the Kubernetes SIG: what `kubectl top` and
 * autoscalers on CPU or memory read. It lives in kube-system, where every distribution puts it, and so without
 * a namespace of its own.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range.
 */
export class MetricsServer extends pulumi.ComponentResource {
    /** False where the cluster has another metrics server, and nothing was installed. */
    public readonly installed: boolean;

    constructor(name: string, args: MetricsServerArgs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:MetricsServer", name, {}, opts);
        reject(this, validateMetricsServer(args));

        this.installed = !hasForeignMetricsServer(args.facts);
        if (this.installed) {
            installChart(
                name,
                {
                    chart: "metricsServer",
                    release: app,
                    namespace: "kube-system",
                    values: metricsServerValues(args),
                    extraValues: args.values,
                    source: args.source,
                },
                { parent: this, dependsOn: opts?.dependsOn ?? [] },
            );
        }

        this.registerOutputs({ installed: this.installed });
    }
}

/** Problems with the arguments. */
export function validateMetricsServer(args: MetricsServerArgs): Problem[] {
    return [
        ...checkWhole("resolutionSeconds", args.resolutionSeconds, 10, 300),
        ...checkWhole("replicas", args.replicas, 1, 5),
        ...checkChartSource("source", args.source, ["metricsServer"]),
    ];
}

/** Whether the API is provided by something that this component did not install. */
export function hasForeignMetricsServer(facts: MetricsServerArgs["facts"]): boolean {
    const registered = facts?.apiServices.find(({ name }) => name === api);
    return registered !== undefined && registered.annotations[ownerAnnotation] !== app;
}

/** The chart's values. */
export function metricsServerValues(args: MetricsServerArgs): MetricsServerValues {
    const replicas = args.replicas ?? 1;
    return {
        fullnameOverride: app,
        replicas,
        // A list replaces the chart's, so these are its own but for the resolution.
        defaultArgs: [
            "--cert-dir=/tmp",
            "--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname",
            "--kubelet-use-node-status-port",
            `--metric-resolution=${args.resolutionSeconds ?? 15}s`,
        ],
        args: args.kubeletInsecureTls ? ["--kubelet-insecure-tls"] : [],
        resources: { requests: { cpu: "100m", memory: "200Mi" }, limits: { memory: "400Mi" } },
        // By this it is told from a metrics server of the distribution, which has the same names.
        apiService: { annotations: { [ownerAnnotation]: app } },
        affinity: softAntiAffinity({ "app.kubernetes.io/name": app }),
        podDisruptionBudget: replicas > 1 ? { enabled: true, minAvailable: 1 } : { enabled: false },
    };
}
