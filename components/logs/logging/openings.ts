import { appLabel } from "../../conventions";
import { acmeSolverOpening, type Opening } from "../../namespaces/secure-namespace";
import {
    elasticsearchPods,
    elasticsearchPort,
    kibanaPods,
    kibanaPort,
    operatorApp,
    setupApp,
    transportPort,
} from "./names";

const toApi: Opening = { name: "api", direction: "egress", peer: "anywhere", ports: [443, 6443] };

/** Port on which the operator serves its metrics. */
export const operatorMetricsPort = 8080;

/** What goes in and out of the operator's namespace; `monitoring` is where Prometheus scrapes from, if it does. */
export function operatorOpenings(namespace: string, monitoring: string | undefined): Opening[] {
    return [
        // The API server, which is no pod, asks it about every object of Elastic's.
        {
            name: "webhook-from-api",
            pods: appLabel(operatorApp),
            direction: "ingress",
            peer: "anywhere",
            ports: [9443],
        },
        toApi,
        toElasticsearch(namespace),
        ...fromMonitoring(monitoring, operatorMetricsPort),
    ];
}

/** What goes in and out of the collectors' namespace. */
export function collectorOpenings(
    namespace: string,
    metricsPort: number,
    monitoring: string | undefined,
): Opening[] {
    // The API server knows the labels of the pods whose logs they are.
    return [toApi, toElasticsearch(namespace), ...fromMonitoring(monitoring, metricsPort)];
}

/** What goes in and out of the namespace of Elasticsearch and Kibana. */
export function storeOpenings(
    clients: { readonly operator: string; readonly collectors: string },
    ingress: boolean,
): Opening[] {
    const elasticsearch = {
        pods: elasticsearchPods,
        direction: "ingress",
        ports: [elasticsearchPort],
    } as const;
    return [
        { name: "from-operator", ...elasticsearch, peer: { namespace: clients.operator } },
        { name: "from-collectors", ...elasticsearch, peer: { namespace: clients.collectors } },
        { name: "from-kibana-and-setup", ...elasticsearch, peer: {} },
        {
            name: "among-nodes",
            pods: elasticsearchPods,
            direction: "ingress",
            peer: { pods: elasticsearchPods },
            ports: [transportPort],
        },
        {
            name: "elasticsearch",
            direction: "egress",
            peer: { pods: elasticsearchPods },
            ports: [elasticsearchPort, transportPort],
        },
        { ...toApi, name: "setup-to-api", pods: appLabel(setupApp) },
        // The ingress controller is in a namespace of its own choice.
        ...(ingress ? [fromAnywhereToKibana, acmeSolverOpening] : []),
    ];
}

const fromAnywhereToKibana: Opening = {
    name: "kibana-from-ingress",
    pods: kibanaPods,
    direction: "ingress",
    peer: "anywhere",
    ports: [kibanaPort],
};

function toElasticsearch(namespace: string): Opening {
    return {
        name: "elasticsearch",
        direction: "egress",
        peer: { namespace, pods: elasticsearchPods },
        ports: [elasticsearchPort],
    };
}

function fromMonitoring(namespace: string | undefined, port: number): Opening[] {
    return namespace === undefined
        ? []
        : [{ name: "metrics-from-monitoring", direction: "ingress", peer: { namespace }, ports: [port] }];
}
