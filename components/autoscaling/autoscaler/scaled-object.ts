import { type ScalingPace, scalingBehavior } from "./behavior";
import type { AutoscalerPlan, PlannedSignal } from "./plan";
import { isResource } from "./signal";

/** What only KEDA is asked; with another back end it is refused. */
export interface KedaPace {
    /**
     * Seconds between two looks at the demand while there are no replicas, 1 to 3600; beyond the first replica the HPA looks,
     * at its own interval. @default 1 where there may be none, else 15
     */
    readonly pollingSeconds?: number | undefined;
    /** Seconds without demand before the last replica goes, 0 to 86400. @default 300 */
    readonly cooldownSeconds?: number | undefined;
}

/** How long a metric has to be missing before the fallback counts; the HPA's own questions count, too, and shorten it. */
const fallbackSeconds = 30;

/** The `spec` of the ScaledObject. `authentication` is the TriggerAuthentication for the signals that need one. */
export function scaledObjectSpec(plan: AutoscalerPlan, pace: ScalingPace & KedaPace = {}) {
    const { chain, signals } = plan;
    const fallback = chain.fallbackReplicas;
    const polling = pace.pollingSeconds ?? (chain.minReplicas === 0 ? 1 : 15);
    return {
        scaleTargetRef: { ...chain.target },
        minReplicaCount: chain.minReplicas,
        maxReplicaCount: chain.maxReplicas,
        pollingInterval: polling,
        cooldownPeriod: pace.cooldownSeconds ?? 300,
        // Never fewer than there are: a missing metric is no reason to take any.
        ...(fallback !== undefined && {
            fallback: {
                failureThreshold: Math.ceil(fallbackSeconds / polling),
                replicas: fallback,
                behavior: "currentReplicasIfHigher",
            },
        }),
        advanced: {
            horizontalPodAutoscalerConfig: {
                name: chain.autoscaler,
                behavior: scalingBehavior(chain.maxReplicas, pace, plan.downStabilizationSeconds),
            },
        },
        triggers: signals.map((signal) => trigger(signal, chain.prometheusUrl ?? "", chain.autoscaler)),
    };
}

/** Name of the TriggerAuthentication of a signal. */
export function authenticationName(autoscaler: string, signal: string): string {
    return `autoscaler-${autoscaler}-${signal}`;
}

/** The secrets of a signal's own source, as a TriggerAuthentication refers to them; undefined where it needs none. */
export function authenticationSpec({ signal, chain }: PlannedSignal) {
    const secrets = chain.via === "direct" ? (signal.direct?.secrets ?? []) : [];
    return secrets.length === 0
        ? undefined
        : { secretTargetRef: secrets.map(({ parameter, name, key }) => ({ parameter, name, key })) };
}

function trigger(planned: PlannedSignal, prometheusUrl: string, autoscaler: string) {
    const { signal, chain } = planned;
    const name = chain.signal;
    if (isResource(signal)) {
        const metadata = {
            value: signal.quantity ?? `${signal.target}`,
            ...(signal.container !== undefined && { containerName: signal.container }),
        };
        return {
            type: signal.kind,
            name,
            metricType: signal.targetType ?? "AverageValue",
            metadata,
        };
    }
    if (chain.via === "direct" && signal.direct) {
        return {
            type: signal.direct.type,
            name,
            metricType: "AverageValue",
            metadata: signal.direct.metadata,
            ...(authenticationSpec(planned) && {
                authenticationRef: { name: authenticationName(autoscaler, name) },
            }),
        };
    }
    return {
        type: "prometheus",
        name,
        metricType: "AverageValue",
        metadata: {
            serverAddress: prometheusUrl,
            query: chain.query ?? "",
            threshold: `${chain.target}`,
            activationThreshold: "0",
            // Else an empty answer, which is what an outage looks like, were a demand of 0.
            ignoreNullValues: "false",
        },
    };
}
