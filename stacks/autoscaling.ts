import { type AutoscalerArgs, type AutoscalingPlatform, type PodinfoArgs, signals } from "../components";
import { durationSeconds } from "../components/autoscaling/autoscaler/promql";

/** What the stacks made of charts have: every back end, and KEDA where nothing else is asked for. */
export const chartAutoscaling: AutoscalingPlatform = {
    backends: ["resource", "prometheus-adapter", "keda"],
    backend: "keda",
};

/** What the embedded cluster has: its HPAs may have no replicas, since its API server and controller-manager have the gate. */
export const devAutoscaling: AutoscalingPlatform = {
    backends: ["resource", "prometheus-adapter", "keda"],
    backend: "keda",
    prometheusUrl: "http://prometheus.monitoring.svc:9090",
    hpaScaleToZero: true,
};

/** Why a stack of charts has no address of the server that hashes. */
export const noHash = "the server that hashes is switched off in this stack (pulumi-kube-observability:hash)";

/** Scrape interval of podinfo, and of the sidecars in its mesh. */
export const podinfoScrapeInterval = "15s";

/**
 * podinfo as in the talk on scaling by requests: 5 requests a second for each replica, at most 20 of them; counted by Istio
 * where podinfo is in its mesh, else by podinfo itself.
 */
export function podinfoScaling(
    {
        namespace = "podinfo",
        mesh,
        scrapeInterval = podinfoScrapeInterval,
    }: Pick<PodinfoArgs, "namespace" | "mesh" | "scrapeInterval">,
    minReplicas: number,
    platform = chartAutoscaling,
): AutoscalerArgs {
    const rate = { perReplica: 5, scrapeSeconds: durationSeconds(scrapeInterval) };
    return {
        target: { namespace, name: "podinfo" },
        signals: [mesh ? signals.istioRequests(rate) : signals.appRequests(rate)],
        minReplicas,
        maxReplicas: 20,
        platform,
    };
}
