import type { TopLevelSpec } from "vega-lite";
import { svgOf } from "../demo/plot";
import type { Row } from "./figures";

/** Cumulative shares of the reaction times: for each step a panel, for each back end and its settings a line. */
export function scalePlot(rows: readonly Row[], subtitle: string): Promise<string> {
    return svgOf(scaleSpec(rows, subtitle));
}

/** The picture as a Vega-Lite specification, with its data in it. */
export function scaleSpec(rows: readonly Row[], subtitle: string): TopLevelSpec {
    const values = rows.flatMap((row) =>
        row.steps
            .flatMap(({ desiredSeconds }) => (desiredSeconds === null ? [] : [desiredSeconds]))
            .toSorted((a, b) => a - b)
            .map((seconds, index) => ({
                step: row.title,
                line: `${row.backend}, ${row.settings}, HPA ${row.syncSeconds} s`,
                seconds,
                share: (index + 1) / row.steps.length,
            })),
    );
    return {
        $schema: "https://vega.github.io/schema/vega-lite/v6.json",
        title: { text: "From a step in demand to more replicas desired", subtitle },
        data: { values },
        facet: { field: "step", type: "nominal", title: null, header: { labelFontSize: 13 } },
        columns: 2,
        spec: {
            width: 360,
            height: 200,
            mark: { type: "line", interpolate: "step-after", strokeWidth: 2 },
            encoding: {
                x: {
                    field: "seconds",
                    type: "quantitative",
                    title: "seconds since the step",
                    scale: { type: "symlog", constant: 1 },
                },
                y: {
                    field: "share",
                    type: "quantitative",
                    title: "share of steps",
                    scale: { domain: [0, 1] },
                },
                color: {
                    field: "line",
                    type: "nominal",
                    title: null,
                    scale: {
                        // From Okabe and Ito's palette, made to stay apart for every kind of colour blindness.
                        range: [
                            "#0072B2",
                            "#E69F00",
                            "#009E73",
                            "#CC79A7",
                            "#56B4E9",
                            "#D55E00",
                            "#777777",
                            "#000000",
                        ],
                    },
                },
            },
        },
        background: "white",
        padding: 16,
        config: { legend: { labelLimit: 0, orient: "bottom", columns: 2 } },
    } as TopLevelSpec;
}
