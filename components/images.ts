/**
 * Every image that the library runs, pinned: the only place where a version stands.
 * A component takes `images` to run others, for example from a mirror of the same tags.
 */
export const images = {
    prometheusOperator: "quay.io/prometheus-operator/prometheus-operator:v0.85.0",
    prometheusConfigReloader: "quay.io/prometheus-operator/prometheus-config-reloader:v0.85.0",
    prometheus: "quay.io/prometheus/prometheus:v3.5.0",
    alertmanager: "quay.io/prometheus/alertmanager:v0.28.1",
    nodeExporter: "quay.io/prometheus/node-exporter:v1.9.1",
    metricsServer: "registry.k8s.io/metrics-server/metrics-server:v0.9.0",
    kubeStateMetrics: "registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.20.0",
    prometheusAdapter: "registry.k8s.io/prometheus-adapter/prometheus-adapter:v0.12.0",
    keda: "ghcr.io/kedacore/keda:2.21.0",
    kedaMetricsApiserver: "ghcr.io/kedacore/keda-metrics-apiserver:2.21.0",
    redis: "docker.io/library/redis:7.4.5",
    redisExporter: "docker.io/oliver006/redis_exporter:v1.74.0",
    haproxy: "docker.io/library/haproxy:3.0.12",
    python: "docker.io/library/python:3.13.7-slim",
    podinfo: "ghcr.io/stefanprodan/podinfo:6.14.1",
    loki: "docker.io/grafana/loki:3.7.8",
    otelCollector: "docker.io/otel/opentelemetry-collector-k8s:0.160.0",
    ollama: "docker.io/ollama/ollama:0.33.1",
    vllm: "docker.io/vllm/vllm-openai:v0.30.0",
    cudaSample: "nvcr.io/nvidia/k8s/cuda-sample:vectoradd-cuda12.5.0-ubuntu22.04",
    pytorch: "docker.io/pytorch/pytorch:2.11.0-cuda12.8-cudnn9-runtime",
} as const satisfies Record<string, string>;

/** The rows that only a cluster with a registry can run: nothing that the embedded one is made from has what is in them. */
export const registryOnly = [
    "ollama",
    "vllm",
    "cudaSample",
    "pytorch",
] as const satisfies readonly (keyof typeof images)[];

/** The images table: what runs, under which reference. */
export type Images = { readonly [role in keyof typeof images]: string };

/** The table with some rows replaced. */
export function withImages(overrides: Partial<Images> = {}): Images {
    return { ...images, ...overrides };
}

/**
 * The version that an image's tag states, e.g. `2.42.0`: the prometheus-operator writes
 * configuration and flags for exactly that version.
 *
 * @returns undefined when the tag is not `v?MAJOR.MINOR.PATCH`, with or without a suffix.
 */
export function versionOf(image: string): string | undefined {
    return /:v?(\d+\.\d+\.\d+)(-[\w.-]+)?(@sha256:[0-9a-f]{64})?$/.exec(image)?.[1];
}
