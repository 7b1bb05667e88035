import { dashboardAnnotation } from "../../monitoring/alert";
import type { Alert } from "../../monitoring/monitors";
import type { Hop } from "./chain";
import type { AutoscalerPlan } from "./plan";

/** Where each alert is explained, from the top of this repository. */
const runbook = "docs/runbooks/autoscaler.md";

/** What every alert of an autoscaler says beside its expression. */
export function alert(
    { chain }: AutoscalerPlan,
    name: string,
    hop: Hop,
    severity: "warning" | "critical",
    given: { expr: string; for?: string; signal?: string; summary: string; description: string },
): Alert {
    const who = `${chain.namespace}/${chain.autoscaler}`;
    return {
        alert: name,
        expr: given.expr,
        ...(given.for !== undefined && { for: given.for }),
        labels: {
            severity,
            namespace: chain.namespace,
            autoscaler: chain.autoscaler,
            hop,
            // Of two signals with the same fault the end of one would else end the alert of both.
            ...(given.signal !== undefined && { signal: given.signal }),
        },
        annotations: {
            summary: `Autoscaler ${who}: ${given.summary}`,
            description: `${given.description} See: doctor ${who}.`,
            runbook_url: `${runbook}#${name.toLowerCase()}`,
            ...dashboardAnnotation("workload"),
        },
    };
}
