import type { rbac } from "@pulumi/kubernetes/types/input";

/**
 * What kube-state-metrics tells of ScaledObjects, in its configuration for custom resources: for each condition
 * `kube_scaledobject_status_condition{namespace, scaledobject, condition, status}`, 1 where it is True. It has no
 * number for Unknown: that is 0, as False is, so the label `status` says which.
 */
export const scaledObjectState = {
    kind: "CustomResourceStateMetrics",
    spec: {
        resources: [
            {
                groupVersionKind: { group: "keda.sh", version: "v1alpha1", kind: "ScaledObject" },
                metricNamePrefix: "kube_scaledobject",
                labelsFromPath: { namespace: ["metadata", "namespace"], scaledobject: ["metadata", "name"] },
                metrics: [
                    {
                        name: "status_condition",
                        help: "The condition of this ScaledObject: 1 where it is True.",
                        each: {
                            type: "Gauge",
                            gauge: {
                                path: ["status", "conditions"],
                                labelsFromPath: { condition: ["type"], status: ["status"] },
                                valueFrom: ["status"],
                            },
                        },
                    },
                ],
            },
        ],
    },
};

/** Name of the series. */
export const scaledObjectCondition = "kube_scaledobject_status_condition";

/** What kube-state-metrics may read for it. */
export const scaledObjectRules: rbac.v1.PolicyRule[] = [
    { apiGroups: ["keda.sh"], resources: ["scaledobjects"], verbs: ["list", "watch"] },
];

/** What it may read to learn whether and when ScaledObjects are defined. */
export const definitionRules: rbac.v1.PolicyRule[] = [
    {
        apiGroups: ["apiextensions.k8s.io"],
        resources: ["customresourcedefinitions"],
        verbs: ["list", "watch"],
    },
];
