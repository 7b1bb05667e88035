import type { core } from "@pulumi/kubernetes/types/input";

/** The certificates that the operator makes and renews, for itself and for the metrics server. */
export const certificates = {
    /** The Secret that holds them. */
    secret: "kedaorg-certs",
    /** Where both programs look for them. */
    path: "/certs",
    /** The APIService whose `caBundle` the operator writes, so nobody else may. */
    apiService: "v1beta1.external.metrics.k8s.io",
} as const;

/** Tells both programs where they live. */
export const podNamespace: core.v1.EnvVar = {
    name: "POD_NAMESPACE",
    valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } },
};
