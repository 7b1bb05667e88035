import type { Images, registryOnly } from "../components/images";

/**
 * What the embedded cluster runs in place of each upstream image: images made on this machine from Debian
 * packages and Go modules, because it has no registry. The tags are the versions of what is inside.
 */
export const devImages: Omit<Images, (typeof registryOnly)[number]> = {
    prometheusOperator: "localhost/prometheus-operator:0.85.0",
    prometheusConfigReloader: "localhost/prometheus-config-reloader:0.85.0",
    prometheus: "localhost/prometheus:3.14.0",
    alertmanager: "localhost/alertmanager:0.25.0",
    nodeExporter: "localhost/node-exporter:1.5.0",
    metricsServer: "localhost/metrics-server:0.9.0",
    // Not what upstream's are made of, which cannot be had as a Go module: programs of this repository stand in for them.
    kubeStateMetrics: "localhost/state-metrics:0.1.0",
    prometheusAdapter: "localhost/metrics-adapter:0.1.0",
    keda: "localhost/keda:2.21.0",
    kedaMetricsApiserver: "localhost/keda-metrics-apiserver:2.21.0",
    redis: "localhost/redis:7.0.15",
    redisExporter: "localhost/redis-exporter:1.45.0",
    haproxy: "localhost/haproxy:2.6.12",
    python: "localhost/python:3.11",
    podinfo: "localhost/podinfo:6.9.2",
    loki: "localhost/loki:3.7.8",
    otelCollector: "localhost/otel-collector:0.160.0",
};
