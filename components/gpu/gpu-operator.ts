import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import * as pulumi from "@pulumi/pulumi";
import { type ChartSource, checkChartSource } from "../charts/chart-source";
import { installChart, mergeValues, type Values } from "../charts/install-chart";
import { contentHash } from "../content-hash";
import { resources } from "../conventions";
import { checkQuota, type Opening, SecureNamespace } from "../namespaces/secure-namespace";
import { checkDuration, checkName, type Problem, reject } from "../problems";
import { checkCounters, countedMetrics, countersCsv, type DcgmCounter } from "./dcgm-counters";
import { dcgmMonitor } from "./dcgm-metrics";
import { checkTolerations, gpuTaint, type Toleration, tolerationsOf } from "./gpu-nodes/taints";
import { checkHostSoftware, type HostSoftware, hostSoftwareValues } from "./gpu-operator/host-software";
import { checkMig, type GpuMig, migValues } from "./gpu-operator/mig";
import { checkSharing, type GpuSharing, gpuResource, sharingValues } from "./gpu-operator/sharing";

export type { GpuMig } from "./gpu-operator/mig";
export type { GpuSharing } from "./gpu-operator/sharing";

export interface GpuOperatorArgs extends HostSoftware {
    /** Where the chart comes from. @default upstream, at the version of `charts` */
    readonly source?: ChartSource | undefined;
    /** Namespace to create and install into. @default "gpu-operator" */
    readonly namespace?: string | undefined;
    /** The most that the namespace may hold, by the names of a ResourceQuota. @default no quota */
    readonly quota?: Readonly<Record<string, string>> | undefined;
    /** How several pods share a GPU. @default not at all */
    readonly sharing?: GpuSharing | undefined;
    /** How pods get parts of GPUs that their node's label `nvidia.com/mig.config` cuts (MIG). @default { strategy: "single" } */
    readonly mig?: GpuMig | undefined;
    /** Taints of GPU nodes that the operator's pods tolerate, beside `nvidia.com/gpu`. @default none */
    readonly tolerations?: readonly Toleration[] | undefined;
    /** Every metric that the DCGM exporter has, in place of its own list. @default `dcgmMetrics` */
    readonly customMetrics?: readonly DcgmCounter[] | undefined;
    /**
     * Whether the CustomResourceDefinitions stay when this component goes. False deletes them and so every
     * ClusterPolicy and NodeFeature of the cluster. @default true
     */
    readonly keepCrds?: boolean | undefined;
    /**
     * Whether Prometheus scrapes the DCGM exporter, by a ServiceMonitor; needs the CRDs of the
     * prometheus-operator: depend on KubePrometheusStack. @default false
     */
    readonly monitored?: boolean | undefined;
    /** How often the exporter is scraped. @default "15s" */
    readonly scrapeInterval?: string | undefined;
    /** Namespace from which Prometheus scrapes. @default "monitoring" */
    readonly monitoringNamespace?: string | undefined;
    /** Values of the chart, merged last. Prefer a named argument where one exists. */
    readonly values?: GpuOperatorValues | undefined;
}

/** The chart's keys that this component sets. */
export interface GpuOperatorValues extends Values {
    readonly operator?: Values;
    readonly daemonsets?: Values;
    readonly validator?: Values;
    readonly driver?: Values;
    readonly toolkit?: Values;
    readonly devicePlugin?: Values;
    readonly dcgmExporter?: Values;
    readonly gfd?: Values;
    readonly mig?: Values;
    readonly migManager?: Values;
    readonly "node-feature-discovery"?: Values;
}

const app = "gpu-operator";
/** The name and the label of the Service that the operator makes for its exporter. */
const exporter = "nvidia-dcgm-exporter";

/**
 * NVIDIA's GPU operator: finds nodes with GPUs, and gives them driver, container toolkit, device plugin, labels
 * and the DCGM exporter. Pods then ask for `nvidia.com/gpu`. One for a cluster, and not beside FakeGpuOperator.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range.
 */
export class GpuOperator extends pulumi.ComponentResource {
    /** What pods ask for: `nvidia.com/gpu`, or `nvidia.com/gpu.shared` where shared GPUs have another name. */
    public readonly resource: string;
    /** Metrics of the GPUs of a node, whichever answers, inside the cluster. */
    public readonly metricsUrl: string;

