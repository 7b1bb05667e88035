export const devImages = {
    prometheusOperator: "localhost/prometheus-operator:0.85.0",
    prometheusConfigReloader: "localhost/prometheus-config-reloader:0.85.0",
    prometheus: "localhost/prometheus:2.42.0",
    alertmanager: "localhost/alertmanager:0.25.0",
    nodeExporter: "localhost/node-exporter:1.5.0",
    metricsServer: "localhost/metrics-server:0.9.0",
    keda: "localhost/keda:2.21.0",
    kedaMetricsApiserver: "localhost/keda-metrics-apiserver:2.21.0",
    redis: "localhost/redis:7.0.15",
    redisExporter: "localhost/redis-exporter:1.45.0",
    python: "localhost/python:3.11",
};
