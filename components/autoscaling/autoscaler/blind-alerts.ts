import type { Alert } from "../../monitoring/monitors";
import { alert } from "./alert";
import type { Hop } from "./chain";
import { fresh } from "./freshness";
import type { AutoscalerPlan, PlannedSignal } from "./plan";
import { defaultRuleSeconds } from "./platform";
import { selector } from "./promql";
import { kedaReady, stateOf } from "./state";

/**
 * Alerts on an autoscaler without a metric: one for each hop, and of those only the first broken one fires. The replicas
 * stay as they are meanwhile, so that nothing else tells of it.
 */
export function blindAlerts(plan: AutoscalerPlan, delay: string): Alert[] {
    const { chain } = plan;
    const state = stateOf(chain);
    const recorded = plan.signals.filter(({ chain }) => chain.series !== undefined);
    const unable = `${state.condition("AbleToScale", "false")} == 1`;
    const elsewhere = `${recorded.map(lacking).join("")} unless ${unable}`;
    const blind: Blind = (hop, expr, summary, description) =>
        alert(plan, "AutoscalerBlind", hop, "critical", { expr, for: delay, summary, description });

    return [
        ...recorded.flatMap((signal) => signalAlerts(plan, signal, unable, delay)),
        blind(
            "metrics-api",
            any(
                `${inactive(plan)}${elsewhere}`,
                // KEDA wakes from zero, where no HPA tells. Without kube-state-metrics nobody knows.
                ...(chain.backend === "keda" ? [`absent(${kedaReady} > 0) and ${state.maximum}`] : []),
            ),
            "cannot read its metric",
            `${apiOf(plan)} does not give what it should. ${meanwhile(plan)}`,
        ),
        blind(
            "target",
            unable,
            "cannot scale its target",
            `${chain.target.kind} ${chain.target.name} does not exist, or its scale cannot be read or set.`,
        ),
        ...autoscalerAlerts(plan, elsewhere, blind),
    ];
}

type Blind = (hop: Hop, expr: string, summary: string, description: string) => Alert;

/**
 * Of one signal: its targets are down, or its series is not what it should be, or nobody records it. A target that is gone
 * takes its pods' metrics with it, and is the first that is broken.
 */
function signalAlerts(plan: AutoscalerPlan, signal: PlannedSignal, unable: string, delay: string): Alert[] {
    const { chain, up } = signal;
    // What KEDA reads for itself it goes on reading: then it is the watching that fails.
    const direct = chain.via === "direct";
    const result = direct ? "KEDA reads it without Prometheus, and goes on." : meanwhile(plan);
    const blind = (hop: Hop, expr: string, summary: string, description: string) =>
        alert(plan, "AutoscalerBlind", hop, direct ? "warning" : "critical", {
            expr: `${expr} unless ${unable}${excused(plan, signal)}`,
            for: delay,
            signal: chain.signal,
            summary: `signal ${chain.signal} ${summary}`,
            description: `${description} ${result}`,
        });
    return [
        ...(up === undefined
            ? []
            : [blind("scrape", `(${unscraped(signal)})`, "is not measured", notScraped(signal))]),
        blind(
            "series",
            unmeasured(signal),
            "has no value",
            "Its series are missing, older than four scrapes, or no numbers.",
        ),
        blind(
            "rule",
            unrecorded(plan, signal),
            "is not recorded",
            `PrometheusRule ${chain.rule} is gone or fails: nothing else is amiss, and ${chain.series} is not recorded.`,
        ),
    ];
}

/**
 * 1 where a signal is not recorded, and none of the alerts above says why. It does not ask for the expression again: one
 * that fails would take the alert with it. Prometheus then goes on with the last value, so that only its age tells.
 */
function unrecorded({ chain, platform }: AutoscalerPlan, signal: PlannedSignal): string {
    const recorded = fresh(signal.chain.series ?? "", platform.ruleSeconds ?? defaultRuleSeconds);
    const { namespace, autoscaler } = chain;
    const labels = { alertname: "AutoscalerBlind", namespace, autoscaler, signal: signal.chain.signal };
    const known = selector("ALERTS", { ...labels, hop: /scrape|series/ });
    return `absent(max${recorded}) unless on () ${known}`;
}

/** 1 where a signal has no value although its targets answer. */
function unmeasured(signal: PlannedSignal): string {
    const { chain, up } = signal;
    return `absent(${chain.expr})${up === undefined ? "" : ` unless (${unscraped(signal)})`}`;
}

