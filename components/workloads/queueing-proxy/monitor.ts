import type { CustomResourceArgs } from "@pulumi/kubernetes/apiextensions";
import type { Input } from "@pulumi/pulumi";
import { podMonitor } from "../../monitoring/monitors";

/** The series of a backend that are kept, as Prometheus has them. */
export const proxySeries = [
    "haproxy_frontend_current_sessions",
    "haproxy_frontend_http_requests_total",
    "haproxy_frontend_http_responses_total",
    "haproxy_backend_current_queue",
    "haproxy_backend_current_sessions",
    "haproxy_backend_http_requests_total",
    "haproxy_backend_http_responses_total",
    "haproxy_backend_active_servers",
    "haproxy_server_current_sessions",
    "haproxy_server_status",
] as const;

export interface ProxyMonitorArgs {
    /** Name of the proxy's pods. */
    readonly app: string;
    readonly namespace: Input<string>;
    readonly backend: string;
    readonly interval: string;
}

/**
 * The PodMonitor, which puts the two stages of the proxy together: what was counted in the first, and the queue and the
 * servers of the second, are series of one `proxy`, the backend.
 */
export function proxyMonitor({ app, namespace, backend, interval }: ProxyMonitorArgs): CustomResourceArgs {
    const monitor = podMonitor({ app, namespace, port: "metrics", interval });
    const { spec } = monitor as unknown as { spec: { podMetricsEndpoints: object[] } };
    const metricRelabelings = proxyRelabelings(backend);
    const podMetricsEndpoints = spec.podMetricsEndpoints.map((endpoint) => ({
        ...endpoint,
        metricRelabelings,
    }));
    return { ...monitor, spec: { ...spec, podMetricsEndpoints } };
}

/** From the series of HAProxy to those of the one backend. */
export function proxyRelabelings(backend: string) {
    const ofQueue = "haproxy_(server_.*|backend_(current_queue|active_servers))";
    const ofCounted = "haproxy_(frontend_.*|backend_(current_sessions|http_.*))";
    return [
        {
            action: "keep",
            sourceLabels: ["__name__", "proxy"],
            regex: `(${proxySeries.join("|")});${backend}(-queue)?`,
        },
        { action: "drop", sourceLabels: ["__name__", "proxy"], regex: `${ofQueue};${backend}` },
        { action: "drop", sourceLabels: ["__name__", "proxy"], regex: `${ofCounted};${backend}-queue` },
        // Not a server: who sums over servers does not want it.
        { action: "drop", sourceLabels: ["server"], regex: "hold" },
        {
            action: "replace",
            sourceLabels: ["proxy"],
            regex: `${backend}-queue`,
            targetLabel: "proxy",
            replacement: backend,
        },
    ];
}
