import { monitoringRules } from "../../../components/manifests/monitoring/rules";
import { type AlertCase, itAlerts } from "../support/alert-cases";
import type { FiringAlert, Samples } from "../support/promtool";

const rules = monitoringRules({ volume: true });

const prometheus = { namespace: "monitoring", job: "prometheus", pod: "prometheus-main-0" };
const alertmanager = { namespace: "monitoring", job: "alertmanager", pod: "alertmanager-main-0" };
const labelled = (name: string, labels: Readonly<Record<string, string>>) =>
    `${name}{${Object.entries(labels)
        .map(([label, value]) => `${label}="${value}"`)
        .join(",")}}`;
const fires = (alert: string, labels: Readonly<Record<string, string>>): FiringAlert => ({ alert, labels });

const hour = 3600;
const target = (instance: string) => ({ namespace: "shop", job: "web", instance });
const group = { ...prometheus, rule_group: "web" };
const peer = { ...prometheus, alertmanager: "http://10.0.0.2:9093/api/v2/alerts" };
const rejected = { namespace: "monitoring", resource: "PrometheusRule", state: "rejected" };
const disk = { instance: "10.0.0.3:9100", mountpoint: "/", fstype: "ext4", device: "sda1" };
const memory = { ...disk, mountpoint: "/dev/shm", fstype: "tmpfs" };
const volume = { namespace: "monitoring", persistentvolumeclaim: "prometheus-main-db-0" };

/** [what happens, series, [seconds after the start, alerts that fire beside Watchdog]…]; a sample each minute. */
const cases: readonly AlertCase[] = [
    ["nothing is measured at all", {}, [600]],
    [
        "one of two targets is down",
        {
            [labelled("up", target("a"))]: [[1, hour]],
            [labelled("up", target("b"))]: [
                [1, 600],
                [0, hour],
            ],
        },
        [840],
        [1020, fires("TargetDown", { namespace: "shop", job: "web" })],
    ],
    [
        "a target takes long to answer",
        {
            [labelled("scrape_duration_seconds", target("a"))]: [
                [4.9, 600],
                [6, hour],
            ],
        },
        [1080],
        [1320, fires("ScrapeSlow", target("a"))],
    ],
    [
        "a group of rules fails",
        {
            [labelled("prometheus_rule_evaluation_failures_total", group)]: [
                [0, 600],
                ["0+2", hour],
            ],
        },
        [780],
        [1200, fires("PrometheusRuleFailures", group)],
    ],
    [
        "a group of rules does not keep its pace",
        {
            [labelled("prometheus_rule_group_iterations_missed_total", group)]: [
                [0, 600],
                ["0+2", hour],
            ],
        },
        [1200],
        [2000, fires("PrometheusMissingRuleEvaluations", group)],
    ],
    [
        "Prometheus does not take its configuration",
        {
            [labelled("prometheus_config_last_reload_successful", prometheus)]: [
                [1, 600],
                [0, hour],
            ],
        },
        [1020],
        [1380, fires("PrometheusBadConfig", prometheus)],
    ],
    [
        "Alertmanager does not take its configuration",
        {
            [labelled("alertmanager_config_last_reload_successful", alertmanager)]: [
                [1, 600],
                [0, hour],
            ],
        },
        [1020],
        [1380, fires("AlertmanagerFailedReload", alertmanager)],
    ],
    [
        "a rule is rejected",
        {
            [labelled("prometheus_operator_managed_resources", rejected)]: [
                [0, 600],
                [1, hour],
            ],
        },
        [1020],
        [1380, fires("PrometheusOperatorRejectedResources", rejected)],
    ],
    [
        "Prometheus knows no Alertmanager",
        {
            [labelled("prometheus_notifications_alertmanagers_discovered", prometheus)]: [
                [1, 600],
                [0, hour],
            ],
        },
        [1200],
        [1680, fires("PrometheusNotConnectedToAlertmanagers", prometheus)],
    ],
    [
        "Alertmanager takes no alerts",
        {
            [labelled("prometheus_notifications_sent_total", peer)]: [["0+10", 2 * hour]],
            [labelled("prometheus_notifications_errors_total", peer)]: [
                [0, 600],
                ["0+10", hour],
            ],
        },
        [1080],
        [1680, fires("PrometheusErrorSendingAlertsToAnyAlertmanager", peer)],
    ],
    [
        "few of many alerts fail",
        {
            [labelled("prometheus_notifications_sent_total", peer)]: [["0+100", 2 * hour]],
            [labelled("prometheus_notifications_errors_total", peer)]: [["0+1", 2 * hour]],
        },
        [hour],
    ],
    [
        "nothing is sent, and nothing fails",
        {
            [labelled("prometheus_notifications_sent_total", peer)]: [[5, 2 * hour]],
            [labelled("prometheus_notifications_errors_total", peer)]: [[0, 2 * hour]],
        },
        [hour],
    ],
    [
        "a file system fills up, and memory that looks like one",
        Object.fromEntries(
            [disk, memory].flatMap((of): [string, Samples[string]][] => [
                // From 30 % to 10 % in two hours.
                [labelled("node_filesystem_avail_bytes", of), [["3000-17", 2 * hour]]],
                [labelled("node_filesystem_size_bytes", of), [[10000, 2 * hour]]],
                [labelled("node_filesystem_readonly", of), [[0, 2 * hour]]],
            ]),
        ),
        [hour],
        [2 * hour - 60, fires("NodeFilesystemSpaceFillingUp", disk)],
    ],
    [
        "a file system is nearly full, and stays so",
        {
            [labelled("node_filesystem_avail_bytes", disk)]: [[900, 2 * hour]],
            [labelled("node_filesystem_size_bytes", disk)]: [[10000, 2 * hour]],
            [labelled("node_filesystem_readonly", disk)]: [[0, 2 * hour]],
        },
        [2 * hour - 60],
    ],
    [
        "a volume fills up",
        {
            [labelled("kubelet_volume_stats_available_bytes", volume)]: [["2000-3", 8 * hour]],
            [labelled("kubelet_volume_stats_capacity_bytes", volume)]: [[10000, 8 * hour]],
        },
        [2 * hour],
        [8 * hour - 60, fires("KubePersistentVolumeFillingUp", volume)],
    ],
];

describe("alerts on the monitoring itself", function () {
    this.timeout(30_000);
    const besideWatchdog = cases.map(
        ([what, samples, ...expected]): AlertCase => [
            what,
            samples,
            ...expected.map(([at, ...firing]) => [at, fires("Watchdog", {}), ...firing] as const),
        ],
    );
    itAlerts({ monitoring: rules }, besideWatchdog, 60);
});
