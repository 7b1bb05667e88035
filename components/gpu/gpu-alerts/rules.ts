import { alertOf } from "../../monitoring/alert";
import type { Alert, RuleGroup } from "../../monitoring/monitors";
import { dcgmMetrics, dcgmOf } from "../dcgm-metrics";
import { gpuResources } from "../gpu-resources";

export interface GpuRulesArgs {
    /** Metrics that the exporter has; alerts on others are left out. @default `dcgmMetrics`, NVIDIA's own list */
    readonly metrics?: readonly string[] | undefined;
    /** Whether kube-state-metrics tells which nodes offer GPUs: else nobody misses an exporter. @default true */
    readonly objects?: boolean | undefined;
    /** Degrees Celsius above which a GPU is too hot, 30 to 120. @default 85 */
    readonly temperatureCelsius?: number | undefined;
    /** Percent of its memory beyond which a GPU is full, 50 to 100. @default 97 */
    readonly memoryPercent?: number | undefined;
    /** Minutes for which a pod may hold a GPU without using it, 5 to 1440; "never": no alert on that. @default 60 */
    readonly idleMinutes?: number | "never" | undefined;
}

/**
 * Errors after which a GPU cannot go on without a reset, a restart of its node or its exchange: two bits of memory wrong
 * (48), its microcontroller halted (62), rows not replaced (64), NVLink (74), off the bus (79), memory errors that could
 * not be contained (95), its system processor (119, 120), memory errors that could not be recovered from (140).
 */
export const fatalXids = [48, 62, 64, 74, 79, 95, 119, 120, 140] as const;

/**
 * Of a GPU that pods share there is a series for each of them, of one that is cut (MIG) for each instance, and with another
 * pod, or another error, another one.
 */
const gpu = "node, gpu, UUID";
const each = (metric: string) => `max by (${gpu}) (${metric})`;

/**
 * Of each GPU the last hour, minute by minute. Not of its series: an error ends the pod that held it, so the series that
 * tells of the error is a new one, which has never been anything else.
 */
const past = (metric: string) => `(${each(metric)})[1h:1m]`;

/**
 * GPUs at work for nobody. Where pods share a GPU, the exporter has the utilization of the whole, without a pod, beside the part
 * of each pod; of pods whose processes it cannot find it says 0.
 */
const busyForNobody = (ofPods: string) =>
    `${each('DCGM_FI_DEV_GPU_UTIL{pod=""}')} > 10 unless on (node, gpu) ${ofPods} > 0`;
const heldUtilization = 'DCGM_FI_DEV_GPU_UTIL{pod!=""}';

const xid = "DCGM_FI_DEV_XID_ERRORS";
const fatal = each(fatalXids.map((code) => `${xid} == ${code}`).join(" or "));

/** Alerts on GPUs, for whichever exporter has the series of DCGM: those that its metrics can feed. */
export function gpuRules(args: GpuRulesArgs = {}): RuleGroup {
    const { metrics = dcgmMetrics, objects = true } = args;
    return {
        rules: [...failures(), ...states(args), ...(objects ? [exporterMissing] : [])].filter(({ expr }) =>
            dcgmOf(expr).every((metric) => metrics.includes(metric)),
        ),
    };
}

const where = "GPU {{ $labels.gpu }} of {{ $labels.node }}";

