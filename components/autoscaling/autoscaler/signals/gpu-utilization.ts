import type { Problem } from "../../../problems";
import { fresh, freshSeconds } from "../freshness";
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
 *
 * Of a GPU that pods share, each has its own part of the 100: with four at work on it a pod hardly gets beyond 25.
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
        partial:
            `(count(max by (pod) (${ready}) == 1) > count(${ofPods}) ` +
            `or count(${renamed} and on (UUID) (${busyForNobody(metric, seconds)})))`,
    };
}

/**
 * Shared GPUs that are at work while their exporter says 0 of every pod on them, and has of late: it cannot tell whose processes
 * they are. Of the whole of a GPU there is then a series without a pod. A process is measured in other moments than the whole,
 * so that one sample of 0 says nothing.
 */
function busyForNobody(metric: string, scrapeSeconds: number): string {
    const lately = Math.max(120, freshSeconds(scrapeSeconds));
    const ofPods = `max_over_time(${metric}{exported_pod!=""}[${lately}s])`;
    return `max by (UUID) (${metric}{exported_pod=""}) > 10 unless on (UUID) ${ofPods} > 0`;
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
