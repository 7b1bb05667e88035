import { alertOf } from "../../monitoring/alert";
import type { Alert, RuleGroup } from "../../monitoring/monitors";

export interface MonitoringRulesArgs {
    /** Whether Prometheus keeps its samples on a volume that it has claimed. @default false */
    readonly volume?: boolean;
}

/**
 * The alerts that watch the watchers: without them nobody learns that the other alerts are blind. Those that
 * kube-prometheus-stack has, too, are called as they are there.
 */
export function monitoringRules({ volume = false }: MonitoringRulesArgs = {}): RuleGroup {
    return {
        rules: [
            ...targets,
            ...rules,
            ...configuration,
            ...notifications,
            diskFull,
            ...(volume ? [volumeFull] : []),
        ],
    };
}

const targets: readonly Alert[] = [
    alertOf("monitoring", "Watchdog", {
        expr: "vector(1)",
        severity: "none",
        summary: "Alerting works",
        description: "Always fires. Route it to a receiver that alarms when it stops.",
    }),
    alertOf("monitoring", "TargetDown", {
        expr: "100 * count by (job, namespace) (up == 0) / count by (job, namespace) (up) > 10",
        for: "5m",
        severity: "warning",
        summary: "Targets cannot be scraped",
        description: '{{ $value | humanize }}% of "{{ $labels.job }}" in {{ $labels.namespace }} are down.',
    }),
    alertOf("monitoring", "ScrapeSlow", {
        // Half of the 10 s that a scrape may take unless its monitor says otherwise.
        expr: "max by (job, namespace, instance) (scrape_duration_seconds) > 5",
        for: "10m",
        severity: "warning",
        summary: "A scrape takes long",
        description:
            "{{ $labels.instance }} of {{ $labels.namespace }}/{{ $labels.job }} takes {{ $value | humanizeDuration }} to answer. At its timeout it is down.",
    }),
];

const rules: readonly Alert[] = [
    alertOf("monitoring", "PrometheusRuleFailures", {
        expr: "increase(prometheus_rule_evaluation_failures_total[5m]) > 0",
        for: "5m",
        severity: "critical",
        summary: "Rules fail",
        description: "Group {{ $labels.rule_group }} failed {{ $value | humanize }} times in 5 minutes.",
    }),
    alertOf("monitoring", "PrometheusMissingRuleEvaluations", {
        expr: "increase(prometheus_rule_group_iterations_missed_total[5m]) > 0",
        for: "15m",
        severity: "warning",
        summary: "Rules come too late",
        description:
            "Group {{ $labels.rule_group }} was left out {{ $value | humanize }} times in 5 minutes: it takes longer than its interval.",
    }),
];

const configuration: readonly Alert[] = [
    alertOf("monitoring", "PrometheusBadConfig", {
        expr: "max_over_time(prometheus_config_last_reload_successful[5m]) == 0",
        for: "5m",
        severity: "critical",
        summary: "Prometheus does not take its configuration",
        description:
            "{{ $labels.namespace }}/{{ $labels.pod }} goes on with the one before: new targets and rules are not there.",
    }),
    alertOf("monitoring", "AlertmanagerFailedReload", {
        expr: "max_over_time(alertmanager_config_last_reload_successful[5m]) == 0",
        for: "5m",
        severity: "critical",
        summary: "Alertmanager does not take its configuration",
        description:
            "{{ $labels.namespace }}/{{ $labels.pod }} goes on with the one before: alerts may go to the wrong people.",
    }),
    alertOf("monitoring", "PrometheusOperatorRejectedResources", {
        expr: 'min_over_time(prometheus_operator_managed_resources{state="rejected"}[5m]) > 0',
        for: "5m",
        severity: "warning",
        summary: "Monitors or rules are left out",
        description:
            "The operator has rejected {{ $value }} objects of {{ $labels.resource }}: nothing of them is in force.",
    }),
];

const notifications: readonly Alert[] = [
    alertOf("monitoring", "PrometheusNotConnectedToAlertmanagers", {
        expr: "max_over_time(prometheus_notifications_alertmanagers_discovered[5m]) < 1",
        for: "10m",
        severity: "critical",
        summary: "Prometheus knows no Alertmanager",
        description:
            "Alerts of {{ $labels.namespace }}/{{ $labels.pod }} reach nobody. Seen in Prometheus, and by the dead man's switch.",
    }),
    alertOf("monitoring", "PrometheusErrorSendingAlertsToAnyAlertmanager", {
        expr: "rate(prometheus_notifications_errors_total[5m]) > 0.03 * rate(prometheus_notifications_sent_total[5m])",
        for: "10m",
        severity: "critical",
        summary: "Alertmanager does not take alerts",
        description:
            "Alerts from {{ $labels.namespace }}/{{ $labels.pod }} to {{ $labels.alertmanager }} fail.",
    }),
];

const files = 'fstype!~"tmpfs|ramfs|squashfs"';

const diskFull = alertOf("monitoring", "NodeFilesystemSpaceFillingUp", {
    expr:
        `node_filesystem_avail_bytes{${files}} / node_filesystem_size_bytes{${files}} < 0.2 and ` +
        `predict_linear(node_filesystem_avail_bytes{${files}}[1h], 4 * 3600) < 0 and node_filesystem_readonly{${files}} == 0`,
    for: "30m",
    severity: "warning",
    dashboard: "cluster",
    summary: "A file system will be full within hours",
    description:
        "{{ $labels.mountpoint }} of {{ $labels.instance }} has {{ $value | humanizePercentage }} left, and is full within four hours as of the last one.",
});

const volumeFull = alertOf("monitoring", "KubePersistentVolumeFillingUp", {
    expr:
        "kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes < 0.15 and " +
        "predict_linear(kubelet_volume_stats_available_bytes[6h], 4 * 86400) < 0",
    for: "1h",
    severity: "warning",
    summary: "A volume will be full within days",
    description:
        "{{ $labels.namespace }}/{{ $labels.persistentvolumeclaim }} has {{ $value | humanizePercentage }} left, and is full within four days as of the last hours.",
});