    constructor(name: string, args: GpuOperatorArgs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:GpuOperator", name, {}, opts);
        reject(this, validateGpuOperator(args));
        const namespace = args.namespace ?? app;

        const home = new SecureNamespace(
            `${name}-namespace`,
            // Drivers are loaded, containerd is configured: these pods are as good as root on their nodes.
            { namespace, level: "privileged", quota: args.quota, openings: gpuOperatorOpenings(args) },
            { parent: this, dependsOn: opts?.dependsOn ?? [] },
        );
        installChart(
            name,
            {
                chart: "gpuOperator",
                release: app,
                namespace,
                values: gpuOperatorValues(args),
                extraValues: args.values,
                source: args.source,
            },
            { parent: this, dependsOn: [home] },
        );
        if (args.monitored) {
            const monitor = dcgmMonitor({
                namespace,
                service: { app: exporter },
                port: "gpu-metrics",
                metrics: countedMetrics(args.customMetrics),
                interval: args.scrapeInterval,
            });
            new CustomResource(`${name}-monitor`, monitor, { parent: this, dependsOn: [home] });
        }

        this.resource = gpuResource(args.sharing);
        this.metricsUrl = `http://${exporter}.${namespace}.svc:9400/metrics`;
        this.registerOutputs({ resource: this.resource, metricsUrl: this.metricsUrl });
    }
}

/** Problems with the arguments. */
export function validateGpuOperator(args: GpuOperatorArgs): Problem[] {
    return [
        ...checkName("namespace", args.namespace),
        ...checkQuota("quota", args.quota),
        ...checkHostSoftware(args),
        ...checkSharing("sharing", args.sharing, args.mig),
        ...checkMig("mig", args.mig),
        ...checkTolerations("tolerations", args.tolerations),
        ...checkCounters("customMetrics", args.customMetrics),
        ...checkDuration("scrapeInterval", args.scrapeInterval),
        ...checkName("monitoringNamespace", args.monitoringNamespace),
        ...checkChartSource("source", args.source, ["gpuOperator"]),
    ];
}

/** The chart's values. */
export function gpuOperatorValues(args: GpuOperatorArgs): GpuOperatorValues {
    const base = gpuOperatorBase(args);
    const parts = [hostSoftwareValues(args), migValues(args.mig), sharingValues(args.sharing, args.mig)];
    return parts.reduce<Values>(mergeValues, base);
}

/** The values that do not depend on what is installed on the nodes and how GPUs are divided. */
function gpuOperatorBase(args: GpuOperatorArgs): GpuOperatorValues {
    const tolerations = [...tolerationsOf([gpuTaint]), ...(args.tolerations ?? [])];
    const controlPlane = { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" } as const;
    const csv = args.customMetrics && countersCsv(args.customMetrics);
    const small = resources(["10m", "500m"], ["64Mi", "512Mi"]);
    return {
        // Helm itself installs definitions once and leaves them; this brings them up to date before an upgrade.
        operator: { upgradeCRD: true, cleanupCRD: !(args.keepCrds ?? true) },
        daemonsets: { tolerations },
        validator: { resources: small },
        // It compiles a kernel module on as many cores as it gets.
        driver: { resources: resources(["200m", "8"], ["512Mi", "8Gi"]) },
        toolkit: { resources: small },
        devicePlugin: { resources: small },
        gfd: { resources: small },
        migManager: { resources: small },
        dcgmExporter: {
            resources: resources(["100m", "500m"], ["256Mi", "1Gi"]),
            // The one that the operator makes cannot say whose a GPU is: see dcgmMonitor.
            serviceMonitor: { enabled: false },
            ...(csv && {
                config: { create: true, name: `dcgm-counters-${contentHash(csv)}`, data: csv },
            }),
        },
        "node-feature-discovery": {
            master: { resources: resources(["100m", "1"], ["128Mi", "4Gi"]) },
            gc: { resources: resources(["10m", "200m"], ["128Mi", "1Gi"]) },
            // It finds the GPUs, so it has to be where they are: the tolerations above are not for it.
            worker: {
                resources: resources(["10m", "200m"], ["64Mi", "512Mi"]),
                tolerations: [...tolerationsOf([controlPlane]), ...tolerations],
            },
        },
    };
}

/** What goes in and out of the namespace. */
export function gpuOperatorOpenings(args: GpuOperatorArgs): Opening[] {
    const monitoring = { namespace: args.monitoringNamespace ?? "monitoring" };
    const from = { direction: "ingress", peer: monitoring } as const;
    const anywhere = { direction: "egress", peer: "anywhere" } as const;
    // The operator makes a ServiceMonitor for itself wherever the definition is; nothing switches that off.
    const metrics: Opening[] = [
        { name: "operator-metrics-from-monitoring", pods: { app }, ...from, ports: [8080] },
        { name: "gpu-metrics-from-monitoring", pods: { app: exporter }, ...from, ports: [9400] },
    ];
    return [
        ...metrics,
        { name: "api", ...anywhere, ports: [443, 6443] },
        // Headers of the node's kernel, from its distribution's mirrors.
        ...((args.driver ?? true) ? [{ name: "kernel-packages", ...anywhere, ports: [80] }] : []),
    ];
}
