import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { alertRules } from "../../components/autoscaling/autoscaler/alerts";
import { parsePromql } from "../../components/autoscaling/autoscaler/promql";
import { dcgmMetrics } from "../../components/gpu/dcgm-metrics";
import { gpuRules } from "../../components/gpu/gpu-alerts/rules";
import { fluentBitRules, fluentdRules } from "../../components/logs/logging/rules";
import { collectorRules } from "../../components/manifests/log-collector/rules";
import { lokiRules } from "../../components/manifests/loki/rules";
import { monitoringRules } from "../../components/manifests/monitoring/rules";
import { boards } from "../../components/monitoring/dashboards/boards";
import { dashboardUids } from "../../components/monitoring/dashboards/uids";
import { deadMansSwitchRules } from "../../components/monitoring/dead-mans-switch/rules";
import type { Alert, RuleGroup } from "../../components/monitoring/monitors";
import { proxyAlerts } from "../../components/workloads/queueing-proxy";
import { queueRules } from "../../components/workloads/redis-queue/rules";
import { kinds } from "./support/autoscaler-scenes";
import { metricOf, missing } from "./support/known-series";

const root = join(__dirname, "..", "..");
const alertsOf = ({ rules }: RuleGroup) => rules.filter((rule): rule is Alert => "alert" in rule);

/** The rules of each page of the runbooks. */
const pages: Readonly<Record<string, RuleGroup>> = {
    gpu: gpuRules({ metrics: [...dcgmMetrics, "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL"] }),
    serving: proxyAlerts({ namespace: "shop", app: "llm", slots: 4 }),
    queue: queueRules({ namespace: "queue", list: "padok" }),
    monitoring: monitoringRules({ volume: true }),
    logs: {
        rules: [
            lokiRules({ namespace: "loki" }),
            ...[collectorRules, fluentBitRules, fluentdRules].map((rules) => rules("log-collectors")),
        ].flatMap(({ rules }) => rules),
    },
};

const others = [...Object.values(kinds).map(alertRules), deadMansSwitchRules("watch")];
const everyAlert = [...Object.values(pages), ...others].flatMap(alertsOf);

describe("runbooks of GPUs, proxies, queues, logs and the monitoring", () => {
    for (const [page, rules] of Object.entries(pages)) {
        const path = `docs/runbooks/${page}.md`;
        const text = existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8") : "";

        it(`have a heading for each alert, and no other: ${page}`, () => {
            const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
            assert.deepEqual(
                headings.sort(),
                // Each kind of collector has an alert of that name.
                [...new Set(alertsOf(rules).map(({ alert }) => alert))].sort(),
            );
        });

        it(`tell in their table the severity of each alert: ${page}`, () => {
            for (const { alert, labels } of alertsOf(rules))
                assert.ok(
                    text.includes(`| [${alert}](#${alert.toLowerCase()}) | ${labels.severity} |`),
                    alert,
                );
        });

        it(`are what each alert names: ${page}`, () => {
            for (const { alert, annotations } of alertsOf(rules))
                assert.equal(annotations.runbook_url, `${path}#${alert.toLowerCase()}`);
        });

        it(`belong to alerts on series that there are: ${page}`, () => {
            for (const { expr } of rules.rules) {
                const { error, selectors } = parsePromql(expr);
                assert.equal(error, undefined, expr);
                for (const selector of selectors)
                    assert.equal(missing(metricOf(selector), true), undefined, selector);
            }
        });
    }
});

describe("every alert of the library", () => {
    it("leads to a dashboard that there is, and that draws it", () => {
        assert.ok(everyAlert.length > 50);
        for (const { alert, annotations } of everyAlert) {
            const board = boards.find(({ name }) => dashboardUids[name] === annotations.__dashboardUid__);
            assert.ok(board, `${alert}: ${annotations.__dashboardUid__}`);
            if (alert === "Watchdog") continue;
            const [, drawn = ""] = /alertname=~"([^"]+)"/.exec(board.alerts) ?? [];
            assert.match(alert, new RegExp(`^(?:${drawn})$`), board.name);
        }
    });

    it("has a severity, a summary, a description and a runbook", () => {
        for (const { alert, labels, annotations } of everyAlert) {
            assert.match(labels.severity, /^(none|info|warning|critical)$/, alert);
            assert.ok(annotations.summary && annotations.description, alert);
            assert.match(annotations.runbook_url ?? "", /^docs\/runbooks\/\w+\.md#\w+$/, alert);
        }
    });
});
