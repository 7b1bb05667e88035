import type { Problem } from "../../../problems";
import { parsePromql } from "../promql";
import type { Signal } from "../signal";
import { type CommonSignalArgs, checkCommon, checkNeeded, checkTarget, defaultScrapeSeconds } from "./checks";

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
    /**
     * The targets that it comes from, as a selector of `up` such as `up{job="jobs"}`, so that alerts can tell them from the
     * rest; the placeholders of `expr` stand in it for the same. @default unknown
     */
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
        // One that is no text is told of below, and must not fail before that.
        measured: { expr: `${args.expr}`, ...(args.up !== undefined && { up: `${args.up}` }) },
        problems: checkPromql(args),
    };
}

function checkPromql(args: PromqlArgs): Problem[] {
    return [
        ...checkCommon(args),
        ...(args.name === undefined ? checkNeeded("name", args.name, "a name for the signal") : []),
        ...(typeof args.expr === "string" ? [] : checkNeeded("expr", args.expr, "PromQL")),
        ...checkNeeded("unit", args.unit, "what the expression counts, such as jobs or bytes/s"),
        ...checkTarget("perReplica", args.perReplica),
        ...checkUp(args.up),
    ];
}

/** Alerts compare it with 1, so that it has to be one selector and nothing else. */
function checkUp(given: string | undefined): Problem[] {
    if (given === undefined) return [];
    const { error, selectors } = parsePromql(`${given}`);
    const [only] = selectors;
    if (error === undefined && only === `${given}`.trim() && /^up\s*(\{|$)/.test(only)) return [];
    return [
        {
            property: "up",
            given,
            allowed: 'a selector of up and no more, such as up{namespace="<<namespace>>",job="jobs"}',
            fix: "write the labels of the targets in its braces, or leave it out",
        },
    ];
}