function failures(): Alert[] {
    return [
        alertOf("gpu", "GpuFailed", {
            expr: fatal,
            severity: "critical",
            summary: "A GPU has failed",
            description: `${where}: the driver's last error is XID {{ $value }}. It needs a reset, or to be exchanged.`,
        }),
        alertOf("gpu", "GpuXidError", {
            // The number stays until the driver is loaded anew: what counts is that it was another within the hour, and was
            // seen to be. To a Prometheus without a past every error would be new.
            expr:
                `(${each(xid)} != min_over_time(${past(xid)}) or ${each(xid)} != max_over_time(${past(xid)})) > 0 ` +
                `unless ${fatal}`,
            severity: "warning",
            summary: "The driver reports an error of a GPU",
            description: `${where}: XID {{ $value }} within the last hour. Most often it is the program that ran on it.`,
        }),
        alertOf("gpu", "GpuMemoryNotRepairable", {
            expr: `${each("DCGM_FI_DEV_ROW_REMAP_FAILURE")} > 0`,
            severity: "critical",
            summary: "A GPU has no spare memory left",
            description: `${where}: a row that failed could not be replaced. It has to be exchanged.`,
        }),
        alertOf("gpu", "GpuMemoryErrors", {
            // A counter: what was there before is another hour's news.
            expr: `increase(${past("DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS")}) > 0`,
            severity: "warning",
            summary: "Memory of a GPU has failed and was replaced",
            description: `${where}: {{ $value | humanize }} rows within the hour. Programs on it have lost data.`,
        }),
        alertOf("gpu", "GpuEccErrors", {
            expr: `increase(${past("DCGM_FI_DEV_ECC_DBE_VOL_TOTAL")}) > 0`,
            severity: "critical",
            summary: "Memory errors of two bits in a GPU",
            description: `${where}: {{ $value | humanize }} within the hour. Programs on it have lost data.`,
        }),
    ];
}

function states({ temperatureCelsius = 85, memoryPercent = 97, idleMinutes = 60 }: GpuRulesArgs): Alert[] {
    // Pods that share a GPU have each its own share of what is used, and all of what is free: the largest is the GPU's.
    const ofPart = (metric: string) => `max by (${gpu}, GPU_I_ID) (${metric})`;
    const [used, free] = [ofPart("DCGM_FI_DEV_FB_USED"), ofPart("DCGM_FI_DEV_FB_FREE")];
    const idle = idleMinutes === "never" ? [] : [heldIdle(idleMinutes)];
    return [
        alertOf("gpu", "GpuHot", {
            expr: `${each("DCGM_FI_DEV_GPU_TEMP")} > ${temperatureCelsius}`,
            for: "5m",
            severity: "warning",
            summary: "A GPU is too hot",
            description: `${where} has {{ $value }} °C. Above its limit it slows itself down.`,
        }),
        alertOf("gpu", "GpuMemoryFull", {
            // Of its instances (MIG) the fullest: with the free memory of another it would not be full.
            expr: `${each(`100 * ${used} / (${used} + ${free})`)} > ${memoryPercent}`,
            for: "10m",
            severity: "warning",
            summary: "The memory of a GPU is full",
            description: `${where}: {{ $value | humanize }} % are in use. What asks for more ends with an error.`,
        }),
        ...idle,
        alertOf("gpu", "GpuBusyWithoutPod", {
            expr: busyForNobody(heldUtilization),
            for: "10m",
            severity: "warning",
            summary: "A GPU is at work for no pod",
            description:
                `${where} is at {{ $value }} %, and no pod on it does anything. A program outside Kubernetes uses it, ` +
                "or the exporter does not learn whose it is: then autoscalers on GPUs are blind.",
        }),
    ];
}

function heldIdle(minutes: number): Alert {
    return alertOf("gpu", "GpuHeldIdle", {
        // Its own last samples and not the largest of the hour: a pod that came a minute ago has no such hour. On a GPU that is
        // busy while of all its pods none ever is, nobody knows which it is.
        expr:
            `max by (namespace, pod) (${heldUtilization}) < 1 unless on (namespace, pod) (${heldUtilization} ` +
            `and on (node, gpu) (${busyForNobody(`max_over_time(${heldUtilization}[10m])`)}))`,
        for: `${minutes}m`,
        severity: "warning",
        summary: "A pod holds a GPU and does not use it",
        description: `None of the GPUs of {{ $labels.namespace }}/{{ $labels.pod }} has done anything for ${minutes} minutes.`,
    });
}

const exporterMissing = alertOf("gpu", "GpuExporterMissing", {
    expr:
        `sum by (node) (max by (node, resource) (kube_node_status_allocatable{resource=~"${gpuResources}"})) > 0 ` +
        "unless on (node) DCGM_FI_DEV_FB_USED",
    for: "5m",
    severity: "critical",
    summary: "GPUs of a node are not measured",
    description:
        "{{ $labels.node }} offers {{ $value }} GPUs or parts of them, and no exporter tells of them: autoscalers on GPUs are blind.",
});
