import type { ComponentResourceOptions } from "@pulumi/pulumi";
import {
    CertManager,
    DcgmExporter,
    FakeGpuOperator,
    GpuOperator,
    Istio,
    Keda,
    KubePrometheusStack,
    Logging,
    MetricsServer,
    Podinfo,
    PrometheusAdapter,
    RedisExporter,
    Traefik,
} from "../../components";
import type { ChartSource } from "../../components/charts/chart-source";
import type { ChartKey } from "../../components/charts/pins";

/** A component on its own, with the arguments that bring in most of its chart. */
export interface ComponentSubject {
    readonly charts: readonly ChartKey[];
    readonly declare: (source: ChartSource, opts: ComponentResourceOptions) => void;
}

export const componentSubjects: Readonly<Record<string, ComponentSubject>> = {
    "metrics-server": {
        charts: ["metricsServer"],
        declare: (source, opts) =>
            new MetricsServer("metrics-server", { source, replicas: 2, kubeletInsecureTls: true }, opts),
    },
    "kube-prometheus-stack": {
        charts: ["prometheusOperatorCrds", "kubePrometheusStack"],
        declare: (source, opts) => new KubePrometheusStack("monitoring", { source }, opts),
    },
    "prometheus-adapter": {
        charts: ["prometheusAdapter"],
        declare: (source, opts) =>
            new PrometheusAdapter(
                "adapter",
                { source, prometheusUrl: "http://monitoring-prometheus.monitoring.svc:9090", replicas: 2 },
                opts,
            ),
    },
    keda: {
        charts: ["keda"],
        declare: (source, opts) => new Keda("keda", { source, replicas: 2 }, opts),
    },
    "redis-exporter": {
        charts: ["redisExporter"],
        declare: (source, opts) =>
            new RedisExporter(
                "redis-exporter",
                {
                    source,
                    address: "redis://redis.queue.svc:6379",
                    password: "not-a-secret-but-a-test",
                    keys: ["db0=queue"],
                },
                opts,
            ),
    },
    traefik: {
        charts: ["traefik"],
        declare: (source, opts) => new Traefik("traefik", { source, replicas: 2, httpsRedirect: true }, opts),
    },
    "cert-manager": {
        charts: ["certManager"],
        declare: (source, opts) =>
            new CertManager("cert-manager", { source, replicas: 2, issuer: { kind: "self-signed" } }, opts),
    },
    istio: {
        charts: ["istioBase", "istioCni", "istiod"],
        declare: (source, opts) => new Istio("istio", { source, replicas: 2 }, opts),
    },
    podinfo: {
        charts: ["podinfo"],
        declare: (source, opts) => new Podinfo("podinfo", { source, replicas: 2 }, opts),
    },
    logging: {
        charts: ["eckOperatorCrds", "eckOperator", "eckStack", "fluentBit"],
        declare: (source, opts) => new Logging("logging", { source }, opts),
    },
    "logging with fluentd": {
        charts: ["eckOperatorCrds", "eckOperator", "eckStack", "fluentd"],
        declare: (source, opts) => new Logging("logging", { source, collector: "fluentd" }, opts),
    },
    "gpu-operator": {
        charts: ["gpuOperator"],
        declare: (source, opts) => new GpuOperator("gpu-operator", { source }, opts),
    },
    "fake-gpu-operator": {
        charts: ["fakeGpuOperator"],
        declare: (source, opts) => new FakeGpuOperator("fake-gpu-operator", { source }, opts),
    },
    "dcgm-exporter": {
        charts: ["dcgmExporter"],
        declare: (source, opts) => new DcgmExporter("dcgm-exporter", { source }, opts),
    },
};
