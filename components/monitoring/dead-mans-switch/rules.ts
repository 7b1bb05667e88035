import { dashboardAnnotation } from "../alert";
import type { RuleGroup } from "../monitors";
import { switchApp } from "./pod";

const runbook = "docs/runbooks/autoscaler.md";

/** Whom it asks, and what is lost with each. */
const peers = {
    alertmanager: "no alarm of it would arrive",
    kubernetes: "an alarm would lack new autoscalers",
} as const;

/** Who watches the watcher: Prometheus, for as long as it lives. */
export function deadMansSwitchRules(namespace: string): RuleGroup {
    const ours = `namespace="${namespace}",job="${switchApp}"`;
    return {
        rules: [
            {
                alert: "DeadMansSwitchDown",
                expr: `absent(up{${ours}} == 1)`,
                for: "2m",
                labels: { severity: "warning", namespace },
                annotations: {
                    summary: "The dead man's switch is down",
                    description: "Should Prometheus fail now, nobody would tell.",
                    runbook_url: `${runbook}#deadmansswitchdown`,
                    ...dashboardAnnotation("monitoring"),
                },
            },
            ...Object.entries(peers).map(([peer, loss]) => ({
                alert: "DeadMansSwitchFailing",
                expr: `max(increase(dead_mans_switch_failures_total{${ours},peer="${peer}"}[5m])) > 3`,
                for: "5m",
                labels: { severity: "warning" as const, namespace, peer },
                annotations: {
                    summary: "The dead man's switch cannot do its work",
                    description: `Its requests to ${peer} fail, so ${loss}. Its log says why.`,
                    runbook_url: `${runbook}#deadmansswitchfailing`,
                    ...dashboardAnnotation("monitoring"),
                },
            })),
        ],
    };
}
