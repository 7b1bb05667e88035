import { acmeSolverOpening, type Opening } from "../../namespaces/secure-namespace";
import type { KubePrometheusStackArgs } from "../kube-prometheus-stack";
import { clusterExposure } from "./exposure";
import { pods, servers } from "./names";

const api = { direction: "egress", peer: "anywhere", ports: [443, 6443] } as const;

/** What goes in and out of the namespace of the stack. */
export function stackOpenings(args: KubePrometheusStackArgs): Opening[] {
    return [
        ...serverOpenings,
        ...queryOpenings,
        // The API server is no pod, so it cannot be named more narrowly.
        { name: "operator-to-api", pods: pods.operator, ...api },
        { name: "kube-state-metrics-to-api", pods: pods.kubeStateMetrics, ...api },
        // Its sidecars; the port is also that of grafana.com.
        { name: "grafana-to-api", pods: pods.grafana, ...api },
        ...peerOpenings(args),
        ...objectStorageOpenings(args),
        ...certificateOpenings(args),
        ...(args.openings ?? []),
    ];
}

/** Clients come from anywhere: autoscalers of other namespaces, nodes, ingress controllers. */
const serverOpenings = Object.entries(servers).map(
    ([server, { port }]): Opening => ({
        name: `${server}-from-anywhere`,
        pods: pods[server as keyof typeof servers],
        direction: "ingress",
        peer: "anywhere",
        ports: [port],
    }),
);

const queryOpenings: readonly Opening[] = [
    // Targets are everywhere, on any port, kubelets on the nodes among them.
    { name: "prometheus-to-targets", pods: pods.prometheus, direction: "egress", peer: "anywhere" },
    // Every pod here is a target, on one port or two.
    { name: "metrics-from-prometheus", direction: "ingress", peer: { pods: pods.prometheus } },
    // Receivers of alerts are outside.
    { name: "alertmanager-to-receivers", pods: pods.alertmanager, direction: "egress", peer: "anywhere" },
    {
        name: "grafana-to-prometheus",
        pods: pods.grafana,
        direction: "egress",
        peer: { pods: pods.prometheus },
        ports: [servers.prometheus.port],
    },
    {
        name: "grafana-to-alertmanager",
        pods: pods.grafana,
        direction: "egress",
        peer: { pods: pods.alertmanager },
        ports: [servers.alertmanager.port],
    },
];

function peerOpenings({ replicas }: KubePrometheusStackArgs): Opening[] {
    if ((replicas?.alertmanager ?? 1) === 1) return [];
    // Over TCP and UDP; an opening without ports is for both.
    return [
        {
            name: "alertmanager-peers",
            pods: pods.alertmanager,
            direction: "ingress",
            peer: { pods: pods.alertmanager },
        },
    ];
}

function objectStorageOpenings({ objectStorage }: KubePrometheusStackArgs): Opening[] {
    if (objectStorage === undefined) return [];
    // A querier asks the sidecars for what is not uploaded yet.
    return [
        {
            name: "thanos-from-anywhere",
            pods: pods.prometheus,
            direction: "ingress",
            peer: "anywhere",
            ports: [10901],
        },
    ];
}

function certificateOpenings({ exposure = clusterExposure }: KubePrometheusStackArgs): Opening[] {
    if (exposure.kind !== "ingress" || !("clusterIssuer" in exposure.tls)) return [];
    return [acmeSolverOpening];
}

/** What goes in and out of the namespace of the node exporter. */
export function nodeExporterOpenings(monitoringNamespace: string): Opening[] {
    return [
        {
            name: "metrics-from-monitoring",
            direction: "ingress",
            peer: { namespace: monitoringNamespace, pods: pods.prometheus },
            ports: [9100],
        },
    ];
}
