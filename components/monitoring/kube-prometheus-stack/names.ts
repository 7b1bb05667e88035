import { appLabel, type Labels } from "../../conventions";

/** Names and labels that the chart and the operator give, fixed here so that others can rely on them. */

/** Name of the Helm release and first part of its objects' names; the chart cuts it at 26 letters. */
export const fullName = "monitoring";

/** Namespace of the stack, when none is given. */
export const defaultNamespace = "monitoring";

/** The servers that people look at. */
export type MonitoringServer = "grafana" | "prometheus" | "alertmanager";

/** Name of each server's Service, and the port of its pods. */
export const servers = {
    grafana: { service: "grafana", servicePort: 80, port: 3000 },
    prometheus: { service: `${fullName}-prometheus`, servicePort: 9090, port: 9090 },
    alertmanager: { service: `${fullName}-alertmanager`, servicePort: 9093, port: 9093 },
} as const satisfies Record<MonitoringServer, { service: string; servicePort: number; port: number }>;

/** The address of a server inside the cluster. */
export function inClusterUrl(server: MonitoringServer, namespace: string): string {
    const { service, servicePort } = servers[server];
    return `http://${service}.${namespace}.svc${servicePort === 80 ? "" : `:${servicePort}`}`;
}

/** The labels of each workload's pods. */
export const pods = {
    grafana: appLabel("grafana"),
    prometheus: {
        ...appLabel("prometheus"),
        "operator.prometheus.io/name": servers.prometheus.service,
    },
    alertmanager: { ...appLabel("alertmanager"), alertmanager: servers.alertmanager.service },
    operator: appLabel("kube-prometheus-stack-prometheus-operator"),
    kubeStateMetrics: appLabel("kube-state-metrics"),
} as const satisfies Record<string, Labels>;

/** The Secret with Grafana's administrator, and its keys. */
export const grafanaAdmin = {
    secret: "grafana-admin",
    userKey: "admin-user",
    passwordKey: "admin-password",
    user: "admin",
} as const;

/** The ClusterRole by which Grafana's sidecars look for dashboards. */
export const dashboardReader = `${fullName}-dashboard-reader`;

/** The Secret with Alertmanager's configuration, under the key `alertmanager.yaml`. */
export const alertmanagerSecret = "alertmanager-config";
