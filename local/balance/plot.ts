import type { TopLevelSpec } from "vega-lite";
import { svgOf } from "../demo/plot";
import type { Row } from "./figures";

/** From Okabe and Ito's palette, made to stay apart for every kind of colour blindness. */
const colors = ["#D55E00", "#E69F00", "#56B4E9", "#0072B2", "#009E73"];

/** For each policy the share of requests that wait longer than so many mean times of service. */
export function balancePlot(rows: readonly Row[], subtitle: string): Promise<string> {
    return svgOf(balanceSpec(rows, subtitle));
}

/** The picture as a Vega-Lite specification, with its data in it. */
export function balanceSpec(rows: readonly Row[], subtitle: string): TopLevelSpec {
    const titles = rows.map(({ title }) => title);
    const values = rows.flatMap(({ title, tail }) => tail.map((point) => ({ policy: title, ...point })));
    return {
        $schema: "https://vega.github.io/schema/vega-lite/v6.json",
        title: {
            text: "Requests that wait longer: the same trace, five policies",
            subtitle,
            anchor: "start",
        },
        data: { values },
        width: 720,
        height: 360,
        mark: { type: "line", interpolate: "step-before", strokeWidth: 2 },
        encoding: {
            x: {
                field: "wait",
                type: "quantitative",
                title: "wait, in mean times of service",
            },
            y: {
                field: "share",
                type: "quantitative",
                title: "share of requests that wait longer",
                scale: { type: "log", domain: [0.001, 1] },
                axis: { values: [0.001, 0.01, 0.1, 1], format: "~%" },
            },
            color: {
                field: "policy",
                type: "nominal",
                title: null,
                sort: titles,
                scale: { domain: titles, range: colors.slice(0, titles.length) },
            },
        },
        background: "white",
        padding: 16,
        // Where none of the lines is.
        config: {
            legend: { labelLimit: 0, orient: "top-right", symbolType: "stroke", symbolStrokeWidth: 3 },
        },
    } as TopLevelSpec;
}
