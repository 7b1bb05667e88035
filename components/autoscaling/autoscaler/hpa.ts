import type { autoscaling } from "@pulumi/kubernetes/types/input";
import { type ScalingPace, scalingBehavior } from "./behavior";
import type { AutoscalerPlan, PlannedSignal } from "./plan";

/** The `spec` of the HorizontalPodAutoscaler of the back ends "resource" and "prometheus-adapter". */
export function hpaSpec(
    { chain, signals, downStabilizationSeconds }: AutoscalerPlan,
    pace?: ScalingPace,
): autoscaling.v2.HorizontalPodAutoscalerSpec {
    return {
        scaleTargetRef: { ...chain.target },
        minReplicas: chain.minReplicas,
        maxReplicas: chain.maxReplicas,
        metrics: signals.map((signal) => metric(signal, chain.namespace, chain.autoscaler)),
        behavior: scalingBehavior(chain.maxReplicas, pace, downStabilizationSeconds),
    };
}

function metric(
    { signal, chain }: PlannedSignal,
    namespace: string,
    autoscaler: string,
): autoscaling.v2.MetricSpec {
    if (chain.via !== "resource") {
        return {
            type: "Object",
            object: {
                describedObject: { apiVersion: "v1", kind: "Namespace", name: namespace },
                metric: {
                    name: chain.metric ?? "",
                    selector: { matchLabels: { autoscaler, signal: chain.signal } },
                },
                // The whole demand over the replicas: with "Value" replicas would multiply each round until none is left.
                target: { type: "AverageValue", averageValue: quantity(chain.target) },
            },
        };
    }
    const name = signal.kind;
    const target = signal.targetType
        ? { type: "Utilization", averageUtilization: signal.target }
        : { type: "AverageValue", averageValue: signal.quantity ?? "" };
    return signal.container === undefined
        ? { type: "Resource", resource: { name, target } }
        : { type: "ContainerResource", containerResource: { name, container: signal.container, target } };
}

/** A number as Kubernetes writes it: in thousandths where it is not whole. */
export function quantity(value: number): string {
    return Number.isInteger(value) ? `${value}` : `${Math.round(value * 1000)}m`;
}
