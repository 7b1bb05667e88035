import { alertOf } from "../alert";
import type { RuleGroup } from "../monitors";
import { switchApp } from "./pod";

/** Whom it asks, and what is lost with each. */
const peers = {
    alertmanager: "no alarm of it would arrive",
    kubernetes: "an alarm would lack new autoscalers",
} as const;

/** Who watches the watcher: Prometheus, for as long as it lives. */
export function deadMansSwitchRules(namespace: string): RuleGroup {
    const ours = `namespace="${namespace}",job="${switchApp}"`;
    const warning = { severity: "warning", dashboard: "monitoring" } as const;
    return {
        rules: [
            alertOf("autoscaler", "DeadMansSwitchDown", {
                ...warning,
                expr: `absent(up{${ours}} == 1)`,
                for: "2m",
                labels: { namespace },
                summary: "The dead man's switch is down",
                description: "Should Prometheus fail now, nobody would tell.",
            }),
            ...Object.entries(peers).map(([peer, loss]) =>
                alertOf("autoscaler", "DeadMansSwitchFailing", {
                    ...warning,
                    expr: `max(increase(dead_mans_switch_failures_total{${ours},peer="${peer}"}[5m])) > 3`,
                    for: "5m",
                    labels: { namespace, peer },
                    summary: "The dead man's switch cannot do its work",
                    description: `Its requests to ${peer} fail, so ${loss}. Its log says why.`,
                }),
            ),
        ],
    };
}
