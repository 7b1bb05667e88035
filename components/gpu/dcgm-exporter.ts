import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import type { core } from "@pulumi/kubernetes/types/input";
import * as pulumi from "@pulumi/pulumi";
import { type ChartSource, checkChartSource } from "../charts/chart-source";
import { installChart, type Values } from "../charts/install-chart";
import { contentHash } from "../content-hash";
import { appLabel, type Labels, resources } from "../conventions";
import { checkQuota, type Opening, SecureNamespace } from "../namespaces/secure-namespace";
import { checkDuration, checkName, type Problem, reject } from "../problems";
import { checkCounters, countedMetrics, countersCsv, type DcgmCounter } from "./dcgm-counters";
import { dcgmMonitor } from "./dcgm-metrics";
import { checkLabels, checkTolerations, gpuTaint, type Toleration, tolerationsOf } from "./gpu-nodes/taints";
import { sharedGpuEnv } from "./shared-gpus";

export interface DcgmExporterArgs {
    /** Where the chart comes from. @default upstream, at the version of `charts` */
    readonly source?: ChartSource | undefined;
    /** Namespace to create and install into. @default "dcgm-exporter" */
    readonly namespace?: string | undefined;
    /** The most that the namespace may hold, by the names of a ResourceQuota. @default no quota */
    readonly quota?: Readonly<Record<string, string>> | undefined;
    /**
     * Labels of the nodes with GPUs. Without a GPU the exporter does not start.
     * @default { "nvidia.com/gpu.present": "true" }, which GPU feature discovery sets
     */
    readonly nodeSelector?: Labels | undefined;
    /** Taints of GPU nodes that the exporter tolerates, beside `nvidia.com/gpu`. @default none */
    readonly tolerations?: readonly Toleration[] | undefined;
    /** Class of containers that see GPUs, e.g. `nvidia`, where that is not the node's default. @default none */
    readonly runtimeClassName?: string | undefined;
    /**
     * Whether pods share GPUs by time slicing or MPS: a GPU then has a series for each of its pods, with the pod's own part
     * of utilization and memory. For that the exporter sees all processes of its node (`hostPID`), and may read the pods of
     * the cluster. @default false
     */
    readonly sharedGpus?: boolean | undefined;
    /** Every metric that the exporter has, in place of its own list. @default `dcgmMetrics` */
    readonly customMetrics?: readonly DcgmCounter[] | undefined;
    /**
     * Whether Prometheus scrapes it, by a ServiceMonitor; needs the CRDs of the prometheus-operator: depend on
     * KubePrometheusStack. @default false
     */
    readonly monitored?: boolean | undefined;
    /** How often it is scraped. @default "15s" */
    readonly scrapeInterval?: string | undefined;
    /** Namespace from which Prometheus scrapes. @default "monitoring" */
    readonly monitoringNamespace?: string | undefined;
    /** Values of the chart, merged last. Prefer a named argument where one exists. */
    readonly values?: DcgmExporterValues | undefined;
}

/** The chart's keys that this component sets. */
export interface DcgmExporterValues extends Values {
    readonly fullnameOverride?: string;
    readonly nodeSelector?: Labels;
    readonly tolerations?: readonly Toleration[];
    readonly runtimeClassName?: string;
    readonly hostPID?: boolean;
    readonly kubernetes?: Values;
    readonly extraEnv?: readonly Values[];
    readonly customMetrics?: string;
    readonly podAnnotations?: Labels;
    readonly resources?: core.v1.ResourceRequirements;
    readonly serviceMonitor?: Values;
}

const app = "dcgm-exporter";
const port = 9400;

/**
 * NVIDIA's DCGM exporter alone, for clusters whose GPU nodes have driver, container runtime and device plugin
 * already. GpuOperator has one of its own: not both.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range.
 */
export class DcgmExporter extends pulumi.ComponentResource {
    /** Metrics of the GPUs of a node, whichever answers, inside the cluster. */
    public readonly metricsUrl: string;

    constructor(name: string, args: DcgmExporterArgs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:DcgmExporter", name, {}, opts);
        reject(this, validateDcgmExporter(args));
        const namespace = args.namespace ?? app;

        const home = new SecureNamespace(
            `${name}-namespace`,
            // It reads the kubelet's socket on the node, as root, and profiles with CAP_SYS_ADMIN.
            { namespace, level: "privileged", quota: args.quota, openings: dcgmExporterOpenings(args) },
            { parent: this, dependsOn: opts?.dependsOn ?? [] },
        );
        installChart(
            name,
            {
                chart: "dcgmExporter",
                release: app,
                namespace,
                values: dcgmExporterValues(args),
                extraValues: args.values,
                source: args.source,
            },
            { parent: this, dependsOn: [home] },
        );
        if (args.monitored) {
            const monitor = dcgmMonitor({
                namespace,
                service: appLabel(app),
                port: "metrics",
                metrics: countedMetrics(args.customMetrics),
                interval: args.scrapeInterval,
            });
            new CustomResource(`${name}-monitor`, monitor, { parent: this, dependsOn: [home] });
        }

        this.metricsUrl = `http://${app}.${namespace}.svc:${port}/metrics`;
        this.registerOutputs({ metricsUrl: this.metricsUrl });
    }
}

/** Problems with the arguments. */
export function validateDcgmExporter(args: DcgmExporterArgs): Problem[] {
    return [
        ...checkName("namespace", args.namespace),
        ...checkQuota("quota", args.quota),
        ...checkLabels("nodeSelector", args.nodeSelector),
        ...checkTolerations("tolerations", args.tolerations),
        ...checkName("runtimeClassName", args.runtimeClassName),
        ...checkCounters("customMetrics", args.customMetrics),
        ...checkDuration("scrapeInterval", args.scrapeInterval),
        ...checkName("monitoringNamespace", args.monitoringNamespace),
        ...checkChartSource("source", args.source, ["dcgmExporter"]),
    ];
}

/** The chart's values. */
export function dcgmExporterValues(args: DcgmExporterArgs): DcgmExporterValues {
    const csv = args.customMetrics && countersCsv(args.customMetrics);
    return {
        fullnameOverride: app,
        nodeSelector: args.nodeSelector ?? { "nvidia.com/gpu.present": "true" },
        tolerations: [...tolerationsOf([gpuTaint]), ...(args.tolerations ?? [])],
        ...(args.runtimeClassName !== undefined && { runtimeClassName: args.runtimeClassName }),
        // Else a shared GPU has one series, of any of its pods.
        ...(args.sharedGpus && { hostPID: true, kubernetes: { enablePodUID: true } }),
        extraEnv: args.sharedGpus ? sharedGpuEnv : [],
        // The exporter reads its list when it starts; the chart's pods do not start anew for another list.
        ...(csv && { customMetrics: csv, podAnnotations: { "checksum/metrics": contentHash(csv) } }),
        resources: resources(["100m", "500m"], ["256Mi", "1Gi"]),
        serviceMonitor: { enabled: false },
    };
}

/** What goes in and out of the namespace. */
export function dcgmExporterOpenings(args: DcgmExporterArgs): Opening[] {
    const peer = { namespace: args.monitoringNamespace ?? "monitoring" };
    return [
        ...(args.monitored
            ? [{ name: "metrics-from-monitoring", direction: "ingress", peer, ports: [port] } as const]
            : []),
        // For the UIDs of pods.
        ...(args.sharedGpus
            ? [{ name: "api", direction: "egress", peer: "anywhere", ports: [443, 6443] } as const]
            : []),
    ];
}
