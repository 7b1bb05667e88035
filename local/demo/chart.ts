import pc from "picocolors";
import plot, { type Color, type MultiLine, type Point, type Settings } from "simple-ascii-chart";
import type { Sample } from "./queue-result";

/** Blue and yellow stay apart for every common kind of colour blindness; brightness tells them apart too. */
const QUEUE_COLOR: Color = "ansiBlue";
const DESIRED_COLOR: Color = "ansiYellow";
const READY_COLOR: Color = "ansiCyan";

/** What axis numbers and frame take from the width, and headings, axes and the status from the height. */
const LEFT_MARGIN = 6;
const RIGHT_MARGIN = 6;
const OTHER_ROWS = 9;

export interface ChartSize {
    /** Of the terminal, in characters. Default 80 by 24. */
    columns?: number;
    rows?: number;
    color?: boolean;
}

/** Queue length above, replicas below, on one time axis, and a line with the latest numbers. */
export function chartText(samples: readonly Sample[], size: ChartSize = {}): string {
    const { columns = 80, rows = 24, color = true } = size;
    const paint = pc.createColors(color);
    const status = statusLine(samples.at(-1));
    const width = Math.min(columns, 160) - LEFT_MARGIN - RIGHT_MARGIN;
    const free = rows - OTHER_ROWS;
    // A chart needs two points in time, and room.
    if ((samples.at(-1)?.t ?? 0) <= 0 || samples.length < 2 || width < 20 || free < 7) {
        return status;
    }
    const height = Math.min(free, 30);
    const lower = Math.max(3, Math.floor(height * 0.4));
    const upper = height - lower;
    return [
        paint.bold("Queue length (messages)"),
        panel(samples, [[QUEUE_COLOR, "queued"]], { width, height: upper, seconds: false, color }),
        `${paint.bold("Replicas")}: ${paint.cyan("Ready")}, ${paint.yellow("wanted")}`,
        panel(
            samples,
            [
                [DESIRED_COLOR, "desired"],
                [READY_COLOR, "ready"],
            ],
            { width, height: lower, seconds: true, color },
        ),
        status,
    ].join("\n");
}

/** The latest reading in one line, at most 80 characters; `?` where something could not be read. */
export function statusLine(sample: Sample | undefined): string {
    if (sample === undefined) {
        return "waiting for the first reading";
    }
    const show = (value: number | null, width: number) => String(value ?? "?").padStart(width);
    return [
        `${sample.t.toFixed(1).padStart(6)} s`,
        `queue ${show(sample.queued, 5)}`,
        `replicas Ready ${show(sample.ready, 2)} of ${show(sample.desired, 2)} wanted`,
        `done ${show(sample.processed, 5)}`,
    ].join(" | ");
}

interface PanelSize {
    width: number;
    height: number;
    /** Whether this panel writes the seconds below its axis. */
    seconds: boolean;
    color: boolean;
}

function panel(samples: readonly Sample[], series: [Color, keyof Sample][], size: PanelSize): string {
    const end = samples.at(-1)?.t ?? 0;
    const lines: MultiLine = [];
    const colors: Color[] = [];
    for (const [color, key] of series) {
        for (const line of columnLines(samples, key, size.width, end)) {
            lines.push(line);
            colors.push(color);
        }
    }
    // The library stretches the data to the width: where the latest readings failed, give it less width.
    const known = Math.max(0, ...lines.flat().map(([t]) => t));
    const width = Math.round((known / end) * (size.width - 1)) + 1;
    if (width < 2) {
        return "     no reading".padEnd(size.width) + "\n".repeat(size.height - 1);
    }
    const { step, steps } = niceTop(Math.max(...lines.flat().map(([, y]) => y)), size.height);
    const settings: Settings = {
        width,
        height: size.height,
        ...(size.color ? { color: colors } : {}),
        yRange: [0, step * steps],
        customYAxisTicks: Array.from({ length: steps + 1 }, (_, index) => index * step),
        customXAxisTicks: timeTicks(end, size.width).filter((t) => t <= known),
        hideXAxisTicks: !size.seconds,
        formatter: (value, { axis }) => (axis === "y" ? String(Math.round(value)) : `${Math.round(value)} s`),
    };
    return aligned(plot(lines, settings));
}

/** Drops the empty lines of a plot, and moves its axis to the column that all panels share. */
function aligned(text: string): string {
    const lines = text.split("\n").filter((line) => line.trim() !== "" && line.trim() !== "▲");
    const corner = Math.max(...lines.map((line) => line.indexOf("└")));
    return lines.map((line) => " ".repeat(Math.max(0, LEFT_MARGIN - 1 - corner)) + line.trimEnd()).join("\n");
}

/**
 * One point per character column: the value last read by then. A reading that failed leaves a gap, so
 * the result is one line per stretch without a gap.
 */
export function columnLines(
    samples: readonly Sample[],
    key: keyof Sample,
    width: number,
    end: number,
): Point[][] {
    const lines: Point[][] = [];
    let line: Point[] = [];
    let next = 0;
    let value: number | null = null;
    for (let column = 0; column < width; column++) {
        const t = (column * end) / (width - 1);
        for (let sample = samples[next]; sample !== undefined && sample.t <= t; sample = samples[next]) {
            value = sample[key];
            next++;
        }
        if (value !== null) {
            line.push([t, value]);
        } else if (line.length > 0) {
            lines.push(line);
            line = [];
        }
    }
    return line.length > 0 ? [...lines, line] : lines;
}

/** A round axis end at or above `most`, cut into so few steps that each has a row of its own. */
export function niceTop(most: number, rows: number): { step: number; steps: number } {
    const atMost = Math.max(1, Math.min(5, Math.floor((rows - 1) / 2)));
    for (let power = 1; ; power *= 10) {
        for (const step of [power, 2 * power, 5 * power]) {
            const steps = Math.max(1, Math.ceil(most / step));
            if (steps <= atMost) {
                return { step, steps };
            }
        }
    }
}

/** Round seconds to write below the time axis, far enough apart for their numbers. */
export function timeTicks(end: number, width: number): number[] {
    const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 3600];
    const step = steps.find((one) => (end / one) * 8 <= width) ?? end;
    return Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => index * step);
}
