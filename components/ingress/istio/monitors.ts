import type { CustomResourceArgs } from "@pulumi/kubernetes/apiextensions";
import { keepOnly } from "../../monitoring/monitors";

/**
 * The series that are kept of a proxy: what was requested, how long it took, and what was sent without HTTP.
 * A proxy has hundreds of others, most of them for each Service of the cluster.
 */
export const proxySeries =
    "istio_requests_total|istio_request_duration_milliseconds_(bucket|sum|count)" +
    "|istio_tcp_(sent|received)_bytes_total|istio_tcp_connections_(opened|closed)_total";

/** The PodMonitor for the proxies of every namespace. */
export function proxyMonitor(namespace: string): CustomResourceArgs {
    return {
        apiVersion: "monitoring.coreos.com/v1",
        kind: "PodMonitor",
        metadata: { name: "istio-proxies", namespace },
        spec: {
            namespaceSelector: { any: true },
            // Istio puts it on every pod that gets a proxy.
            selector: { matchLabels: { "security.istio.io/tlsMode": "istio" } },
            podMetricsEndpoints: [
                {
                    port: "http-envoy-prom",
                    path: "/stats/prometheus",
                    metricRelabelings: keepOnly(proxySeries),
                },
            ],
        },
    };
}
