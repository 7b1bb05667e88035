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
