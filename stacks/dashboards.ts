import {
    type DashboardSource,
    type DashboardsArgs,
    fakeDcgmMetrics,
    type GpuAlertsArgs,
    simulatedDcgmMetrics,
} from "../components";
import { countedMetrics } from "../components/gpu/dcgm-counters";
import { rehearsedAlerts } from "./gpu-rehearsal";
import type { PlatformPlan } from "./platform";

/** The dashboards of a platform of charts: those that it fills. */
export function dashboardsOf(plan: PlatformPlan): DashboardsArgs {
    const gpuMetrics = gpuMetricsOf(plan);
    return {
        namespace: plan.monitoring.namespace,
        sources: sourcesOf(plan),
        runbooksUrl: plan.runbooksUrl,
        ...(gpuMetrics && gpuMetrics !== "all" && { gpuMetrics }),
    };
}

/** The alerts on GPUs of a platform of charts; undefined where no GPU is measured. */
export function gpuAlertsOf(plan: PlatformPlan): GpuAlertsArgs | undefined {
    const metrics = gpuMetricsOf(plan);
    if (metrics === undefined) return undefined;
    const rehearsed = plan.simulatedGpus ?? plan.fakeGpuOperator;
    return {
        namespace: plan.monitoring.namespace,
        ...(metrics !== "all" && { metrics }),
        ...(rehearsed && rehearsedAlerts),
    };
}

/** What a platform measures. Not `elasticsearch`: it gives Grafana no data source with the logs. */
function sourcesOf(plan: PlatformPlan): DashboardSource[] {
    const collector = plan.logging?.monitored ? [plan.logging.collector ?? "fluent-bit"] : [];
    const gpus = gpuMetricsOf(plan) === undefined ? [] : (["gpu"] as const);
    return [
        ...(["nodes", "containers", "objects", "autoscalers", "prometheus", "queue"] as const),
        ...llmSources(plan),
        ...gpus,
        ...collector,
    ];
}

/** Ollama tells nothing itself; its proxy does. */
function llmSources({ llm }: PlatformPlan): DashboardSource[] {
    if (llm === undefined) return [];
    const own = { ollama: [], simulator: ["llm"], vllm: ["vllm"] } as const;
    return ["proxy", ...own[llm.server.engine]];
}

/** Metrics of the exporter of GPUs that is scraped; "all" where it keeps its own list. */
function gpuMetricsOf({ gpuOperator, dcgmExporter, fakeGpuOperator, simulatedGpus }: PlatformPlan) {
    const real = [gpuOperator, dcgmExporter].find((exporter) => exporter?.monitored);
    if (real) return countedMetrics(real.customMetrics) ?? "all";
    if (simulatedGpus) return simulatedDcgmMetrics;
    return fakeGpuOperator?.monitored ? fakeDcgmMetrics : undefined;
}
