import type { AutoscalerArgs } from "../autoscaler";
import { metricOfSignal } from "../prometheus-adapter";
import { unseenSeconds, usualDownStabilizationSeconds } from "./behavior";
import { type Backend, type Chain, type ChainSignal, demandSeries } from "./chain";
import { amount, recordedNow, whileFresh } from "./freshness";
import { type MeasuredTarget, measurementOf, whole } from "./measure";
import { chooseBackend, type KnownPlatform, knownPlatform, prometheusUrlOf } from "./platform";
import { parsePromql, selector } from "./promql";
import { isResource, type Signal } from "./signal";

/** An autoscaler with every default filled in: what all of its objects are made from. */
export interface AutoscalerPlan {
    readonly chain: Chain;
    readonly platform: KnownPlatform;
    readonly signals: readonly PlannedSignal[];
    /** Seconds of which the greatest demand counts before replicas go, where the arguments do not say. */
    readonly downStabilizationSeconds: number;
}

/** A signal, and what becomes of it here. */
export interface PlannedSignal {
    readonly signal: Signal;
    readonly chain: ChainSignal;
    /** What is asked of Prometheus, before anything is made of it. */
    readonly expr: string | undefined;
    /** Selector of `up` for its targets, if known. */
    readonly up: string | undefined;
    /** Has a value where a part of the demand is not measured. */
    readonly partial: string | undefined;
    /** For how long the demand on a new pod is not in it. */
    readonly unseenSeconds: number;
}

/** Fills in defaults. The arguments may be wrong: `validateAutoscaler` reads the plan to say how. */
export function planAutoscaler(args: AutoscalerArgs): AutoscalerPlan {
    const platform = knownPlatform(args.platform);
    const { name, namespace, kind = "Deployment" } = args.target;
    const autoscaler = args.name ?? name;
    const minReplicas = args.minReplicas ?? 1;
    const backend = args.backend ?? chooseBackend(platform, args.signals, minReplicas);
    const target = { autoscaler, namespace, kind, name };
    const signals = args.signals.map((signal) =>
        planSignal(signal, backend, target, platform.ruleSeconds ?? 1),
    );
    return {
        platform,
        signals,
        downStabilizationSeconds: Math.max(
            usualDownStabilizationSeconds,
            ...signals.map((signal) => signal.unseenSeconds),
        ),
        chain: {
            version: 1,
            autoscaler,
            namespace,
            target: { apiVersion: args.target.apiVersion ?? "apps/v1", kind, name },
            backend,
            minReplicas,
            maxReplicas: args.maxReplicas,
            ...(args.fallbackReplicas !== undefined && { fallbackReplicas: args.fallbackReplicas }),
            ...(signals.some(({ chain }) => chain.series) && { prometheusUrl: prometheusUrlOf(platform) }),
            signals: signals.map(({ chain }) => chain),
        },
    };
}

/** Name of the PrometheusRule that records the demand; the one with the alerts is named `…-alerts`. */
export function ruleName(autoscaler: string): string {
    return `autoscaler-${autoscaler}`;
}

function planSignal(
    signal: Signal,
    backend: Backend,
    target: MeasuredTarget,
    ruleSeconds: number,
): PlannedSignal {
    const { name, kind, unit, targetType, container } = signal;
    const common = { signal: name, kind, unit, target: signal.target };
    if (isResource(signal)) {
        const chain: ChainSignal = {
            ...common,
            ...(targetType && { targetType }),
            via: "resource",
            ...(container !== undefined && { container }),
        };
        return { signal, chain, expr: undefined, up: undefined, partial: undefined, unseenSeconds: 0 };
    }
    const measured = measurementOf(signal.measured ?? { expr: "" }, target);
    const { expr, up, partial } = measured;
    const parsed = parsePromql(expr);
    const demand = amount(whole(measured, signal.target, target));
    const { namespace, autoscaler } = target;
    const series = selector(demandSeries, { namespace, autoscaler, signal: name });
    const chain: ChainSignal = {
        ...common,
        via: backend === "keda" ? (signal.direct ? "direct" : "external") : "custom",
        ...(backend !== "keda" && { metric: metricOfSignal(demandSeries) }),
        sources: parsed.selectors,
        series,
        ...(backend === "keda" && !signal.direct && { query: recordedNow(series, ruleSeconds) }),
        // The other signals see to it themselves, for each series on its own.
        expr: kind === "promql" ? whileFresh(demand, parsed, signal.scrapeSeconds) : demand,
        rule: ruleName(autoscaler),
        scrapeSeconds: signal.scrapeSeconds,
    };
    return {
        signal,
        chain,
        expr,
        up,
        partial,
        unseenSeconds: unseenSeconds(signal.scrapeSeconds, parsed.ranges),
    };
}
