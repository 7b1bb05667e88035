import type { DashboardSource } from "../../../components";
import { simulatedDcgmMetrics } from "../../../components/gpu/dcgm-metrics";

/** What the dev stack measures. */
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

/** Requests that are kept at the server with a GPU: enough for 60 % of one, of which it is not to have less. */
export const gpuRequests = 6;

/** Requests that are kept at the language model: more than all of its servers have slots for, so that some wait. */
export const llmRequests = 24;
