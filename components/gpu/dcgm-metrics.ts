import type { CustomResourceArgs } from "@pulumi/kubernetes/apiextensions";
import type { Labels } from "../conventions";
import { keepOnly } from "../monitoring/monitors";
import type { Problem } from "../problems";

/**
 * How figures about GPUs reach Prometheus, the same for each exporter: that of the GPU operator, the standalone
 * one, and that of the fake GPU operator. Whichever runs, the series have these labels:
 *
 * - `job` is `dcgm-exporter`; `node` and `instance` are the node; `gpu`, `UUID`, `device` and `modelName` the GPU.
 * - `pod`, `namespace` and `container` are the workload that holds the GPU, and so are `exported_pod`,
 *   `exported_namespace` and `exported_container`, the names that other people's dashboards use.
 * - A GPU that nobody holds has none of the six: `pod!=""` selects the GPUs in use.
 */

/** The job of all series, and the name of the ServiceMonitors. */
export const dcgmJob = "dcgm-exporter";

/** The metrics of DCGM that the exporters have when they are not told otherwise. */
export const dcgmMetrics = [
    "DCGM_FI_DEV_SM_CLOCK",
    "DCGM_FI_DEV_MEM_CLOCK",
    "DCGM_FI_DEV_MEMORY_TEMP",
    "DCGM_FI_DEV_GPU_TEMP",
    "DCGM_FI_DEV_POWER_USAGE",
    "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION",
    "DCGM_FI_DEV_PCIE_REPLAY_COUNTER",
    "DCGM_FI_DEV_GPU_UTIL",
    "DCGM_FI_DEV_MEM_COPY_UTIL",
    "DCGM_FI_DEV_ENC_UTIL",
    "DCGM_FI_DEV_DEC_UTIL",
    "DCGM_FI_DEV_XID_ERRORS",
    "DCGM_FI_DEV_FB_FREE",
    "DCGM_FI_DEV_FB_USED",
    "DCGM_FI_DEV_FB_RESERVED",
    "DCGM_FI_DEV_NVLINK_BANDWIDTH_TOTAL",
    "DCGM_FI_DEV_VGPU_LICENSE_STATUS",
    "DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS",
    "DCGM_FI_DEV_CORRECTABLE_REMAPPED_ROWS",
    "DCGM_FI_DEV_ROW_REMAP_FAILURE",
    "DCGM_FI_PROF_GR_ENGINE_ACTIVE",
    "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE",
    "DCGM_FI_PROF_DRAM_ACTIVE",
    "DCGM_FI_PROF_PCIE_TX_BYTES",
    "DCGM_FI_PROF_PCIE_RX_BYTES",
] as const;

/** The metrics that the fake GPU operator has. */
export const fakeDcgmMetrics = [
    "DCGM_FI_DEV_GPU_UTIL",
    "DCGM_FI_DEV_FB_USED",
    "DCGM_FI_DEV_FB_FREE",
] as const satisfies readonly (typeof dcgmMetrics)[number][];

/** The metrics that `SimulatedGpus` has. */
export const simulatedDcgmMetrics = [
    "DCGM_FI_DEV_GPU_UTIL",
    "DCGM_FI_DEV_MEM_COPY_UTIL",
    "DCGM_FI_PROF_GR_ENGINE_ACTIVE",
    "DCGM_FI_DEV_POWER_USAGE",
    "DCGM_FI_DEV_GPU_TEMP",
    "DCGM_FI_DEV_SM_CLOCK",
    "DCGM_FI_DEV_MEM_CLOCK",
    "DCGM_FI_DEV_FB_USED",
    "DCGM_FI_DEV_FB_FREE",
    "DCGM_FI_DEV_XID_ERRORS",
    "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION",
] as const satisfies readonly (typeof dcgmMetrics)[number][];

export interface DcgmMonitorArgs {
    /** Name of the ServiceMonitor. @default "dcgm-exporter" */
    readonly name?: string;
    /** Namespace of the exporter, and of the ServiceMonitor. */
    readonly namespace: string;
    /** Labels of the exporter's Service. */
    readonly service: Labels;
    /** Port of that Service, by name. */
    readonly port: "gpu-metrics" | "metrics";
    /** Names of the metrics that are kept. @default `dcgmMetrics` */
    readonly metrics?: readonly string[] | undefined;
    /** How often. @default "15s" */
    readonly interval?: string | undefined;
    /** Whether one exporter speaks for many nodes, each named by the label `Hostname`. @default false */
    readonly forManyNodes?: boolean;
}

/** The ServiceMonitor of an exporter. None of the charts has one that could do this. */
export function dcgmMonitor(args: DcgmMonitorArgs): CustomResourceArgs {
    return {
        apiVersion: "monitoring.coreos.com/v1",
        kind: "ServiceMonitor",
        // The GPU operator deletes any ServiceMonitor that is called nvidia-dcgm-exporter when its own is off.
        metadata: { name: args.name ?? dcgmJob, namespace: args.namespace, labels: args.service },
        spec: {
            selector: { matchLabels: args.service },
            endpoints: [
                {
                    port: args.port,
                    interval: args.interval ?? "15s",
                    // With true, a GPU that nobody holds would be the exporter's: its pod fills the empty label.
                    honorLabels: false,
                    relabelings: [
                        { targetLabel: "job", replacement: dcgmJob },
                        copy("__meta_kubernetes_pod_node_name", "node"),
                        copy("__meta_kubernetes_pod_node_name", "instance"),
                    ],
                    metricRelabelings: [
                        ...keepOnly((args.metrics ?? dcgmMetrics).join("|")),
                        ...["pod", "namespace", "container"].map((label) => copy(`exported_${label}`, label)),
                        ...(args.forManyNodes
                            ? [copy("Hostname", "node"), copy("Hostname", "instance")]
                            : []),
                        // The node once more, spelt one way or the other by the exporter's version.
                        { action: "labeldrop", regex: "[Hh]ostname" },
                    ],
                },
            ],
        },
    };
}

/** A label as a copy of another, and gone where the other is empty or absent. */
function copy(from: string, to: string) {
    return { action: "replace", sourceLabels: [from], targetLabel: to };
}

/** The metrics of DCGM that an expression names. */
export function dcgmOf(expr: string): string[] {
    return [...new Set(expr.match(/\bDCGM_\w+/g) ?? [])];
}

/** Problems with names of DCGM's metrics. */
export function checkGpuMetrics(property: string, given: readonly string[] = []): Problem[] {
    return given.flatMap((metric, i) =>
        /^DCGM_(FI|EXP)_[A-Z0-9_]+$/.test(metric)
            ? []
            : [
                  {
                      property: `${property}[${i}]`,
                      given: metric,
                      allowed: "DCGM_FI_… or DCGM_EXP_…",
                      fix: "take it from DCGM's list of fields",
                  },
              ],
    );
}
