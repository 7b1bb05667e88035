import type { CustomResourceArgs } from "@pulumi/kubernetes/apiextensions";
import type { Input } from "@pulumi/pulumi";
import { scaledObjectRules, scaledObjectState } from "../../autoscaling/scaled-object-state";
import { resources } from "../../conventions";
import type { KubePrometheusStackArgs } from "../kube-prometheus-stack";
import { keepOnly } from "../monitors";
import { leanNames, leanRelabelings } from "./series";

/** A part of the control plane whose series not every cluster shows. */
export type ControlPlanePart = "etcd" | "scheduler" | "controllerManager" | "proxy";

/** Name of the node exporter's namespace, when none is given. */
export const defaultNodeExporterNamespace = "node-exporter";

/** The chart's values for everything that is scraped but the servers themselves. */
export function exporterValues(args: KubePrometheusStackArgs) {
    return {
        kubelet: { serviceMonitor: kubeletValues(args) },
        coreDns: { serviceMonitor: leanRelabelings(args, "coreDns") },
        // In the lean profile it would bring rules and a dashboard whose series are left out: see apiServerMonitor.
        kubeApiServer: { enabled: args.series !== "lean" },
        kubeEtcd: controlPlaneValues(args, "etcd"),
        kubeScheduler: controlPlaneValues(args, "scheduler"),
        kubeControllerManager: controlPlaneValues(args, "controllerManager"),
        kubeProxy: controlPlaneValues(args, "proxy"),
        "kube-state-metrics": kubeStateMetricsValues(args),
        // Their dashboards only: no such node exists in the cluster.
        nodeExporter: { operatingSystems: { aix: { enabled: false }, darwin: { enabled: false } } },
        "prometheus-node-exporter": nodeExporterValues(args),
    };
}

function controlPlaneValues(args: KubePrometheusStackArgs, part: ControlPlanePart) {
    return (args.controlPlane ?? []).includes(part)
        ? { enabled: true, serviceMonitor: leanRelabelings(args, part) }
        : { enabled: false };
}

function kubeletValues(args: KubePrometheusStackArgs) {
    const common = {
        insecureSkipVerify: args.kubeletInsecureTls ?? false,
        // The chart's own is 10 s, for the endpoint with the most series of all.
        cAdvisorInterval: args.scrapeInterval ?? "30s",
    };
    if (args.series !== "lean") return common;
    return {
        ...common,
        // No rule and no dashboard reads the outcome of single probes.
        probes: false,
        // A list replaces the chart's, so what that drops is repeated.
        metricRelabelings: [
            ...keepOnly(leanNames("kubelet", args.keepSeries)),
            drop(
                ["__name__", "le"],
                "storage_operation_duration_seconds_bucket;(0.25|2.5|15|25|120|600)(\\.0)?",
            ),
        ],
        cAdvisorMetricRelabelings: [
            ...keepOnly(leanNames("cAdvisor", args.keepSeries)),
            // Groups of processes outside of pods, and the network devices of network plugins.
            drop(["id", "pod"], ".+;"),
            drop(["__name__", "interface"], "container_network_.*;(cali|cilium|cni|lxc|nodelocaldns|tunl).*"),
            // The sums of pods: rules and dashboards add up the containers.
            drop(["__name__", "container"], "container_(cpu|memory|fs)_.+;"),
        ],
    };
}

function drop(sourceLabels: readonly string[], regex: string) {
    return { action: "drop", sourceLabels, regex };
}

function kubeStateMetricsValues(args: KubePrometheusStackArgs) {
    const lean = args.series === "lean";
    return {
        fullnameOverride: "kube-state-metrics",
        // Nothing reads these series, and to write them it would have to read every Secret and ConfigMap.
        collectorsExclude: ["secrets", "configmaps", "certificatesigningrequests"],
        // Not by relabelling: what it does not write costs neither it nor the network. It anchors no expression.
        metricAllowlist: lean ? [`^(${leanNames("kubeStateMetrics", args.keepSeries)})$`] : [],
        // Without it the chart's rules that watch kube-state-metrics have nothing to look at.
        selfMonitor: { enabled: true },
        prometheus: {
            monitor: {
                // `namespace` and `pod` are those of the object that is told of. It is this chart's default, not the subchart's.
                http: { honorLabels: true },
                metrics: leanRelabelings(args, "kubeStateMetricsItself"),
            },
        },
        // Where KEDA is not installed it waits for the definition, and writes nothing.
        customResourceState: { enabled: true, config: scaledObjectState },
        // The right to see definitions comes with that; the one to see the objects does not.
        rbac: { extraRules: scaledObjectRules },
        resources: resources(["10m", "500m"], ["64Mi", "512Mi"]),
    };
}

function nodeExporterValues(args: KubePrometheusStackArgs) {
    return {
        fullnameOverride: "node-exporter",
        namespaceOverride: args.nodeExporterNamespace ?? defaultNodeExporterNamespace,
        prometheus: { monitor: leanRelabelings(args, "nodeExporter") },
        containerSecurityContext: {
            readOnlyRootFilesystem: true,
            allowPrivilegeEscalation: false,
            capabilities: { drop: ["ALL"] },
        },
        resources: resources(["10m", "250m"], ["32Mi", "128Mi"]),
    };
}

/** The monitor of the API server in the lean profile: what the alerts on it need, without request durations. */
export function apiServerMonitor(
    namespace: Input<string>,
    keepSeries: readonly string[] | undefined,
): CustomResourceArgs {
    const credentials = "/var/run/secrets/kubernetes.io/serviceaccount";
    return {
        apiVersion: "monitoring.coreos.com/v1",
        kind: "ServiceMonitor",
        metadata: { name: "apiserver", namespace },
        spec: {
            // The job must be "apiserver", for the rules.
            jobLabel: "component",
            namespaceSelector: { matchNames: ["default"] },
            selector: { matchLabels: { component: "apiserver", provider: "kubernetes" } },
            endpoints: [
                {
                    port: "https",
                    scheme: "https",
                    bearerTokenFile: `${credentials}/token`,
                    tlsConfig: { caFile: `${credentials}/ca.crt`, serverName: "kubernetes" },
                    metricRelabelings: keepOnly(leanNames("apiServer", keepSeries)),
                },
            ],
        },
    };
}
