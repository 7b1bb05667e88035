import type { Chain } from "./chain";
import { selector } from "./promql";

/**
 * What kube-state-metrics tells of one autoscaler and its target: a number each, without labels. Its own pod's labels
 * would make another alert of one that fires when it restarts, and two of it are two series, which nothing compares.
 */
export function stateOf({ namespace, autoscaler, target }: Chain) {
    const hpa = { namespace, horizontalpodautoscaler: autoscaler };
    const series = (metric: string, labels = {}) =>
        selector(`kube_horizontalpodautoscaler_${metric}`, { ...hpa, ...labels });
    const ofHpa = (metric: string, labels = {}) => one(series(metric, labels));
    return {
        desired: ofHpa("status_desired_replicas"),
        /** The same as the series that there are, for what needs more of them than their last sample. */
        desiredSeries: series("status_desired_replicas"),
        current: ofHpa("status_current_replicas"),
        minimum: ofHpa("spec_min_replicas"),
        maximum: ofHpa("spec_max_replicas"),
        ready: readyReplicas(namespace, target) ?? ofHpa("status_current_replicas"),
        /** 1 where the condition has this status. */
        condition: (condition: string, status: "true" | "false") =>
            ofHpa("status_condition", { condition, status }),
        /** 1 where the condition is True, 0 where it is False or Unknown. */
        scaledObjectCondition: (condition: string) =>
            one(
                selector("kube_scaledobject_status_condition", {
                    namespace,
                    scaledobject: autoscaler,
                    condition,
                }),
            ),
    };
}

/** Replicas of the target that are Ready; nobody tells of those of other kinds. */
function readyReplicas(namespace: string, { kind, name }: Chain["target"]): string | undefined {
    if (kind === "Deployment")
        return one(selector("kube_deployment_status_replicas_ready", { namespace, deployment: name }));
    if (kind === "StatefulSet")
        return one(selector("kube_statefulset_status_replicas_ready", { namespace, statefulset: name }));
    return undefined;
}

/** Replicas of KEDA's operator that are Ready, by the name that upstream gives its Deployment, in any namespace. */
export const kedaReady = one(
    selector("kube_deployment_status_replicas_ready", { deployment: "keda-operator" }),
);

function one(series: string): string {
    return `max(${series})`;
}
