import type { Labels } from "../../conventions";
import { inClusterUrl } from "../../monitoring/kube-prometheus-stack/names";
import { type Backend, backends } from "./chain";
import { isResource, type Signal } from "./signal";

/** What a cluster offers to autoscalers. A stack says it once, and hands it to every workload. */
export interface AutoscalingPlatform {
    /** The back ends that it has. Believed, not read from the cluster: one that is missing shows only there. @default all */
    readonly backends?: readonly Backend[] | undefined;
    /** The one to take where an autoscaler names none. @default "keda", else "prometheus-adapter", of those it has */
    readonly backend?: Backend | undefined;
    /** Address of Prometheus inside the cluster. @default that of KubePrometheusStack */
    readonly prometheusUrl?: string | undefined;
    /**
     * Whether HPAs may have no replicas (feature gate HPAScaleToZero, on by default since Kubernetes 1.37). KEDA does not
     * need it. @default false
     */
    readonly hpaScaleToZero?: boolean | undefined;
    /** Seconds between two evaluations of the rules that record demand, 1 to 300. @default 1 */
    readonly ruleSeconds?: number | undefined;
    /** Labels by which Prometheus takes up rules, e.g. `{ release: "monitoring" }`. @default none are needed */
    readonly ruleLabels?: Labels | undefined;
    /** How long alerts wait. @default see AlertDelays */
    readonly alerts?: AlertDelays | undefined;
}

/** Seconds between two evaluations where nothing is said. */
export const defaultRuleSeconds = 1;

/** How long something has to last before an alert tells of it, as Prometheus durations. */
export interface AlertDelays {
    /** No metric, so no scaling; and standing on the fallback. @default "1m" */
    readonly blind?: string | undefined;
    /** At the maximum, and more wanted. @default "15m" */
    readonly atMaximum?: string | undefined;
    /** Fewer replicas Ready than desired. @default "10m" */
    readonly notReady?: string | undefined;
    /** The time in which three ups and three downs are flapping. @default "15m" */
    readonly flappingWithin?: string | undefined;
}

/** A platform of which it is known what it has. */
export type KnownPlatform = AutoscalingPlatform & { readonly backends: readonly Backend[] };

/** The platform with its back ends filled in. */
export function knownPlatform(platform: AutoscalingPlatform = {}): KnownPlatform {
    return { ...platform, backends: platform.backends ?? backends };
}

/** Address of Prometheus where nothing is said. */
export function prometheusUrlOf({ prometheusUrl }: AutoscalingPlatform): string {
    return prometheusUrl ?? inClusterUrl("prometheus", "monitoring");
}

/**
 * The back end for some signals, where none is asked for: cpu and memory alone need no more than the metrics server, so
 * nothing else can fail them; a minimum of zero needs one that can wake a workload.
 */
export function chooseBackend(
    platform: KnownPlatform,
    signals: readonly Signal[],
    minReplicas: number,
): Backend {
    const has = (backend: Backend) => platform.backends.includes(backend);
    if (minReplicas > 0 && signals.every(isResource) && has("resource")) return "resource";
    return platform.backend ?? (has("keda") ? "keda" : "prometheus-adapter");
}
