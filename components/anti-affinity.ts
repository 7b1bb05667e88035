import type { core } from "@pulumi/kubernetes/types/input";
import type { Labels } from "./conventions";

/** Puts the pods with these labels on different nodes as far as there are nodes: a wish, so one node is enough. */
export function softAntiAffinity(labels: Labels): core.v1.Affinity {
    return {
        podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
                {
                    weight: 100,
                    podAffinityTerm: {
                        labelSelector: { matchLabels: labels },
                        topologyKey: "kubernetes.io/hostname",
                    },
                },
            ],
        },
    };
}
