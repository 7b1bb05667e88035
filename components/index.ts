export { type Images, images } from "./images";
export { Keda, type KedaArgs } from "./keda";
export { MetricsServer, type MetricsServerArgs } from "./metrics-server";
export { Monitoring, type MonitoringArgs } from "./monitoring";
export type { Problem } from "./problems";
export { RedisQueue, type RedisQueueArgs } from "./redis-queue";
export {
    type Opening,
    type PodSecurityLevel,
    SecureNamespace,
    type SecureNamespaceArgs,
} from "./secure-namespace";
export { type NamespaceRules, ServiceIdentity, type ServiceIdentityArgs } from "./service-identity";
