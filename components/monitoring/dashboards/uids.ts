/**
 * The identity of each dashboard in Grafana, by its name: part of every link to it, so it never changes. Plain data, so
 * that alerts can name their dashboard without making one.
 */
export const dashboardUids = {
    cluster: "kube-observability-cluster",
    workload: "kube-observability-workload",
    queue: "kube-observability-queue",
    serving: "kube-observability-serving",
    gpu: "kube-observability-gpu",
    logs: "kube-observability-logs",
    monitoring: "kube-observability-monitoring",
} as const;

/** One of the dashboards. */
export type DashboardName = keyof typeof dashboardUids;
