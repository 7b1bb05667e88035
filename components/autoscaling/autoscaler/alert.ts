import { alertOf } from "../../monitoring/alert";
import type { Alert } from "../../monitoring/monitors";
import type { Hop } from "./chain";
import type { AutoscalerPlan } from "./plan";

/** What every alert of an autoscaler says beside its expression. */
export function alert(
    { chain }: AutoscalerPlan,
    name: string,
    hop: Hop,
    severity: "warning" | "critical",
    given: { expr: string; for?: string; signal?: string; summary: string; description: string },
): Alert {
    const { signal, ...text } = given;
    const who = `${chain.namespace}/${chain.autoscaler}`;
    return alertOf("autoscaler", name, {
        ...text,
        severity,
        labels: {
            namespace: chain.namespace,
            autoscaler: chain.autoscaler,
            hop,
            // Of two signals with the same fault the end of one would else end the alert of both.
            ...(signal !== undefined && { signal }),
        },
        summary: `Autoscaler ${who}: ${given.summary}`,
        description: `${given.description} See: doctor ${who}.`,
    });
}
