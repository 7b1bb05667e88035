export { type ChartSource, chartVersion } from "./chart-source";
export { type ChartKey, charts, type PinnedChart } from "./charts";
export { type ApiService, type ClusterFacts, readClusterFacts } from "./cluster-facts";
export { type Images, images } from "./images";
export type { Values } from "./install-chart";
export { KedaManifests, type KedaManifestsArgs } from "./manifests/keda";
export { MetricsServerManifests, type MetricsServerManifestsArgs } from "./manifests/metrics-server";
export { MonitoringManifests, type MonitoringManifestsArgs } from "./manifests/monitoring";
export { MetricsServer, type MetricsServerArgs, type MetricsServerValues } from "./metrics-server";
export type { Problem } from "./problems";
export { RedisQueue, type RedisQueueArgs } from "./redis-queue";
export {
    type Opening,
    type PodSecurityLevel,
    SecureNamespace,
    type SecureNamespaceArgs,
} from "./secure-namespace";
export { type NamespaceRules, ServiceIdentity, type ServiceIdentityArgs } from "./service-identity";
