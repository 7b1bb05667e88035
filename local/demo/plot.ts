import type { TopLevelSpec } from "vega-lite";
import { milestones, placeLabels } from "./milestones";
import type { QueueRun } from "./queue-result";

/** From Okabe and Ito's palette, made to stay apart for every kind of colour blindness. */
const BLUE = "#0072B2";
const ORANGE = "#E69F00";
const GREEN = "#009E73";
const GREY = "#777777";

/** Pixels. */
const WIDTH = 780;
const QUEUE_HEIGHT = 230;
const REPLICAS_HEIGHT = 150;
const SPACING = 12;
const LABEL_ROW = 16;
const LABEL_CHAR_WIDTH = 6.2;

type Vega = Pick<typeof import("vega"), "parse" | "View"> & Pick<typeof import("vega-lite"), "compile">;

/** A run as a picture: queue length above, replicas below, one time axis, the milestones across both. */
export function plotSvg(run: QueueRun, subtitle: string[]): Promise<string> {
    // Vega marks the data objects that it is given: give it a copy.
    return svgOf(plotSpec(structuredClone(run), subtitle));
}

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
export function plotSpec(run: QueueRun, subtitle: string[]): TopLevelSpec {
    const end = Math.max(1, run.samples.at(-1)?.t ?? 0, run.backToZeroSeconds ?? 0);
    const marks = placeLabels(milestones(run), WIDTH, end, LABEL_CHAR_WIDTH);
    const recorded = (run.recorded?.points ?? []).filter((point) => point.t <= end);
    const stroke = { interpolate: "step-after", strokeWidth: 2 };
    const queue = [
        series(run.samples, "queued", "read from redis", stroke),
        ...(recorded.length === 0
            ? []
            : [
                  series(recorded, "queued", "recorded by Prometheus", {
                      strokeWidth: 1,
                      point: { size: 24 },
                  }),
              ]),
    ];
    const replicas = [
        series(run.samples, "desired", "wanted", { ...stroke, strokeDash: [6, 3] }),
        series(run.samples, "ready", "Ready", { ...stroke, strokeWidth: 2.5 }),
    ];
    const most = (values: (number | null)[]) => Math.max(1, ...values.map((value) => value ?? 0));
    const queueTop = most([...run.samples, ...recorded].map((sample) => sample.queued));
    const replicasTop = most(run.samples.flatMap((sample) => [sample.desired, sample.ready]));
    const lines = marks.map((mark) => ({ ...mark, top: -LABEL_ROW * (mark.row + 1) }));
    return {
        $schema: "https://vega.github.io/schema/vega-lite/v6.json",
        title: { text: `A burst of ${run.requested} messages through the redis queue`, subtitle },
        vconcat: [
            panel(QUEUE_HEIGHT, end, "queue length (messages)", queueTop, false, [
                ...lines.flatMap((mark) => [rule(mark, mark.top, QUEUE_HEIGHT), label(mark, mark.top)]),
                ...queue,
            ]),
            panel(REPLICAS_HEIGHT, end, "consumer replicas", replicasTop, true, [
                ...marks.map((mark) => rule(mark, 0, REPLICAS_HEIGHT)),
                ...replicas,
            ]),
        ],
        spacing: SPACING,
        resolve: { scale: { color: "independent" } },
        background: "white",
        padding: 16,
        config: {
            font: "Helvetica, Arial, sans-serif",
            title: { anchor: "start", fontSize: 16, subtitleFontSize: 12, subtitleColor: GREY, offset: 14 },
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

const COLORS = {
    "read from redis": BLUE,
    "recorded by Prometheus": ORANGE,
    wanted: ORANGE,
    Ready: GREEN,
};

type Series = keyof typeof COLORS;

function panel(height: number, end: number, title: string, most: number, seconds: boolean, layer: object[]) {
    const names = layer.flatMap((one) => ("name" in one ? [one.name as Series] : []));
    return {
        width: WIDTH,
        height,
        layer,
        encoding: {
            x: {
                field: "t",
                type: "quantitative",
                scale: { domain: [0, end], nice: false },
                axis: seconds
                    ? { title: "seconds since the burst was sent", tickCount: 12 }
                    : { title: null, labels: false, ticks: false, tickCount: 12 },
            },
            y: {
                type: "quantitative",
                // Some room above, so that the highest value is not mistaken for the frame.
                scale: { domain: [0, most * 1.08], nice: false },
                axis: { title, tickMinStep: 1, tickCount: 5 },
            },
            color: { type: "nominal", scale: { domain: names, range: names.map((name) => COLORS[name]) } },
        },
    };
}

/** A reading that failed is null, and leaves a gap in the line. */
function series(values: object[], field: string, name: Series, mark: object) {
    return {
        name,
        data: { values },
        mark: { type: "line", ...mark },
        encoding: { y: { field, type: "quantitative" }, color: { datum: name } },
    };
}

function rule(mark: { t: number }, from: number, to: number) {
    return {
        data: { values: [mark] },
        mark: { type: "rule", color: GREY, strokeDash: [3, 3] },
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
