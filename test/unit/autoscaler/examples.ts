import type { AutoscalerArgs } from "../../../components";
import * as signals from "../../../components/autoscaling/autoscaler/signals";

/** A target with two containers, of which one requests everything. */
export const target = {
    namespace: "shop",
    name: "web",
    containers: [
        { name: "server", resources: { requests: { cpu: "100m", memory: "64Mi" } } },
        { name: "sidecar", resources: { requests: { memory: "32Mi" } } },
    ],
} as const;

/** Arguments that are accepted, with some replaced. */
export function args(given: Partial<AutoscalerArgs> = {}): AutoscalerArgs {
    return { target, signals: [queue], maxReplicas: 10, ...given };
}

export const queue = signals.queueLength({ list: "orders", itemsPerReplica: 20, scrapeSeconds: 5 });
export const requests = signals.appRequests({ perReplica: 5, scrapeSeconds: 5 });
export const waiting = signals.waitingRequests({ backend: "llm", perReplica: 2, scrapeSeconds: 5 });
export const gpu = signals.gpuUtilization({ utilization: 60, scrapeSeconds: 5 });
export const cpu = signals.cpu({ utilization: 50, container: "server" });
export const jobs = signals.promql({
    name: "jobs",
    expr: "sum(jobs_open)",
    unit: "jobs",
    perReplica: 3,
    scrapeSeconds: 5,
});
