import type { RuleGroup } from "../../monitors";

/** The alerts that watch the watchers: without them nobody learns that the other alerts are blind. */
export const monitoringRules: RuleGroup = {
    rules: [
        {
            alert: "Watchdog",
            expr: "vector(1)",
            labels: { severity: "none" },
            annotations: {
                summary: "Alerting works",
                description: "Always fires. Route it to a receiver that alarms when it stops.",
            },
        },
        {
            alert: "TargetDown",
            expr: "100 * count by (job, namespace) (up == 0) / count by (job, namespace) (up) > 10",
            for: "5m",
            labels: { severity: "warning" },
            annotations: {
                summary: "Targets cannot be scraped",
                description:
                    '{{ $value | humanize }}% of "{{ $labels.job }}" in {{ $labels.namespace }} are down.',
            },
        },
        {
            alert: "PrometheusRuleFailures",
            expr: "increase(prometheus_rule_evaluation_failures_total[5m]) > 0",
            for: "5m",
            labels: { severity: "critical" },
            annotations: {
                summary: "Rules fail",
                description:
                    "Group {{ $labels.rule_group }} failed {{ $value | humanize }} times in 5 minutes.",
            },
        },
    ],
};
