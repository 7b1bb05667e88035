import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import * as pulumi from "@pulumi/pulumi";
import { keepOnly } from "../../monitoring/monitors";
import { kubeletService } from "./prometheus-operator";

export interface KubeletMonitorArgs {
    readonly namespace: pulumi.Input<string>;
    /** Whether kubelets may present a certificate that the cluster's CA did not sign. @default false */
    readonly kubeletInsecureTls?: boolean | undefined;
}

/** Scrapes every kubelet: itself, its containers (cAdvisor), and the figures behind `kubectl top`. */
export class KubeletMonitor extends pulumi.ComponentResource {
    constructor(name: string, args: KubeletMonitorArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:KubeletMonitor", name, {}, opts);
        new CustomResource(
            name,
            {
                apiVersion: "monitoring.coreos.com/v1",
                kind: "ServiceMonitor",
                metadata: { name: "kubelet", namespace: args.namespace },
                spec: kubeletMonitorSpec(args.kubeletInsecureTls ?? false),
            },
            { parent: this },
        );
        this.registerOutputs();
    }
}

/**
 * The series kept of each kubelet endpoint, by its path. A node serves thousands; these answer how much pods
 * use, whether they are throttled or killed, and whether the kubelet keeps up.
 */
export const keptSeries: Readonly<Record<string, string>> = {
    "/metrics":
        "kubelet_(node_name|running_pods|running_containers|runtime_operations_errors_total|volume_stats_.+)" +
        "|kubelet_pod_start_(sli_)?duration_seconds_(bucket|sum|count)" +
        "|process_(cpu_seconds_total|resident_memory_bytes)",
    "/metrics/cadvisor":
        "container_(cpu_usage_seconds_total|cpu_cfs_(throttled_)?periods_total|memory_working_set_bytes" +
        "|memory_rss|network_(receive|transmit)_bytes_total|fs_(reads|writes)_bytes_total|oom_events_total)" +
        "|machine_(cpu_cores|memory_bytes)",
    "/metrics/resource":
        "(node|pod)_(cpu_usage_seconds_total|memory_working_set_bytes)|container_start_time_seconds",
};

/** The `spec` of the ServiceMonitor for the kubelets that the prometheus-operator lists. */
export function kubeletMonitorSpec(insecureTls: boolean) {
    const credentials = "/var/run/secrets/kubernetes.io/serviceaccount";
    return {
        namespaceSelector: { matchNames: [kubeletService.namespace] },
        selector: { matchLabels: { "app.kubernetes.io/name": kubeletService.name } },
        jobLabel: "app.kubernetes.io/name",
        endpoints: Object.entries(keptSeries).map(([path, kept]) => ({
            port: "https-metrics",
            scheme: "https",
            path,
            bearerTokenFile: `${credentials}/token`,
            tlsConfig: insecureTls ? { insecureSkipVerify: true } : { caFile: `${credentials}/ca.crt` },
            // The kubelet names the pods and namespaces that it measures; they win over the scrape's own labels.
            honorLabels: true,
            // cAdvisor stamps its samples with times up to a minute old; the scrape's time keeps rates honest.
            honorTimestamps: false,
            relabelings: [{ sourceLabels: ["__metrics_path__"], targetLabel: "metrics_path" }],
            metricRelabelings: keepOnly(kept),
        })),
    };
}
