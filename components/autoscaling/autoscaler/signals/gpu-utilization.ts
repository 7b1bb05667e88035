import type { Problem } from "../../../problems";
import { fresh } from "../freshness";
import { selector } from "../promql";
import { type Measurement, placeholders, type Signal } from "../signal";
import { type CommonSignalArgs, checkCommon, checkPercent, defaultScrapeSeconds } from "./checks";

export interface GpuUtilizationArgs extends CommonSignalArgs {
    /** Percent of the time for which the GPUs of a replica are to be busy, 1 to 100. */
    readonly utilization: number;
}

/**
 * How busy the GPUs of the target's pods are, of DCGM's `DCGM_FI_DEV_GPU_UTIL`: percent, summed over the pods. A pod with
 * several GPUs counts with their mean. It says nothing of how many requests wait: full is full at any backlog.
 */
export function gpuUtilization(args: GpuUtilizationArgs): Signal {
    return {
        kind: "gpu",
        name: args.name ?? "gpu",
        unit: "% of a GPU",
        target: args.utilization,
        survivesZero: false,
        scrapeSeconds: args.scrapeSeconds ?? defaultScrapeSeconds,
        measured: utilization(args),
        problems: checkGpu(args),
    };
}

/**
 * The exporter knows whose GPU it is, and says so in `pod` and `namespace`: Prometheus keeps these names where a monitor
 * honours the exporter's labels, and else calls them `exported_…`, for they are the exporter's own pod's.
 */
function utilization(args: GpuUtilizationArgs): Measurement {
    const seconds = args.scrapeSeconds ?? defaultScrapeSeconds;
    const metric = "DCGM_FI_DEV_GPU_UTIL";
    const { namespace } = placeholders;
    const pod = new RegExp(placeholders.pods);
    const renamed = selector(metric, { exported_namespace: namespace, exported_pod: pod });
    const honoured = selector(metric, { namespace, pod, exported_pod: "" });
    const ofPods =
        `avg by (exported_pod) (${fresh(renamed, seconds)}) ` +
        `or avg by (pod) (${fresh(honoured, seconds)})`;
    const ready = selector("kube_pod_status_ready", { namespace, pod, condition: "true" });
    return {
        expr: `sum(${ofPods})`,
        // The exporter of one node may be down: its pods are then busy, and unseen. Two kube-state-metrics tell of each twice.
        partial: `(count(max by (pod) (${ready}) == 1) > count(${ofPods}))`,
    };
}

function checkGpu(args: GpuUtilizationArgs): Problem[] {
    return [
        ...checkCommon(args),
        ...checkPercent("utilization", args.utilization),
        ...(args.utilization > 100
            ? [
                  {
                      property: "utilization",
                      given: args.utilization,
                      allowed: "1 to 100: a GPU is never busier than all the time",
                      fix: "choose less than 100, so that there is a reason to add a replica",
                  },
              ]
            : []),
    ];
}
