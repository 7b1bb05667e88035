import type { Problem } from "../../../problems";
import { checkChoice } from "../../../problems";
import { selector } from "../promql";
import { placeholders, type Signal } from "../signal";
import { checkCommon, checkTarget, checkText, defaultScrapeSeconds } from "./checks";
import { checkWindow, type RateArgs, requestRate } from "./rate";

export interface IstioRequestsArgs extends RateArgs {
    /** The workload that is asked, as Istio names it. @default the target's name */
    readonly workload?: string | undefined;
    /**
     * Whose sidecar counts: that of the workload, or those of its clients. Neither tells of requests to a workload without
     * pods: they reach none. @default "destination"
     */
    readonly reporter?: "destination" | "source" | undefined;
}

/** Requests each second, of Istio's `istio_requests_total`. */
export function istioRequests(args: IstioRequestsArgs): Signal {
    const reporter = args.reporter ?? "destination";
    const counter = selector("istio_requests_total", {
        reporter,
        destination_workload: args.workload ?? placeholders.target,
        destination_workload_namespace: placeholders.namespace,
    });
    return {
        kind: "requests",
        name: args.name ?? "requests",
        unit: "requests/s",
        target: args.perReplica,
        survivesZero: false,
        scrapeSeconds: args.scrapeSeconds ?? defaultScrapeSeconds,
        measured: { expr: requestRate(counter, args) },
        problems: checkIstioRequests(args),
    };
}

function checkIstioRequests(args: IstioRequestsArgs): Problem[] {
    return [
        ...checkCommon(args),
        ...checkTarget("perReplica", args.perReplica),
        ...checkWindow(args.window),
        ...checkText("workload", args.workload, "the name of a workload"),
        ...checkChoice("reporter", args.reporter, ["destination", "source"]),
    ];
}