/** Has a value where none of a signal's targets answers, or so few that it has no value. */
function unscraped({ chain, up = "", partial }: PlannedSignal): string {
    return partial === undefined ? down(up) : `${down(up)} or ${partial} and absent(${chain.expr})`;
}

function notScraped({ up, partial }: PlannedSignal): string {
    return partial === undefined
        ? `No target ${up} can be scraped.`
        : `Targets ${up} cannot be scraped, and what the others tell is not the whole demand.`;
}

/** Where it is for the signal's own alerts to tell. What KEDA reads from its source is not recorded for it. */
function lacking({ chain }: PlannedSignal): string {
    return chain.via === "direct" ? "" : ` and on () ${chain.series}`;
}

/** Where nothing is to be said of a signal: KEDA itself fails on its source, or there are no pods that could have any. */
function excused(plan: AutoscalerPlan, { signal, chain }: PlannedSignal): string {
    const state = stateOf(plan.chain);
    if (chain.via === "direct") return ` unless (${inactive(plan)}) unless (${failingAtZero(plan)})`;
    return signal.survivesZero ? "" : ` unless ${state.current} == 0`;
}

/**
 * 1 where the HPA gets no metric. One that may have no replicas says so at zero, too; every other is inactive there, since
 * somebody switched it off, or KEDA did.
 */
function inactive({ chain }: AutoscalerPlan): string {
    const state = stateOf(chain);
    const says = `${state.condition("ScalingActive", "false")} == 1`;
    const wakes = chain.backend === "prometheus-adapter" && chain.minReplicas === 0;
    return wakes ? says : `${says} and ${state.current} > 0`;
}

/** 1 where KEDA says that a trigger fails, and no HPA would. */
function failingAtZero({ chain }: AutoscalerPlan): string {
    const state = stateOf(chain);
    return `${state.scaledObjectCondition("Ready")} != 1 and ${state.current} == 0`;
}

/** The HPA is gone; or KEDA, which acts where no HPA does, at zero, says that a trigger fails; or nobody tells of them. */
function autoscalerAlerts(plan: AutoscalerPlan, elsewhere: string, blind: Blind): Alert[] {
    const { chain } = plan;
    const state = stateOf(chain);
    const gone = `absent(${state.maximum}) and ${watching}`;
    const ready = state.scaledObjectCondition("Ready");
    const failing = `${failingAtZero(plan)}${elsewhere}`;
    // Where conditions of ScaledObjects are told at all. KEDA deletes the HPA of one that is paused.
    const missing = `absent(${ready}) and count(kube_scaledobject_status_condition) > 0`;
    const paused = `${state.scaledObjectCondition("Paused")} == 1`;
    return [
        chain.backend === "keda"
            ? blind(
                  "autoscaler",
                  `(${any(gone, failing, missing)}) unless ${paused}`,
                  "is gone, or a trigger of it fails",
                  "It does not exist, or reports an error.",
              )
            : blind("autoscaler", gone, "is gone", "It does not exist."),
        alert(plan, "AutoscalerUnwatched", "autoscaler", "warning", {
            expr: `absent(${watching})`,
            for: "5m",
            summary: "is not watched",
            description:
                "kube-state-metrics, which tells of it, does not answer. It goes on scaling, and nobody would know if not.",
        }),
    ];
}

/** Has a value where kube-state-metrics tells of anything. */
const watching = "count(kube_deployment_status_replicas_ready)";

/** What becomes of the replicas. */
function meanwhile({ chain }: AutoscalerPlan): string {
    return chain.fallbackReplicas === undefined
        ? "Replicas stay as they are."
        : `KEDA keeps ${chain.fallbackReplicas} replicas.`;
}

/** 1 where no target answers, or none is known. */
function down(up: string): string {
    return `absent(${up} == 1)`;
}

/** One series where any of them has one. */
function any(...exprs: string[]): string {
    return exprs.length === 1 ? (exprs[0] as string) : exprs.map((expr) => `max(${expr})`).join(" or ");
}

function apiOf({ chain }: AutoscalerPlan): string {
    if (chain.backend === "keda") return "The external metrics API, of KEDA,";
    return chain.backend === "resource"
        ? "The resource metrics API, of the metrics server,"
        : "The custom metrics API, of prometheus-adapter,";
}
