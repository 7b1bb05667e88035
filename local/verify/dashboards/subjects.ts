import { type AutoscalerArgs, type DashboardSource, llmServerScaling, signals } from "../../../components";
import { simulatedDcgmMetrics } from "../../../components/dcgm-metrics";
import type { LlmServerArgs } from "../../../components/llm-server";
import { devAutoscaling } from "../../../stacks/autoscaling";
import { nodePorts } from "../../../stacks/dev";
import { devImages } from "../../../stacks/dev-images";

/** Namespace of what is put under load beside the dev stack. */
export const namespace = "boards";

/** What the dev stack, with the workloads of this test, measures. */
export const sources: readonly DashboardSource[] = [
    "nodes",
    "containers",
    "objects",
    "autoscalers",
    "prometheus",
    "queue",
    "proxy",
    "llm",
    "gpu",
    "log-collector",
    "loki",
];

export const gpuMetrics = simulatedDcgmMetrics;

/** Requests that are kept at a server with a GPU, which works on two at a time. */
export const gpuRequests = 2;

/** The simulator of Ollama: four requests at a time in all, for a second each. */
export const llm: LlmServerArgs = {
    namespace,
    engine: "simulator",
    images: devImages,
    slots: 2,
    autoscaled: true,
    simulation: { tokensPerSecond: 50, meanTokens: 50 },
    proxy: { maxServers: 2, nodePort: nodePorts.llm },
};

/** Requests that are kept at its proxy: more than there are slots for, so that some wait. */
export const llmRequests = 8;

/** One autoscaler on each back end, and one of them on memory, too, which is read as a share of what is requested. */
export const gpuScaling: AutoscalerArgs = {
    target: {
        namespace,
        name: "gpu",
        containers: [{ name: "gpu", resources: { requests: { memory: "32Mi" } } }],
    },
    signals: [
        signals.gpuUtilization({ utilization: 60, scrapeSeconds: 5 }),
        signals.memory({ utilization: 90 }),
    ],
    maxReplicas: 2,
    backend: "prometheus-adapter",
    platform: devAutoscaling,
};

export const llmScaling: AutoscalerArgs = llmServerScaling(llm, { minReplicas: 1, platform: devAutoscaling });
