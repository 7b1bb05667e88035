/** What a figure did over several runs. A value is null where it never came in at least one run that it needs. */
export interface Spread {
    runs: number;
    /** Runs without a value. They count as worse than every other. */
    missing: number;
    min: number | null;
    median: number | null;
    max: number | null;
}

/** Minimum, median and maximum. A run where the figure never came (null) is the worst, not left out. */
export function spread(values: readonly (number | null)[]): Spread {
    const all = values.map((value) => value ?? Number.POSITIVE_INFINITY);
    const known = (value: number) => (Number.isFinite(value) ? value : null);
    return {
        runs: values.length,
        missing: values.filter((value) => value === null).length,
        min: known(percentile(all, 0)),
        median: known(percentile(all, 0.5)),
        max: known(percentile(all, 1)),
    };
}

/**
 * The value below which this part of the values lies, between two values by linear interpolation.
 * @param part from 0 (the minimum) to 1 (the maximum)
 * @returns NaN where there are no values
 */
export function percentile(values: readonly number[], part: number): number {
    if (!(part >= 0 && part <= 1)) {
        throw new RangeError(`a percentile of ${part} was asked for; 0 to 1 is possible`);
    }
    const sorted = values.toSorted((a, b) => a - b);
    const position = part * (sorted.length - 1);
    const lower = sorted[Math.floor(position)] ?? Number.NaN;
    const upper = sorted[Math.ceil(position)] ?? Number.NaN;
    return lower === upper ? lower : lower + (upper - lower) * (position - Math.floor(position));
}
