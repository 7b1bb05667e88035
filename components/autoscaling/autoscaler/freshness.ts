import type { ParsedPromql } from "./promql";

/**
 * A series as long as its samples are recent. Prometheus takes a sample for current for five minutes, and longer where
 * a target gives its own timestamps: what stopped being measured would go on being demand.
 */
export function fresh(series: string, scrapeSeconds: number): string {
    return `(${newerThan(series, freshSeconds(scrapeSeconds))})`;
}

/** A series as long as its newest sample is less than so many seconds old. */
export function newerThan(series: string, seconds: number): string {
    return `${series} and time() - timestamp(${series}) < ${seconds}`;
}

/** Age in seconds beyond which a sample is no longer taken: four scrapes, and never less than ten seconds. */
export function freshSeconds(scrapeSeconds: number): number {
    return Math.max(10, 4 * scrapeSeconds);
}

/**
 * The expression without what is no amount: NaN equals and exceeds nothing, so that a comparison drops it. What is larger than
 * this, prometheus-adapter would read as negative.
 */
export function amount(expr: string): string {
    return `(${expr}) >= 0 < 1e15`;
}

/**
 * A recorded series as long as it is recorded: a rule that fails, or a Prometheus that starts anew, leaves the last value.
 * A second ahead, because KEDA asks for the demand at the whole second that has passed, and would see it half a second
 * late in the mean.
 */
export function recordedNow(series: string, ruleSeconds: number): string {
    return newerThan(`${series} offset -1s`, Math.max(15, 4 * ruleSeconds));
}

/**
 * An expression of the user's own, as long as the newest sample of each metric that it names is recent. One that is absent
 * is left to the expression, for of `a or b` one may be; but one under a range has to be there, else a rate would fall to
 * 0 over its range.
 */
export function whileFresh(
    expr: string,
    { selectors, ranges }: Pick<ParsedPromql, "selectors" | "ranges">,
    scrapeSeconds: number,
): string {
    const ranged = new Set(ranges.map(({ text }) => text.replace(/\[[^[\]]*\]$/, "").trim()));
    const age = (selector: string) => `time() - max(timestamp(${selector}))`;
    const limit = freshSeconds(scrapeSeconds);
    const conditions = selectors
        // Two metrics that a pattern finds would be one series twice, which is an error.
        .filter((selector) => /^[a-zA-Z_:]/.test(selector))
        .map((selector) =>
            ranged.has(selector)
                ? ` and on () (${age(selector)} < ${limit})`
                : ` unless on () (${age(selector)} >= ${limit})`,
        );
    return `${expr}${conditions.join("")}`;
}
