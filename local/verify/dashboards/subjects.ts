import type { DashboardName, DashboardSource } from "../../../components";
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

/** Milliseconds between two requests to podinfo: as many as four replicas are for. */
export const podinfoPause = 60;

/** What has to show something, and what need not. */
export interface Expectations {
    /**
     * Of dashboards on which one chooses a namespace: those whose workloads are put under load, each of which has to be
     * offered, and to show something on every panel. Of other dashboards every choice has to.
     */
    readonly loaded: Readonly<Partial<Record<DashboardName, readonly string[]>>>;
    readonly excuses: readonly Excuse[];
}

/** Why a panel shows nothing on the dev stack, though all is well. */
export interface Excuse {
    readonly board: DashboardName;
    readonly panel: string;
    /** Of its queries those with these legends. @default all */
    readonly legends?: readonly string[];
    /** Where one of these namespaces is chosen. @default whatever is chosen */
    readonly namespaces?: readonly string[];
    readonly because: string;
}

const onlyCpu = "the server that hashes is scaled on its CPU alone";
const noCpu = "it is not scaled on cpu or memory";

/** Of the dev stack under load. `emptyBecause` of a panel is for its readers, and no excuse here. */
export const onDev: Expectations = {
    loaded: {
        workload: ["queue", "podinfo", "hash", "llm", "gpu-server"],
        queue: ["queue"],
        serving: ["llm"],
    },
    excuses: [
        { board: "cluster", panel: "Restarts within the hour", because: "no container restarts" },
        { board: "cluster", panel: "Containers that wait", because: "containers start at once" },
        {
            board: "workload",
            panel: "Demand, target and replicas",
            legends: ["demand: {{signal}}", "target: {{metric_name}}"],
            namespaces: ["hash"],
            because: onlyCpu,
        },
        { board: "workload", panel: "Demand for each replica", namespaces: ["hash"], because: onlyCpu },
        {
            board: "workload",
            panel: "Use of what replicas request",
            namespaces: ["queue", "podinfo", "llm", "gpu-server"],
            because: noCpu,
        },
        {
            board: "workload",
            panel: "What KEDA says of it",
            namespaces: ["hash", "gpu-server"],
            because: "plain HPAs scale these",
        },
        { board: "workload", panel: "Age of the demand", namespaces: ["hash"], because: onlyCpu },
        { board: "workload", panel: "Alerts that fire", because: "no autoscaler is ill" },
        { board: "logs", panel: "Records lost", because: "no line is lost" },
        { board: "logs", panel: "Lines refused", because: "no line is refused" },
        { board: "logs", panel: "Written to disk", because: "Loki writes every half hour" },
        { board: "monitoring", panel: "Targets that do not", because: "every target answers" },
        {
            board: "monitoring",
            panel: "Notifications that fail",
            legends: ["{{integration}}"],
            because: "no notification fails",
        },
        { board: "monitoring", panel: "Volumes", because: "no pod has claimed a volume" },
    ],
};
