import { softAntiAffinity } from "../../anti-affinity";
import { appLabel, containerSecurity, resources } from "../../conventions";
import type { PodinfoArgs, PodinfoValues } from "../podinfo";
import { ingressValues } from "./ingress";

/** Name of its release, and so of its Deployment and Service. */
export const podinfoApp = "podinfo";
export const httpPort = 9898;

/** The image's own user, which it names and does not number. */
export const podinfoSecurity = {
    runAsNonRoot: true,
    runAsUser: 100,
    runAsGroup: 101,
    fsGroup: 101,
    seccompProfile: { type: "RuntimeDefault" },
} as const;

/** The chart's values. */
export function podinfoValues(args: PodinfoArgs): PodinfoValues {
    const replicas = args.replicas ?? 1;
    const several = args.autoscaled || replicas > 1;
    return {
        // Empty, the chart writes no number. It leaves it out by itself only beside an autoscaler of its own.
        replicaCount: args.autoscaled ? "" : replicas,
        affinity: several ? softAntiAffinity(appLabel(podinfoApp)) : {},
        podDisruptionBudget: replicas > 1 ? { maxUnavailable: 1 } : {},
        service:
            args.nodePort === undefined
                ? { type: "ClusterIP" }
                : { type: "NodePort", nodePort: args.nodePort },
        // Its own, since a mesh tells workloads apart by their accounts.
        serviceAccount: { enabled: true, name: podinfoApp },
        serviceMonitor: { enabled: args.monitored ?? false, interval: args.scrapeInterval ?? "15s" },
        ingress: ingressValues(args.ingress),
        podSecurityContext: podinfoSecurity,
        securityContext: containerSecurity,
        resources: resources(["50m", "1"], ["32Mi", "128Mi"]),
    };
}
