/** A typed constructor for each signal. `import { signals }`, then `signals.queueLength({ … })`. */
export { type AppRequestsArgs, appRequests } from "./signals/app-requests";
export { type GpuUtilizationArgs, gpuUtilization } from "./signals/gpu-utilization";
export {
    type HaproxyArgs,
    haproxyRequests,
    requestsInFlight,
    waitingRequests,
} from "./signals/haproxy";
export { type IstioRequestsArgs, istioRequests } from "./signals/istio-requests";
export { type PromqlArgs, promql } from "./signals/promql";
export { type QueueLengthArgs, queueLength } from "./signals/queue-length";
export { type CpuArgs, cpu, type MemoryArgs, memory } from "./signals/resource";
