/**
 * A series as long as its samples are recent. Prometheus takes a sample for current for five minutes, and longer where
 * a target gives its own timestamps: what stopped being measured would go on being demand.
 */
export function fresh(series: string, scrapeSeconds: number): string {
    return `(${series} and time() - timestamp(${series}) < ${freshSeconds(scrapeSeconds)})`;
}

/** Age in seconds beyond which a sample is no longer taken: four scrapes, and never less than ten seconds. */
export function freshSeconds(scrapeSeconds: number): number {
    return Math.max(10, 4 * scrapeSeconds);
}

/** The expression without what is no amount: NaN equals and exceeds nothing, so that a comparison drops it. */
export function amount(expr: string): string {
    return `(${expr}) >= 0 < +Inf`;
}

/**
 * An expression of the user's own, as long as the newest sample of each metric that it names is recent. One that is absent
 * is left to the expression: of `a or b` one may be.
 */
export function whileFresh(expr: string, selectors: readonly string[], scrapeSeconds: number): string {
    const stale = selectors
        // Two metrics that a pattern finds would be one series twice, which is an error.
        .filter((selector) => /^[a-zA-Z_:]/.test(selector))
        .map(
            (selector) =>
                ` unless on () (time() - max(timestamp(${selector})) >= ${freshSeconds(scrapeSeconds)})`,
        );
    return `${expr}${stale.join("")}`;
}
