import type { TopLevelSpec } from "vega-lite";
import { type Milestone, placeLabels } from "./milestones";

/** From Okabe and Ito's palette, made to stay apart for every kind of colour blindness. */
export const palette = {
    blue: "#0072B2",
    orange: "#E69F00",
    green: "#009E73",
    vermilion: "#D55E00",
    grey: "#777777",
} as const;

/** Pixels. */
const WIDTH = 780;
const SPACING = 12;
const LABEL_ROW = 16;
const LABEL_CHAR_WIDTH = 6.2;

/** A line of a picture; a reading that failed is null, and leaves a gap. */
export interface PictureLine {
    /** As the legend names it: each line of a panel otherwise. */
    readonly name: string;
    readonly color: string;
    readonly points: readonly { readonly t: number; readonly value: number | null }[];
    /** Further properties of Vega-Lite's mark. */
    readonly mark?: object;
}

/** A part of a picture with a value axis of its own. */
export interface PicturePanel {
    /** Of its axis, with the unit. */
    readonly title: string;
    /** Pixels. */
    readonly height: number;
    readonly lines: readonly PictureLine[];
}

/** Panels below each other on one time axis, and moments across all of them. */
export interface Picture {
    readonly title: string;
    readonly subtitle: readonly string[];
    /** Of the time axis. */
    readonly timeTitle: string;
    /** Of the time axis, seconds. */
    readonly end: number;
    readonly panels: readonly PicturePanel[];
    readonly moments: readonly Milestone[];
}

/** How a value that was read holds until the next one is drawn. */
export const stepped = { interpolate: "step-after", strokeWidth: 2 };

type Vega = Pick<typeof import("vega"), "parse" | "View"> & Pick<typeof import("vega-lite"), "compile">;

/** A specification as a picture. */
export async function svgOf(spec: TopLevelSpec): Promise<string> {
    // Only now: it takes a while to load, and nothing before this last step needs it.
    const load = require("./vega.cjs") as () => Promise<Vega>;
    const { compile, parse, View } = await load();
    const view = new View(parse(compile(spec).spec), { renderer: "none" });
    try {
        return await view.toSVG();
    } finally {
        view.finalize();
    }
}

/** The picture as a Vega-Lite specification, with its data in it. */
export function pictureSpec({ title, subtitle, timeTitle, end, panels, moments }: Picture): TopLevelSpec {
    const placed = placeLabels(moments, WIDTH, end, LABEL_CHAR_WIDTH);
    const marks = placed.map((mark) => ({ ...mark, top: -LABEL_ROW * (mark.row + 1) }));
    return {
        $schema: "https://vega.github.io/schema/vega-lite/v6.json",
        title: { text: title, subtitle },
        vconcat: panels.map((one, index) => {
            const time = index === panels.length - 1 ? timeTitle : undefined;
            // Moments begin at their labels, above the first panel.
            const layer =
                index === 0
                    ? marks.flatMap((mark) => [rule(mark, mark.top, one.height), label(mark, mark.top)])
                    : marks.map((mark) => rule(mark, 0, one.height));
            return panel(one, end, time, layer);
        }),
        spacing: SPACING,
        resolve: { scale: { color: "independent" } },
        background: "white",
        padding: 16,
        config: {
            font: "Helvetica, Arial, sans-serif",
            title: {
                anchor: "start",
                fontSize: 16,
                subtitleFontSize: 12,
                subtitleColor: palette.grey,
                offset: 14,
            },
            axis: {
                gridColor: "#ebebeb",
                labelFontSize: 11,
                titleFontSize: 12,
                titleFontWeight: "normal",
            },
            axisY: { minExtent: 34 },
            legend: {
                labelFontSize: 12,
                labelLimit: 0,
                symbolType: "stroke",
                symbolStrokeWidth: 3,
                title: null,
            },
            view: { stroke: "#cccccc" },
        },
    } as TopLevelSpec;
}

function panel(
    { title, height, lines }: PicturePanel,
    end: number,
    timeTitle: string | undefined,
    below: object[],
) {
    const all = lines.flatMap(({ points }) => points.map(({ value }) => value ?? 0));
    const most = Math.max(0, ...all);
    // What is counted is cut at whole numbers; so is nothing at all. Seconds of a fast server are below one.
    const whole = most === 0 || all.every(Number.isInteger);
    return {
        width: WIDTH,
        height,
        layer: [...below, ...lines.map(series)],
        encoding: {
            x: {
                field: "t",
                type: "quantitative",
                scale: { domain: [0, end], nice: false },
                axis:
                    timeTitle === undefined
                        ? { title: null, labels: false, ticks: false, tickCount: 12 }
                        : { title: timeTitle, tickCount: 12 },
            },
            y: {
                type: "quantitative",
                // Some room above, so that the highest value is not mistaken for the frame.
                scale: { domain: [0, (most || 1) * 1.08], nice: false },
                axis: { title, ...(whole && { tickMinStep: 1 }), tickCount: 5 },
            },
            color: {
                type: "nominal",
                scale: { domain: lines.map(({ name }) => name), range: lines.map(({ color }) => color) },
            },
        },
    };
}

function series({ name, points, mark }: PictureLine) {
    return {
        name,
        // Vega marks the data objects that it is given: give it copies.
        data: { values: points.map((point) => ({ ...point })) },
        mark: { type: "line", ...mark },
        encoding: { y: { field: "value", type: "quantitative" }, color: { datum: name } },
    };
}

function rule(mark: { t: number }, from: number, to: number) {
    return {
        data: { values: [mark] },
        mark: { type: "rule", color: palette.grey, strokeDash: [3, 3] },
        encoding: { y: { value: from }, y2: { value: to } },
    };
}

function label(mark: { t: number; label: string }, top: number) {
    return {
        data: { values: [mark] },
        mark: { type: "text", align: "left", baseline: "top", dx: 4, fontSize: 11.5, color: "#333333" },
        encoding: { y: { value: top }, text: { field: "label" } },
    };
}
