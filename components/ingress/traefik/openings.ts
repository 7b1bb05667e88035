import type { Opening } from "../../namespaces/secure-namespace";
import type { TraefikArgs } from "../traefik";
import { metricsPort, webPort, webSecurePort } from "./values";

/** What goes in and out of the namespace. */
export function traefikOpenings(args: TraefikArgs): Opening[] {
    return [
        { name: "clients", direction: "ingress", peer: "anywhere", ports: [webPort, webSecurePort] },
        // The Services behind Ingress objects are anywhere, on any port; the API server too.
        { name: "services", direction: "egress", peer: "anywhere" },
        ...(args.monitored ? [fromMonitoring(args.monitoringNamespace ?? "monitoring")] : []),
    ];
}

function fromMonitoring(namespace: string): Opening {
    return {
        name: "metrics-from-monitoring",
        direction: "ingress",
        peer: { namespace },
        ports: [metricsPort],
    };
}
