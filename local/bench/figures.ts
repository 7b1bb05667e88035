import type { Spread } from "./spread";

/** One row of docs/benchmarks.md. */
export interface Figure {
    figure: string;
    target: string;
    measured: string;
    /** null where there is no target, or nothing could be measured. */
    met: boolean | null;
}

/** Upper limits, in the unit of the figure; the limit itself is still met. */
export interface Limits {
    median?: number;
    max?: number;
}

/** A figure that was measured several times. */
export function spreadFigure(figure: string, measured: Spread, unit: string, limits: Limits = {}): Figure {
    const limited = Object.entries(limits) as [keyof Limits, number][];
    const target = limited.map(([which, limit]) => `${which} at most ${limit} ${unit}`).join(", ") || "none";
    const within = ([which, limit]: [keyof Limits, number]) => (measured[which] ?? Infinity) <= limit;
    return {
        figure,
        target,
        measured: describeSpread(measured, unit),
        met: limited.length === 0 || measured.runs === 0 ? null : limited.every(within),
    };
}

/** A figure that has one value. */
export function singleFigure(figure: string, value: number | null, unit: string, under: number): Figure {
    return {
        figure,
        target: `under ${under} ${unit}`,
        measured: value === null ? "not measured" : `${digits(value)} ${unit}`,
        met: value === null ? null : value < under,
    };
}

/** For example `1.20 / 1.60 / 2.90 s (10 runs)`; a value that never came reads `never`. */
export function describeSpread({ runs, missing, min, median, max }: Spread, unit: string): string {
    if (runs === 0) {
        return "not measured";
    }
    const show = (value: number | null) => (value === null ? "never" : digits(value));
    const count = missing === 0 ? `${runs} runs` : `${runs} runs, ${missing} without`;
    return `${show(min)} / ${show(median)} / ${show(max)} ${unit} (${runs === 1 ? "1 run" : count})`;
}

function digits(value: number): string {
    return value.toFixed(value < 100 ? 2 : 0);
}
