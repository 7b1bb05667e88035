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
} from "./autoscaler";
export { CertManager, type CertManagerArgs, type CertManagerValues, type Issuer } from "./cert-manager";
export { type ChartSource, chartVersion } from "./chart-source";
export { type ChartKey, charts, type PinnedChart } from "./charts";
export { type ApiService, type ClusterFacts, readClusterFacts } from "./cluster-facts";
export {
    type DashboardName,
    type DashboardSource,
    Dashboards,
    type DashboardsArgs,
    dashboardUids,
} from "./dashboards";
export { DcgmExporter, type DcgmExporterArgs, type DcgmExporterValues } from "./dcgm-exporter";
export { dcgmMetrics, fakeDcgmMetrics, simulatedDcgmMetrics } from "./dcgm-metrics";
export { DeadMansSwitch, type DeadMansSwitchArgs, deadMansSwitchUrl } from "./dead-mans-switch";
export {
    FakeGpuOperator,
    type FakeGpuOperatorArgs,
    type FakeGpuOperatorValues,
    simulatedPoolLabel,
    simulatedUtilizationAnnotation,
} from "./fake-gpu-operator";
export { GpuAlerts, type GpuAlertsArgs } from "./gpu-alerts";
export {
    type GpuNodeSource,
    GpuNodes,
    type GpuNodesArgs,
    type GpuPodPlacement,
    gpuPodPlacement,
} from "./gpu-nodes";
export {
    type GpuMig,
    GpuOperator,
    type GpuOperatorArgs,
    type GpuOperatorValues,
    type GpuSharing,
} from "./gpu-operator";
export { HashServer, type HashServerArgs } from "./hash-server";
export { type Images, images } from "./images";
export type { HostIngress } from "./ingress";
export type { Values } from "./install-chart";
export { Istio, type IstioArgs, meshLabels, meshOpenings } from "./istio";
export { Keda, type KedaArgs, type KedaValues } from "./keda";
export {
    type Endpoints,
    type Exposure,
    KubePrometheusStack,
    type KubePrometheusStackArgs,
    type KubePrometheusStackValues,
    publicDashboards,
} from "./kube-prometheus-stack";
export {
    type LlmEngine,
    type LlmProxyArgs,
    type LlmScaling,
    LlmServer,
    type LlmServerArgs,
    type LlmSimulation,
    llmServerOpenings,
    llmServerScaling,
} from "./llm-server";
export {
    type Load,
    LoadGenerator,
    type LoadGeneratorArgs,
    loadGeneratorOpenings,
} from "./load-generator";
export {
    type ElasticsearchArgs,
    type KibanaArgs,
    type KibanaIngress,
    Logging,
    type LoggingArgs,
} from "./logging";
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
export { MetricsServer, type MetricsServerArgs, type MetricsServerValues } from "./metrics-server";
export { Podinfo, type PodinfoArgs, type PodinfoValues } from "./podinfo";
export type { Problem } from "./problems";
export {
    metricOfSignal,
    PrometheusAdapter,
    type PrometheusAdapterArgs,
    type PrometheusAdapterValues,
    signalRule,
} from "./prometheus-adapter";
export { QueueingProxy, type QueueingProxyArgs, queueingProxyOpenings } from "./queueing-proxy";
export {
    RedisExporter,
    type RedisExporterArgs,
    type RedisExporterValues,
    type SecretKey,
} from "./redis-exporter";
export { RedisQueue, type RedisQueueArgs } from "./redis-queue";
export {
    type Opening,
    type PodSecurityLevel,
    SecureNamespace,
    type SecureNamespaceArgs,
} from "./secure-namespace";
export { type NamespaceRules, ServiceIdentity, type ServiceIdentityArgs } from "./service-identity";
export {
    type SimulatedGpuLoad,
    SimulatedGpus,
    type SimulatedGpusArgs,
    simulatedGpuLoad,
} from "./simulated-gpus";
export { Traefik, type TraefikArgs, type TraefikExposure, type TraefikValues } from "./traefik";
export {
    TrainingJob,
    type TrainingJobArgs,
    type TrainingStorage,
    trainingJobOpenings,
} from "./training-job";
export { VectorAdd, type VectorAddArgs } from "./vector-add";
export { WebServer, type WebServerArgs, webServerOpenings } from "./web-server";
