import type { CustomResourceArgs } from "@pulumi/kubernetes/apiextensions";
import type { Input } from "@pulumi/pulumi";
import { appLabel, type Labels } from "../conventions";

/** What to scrape: the pods of one application, at one port by name. */
export interface MonitorArgs {
    /** Value of `app.kubernetes.io/name` on the Service (ServiceMonitor) or the pods (PodMonitor). */
    readonly app: string;
    readonly namespace: Input<string>;
    /** Name of the port. */
    readonly port: string;
    /** Path of the metrics. @default "/metrics" */
    readonly path?: string | undefined;
    /** How often. @default the server's scrape interval */
    readonly interval?: string | undefined;
    /** Regular expression for the names of the series that are kept, anchored. @default all */
    readonly keep?: string | undefined;
    /**
     * Whether a label of the target's own, such as `namespace`, stays as it is, where else it becomes
     * `exported_namespace`: for what tells of other objects than itself. @default false
     */
    readonly honorLabels?: boolean | undefined;
}

/** A ServiceMonitor: Prometheus scrapes every pod behind the application's Service. */
export function serviceMonitor(args: MonitorArgs): CustomResourceArgs {
    return {
        apiVersion: "monitoring.coreos.com/v1",
        kind: "ServiceMonitor",
        metadata: metadata(args),
        spec: { ...selection(args), endpoints: [endpoint(args)] },
    };
}

/** A PodMonitor: Prometheus scrapes the application's pods, which have no Service. */
export function podMonitor(args: MonitorArgs): CustomResourceArgs {
    return {
        apiVersion: "monitoring.coreos.com/v1",
        kind: "PodMonitor",
        metadata: metadata(args),
        spec: { ...selection(args), podMetricsEndpoints: [endpoint(args)] },
    };
}

/** The relabelling that drops every series whose name the expression does not match. */
export function keepOnly(names: string) {
    return [{ sourceLabels: ["__name__"], regex: names, action: "keep" }];
}

/** A PrometheusRule object with one group of rules. */
export function prometheusRule(
    name: string,
    namespace: Input<string>,
    group: RuleGroup,
    labels?: Labels,
): CustomResourceArgs {
    return {
        apiVersion: "monitoring.coreos.com/v1",
        kind: "PrometheusRule",
        metadata: { name, namespace, ...(labels && { labels }) },
        spec: { groups: [{ name, ...group }] },
    };
}

export interface RuleGroup {
    /** How often the group is evaluated. @default the server's evaluation interval */
    readonly interval?: string;
    readonly rules: readonly Rule[];
}

/** A recording rule or an alert. */
export type Rule = RecordingRule | Alert;

export interface RecordingRule {
    readonly record: string;
    readonly expr: string;
    readonly labels?: Readonly<Record<string, string>>;
}

export interface Alert {
    readonly alert: string;
    readonly expr: string;
    /** How long the expression must hold. @default fires at once */
    readonly for?: string;
    readonly labels: {
        readonly severity: "none" | "info" | "warning" | "critical";
        readonly [label: string]: string;
    };
    readonly annotations: {
        readonly summary: string;
        readonly description: string;
        /** Where it is explained what to do. */
        readonly runbook_url?: string;
        /** Identity in Grafana of the dashboard that shows what it is about; Grafana's own name for it. */
        readonly __dashboardUid__?: string;
    };
}

function metadata({ app, namespace }: MonitorArgs) {
    return { name: app, namespace, labels: appLabel(app) };
}

function selection({ app }: MonitorArgs) {
    // Without it a PodMonitor's targets have the job "namespace/name"; so it is the application in both kinds.
    return { jobLabel: "app.kubernetes.io/name", selector: { matchLabels: appLabel(app) } };
}

function endpoint({ port, path, interval, keep, honorLabels }: MonitorArgs) {
    return {
        port,
        ...(path !== undefined && { path }),
        ...(interval !== undefined && { interval }),
        ...(honorLabels !== undefined && { honorLabels }),
        ...(keep !== undefined && { metricRelabelings: keepOnly(keep) }),
    };
}
