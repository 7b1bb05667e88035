import { type DashboardName, dashboardUids } from "./dashboards/uids";
import type { Alert } from "./monitors";

/** A page of the runbooks, by its name. */
export type RunbookPage = "autoscaler" | "gpu" | "logs" | "monitoring" | "queue" | "serving";

/** The dashboard that shows what the alerts of a page are about. */
const dashboardOf: Readonly<Record<RunbookPage, DashboardName>> = {
    autoscaler: "workload",
    gpu: "gpu",
    logs: "logs",
    monitoring: "monitoring",
    queue: "queue",
    serving: "serving",
};

/** What differs from alert to alert. */
export interface AlertText {
    readonly expr: string;
    readonly for?: string;
    readonly severity: Alert["labels"]["severity"];
    /** Labels beside those of the expression. @default none */
    readonly labels?: Readonly<Record<string, string>>;
    readonly summary: string;
    readonly description: string;
    /** @default that of the page */
    readonly dashboard?: DashboardName;
}

/** An alert with the way on from it: to its runbook, and to the dashboard that shows what it is about. */
export function alertOf(page: RunbookPage, name: string, given: AlertText): Alert {
    return {
        alert: name,
        expr: given.expr,
        ...(given.for !== undefined && { for: given.for }),
        labels: { severity: given.severity, ...given.labels },
        annotations: {
            summary: given.summary,
            description: given.description,
            runbook_url: `docs/runbooks/${page}.md#${name.toLowerCase()}`,
            // The annotation by which Grafana itself finds the dashboard of an alert.
            __dashboardUid__: dashboardUids[given.dashboard ?? dashboardOf[page]],
        },
    };
}
