import type { Panel } from "../../autoscaling/autoscaler/panels";
import { dcgmOf } from "../../gpu/dcgm-metrics";
import type { DashboardName } from "./uids";

/** What may be measured in a cluster; dashboards show what is. */
export const dashboardSources = [
    "nodes",
    "containers",
    "objects",
    "autoscalers",
    "prometheus",
    "queue",
    "proxy",
    "llm",
    "vllm",
    "gpu",
    "fluent-bit",
    "fluentd",
    "elasticsearch",
    "log-collector",
    "loki",
] as const;

/**
 * `nodes`: the node exporter. `containers`: the kubelets' cAdvisor. `objects`: kube-state-metrics. `autoscalers`:
 * `Autoscaler`. `prometheus`: Prometheus and Alertmanager themselves. `queue`: `RedisQueue`. `proxy`: `QueueingProxy`. `llm`:
 * the simulator of `LlmServer`; `vllm`: vLLM. `gpu`: an exporter of DCGM's series. `fluent-bit`, `fluentd`: the collector of `Logging`.
 * `elasticsearch`: Grafana has a data source of this type, with the logs. `log-collector`: `LogCollectorManifests`. `loki`:
 * `LokiManifests`.
 */
export type DashboardSource = (typeof dashboardSources)[number];

/** A dashboard as data. */
export interface Board {
    readonly name: DashboardName;
    readonly title: string;
    readonly description: string;
    /** Without one of these there is nothing to see. */
    readonly needs: readonly DashboardSource[];
    readonly variables: readonly BoardVariable[];
    readonly rows: readonly BoardRow[];
    /** Label matchers of the alerts that are drawn into its graphs. */
    readonly alerts: string;
    /** Page of the runbooks, from the top of this repository. */
    readonly runbook: string;
}

export interface BoardRow {
    readonly title: string;
    readonly panels: readonly BoardPanel[];
}

/** A panel: one unit, one or more queries. */
export interface BoardPanel extends Panel {
    readonly description: string;
    /** `number`: the last value, large. `logs`: lines from Elasticsearch, with a query of Lucene. @default "lines" */
    readonly kind?: "lines" | "number" | "logs";
    /** Columns of 24. @default 12; 4 of a number; 24 of logs */
    readonly width?: number;
    /** Sources that it needs beside those of its board. @default none */
    readonly needs?: readonly DashboardSource[];
    /** Why nothing may be shown though all is well, for who reads it; Grafana shows it in its place. @default it never is */
    readonly emptyBecause?: string;
    /** Queries, by their legends, with an axis and a unit of their own on the right. @default none */
    readonly right?: { readonly legends: string; readonly unit: string };
    /** Where the axis ends, such as 1 of a share. @default where the values do */
    readonly max?: number;
    /** Whether the values add up. @default false */
    readonly stacked?: boolean;
}

/** A choice at the top of a dashboard: the values of a label. */
export interface BoardVariable {
    readonly name: string;
    readonly label: string;
    /** Series whose label it is; may use the variables before it. */
    readonly series: string;
    readonly of: string;
    /** Several values at a time, and all of them: its queries match with `=~`. @default false */
    readonly several?: boolean;
    /** What stands for all of them. @default ".+", as PromQL has it */
    readonly all?: string;
    /** Follows from the others, and is not shown. @default false */
    readonly hidden?: boolean;
}

/** What is measured here. */
export interface Measured {
    readonly sources: readonly DashboardSource[];
    /** Names of the metrics of DCGM. */
    readonly gpuMetrics: readonly string[];
}

/** The board with the panels that can show something here; undefined where it cannot show anything. */
export function feasible(board: Board, measured: Measured): Board | undefined {
    if (!hasAll(board.needs, measured)) return undefined;
    const rows = board.rows
        .map((row) => ({ ...row, panels: row.panels.filter((panel) => canShow(panel, measured)) }))
        .filter(({ panels }) => panels.length > 0);
    return rows.length === 0 ? undefined : { ...board, rows, variables: used(board, rows) };
}

/** The variables that a panel, an alert or, after it, another of these names. */
function used({ variables, alerts }: Board, rows: readonly BoardRow[]): BoardVariable[] {
    const texts = rows.flatMap(({ panels }) =>
        panels.flatMap(({ queries }) => queries.map(({ expr }) => expr)),
    );
    const needed = new Set([...texts, alerts].flatMap(variablesOf));
    for (const { name, series } of [...variables].reverse()) {
        if (needed.has(name)) for (const other of variablesOf(series)) needed.add(other);
    }
    return variables.filter(({ name }) => needed.has(name));
}

/** The variables that a text names, as `$name` or `${name:format}`; those of Grafana itself not. */
export function variablesOf(text: string): string[] {
    const names = [...text.matchAll(/\$(?:\{(\w+)(?::\w+)?\}|(\w+))/g)].map(
        ([, braced, bare]) => braced ?? bare ?? "",
    );
    return [...new Set(names)].filter((name) => !name.startsWith("__"));
}

function canShow({ needs = [], queries }: BoardPanel, measured: Measured): boolean {
    return (
        hasAll(needs, measured) &&
        queries.every(({ expr }) => dcgmOf(expr).every((metric) => measured.gpuMetrics.includes(metric)))
    );
}

function hasAll(needs: readonly DashboardSource[], { sources }: Measured): boolean {
    return needs.every((source) => sources.includes(source));
}
