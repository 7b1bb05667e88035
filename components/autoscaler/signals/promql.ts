import type { Problem } from "../../problems";
import type { Signal } from "../signal";
import { type CommonSignalArgs, checkCommon, checkTarget, checkText, defaultScrapeSeconds } from "./checks";

export interface PromqlArgs extends CommonSignalArgs {
    /** Its name, unique in the autoscaler. */
    readonly name: string;
    /**
     * The whole demand on the target, one value: `sum(…)`, not per pod. It has to be absent where it is not known: no
     * `or vector(0)`, no `absent()`. `<<namespace>>`, `<<target>>` and `<<pods>>` stand for the target's namespace and name
     * and for a regular expression of its pods' names.
     */
    readonly expr: string;
    /** What it counts, e.g. "jobs" or "bytes/s". */
    readonly unit: string;
    /** How much of it one replica takes, above 0. */
    readonly perReplica: number;
    /** Whether it still has a value when the target has no pods. @default false */
    readonly survivesZero?: boolean | undefined;
    /** The targets that it comes from, as labels of `up`, so that alerts can tell them from the rest. @default unknown */
    readonly up?: string | undefined;
}

/** Any demand that Prometheus can tell. */
export function promql(args: PromqlArgs): Signal {
    return {
        kind: "promql",
        name: args.name,
        unit: args.unit,
        target: args.perReplica,
        survivesZero: args.survivesZero ?? false,
        scrapeSeconds: args.scrapeSeconds ?? defaultScrapeSeconds,
        measured: { expr: args.expr, up: args.up },
        problems: checkPromql(args),
    };
}

function checkPromql(args: PromqlArgs): Problem[] {
    return [
        ...checkCommon(args),
        ...checkText("unit", args.unit, "what the expression counts, such as jobs or bytes/s"),
        ...checkTarget("perReplica", args.perReplica),
    ];
}
