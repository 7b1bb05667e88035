import type { Problem } from "../../problems";
import type { AutoscalerArgs } from "../autoscaler";
import type { AutoscalerPlan } from "./plan";

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
    // KEDA, too, which would let cpu and memory have no say in the last step: it goes from any number to zero.
    const vanishing = signals.filter((signal) => !signal.survivesZero);
    const problems: Problem[] = [];
    if (vanishing.length > 0) {
        const names = vanishing.map(({ name }) => name).join(", ");
        problems.push(
            refuse(
                `1 or more with ${names}: without a pod there is no such metric, and nothing would wake the first`,
                vanishing.length < signals.length
                    ? `raise it to 1, or leave ${names} out`
                    : "raise it to 1, or scale on what waits alone, such as a queue or a proxy",
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
