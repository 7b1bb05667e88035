import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import * as pulumi from "@pulumi/pulumi";
import { type ChartSource, checkChartSource } from "../charts/chart-source";
import { installChart, type Values } from "../charts/install-chart";
import { resources } from "../conventions";
import { checkQuota, type Opening, SecureNamespace } from "../namespaces/secure-namespace";
import { checkDuration, checkName, type Problem, reject } from "../problems";
import { dcgmJob, dcgmMonitor, fakeDcgmMetrics } from "./dcgm-metrics";
import { checkPools, type FakeGpuPool, poolKey, topologyPools } from "./fake-gpu-operator/pools";

export {
    type FakeGpuPool,
    simulatedPoolLabel,
    simulatedUtilizationAnnotation,
} from "./fake-gpu-operator/pools";

export interface FakeGpuOperatorArgs {
    /** Where the chart comes from. @default upstream, at the version of `charts` */
    readonly source?: ChartSource | undefined;
    /** Namespace to create and install into; `gpu-operator` is the real operator's. @default "fake-gpu-operator" */
    readonly namespace?: string | undefined;
    /** The most that the namespace may hold, by the names of a ResourceQuota. @default no quota */
    readonly quota?: Readonly<Record<string, string>> | undefined;
    /**
     * GPUs of each node, by the pool that the node's label names (`simulatedPoolLabel`).
     * @default { default: { product: "NVIDIA-A100-SXM4-80GB", gpus: 8, memoryMiB: 81920 } }
     */
    readonly pools?: Readonly<Record<string, FakeGpuPool>> | undefined;
    /** Whether nodes simulated by KWOK get fake GPUs, too. @default false: only nodes with a kubelet */
    readonly simulatedNodes?: boolean | undefined;
    /** Whether nodes with the label `node-role.kubernetes.io/runai-dynamic-mig=true` offer MIG instances. @default false */
    readonly mig?: boolean | undefined;
    /**
     * Whether Prometheus scrapes the fake exporters, by ServiceMonitors; needs the CRDs of the prometheus-operator:
     * depend on KubePrometheusStack. @default false
     */
    readonly monitored?: boolean | undefined;
    /** How often they are scraped. @default "15s" */
    readonly scrapeInterval?: string | undefined;
    /** Namespace from which Prometheus scrapes. @default "monitoring" */
    readonly monitoringNamespace?: string | undefined;
    /** Values of the chart, merged last. Prefer a named argument where one exists. */
    readonly values?: FakeGpuOperatorValues | undefined;
}

/** The chart's keys that this component sets. */
export interface FakeGpuOperatorValues extends Values {
    readonly topology?: Values;
    readonly devicePlugin?: Values;
    readonly statusUpdater?: Values;
    readonly statusExporter?: Values;
    readonly topologyServer?: Values;
    readonly kwokGpuDevicePlugin?: Values;
    readonly migFaker?: Values;
    readonly gpuOperator?: Values;
}

const app = "fake-gpu-operator";
/** The name of the exporter of nodes with a kubelet, the same as the real operator's. */
const exporter = "nvidia-dcgm-exporter";
/** The one exporter for all nodes of KWOK. */
const simulatedNodesExporter = "nvidia-dcgm-exporter-kwok";

/**
 * Run:ai's fake GPU operator, for clusters without GPUs: nodes with a label offer `nvidia.com/gpu`, and an
 * exporter has figures of DCGM for them. Pods run, and find no GPU. Not beside GpuOperator: both own the
 * RuntimeClass `nvidia`, the definition of ClusterPolicy and the same pods on the same nodes.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range.
 */
export class FakeGpuOperator extends pulumi.ComponentResource {
    /** What pods ask for. */
    public readonly resource = "nvidia.com/gpu";

    constructor(name: string, args: FakeGpuOperatorArgs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:FakeGpuOperator", name, {}, opts);
        reject(this, validateFakeGpuOperator(args));
        const namespace = args.namespace ?? app;

        const home = new SecureNamespace(
            `${name}-namespace`,
            // The device plugin and the exporter write to their nodes as root.
            { namespace, level: "privileged", quota: args.quota, openings: fakeGpuOperatorOpenings(args) },
            { parent: this, dependsOn: opts?.dependsOn ?? [] },
        );
        installChart(
            name,
            {
                chart: "fakeGpuOperator",
                release: app,
                namespace,
                values: fakeGpuOperatorValues(args),
                extraValues: args.values,
                source: args.source,
            },
            { parent: this, dependsOn: [home] },
        );
        const monitor = { namespace, metrics: fakeDcgmMetrics, interval: args.scrapeInterval };
        if (args.monitored) {
            new CustomResource(
                `${name}-monitor`,
                dcgmMonitor({ ...monitor, service: { app: exporter }, port: "gpu-metrics" }),
                { parent: this, dependsOn: [home] },
            );
        }
        if (args.monitored && args.simulatedNodes) {
            new CustomResource(
                `${name}-simulated-nodes-monitor`,
                dcgmMonitor({
                    ...monitor,
                    name: `${dcgmJob}-simulated-nodes`,
                    service: { app: simulatedNodesExporter },
                    port: "gpu-metrics",
                    forManyNodes: true,
                }),
                { parent: this, dependsOn: [home] },
            );
        }

        this.registerOutputs({ resource: this.resource });
    }
}

/** Problems with the arguments, and signs of the real operator. */
export function validateFakeGpuOperator(args: FakeGpuOperatorArgs): Problem[] {
    const real = (property: string, given: unknown, fix: string): Problem => ({
        property,
        given,
        allowed: "nothing of the real GPU operator's: the two take each other's nodes and objects",
        fix,
    });
    return [
        ...checkName("namespace", args.namespace),
        ...(args.namespace === "gpu-operator"
            ? [real("namespace", args.namespace, "choose another namespace, or GpuOperator instead")]
            : []),
        ...(args.values?.gpuOperator?.enabled === true
            ? [real("values.gpuOperator.enabled", true, "leave it out, or choose GpuOperator instead")]
            : []),
        ...checkQuota("quota", args.quota),
        ...checkPools("pools", args.pools),
        ...checkDuration("scrapeInterval", args.scrapeInterval),
        ...checkName("monitoringNamespace", args.monitoringNamespace),
        ...checkChartSource("source", args.source, ["fakeGpuOperator"]),
    ];
}

/** The chart's values. */
export function fakeGpuOperatorValues(args: FakeGpuOperatorArgs): FakeGpuOperatorValues {
    // The images have fixed tags, so a node that has them needs no registry; the chart would ask each time.
    const image = { pullPolicy: "IfNotPresent" };
    const small = resources(["25m", "500m"], ["64Mi", "256Mi"]);
    const program = { image, resources: small };
    return {
        topology: { nodePools: topologyPools(args.pools), nodePoolLabelKey: poolKey },
        devicePlugin: program,
        statusUpdater: program,
        topologyServer: program,
        statusExporter: { ...program, kwok: { resources: small } },
        kwokGpuDevicePlugin: { ...program, enabled: args.simulatedNodes ?? false },
        migFaker: { ...program, enabled: args.mig ?? false },
    };
}

/** What goes in and out of the namespace. */
export function fakeGpuOperatorOpenings(args: FakeGpuOperatorArgs): Opening[] {
    const scraping: Opening = {
        name: "metrics-from-monitoring",
        direction: "ingress",
        peer: { namespace: args.monitoringNamespace ?? "monitoring" },
        ports: [9400],
    };
    return [
        { name: "api", direction: "egress", peer: "anywhere", ports: [443, 6443] },
        ...(args.monitored ? [scraping] : []),
    ];
}
