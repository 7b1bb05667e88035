import type { Board, BoardPanel } from "./board";

const ofJob = 'job=~"$job"';

/** The watchers: whether Prometheus sees everything, its rules work and its alerts arrive. */
export const monitoringBoard: Board = {
    name: "monitoring",
    title: "Monitoring itself",
    description: "Targets, scrapes, rules, notifications and configuration of Prometheus and Alertmanager.",
    needs: ["prometheus"],
    variables: [{ name: "job", label: "Job", series: "up", of: "job", several: true }],
    rows: [
        { title: "Targets", panels: targets() },
        { title: "Rules and queries", panels: rules() },
        { title: "Alerts on their way", panels: alerts() },
        { title: "Configuration and space", panels: configuration() },
    ],
    alerts: 'alertname=~"TargetDown|ScrapeSlow|Prometheus.+|Alertmanager.+|DeadMansSwitch.+|.+FillingUp"',
    runbook: "docs/runbooks/monitoring.md",
};

function targets(): BoardPanel[] {
    return [
        {
            title: "Targets that answer",
            unit: "short",
            description: "By job. Fewer than there are pods: a monitor that does not fit them.",
            queries: [{ legend: "{{job}}", expr: `sum by (job) (up{${ofJob}})` }],
        },
        {
            title: "Targets that do not",
            unit: "short",
            description: "Known to Prometheus, and its scrapes of them fail.",
            emptyBecause: "every target answers",
            queries: [
                { legend: "{{namespace}} {{job}}", expr: `count by (namespace, job) (up{${ofJob}} == 0)` },
            ],
        },
        {
            title: "Seconds for a scrape",
            unit: "s",
            description:
                "The slowest target of each job. At the timeout, 10 s unless a monitor says otherwise, it is down.",
            queries: [{ legend: "{{job}}", expr: `max by (job) (scrape_duration_seconds{${ofJob}})` }],
        },
        {
            title: "Samples of a scrape",
            unit: "short",
            description: "What each job adds to the cost of Prometheus, before relabelling drops any.",
            queries: [{ legend: "{{job}}", expr: `sum by (job) (scrape_samples_scraped{${ofJob}})` }],
        },
    ];
}

function rules(): BoardPanel[] {
    return [
        {
            title: "Rules that fail",
            unit: "short",
            description:
                "Evaluations within 5 minutes that ended in an error: what they record is old, what they alert on is not seen.",
            queries: [
                {
                    legend: "failures",
                    expr: "sum(increase(prometheus_rule_evaluation_failures_total[5m]))",
                },
            ],
        },
        {
            title: "Rules that came too late",
            unit: "short",
            description:
                "Evaluations within 5 minutes that were left out because the one before was not done.",
            queries: [
                {
                    legend: "missed",
                    expr: "sum(increase(prometheus_rule_group_iterations_missed_total[5m]))",
                },
            ],
        },
        {
            title: "Seconds for a query",
            unit: "s",
            description: "Nine of ten queries and evaluations take less, by the part of the work.",
            queries: [
                {
                    legend: "{{slice}}",
                    expr: 'max by (slice) (prometheus_engine_query_duration_seconds{quantile="0.9"})',
                },
            ],
            emptyBecause: "nobody asks",
        },
        {
            title: "Series in memory",
            unit: "short",
            description: "The larger part of Prometheus' memory.",
            queries: [{ legend: "{{pod}}", expr: "max by (pod) (prometheus_tsdb_head_series)" }],
        },
        {
            title: "Samples taken",
            unit: "cps",
            description: "In each second, of all targets.",
            queries: [
                {
                    legend: "{{pod}}",
                    expr: "sum by (pod) (rate(prometheus_tsdb_head_samples_appended_total[$__rate_interval]))",
                },
            ],
        },
    ];
}

function alerts(): BoardPanel[] {
    return [
        {
            title: "Alerts that fire",
            unit: "short",
            description: "By name and severity. Watchdog always fires.",
            stacked: true,
            queries: [
                {
                    legend: "{{alertname}} ({{severity}})",
                    expr: 'count by (alertname, severity) (ALERTS{alertstate="firing"})',
                },
            ],
        },
        {
            title: "Alertmanagers known",
            unit: "short",
            description: "Where Prometheus sends alerts. At zero nobody is told.",
            queries: [{ legend: "known", expr: "min(prometheus_notifications_alertmanagers_discovered)" }],
        },
        {
            title: "Notifications that fail",
            unit: "cps",
            description: "Left: from Prometheus to Alertmanager. By receiver: from there to people.",
            queries: [
                {
                    legend: "Prometheus",
                    expr: "sum(rate(prometheus_notifications_errors_total[$__rate_interval]))",
                },
                {
                    legend: "{{integration}}",
                    expr: "sum by (integration) (rate(alertmanager_notifications_failed_total[$__rate_interval])) > 0",
                },
            ],
        },
        {
            title: "Notifications that wait",
            unit: "short",
            description: "In Prometheus, for Alertmanager.",
            queries: [{ legend: "waiting", expr: "max(prometheus_notifications_queue_length)" }],
        },
    ];
}

function configuration(): BoardPanel[] {
    return [
        {
            title: "Configuration taken",
            unit: "short",
            max: 1,
            description: "1 where the last configuration was taken; at 0 the one before is still at work.",
            queries: [
                { legend: "Prometheus", expr: "min(prometheus_config_last_reload_successful)" },
                { legend: "Alertmanager", expr: "min(alertmanager_config_last_reload_successful)" },
            ],
        },
        {
            title: "Memory",
            unit: "bytes",
            description: "Of the processes that were scraped.",
            queries: [{ legend: "{{job}}", expr: `max by (job) (process_resident_memory_bytes{${ofJob}})` }],
        },
        {
            title: "Volumes",
            unit: "percentunit",
            max: 1,
            description: "The share that is full.",
            emptyBecause: "no pod has claimed a volume",
            queries: [
                {
                    legend: "{{namespace}}/{{persistentvolumeclaim}}",
                    expr: "1 - max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes)",
                },
            ],
        },
    ];
}
