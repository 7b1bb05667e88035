import type { Problem } from "../../problems";
import { fresh } from "../freshness";
import { selector } from "../promql";
import type { Signal, SignalContext } from "../signal";
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
        measure: (context) => ({ expr: utilization(context, args.scrapeSeconds ?? defaultScrapeSeconds) }),
        problems: checkGpu(args),
    };
}

/**
 * The exporter knows whose GPU it is, and says so in `pod` and `namespace`: Prometheus keeps these names where a monitor
 * honours the exporter's labels, and else calls them `exported_…`, for they are the exporter's own pod's.
 */
function utilization(context: SignalContext, scrapeSeconds: number): string {
    const pod = podNames(context);
    const metric = "DCGM_FI_DEV_GPU_UTIL";
    const renamed = selector(metric, { exported_namespace: context.namespace, exported_pod: pod });
    const honoured = selector(metric, { namespace: context.namespace, pod, exported_pod: "" });
    return (
        `sum(avg by (exported_pod) (${fresh(renamed, scrapeSeconds)}) ` +
        `or avg by (pod) (${fresh(honoured, scrapeSeconds)}))`
    );
}

/** The names that Kubernetes gives to pods of this target. */
export function podNames({ kind, name }: Pick<SignalContext, "kind" | "name">): RegExp {
    const literal = name.replaceAll(".", "\\.");
    if (kind === "Deployment") return new RegExp(`${literal}-[a-z0-9]+-[a-z0-9]{5}`);
    if (kind === "StatefulSet") return new RegExp(`${literal}-[0-9]+`);
    return new RegExp(`${literal}-.+`);
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
