import type { Problem } from "../../../problems";
import { selector } from "../promql";
import { placeholders, type Signal } from "../signal";
import { checkCommon, checkMetric, checkTarget, checkText, defaultScrapeSeconds } from "./checks";
import { checkWindow, type RateArgs, requestRate } from "./rate";
import { silentPods } from "./silent";

export interface AppRequestsArgs extends RateArgs {
    /** The application's counter. @default "http_requests_total" */
    readonly metric?: string | undefined;
    /** `job` of its series. @default the target's name */
    readonly job?: string | undefined;
    /** Further labels that the series have, such as `{ path: "/work" }`. @default none */
    readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** Requests each second, of the application's own counter; it ends with the last pod. */
export function appRequests(args: AppRequestsArgs): Signal {
    const target = { namespace: placeholders.namespace, job: args.job ?? placeholders.target };
    const up = selector("up", target);
    const counter = selector(args.metric ?? "http_requests_total", { ...target, ...args.labels });
    return {
        kind: "requests",
        name: args.name ?? "requests",
        unit: "requests/s",
        target: args.perReplica,
        survivesZero: false,
        scrapeSeconds: args.scrapeSeconds ?? defaultScrapeSeconds,
        measured: { expr: requestRate(counter, args), up, partial: silentPods(up) },
        problems: checkAppRequests(args),
    };
}

function checkAppRequests(args: AppRequestsArgs): Problem[] {
    return [
        ...checkCommon(args),
        ...checkTarget("perReplica", args.perReplica),
        ...checkWindow(args.window),
        ...checkMetric("metric", args.metric),
        ...checkText("job", args.job, "the job of its series"),
        ...Object.entries(args.labels ?? {}).flatMap(([label, given]) =>
            /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label) && typeof given === "string"
                ? []
                : [
                      {
                          property: `labels.${label}`,
                          given,
                          allowed: "a label of letters, digits and underscores, and its value as text",
                          fix: "write it as Prometheus shows it",
                      },
                  ],
        ),
    ];
}
