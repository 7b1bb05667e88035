import pc from "picocolors";
import plot, { type Color, type MultiLine, type Point, type Settings } from "simple-ascii-chart";

/** One reading of what is followed; `t` in seconds since the start. */
export interface Reading {
    readonly t: number;
}

/** A line of a panel; a reading that failed is null, and leaves a gap. */
export interface ChartLine<R extends Reading> {
    /** As the heading names it. @default not at all: the heading is enough */
    readonly name?: string;
    readonly color: keyof typeof colors;
    readonly value: (reading: R) => number | null;
}

/** A part of the chart with a value axis of its own. */
export interface ChartPanel<R extends Reading> {
    readonly title: string;
    readonly lines: readonly ChartLine<R>[];
    /** How high it is beside the others. @default 1 */
    readonly share?: number;
}

/** What is shown of something that is followed: panels on one time axis, and the latest reading in one line. */
export interface ChartView<R extends Reading> {
    readonly panels: readonly ChartPanel<R>[];
    /** At most 80 characters. */
    readonly status: (reading: R | undefined) => string;
}

/** Blue, yellow and cyan stay apart for every common kind of colour blindness; brightness tells them apart too. */
const colors = { blue: "ansiBlue", yellow: "ansiYellow", cyan: "ansiCyan" } as const satisfies Record<
    string,
    Color
>;

/** What axis numbers and frame take from the width. */
const LEFT_MARGIN = 6;
const RIGHT_MARGIN = 6;

/** What a panel's heading and axis take from the height, and the seconds, the status and the cursor. */
const PANEL_ROWS = 3;
const OTHER_ROWS = 3;

/** So that each panel has room for a line and its axis. */
const LEAST_PANEL_HEIGHT = 3;

export interface ChartSize {
    /** Of the terminal, in characters. Default 80 by 24. */
    columns?: number;
    rows?: number;
    color?: boolean;
}

/** The panels below each other on one time axis, and a line with the latest numbers. */
export function chartText<R extends Reading>(
    { panels, status }: ChartView<R>,
    readings: readonly R[],
    size: ChartSize = {},
): string {
    const { columns = 80, rows = 24, color = true } = size;
    const latest = status(readings.at(-1));
    const width = Math.min(columns, 160) - LEFT_MARGIN - RIGHT_MARGIN;
    const free = Math.min(rows - OTHER_ROWS - PANEL_ROWS * panels.length, 15 * panels.length);
    // A chart needs two points in time, and room.
    const hasRoom = width >= 20 && free >= LEAST_PANEL_HEIGHT * panels.length + 1;
    if ((readings.at(-1)?.t ?? 0) <= 0 || readings.length < 2 || !hasRoom) {
        return latest;
    }
    const heights = shared(free, panels);
    return [
        ...panels.flatMap((one, index) => [
            heading(one, color),
            panel(readings, one.lines, {
                width,
                height: heights[index] ?? LEAST_PANEL_HEIGHT,
                seconds: index === panels.length - 1,
                color,
            }),
        ]),
        latest,
    ].join("\n");
}

/** The rows of each panel by its share; what is left over goes to the first. */
function shared(free: number, panels: readonly { readonly share?: number }[]): number[] {
    const all = panels.reduce((sum, { share = 1 }) => sum + share, 0);
    const [, ...others] = panels.map(({ share = 1 }) =>
        Math.max(LEAST_PANEL_HEIGHT, Math.floor((free * share) / all)),
    );
    return [free - others.reduce((sum, height) => sum + height, 0), ...others];
}

function heading<R extends Reading>({ title, lines }: ChartPanel<R>, color: boolean): string {
    const paint = pc.createColors(color);
    const names = lines.flatMap((line) => (line.name === undefined ? [] : [paint[line.color](line.name)]));
    return names.length === 0 ? paint.bold(title) : `${paint.bold(title)}: ${names.join(", ")}`;
}

interface PanelSize {
    width: number;
    height: number;
    /** Whether this panel writes the seconds below its axis. */
    seconds: boolean;
    color: boolean;
}

function panel<R extends Reading>(
    readings: readonly R[],
    series: readonly ChartLine<R>[],
    size: PanelSize,
): string {
    const end = readings.at(-1)?.t ?? 0;
    const lines: MultiLine = [];
    const painted: Color[] = [];
    for (const { color, value } of series) {
        for (const line of columnLines(readings, value, size.width, end)) {
            lines.push(line);
            painted.push(colors[color]);
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
        ...(size.color ? { color: painted } : {}),
        yRange: [0, step * steps],
        customYAxisTicks: Array.from({ length: steps + 1 }, (_, index) => index * step),
        customXAxisTicks: timeTicks(end, size.width).filter((t) => t <= known),
        hideXAxisTicks: !size.seconds,
        formatter: (value, { axis }) => (axis === "y" ? axisNumber(value) : `${Math.round(value)} s`),
    };
    return aligned(plot(lines, settings));
}

/** Without the dust of binary fractions, and short enough for the margin. */
function axisNumber(value: number): string {
    return String(Number(value.toPrecision(3)));
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
export function columnLines<R extends Reading>(
    readings: readonly R[],
    read: (reading: R) => number | null,
    width: number,
    end: number,
): Point[][] {
    const lines: Point[][] = [];
    let line: Point[] = [];
    let next = 0;
    let value: number | null = null;
    for (let column = 0; column < width; column++) {
        const t = (column * end) / (width - 1);
        for (let one = readings[next]; one !== undefined && one.t <= t; one = readings[next]) {
            value = read(one);
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
    // What is counted is cut at whole numbers, seconds of a fast server below one.
    const first = most > 0 && most < 1 ? 10 ** Math.floor(Math.log10(most) - 1) : 1;
    for (let power = first; ; power *= 10) {
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
