import type { Problem } from "../../../problems";
import { fresh } from "../freshness";
import { durationSeconds } from "../promql";
import { type CommonSignalArgs, defaultScrapeSeconds } from "./checks";

/** A counter as requests each second. */
export interface RateArgs extends CommonSignalArgs {
    /** Requests each second that one replica takes, above 0. */
    readonly perReplica: number;
    /**
     * Over which time the rate is taken, e.g. "20s": at least four scrapes, so that a lost one does no harm. Short ones
     * react sooner, long ones are calmer. @default four scrapes
     */
    readonly window?: string | undefined;
}

/**
 * Requests each second, of all of what `selector` selects. Absent until the window holds two samples of a series, and as
 * soon as there are no more: else the rate would fall to 0 over its window, and an outage look like less demand.
 */
export function requestRate(selector: string, args: RateArgs): string {
    const recent = fresh(selector, args.scrapeSeconds ?? defaultScrapeSeconds);
    return `sum(rate(${selector}[${rateWindow(args)}]) and ${recent})`;
}

/** The window of a rate, as a duration. */
export function rateWindow({ window, scrapeSeconds }: RateArgs): string {
    return window ?? `${4 * (scrapeSeconds ?? defaultScrapeSeconds)}s`;
}

/** Problems with a window: that it is none. Its length is checked where the expression is. */
export function checkWindow(window: string | undefined): Problem[] {
    return window === undefined || durationSeconds(window) !== undefined
        ? []
        : [
              {
                  property: "window",
                  given: window,
                  allowed: "a Prometheus duration such as 20s or 1m30s",
                  fix: "write whole numbers, each with its unit",
              },
          ];
}
