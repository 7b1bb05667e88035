import { appLabel } from "../../conventions";
import type { Opening } from "../../namespaces/secure-namespace";
import type { KedaArgs } from "../keda";
import {
    metricsServerApp,
    metricsServerPort,
    monitoringPort,
    operatorApp,
    operatorPort,
    webhooksApp,
    webhooksPort,
} from "./values";

/** What goes in and out of the namespace. */
export function kedaOpenings(args: KedaArgs): Opening[] {
    return [
        // Event sources are anywhere, on any port, the API server among them.
        { name: "operator-to-sources", ...of(operatorApp), direction: "egress", peer: "anywhere" },
        {
            name: "operator-from-metrics-server",
            ...of(operatorApp),
            direction: "ingress",
            peer: of(metricsServerApp),
            ports: [operatorPort],
        },
        {
            name: "metrics-server-to-operator",
            ...of(metricsServerApp),
            direction: "egress",
            peer: of(operatorApp),
            ports: [operatorPort],
        },
        toApiServer("metrics-server-to-api-server", metricsServerApp),
        toApiServer("webhooks-to-api-server", webhooksApp),
        // The API server, which is no pod, forwards the external metrics API to one and asks the other.
        fromApiServer("metrics-server-from-api-server", metricsServerApp, metricsServerPort),
        fromApiServer("webhooks-from-api-server", webhooksApp, webhooksPort),
        ...(args.monitored ? [fromMonitoring(args.monitoringNamespace ?? "monitoring")] : []),
    ];
}

function of(app: string) {
    return { pods: appLabel(app) };
}

function toApiServer(name: string, app: string): Opening {
    return { name, ...of(app), direction: "egress", peer: "anywhere", ports: [443, 6443] };
}

function fromApiServer(name: string, app: string, port: number): Opening {
    return { name, ...of(app), direction: "ingress", peer: "anywhere", ports: [port] };
}

function fromMonitoring(namespace: string): Opening {
    return {
        name: "metrics-from-monitoring",
        direction: "ingress",
        peer: { namespace },
        ports: [monitoringPort],
    };
}
