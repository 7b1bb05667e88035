import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import {
    AxisPlacement,
    LegendDisplayMode,
    LegendPlacement,
    StackingConfigBuilder,
    StackingMode,
    TooltipDisplayMode,
    VisibilityMode,
    VizLegendOptionsBuilder,
    VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import type { GridPos, Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import * as elasticsearch from "@grafana/grafana-foundation-sdk/elasticsearch";
import * as logs from "@grafana/grafana-foundation-sdk/logs";
import * as prometheus from "@grafana/grafana-foundation-sdk/prometheus";
import * as stat from "@grafana/grafana-foundation-sdk/stat";
import * as timeseries from "@grafana/grafana-foundation-sdk/timeseries";
import type { BoardPanel } from "./board";

/** A panel to be numbered and placed. */
export interface PanelBuilder extends Builder<Panel> {
    id(id: number): this;
    gridPos(position: GridPos): this;
}

const sizes = { lines: { w: 12, h: 8 }, number: { w: 4, h: 4 }, logs: { w: 24, h: 14 } } as const;

/** Columns and lines of a panel. */
export function panelSize({ kind = "lines", width }: BoardPanel): { w: number; h: number } {
    return { ...sizes[kind], ...(width !== undefined && { w: width }) };
}

/** A panel as Grafana draws it, neither numbered nor placed yet. */
export function buildPanel(panel: BoardPanel): PanelBuilder {
    const { kind = "lines" } = panel;
    if (kind === "logs") return logLines(panel);
    return kind === "number" ? number(panel) : lines(panel);
}

function lines(panel: BoardPanel): PanelBuilder {
    const made = new timeseries.PanelBuilder()
        .title(panel.title)
        .description(panel.description)
        .datasource(chosenSource("prometheus"))
        .unit(panel.unit)
        .min(0)
        .targets(queries(panel))
        .noValue(panel.emptyBecause ?? "nothing is measured")
        .lineWidth(1)
        .fillOpacity(panel.stacked ? 40 : 5)
        .showPoints(VisibilityMode.Never)
        // A gap is a gap: no line over an outage.
        .spanNulls(false)
        .stacking(new StackingConfigBuilder().mode(panel.stacked ? StackingMode.Normal : StackingMode.None))
        .legend(
            new VizLegendOptionsBuilder()
                .displayMode(LegendDisplayMode.List)
                .placement(LegendPlacement.Bottom)
                .showLegend(true),
        )
        .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi));
    if (panel.max !== undefined) made.max(panel.max);
    if (panel.right) {
        made.overrideByRegexp(panel.right.legends, [
            { id: "custom.axisPlacement", value: AxisPlacement.Right },
            { id: "unit", value: panel.right.unit },
        ]);
    }
    return made;
}

function number(panel: BoardPanel): PanelBuilder {
    return new stat.PanelBuilder()
        .title(panel.title)
        .description(panel.description)
        .datasource(chosenSource("prometheus"))
        .unit(panel.unit)
        .targets(queries(panel))
        .noValue(panel.emptyBecause ?? "nothing is measured");
}

function logLines(panel: BoardPanel): PanelBuilder {
    const queries = panel.queries.map(({ expr }, i) =>
        new elasticsearch.DataqueryBuilder()
            .datasource(chosenSource("logs"))
            .query(expr)
            .refId(refId(i))
            .timeField("@timestamp")
            .bucketAggs([])
            // The builder of the SDK calls its type "unknown".
            .metrics([{ build: () => ({ id: "1", type: "logs" }) }]),
    );
    return new logs.PanelBuilder()
        .title(panel.title)
        .description(panel.description)
        .datasource(chosenSource("logs"))
        .targets(queries)
        .showTime(true)
        .wrapLogMessage(true);
}

function queries({ queries }: BoardPanel): Builder<Dataquery>[] {
    return queries.map(({ legend, expr }, i) =>
        new prometheus.DataqueryBuilder()
            .datasource(chosenSource("prometheus"))
            .expr(expr)
            .legendFormat(legend)
            .refId(refId(i))
            .range(),
    );
}

/** The data source that is chosen at the top. */
export function chosenSource(kind: "prometheus" | "logs") {
    return kind === "logs"
        ? { type: "elasticsearch", uid: "$logs" }
        : { type: "prometheus", uid: "$datasource" };
}

/** A, B, C and so on, as Grafana names queries. */
function refId(i: number): string {
    return String.fromCharCode("A".charCodeAt(0) + i);
}
