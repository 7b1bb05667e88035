import type { Alert } from "../monitors";
import { alert } from "./alert";
import type { Hop } from "./chain";
import type { AutoscalerPlan, PlannedSignal } from "./plan";
import { stateOf } from "./state";

/**
 * Alerts on an autoscaler without a metric: one for each hop, and of those only the first broken one fires. The replicas
 * stay as they are meanwhile, so that nothing else tells of it.
 */
export function blindAlerts(plan: AutoscalerPlan, delay: string): Alert[] {
    const state = stateOf(plan.chain);
    const recorded = plan.signals.filter(({ chain }) => chain.series !== undefined);
    const allRecorded = recorded.map(({ chain }) => ` and on () ${chain.series}`).join("");
    const blind = (hop: Hop, expr: string, summary: string, description: string) =>
        alert(plan, "AutoscalerBlind", hop, "critical", { expr, for: delay, summary, description });

    return [
        ...recorded.flatMap((signal) => signalAlerts(signal, blind)),
        // At zero replicas every HPA is inactive.
        blind(
            "metrics-api",
            any(
                `${state.condition("ScalingActive", "false")} == 1 and on () ${state.current} > 0${allRecorded}`,
                ...(plan.chain.backend === "keda" ? [down('up{job="keda-operator"}')] : []),
            ),
            "cannot read its metric",
            `${apiOf(plan)} does not give what it should. Replicas stay as they are.`,
        ),
        blind(
            "target",
            `${state.condition("AbleToScale", "false")} == 1`,
            "cannot scale its target",
            `${plan.chain.target.kind} ${plan.chain.target.name} does not exist, or its scale cannot be read or set.`,
        ),
        ...autoscalerAlerts(plan, allRecorded, blind),
    ];
}

type Blind = (hop: Hop, expr: string, summary: string, description: string) => Alert;

/** Of one signal: its targets are down, or its series is not what it should be, or nobody records it. */
function signalAlerts({ chain, up }: PlannedSignal, blind: Blind): Alert[] {
    const measured = `(${chain.expr})`;
    return [
        ...(up === undefined
            ? []
            : [
                  blind(
                      "scrape",
                      down(up),
                      `signal ${chain.signal} is not measured`,
                      `No target ${up} can be scraped. Replicas stay as they are.`,
                  ),
              ]),
        blind(
            "series",
            `absent(${measured})${up === undefined ? "" : ` unless on () ${down(up)}`}`,
            `signal ${chain.signal} has no value`,
            "Its series are missing, older than four scrapes, or no numbers. Replicas stay as they are.",
        ),
        blind(
            "rule",
            `absent(${chain.series}) unless on () absent(${measured})`,
            `signal ${chain.signal} is not recorded`,
            `PrometheusRule ${chain.rule} is gone or fails: the metric is there, ${chain.series} is not.`,
        ),
    ];
}

/** The HPA is gone; or KEDA, which acts where no HPA does, at zero, says that a trigger fails. */
function autoscalerAlerts(plan: AutoscalerPlan, allRecorded: string, blind: Blind): Alert[] {
    const state = stateOf(plan.chain);
    const gone = `absent(${state.maximum})`;
    const failing = `${state.scaledObjectCondition("Ready")} != 1 and on () ${state.current} == 0${allRecorded}`;
    const missing = `absent(${state.scaledObjectCondition("Ready")})`;
    return [
        blind(
            "autoscaler",
            plan.chain.backend === "keda" ? any(gone, failing, missing) : gone,
            plan.chain.backend === "keda" ? "is gone, or a trigger of it fails" : "is gone",
            "It does not exist, or reports an error; or kube-state-metrics, which tells of it, does not.",
        ),
    ];
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
