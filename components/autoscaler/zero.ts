import type { AutoscalerArgs } from "../autoscaler";
import type { Problem } from "../problems";
import type { AutoscalerPlan } from "./plan";
import { isResource } from "./signal";

/** Problems with a minimum of zero: who is to wake the workload, and on what. */
export function checkZero({ minReplicas, signals }: AutoscalerArgs, plan: AutoscalerPlan): Problem[] {
    if (minReplicas !== 0) return [];
    const { backend } = plan.chain;
    const refuse = (allowed: string, fix: string): Problem => ({
        property: "minReplicas",
        given: 0,
        allowed,
        fix,
    });
    // KEDA wakes on any signal, and lets cpu and memory have their say from the first replica on.
    const vanishing = signals.filter(
        (signal) => !signal.survivesZero && !(backend === "keda" && isResource(signal)),
    );
    const problems: Problem[] = [];
    if (vanishing.length > 0) {
        const names = vanishing.map(({ name }) => name).join(", ");
        problems.push(
            refuse(
                `1 or more with ${names}: without a pod there is no such metric, and nothing would wake the first`,
                "raise it to 1, or scale on what waits: a queue, a proxy, Istio's reporter source",
            ),
        );
    } else if (signals.length > 0 && signals.every((signal) => !signal.survivesZero)) {
        problems.push(
            refuse(
                "1 or more with cpu and memory alone: without a pod there are none, and nothing would wake the first",
                "raise it to 1, or add a signal of what waits, such as a queue",
            ),
        );
    }
    if (backend === "resource") {
        problems.push(refuse('1 or more with the back end "resource"', 'raise it, or choose "keda"'));
    }
    if (backend === "prometheus-adapter" && !plan.platform.hpaScaleToZero) {
        problems.push(
            refuse(
                "1 or more, for this cluster's HPAs do not go to zero (feature gate HPAScaleToZero)",
                'raise it, choose the back end "keda", or set platform.hpaScaleToZero where API server and ' +
                    "controller-manager have the gate",
            ),
        );
    }
    return problems;
}
