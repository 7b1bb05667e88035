export {
    type AlertDelays,
    Autoscaler,
    type AutoscalerArgs,
    type AutoscalingPlatform,
    autoscalerPanels,
    type Backend,
    type Chain,
    type ChainSignal,
    chainKey,
    chainLabel,
    demandSeries,
    type Hop,
    type KedaPace,
    type Panel,
    type ScaleTarget,
    type ScalingPace,
    type Signal,
    signals,
    type TargetContainer,
} from "./autoscaling/autoscaler";
export { Keda, type KedaArgs, type KedaValues } from "./autoscaling/keda";
export {
    MetricsServer,
    type MetricsServerArgs,
    type MetricsServerValues,
} from "./autoscaling/metrics-server";
export {
    metricOfSignal,
    PrometheusAdapter,
    type PrometheusAdapterArgs,
    type PrometheusAdapterValues,
    signalRule,
} from "./autoscaling/prometheus-adapter";
export { type ChartSource, chartVersion } from "./charts/chart-source";
export type { Values } from "./charts/install-chart";
export { type ChartKey, charts, type PinnedChart } from "./charts/pins";
export { type ApiService, type ClusterFacts, readClusterFacts } from "./cluster/cluster-facts";
export { DcgmExporter, type DcgmExporterArgs, type DcgmExporterValues } from "./gpu/dcgm-exporter";
export { dcgmMetrics, fakeDcgmMetrics, simulatedDcgmMetrics } from "./gpu/dcgm-metrics";
export {
    FakeGpuOperator,
    type FakeGpuOperatorArgs,
    type FakeGpuOperatorValues,
    simulatedPoolLabel,
    simulatedUtilizationAnnotation,
} from "./gpu/fake-gpu-operator";
export { GpuAlerts, type GpuAlertsArgs } from "./gpu/gpu-alerts";
export {
    type GpuNodeSource,
    GpuNodes,
    type GpuNodesArgs,
    type GpuPodPlacement,
    gpuPodPlacement,
} from "./gpu/gpu-nodes";
export {
    type GpuMig,
    GpuOperator,
    type GpuOperatorArgs,
    type GpuOperatorValues,
    type GpuSharing,
} from "./gpu/gpu-operator";
export {
    type SimulatedGpuLoad,
    type SimulatedGpuState,
    SimulatedGpus,
    type SimulatedGpusArgs,
    simulatedGpuLoad,
    simulatedGpuState,
} from "./gpu/simulated-gpus";
export {
    TrainingJob,
    type TrainingJobArgs,
    type TrainingStorage,
    trainingJobOpenings,
} from "./gpu/training-job";
export { VectorAdd, type VectorAddArgs } from "./gpu/vector-add";
export { type Images, images } from "./images";
export {
    CertManager,
    type CertManagerArgs,
    type CertManagerValues,
    type Issuer,
} from "./ingress/cert-manager";
export type { HostIngress } from "./ingress/host-ingress";
export { Istio, type IstioArgs, meshLabels, meshOpenings } from "./ingress/istio";
export { Traefik, type TraefikArgs, type TraefikExposure, type TraefikValues } from "./ingress/traefik";
export {
    type ElasticsearchArgs,
    type KibanaArgs,
    type KibanaIngress,
    Logging,
    type LoggingArgs,
} from "./logs/logging";
export { KedaManifests, type KedaManifestsArgs } from "./manifests/keda";
export {
    KubeStateMetricsManifests,
    type KubeStateMetricsManifestsArgs,
} from "./manifests/kube-state-metrics";
export { LogCollectorManifests, type LogCollectorManifestsArgs } from "./manifests/log-collector";
export { LokiManifests, type LokiManifestsArgs } from "./manifests/loki";
export { MetricsServerManifests, type MetricsServerManifestsArgs } from "./manifests/metrics-server";
export { MonitoringManifests, type MonitoringManifestsArgs } from "./manifests/monitoring";
export { PodinfoManifests, type PodinfoManifestsArgs } from "./manifests/podinfo";
export {
    PrometheusAdapterManifests,
    type PrometheusAdapterManifestsArgs,
} from "./manifests/prometheus-adapter";
export {
    type DashboardName,
    type DashboardSource,
    Dashboards,
    type DashboardsArgs,
    dashboardUids,
} from "./monitoring/dashboards";
export { DeadMansSwitch, type DeadMansSwitchArgs, deadMansSwitchUrl } from "./monitoring/dead-mans-switch";
export {
    type Endpoints,
    type Exposure,
    KubePrometheusStack,
    type KubePrometheusStackArgs,
    type KubePrometheusStackValues,
    publicDashboards,
} from "./monitoring/kube-prometheus-stack";
export {
    RedisExporter,
    type RedisExporterArgs,
    type RedisExporterValues,
    type SecretKey,
} from "./monitoring/redis-exporter";
export { runbookLinks } from "./monitoring/runbook-links";
export {
    type Opening,
    type PodSecurityLevel,
    SecureNamespace,
    type SecureNamespaceArgs,
} from "./namespaces/secure-namespace";
export {
    type NamespaceRules,
    ServiceIdentity,
    type ServiceIdentityArgs,
} from "./namespaces/service-identity";
export type { Problem } from "./problems";
export { HashServer, type HashServerArgs } from "./workloads/hash-server";
export {
    type LlmEngine,
    type LlmProxyArgs,
    type LlmScaling,
    LlmServer,
    type LlmServerArgs,
    type LlmSimulation,
    llmServerOpenings,
    llmServerScaling,
} from "./workloads/llm-server";
export {
    type Load,
    LoadGenerator,
    type LoadGeneratorArgs,
    loadGeneratorOpenings,
} from "./workloads/load-generator";
export { Podinfo, type PodinfoArgs, type PodinfoValues } from "./workloads/podinfo";
export { QueueingProxy, type QueueingProxyArgs, queueingProxyOpenings } from "./workloads/queueing-proxy";
export { RedisQueue, type RedisQueueArgs } from "./workloads/redis-queue";
export { WebServer, type WebServerArgs, webServerOpenings } from "./workloads/web-server";
