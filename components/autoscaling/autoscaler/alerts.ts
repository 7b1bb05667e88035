import type { Alert, RuleGroup } from "../../monitoring/monitors";
import { alert } from "./alert";
import { blindAlerts } from "./blind-alerts";
import type { AutoscalerPlan } from "./plan";
import type { AlertDelays, AutoscalingPlatform } from "./platform";
import { stateOf } from "./state";

/** Every delay, filled in. */
type Delays = { readonly [key in keyof AlertDelays]-?: string };

export const defaultDelays: Delays = {
    blind: "1m",
    atMaximum: "15m",
    notReady: "10m",
    flappingWithin: "15m",
};

/** The rules that watch one autoscaler. They stand in an object of their own: with the recording they would go, too. */
export function alertRules(plan: AutoscalerPlan): RuleGroup {
    const delays = delaysOf(plan.platform);
    return {
        rules: [
            ...blindAlerts(plan, delays.blind),
            ...fallbackAlerts(plan, delays.blind),
            ...limitAlerts(plan, delays),
        ],
    };
}

function fallbackAlerts(plan: AutoscalerPlan, delay: string): Alert[] {
    if (plan.chain.fallbackReplicas === undefined) return [];
    return [
        alert(plan, "AutoscalerOnFallback", "autoscaler", "critical", {
            expr: `${stateOf(plan.chain).scaledObjectCondition("Fallback")} == 1`,
            for: delay,
            summary: "stands on its fallback",
            description:
                `A metric is missing, so KEDA keeps ${plan.chain.fallbackReplicas} replicas whatever the demand is, and ` +
                "calls itself healthy.",
        }),
    ];
}

function limitAlerts(plan: AutoscalerPlan, delays: Delays): Alert[] {
    const state = stateOf(plan.chain);
    const { desired, minimum, maximum, ready } = state;
    return [
        alert(plan, "AutoscalerAtMaximum", "limits", "warning", {
            // At the maximum by chance is no lack: the autoscaler also has to say that it would go further. With a minimum
            // as high it says the same of less.
            expr: `${desired} >= ${maximum} > ${minimum} and ${state.condition("ScalingLimited", "true")} == 1`,
            for: delays.atMaximum,
            summary: `needs more than its ${plan.chain.maxReplicas} replicas`,
            description: `It has wanted more than its maximum for ${delays.atMaximum}, and demand is not met.`,
        }),
        alert(plan, "AutoscalerNotReady", "pods", "warning", {
            expr: `${desired} > ${ready}`,
            for: delays.notReady,
            summary: "its replicas do not become ready",
            description: `It has wanted more replicas than are Ready for ${delays.notReady}.`,
        }),
        alert(plan, "AutoscalerFlapping", "autoscaler", "warning", {
            expr: flapping(state, delays.flappingWithin),
            summary: "adds and removes replicas in turn",
            description:
                `It went up and down three times or more within ${delays.flappingWithin}. Lengthen the rate's ` +
                "window or downStabilizationSeconds.",
        }),
    ];
}

/**
 * The way that the replicas went, up and down together, is three times there and back between their ends. Counting steps
 * would take one wave for several: it comes in steps, and goes in more of them.
 */
function flapping({ desired, desiredSeries: series }: ReturnType<typeof stateOf>, window: string): string {
    const way = `sum_over_time(abs(${desired} - max(${series} offset 15s))[${window}:15s])`;
    const span = `(max(max_over_time(${series}[${window}])) - min(min_over_time(${series}[${window}])))`;
    return `${way} >= 6 * ${span} > 0`;
}

function delaysOf({ alerts = {} }: AutoscalingPlatform): Delays {
    return {
        blind: alerts.blind ?? defaultDelays.blind,
        atMaximum: alerts.atMaximum ?? defaultDelays.atMaximum,
        notReady: alerts.notReady ?? defaultDelays.notReady,
        flappingWithin: alerts.flappingWithin ?? defaultDelays.flappingWithin,
    };
}
