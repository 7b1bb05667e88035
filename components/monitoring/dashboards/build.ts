import * as grafana from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import type { Board, BoardVariable } from "./board";
import { buildPanel, chosenSource, panelSize } from "./panels";
import { dashboardUids } from "./uids";

/** Columns of a dashboard. */
const columns = 24;

/** The tag of all of them, by which they list each other. */
export const dashboardTag = "kube-observability";

/**
 * The JSON of a dashboard, as Grafana exports it. The same board is the same text: nothing in it is counted up, random
 * or of today.
 *
 * @param runbooks address at which the top of this repository is read, without a slash at its end
 */
export function dashboardJson(board: Board, runbooks?: string): string {
    return JSON.stringify(build(board, runbooks), visible, 1);
}

/** The SDK hides links and annotations in a menu unless it is told otherwise, and there is no way to tell it. */
function visible(key: string, value: unknown): unknown {
    return key === "placement" && value === "inControlsMenu" ? undefined : value;
}

function build(board: Board, runbooks: string | undefined): grafana.Dashboard {
    const made = new grafana.DashboardBuilder(board.title)
        .uid(dashboardUids[board.name])
        .description(board.description)
        .tags([dashboardTag])
        .timezone("browser")
        .tooltip(grafana.DashboardCursorSync.Crosshair)
        .time({ from: "now-1h", to: "now" })
        .refresh("30s")
        .variables([sourceVariable(board), ...board.variables.map(queryVariable)].flat())
        .annotation(firingAlerts(board))
        .links(links(board, runbooks));
    placePanels(board, made);
    return made.build();
}

/** From left to right, and on to the next line where a panel has no room. Ids count along. */
function placePanels({ rows }: Board, made: grafana.DashboardBuilder): void {
    let id = 1;
    let y = 0;
    for (const { title, panels } of rows) {
        made.withRow(new grafana.RowBuilder(title).id(id++).gridPos({ x: 0, y, w: columns, h: 1 }));
        y += 1;
        let x = 0;
        let height = 0;
        for (const panel of panels) {
            const { w, h } = panelSize(panel);
            if (x + w > columns) {
                y += height;
                x = 0;
                height = 0;
            }
            made.withPanel(buildPanel(panel).id(id++).gridPos({ x, y, w, h }));
            x += w;
            height = Math.max(height, h);
        }
        y += height;
    }
}

/** Which Prometheus; and which Elasticsearch, where logs are shown. */
function sourceVariable({ rows }: Board): grafana.DatasourceVariableBuilder[] {
    const variable = (name: string, label: string, type: string) =>
        new grafana.DatasourceVariableBuilder(name).label(label).type(type);
    const logs = rows.some(({ panels }) => panels.some(({ kind }) => kind === "logs"));
    return [
        variable("datasource", "Prometheus", "prometheus"),
        ...(logs ? [variable("logs", "Logs", "elasticsearch")] : []),
    ];
}

function queryVariable({ name, label, several, all, hidden, ...query }: BoardVariable) {
    const text = labelValues(query);
    const variable = new grafana.QueryVariableBuilder(name)
        .label(label)
        .datasource(chosenSource("prometheus"))
        .query({ query: text, refId: name })
        .definition(text)
        .refresh(grafana.VariableRefresh.OnTimeRangeChanged)
        .sort(grafana.VariableSort.AlphabeticalAsc);
    if (several)
        variable
            .multi(true)
            .includeAll(true)
            .allValue(all ?? ".+")
            .current(everything);
    if (hidden) variable.hide(grafana.VariableHide.HideVariable);
    return variable;
}

const everything = { text: ["All"], value: ["$__all"] };

/** What Grafana asks for the values of a label. */
export function labelValues({ series, of }: Pick<BoardVariable, "series" | "of">): string {
    return `label_values(${series}, ${of})`;
}

/** The alerts of the dashboard's concern, drawn into every graph for as long as they fire. */
function firingAlerts(board: Board): grafana.AnnotationQueryBuilder {
    return new grafana.AnnotationQueryBuilder()
        .name("Alerts")
        .enable(true)
        .datasource(chosenSource("prometheus"))
        .iconColor("red")
        .expr(alertsOf(board))
        .titleFormat("{{alertname}}")
        .textFormat("{{severity}}")
        .step("30s")
        .target(new DataqueryBuilder().expr(alertsOf(board)).refId("Alerts").range());
}

/** The series of the alerts that fire. */
export function alertsOf({ alerts }: Board): string {
    return `ALERTS{alertstate="firing",${alerts}}`;
}

function links({ runbook }: Board, runbooks: string | undefined): grafana.DashboardLinkBuilder[] {
    return [
        new grafana.DashboardLinkBuilder("Other dashboards")
            .type(grafana.DashboardLinkType.Dashboards)
            .tags([dashboardTag])
            .asDropdown(true)
            .keepTime(true),
        ...(runbooks === undefined
            ? []
            : [
                  new grafana.DashboardLinkBuilder("Runbook")
                      .type(grafana.DashboardLinkType.Link)
                      .url(`${runbooks}/${runbook}`)
                      .targetBlank(true),
              ]),
    ];
}
