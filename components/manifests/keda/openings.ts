import { appLabel } from "../../conventions";
import type { Opening } from "../../namespaces/secure-namespace";
import { metricsApiserverApp } from "./metrics-apiserver";
import { operatorApp } from "./operator";

/** What goes in and out of the namespace. */
export function kedaOpenings(monitoringNamespace: string): Opening[] {
    const operator = appLabel(operatorApp);
    const metricsApiserver = appLabel(metricsApiserverApp);
    return [
        // Event sources are anywhere, on any port, the API server among them.
        { name: "operator-to-sources", pods: operator, direction: "egress", peer: "anywhere" },
        {
            name: "operator-from-metrics-apiserver",
            pods: operator,
            direction: "ingress",
            peer: { pods: metricsApiserver },
            ports: [9666],
        },
        {
            name: "metrics-apiserver-to-operator",
            pods: metricsApiserver,
            direction: "egress",
            peer: { pods: operator },
            ports: [9666],
        },
        {
            name: "metrics-apiserver-to-api",
            pods: metricsApiserver,
            direction: "egress",
            peer: "anywhere",
            ports: [443, 6443],
        },
        // The API server, which is no pod, forwards the external metrics API to it.
        {
            name: "metrics-apiserver-from-api",
            pods: metricsApiserver,
            direction: "ingress",
            peer: "anywhere",
            ports: [6443],
        },
        {
            name: "metrics-from-monitoring",
            direction: "ingress",
            peer: { namespace: monitoringNamespace },
            ports: [8080],
        },
    ];
}
