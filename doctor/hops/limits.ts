import { targetOf } from "../chain/plan";
import { conditionOf, secondsSince } from "../chain/pod-health";
import { age, quantity } from "../chain/quantity";
import { broken, type Judgement, none, ok, unknown } from "../judgement";
import { couldNotLook, valueOr } from "../read/answer";
import type { Snapshot } from "../snapshot";
import { atZero, count, livePods, targetTroubles } from "./common";
import { judgeBudgets } from "./limits/budgets";
import { creationFix, refusedCreation } from "./limits/creation";

/** The usual policies of scaling up add pods every 15 s: for longer than this, they are not the usual ones. */
const policySeconds = 60;

/** Nothing stands in the way of more pods, or of fewer. */
export function judgeLimits(snapshot: Snapshot): Judgement {
    const { subject, target, around } = snapshot;
    const { hpa, namespace } = subject;
    if (!target.object.ok) return none("there is no target");
    const refused = refusedCreation(snapshot);
    if (refused) {
        return broken(
            `pods that are wanted cannot be created: ${refused}`,
            creationFix(refused, namespace),
            refused,
        );
    }
    const { troubles, othersReady } = targetTroubles(snapshot);
    const [held] = troubles.filter(({ kind }) => kind === "pending" && othersReady);
    if (held) {
        return broken(
            `there cannot be more pods: ${held.pod} ${held.text}`,
            held.fix,
            `${held.pod} ${held.text}`,
        );
    }
    const budgets = judgeBudgets(snapshot);
    const bounds = judgeBounds(snapshot);
    const worst = [bounds, budgets].find(({ verdict }) => verdict === "broken");
    if (worst) return worst;
    for (const [what, answer] of [
        ["ResourceQuotas", around.quotas],
        ["PodDisruptionBudgets", around.budgets],
    ] as const) {
        if (couldNotLook(answer)) return unknown(what, answer.failure);
    }
    const quotas = valueOr(around.quotas, []);
    const notes = [...(bounds.notes ?? []), ...(budgets.notes ?? []), ...tightQuotas(snapshot)];
    const { minReplicas = 1, maxReplicas } = hpa?.spec ?? {};
    const range =
        maxReplicas === undefined
            ? []
            : [`${minReplicas} to ${maxReplicas} replicas, ${livePods(snapshot).length} pods now`];
    return ok(
        [
            ...range,
            `${count(quotas.length, "quota")}, ${count(valueOr(around.budgets, []).length, "disruption budget")}`,
        ],
        notes,
    );
}

function judgeBounds(snapshot: Snapshot): Judgement {
    const { hpa, scaledObject, namespace, name } = snapshot.subject;
    if (!hpa) return none("there is no HPA");
    const { maxReplicas, minReplicas = 1, behavior } = hpa.spec;
    const { desiredReplicas = 0, currentReplicas = 0 } = hpa.status ?? {};
    const limited = conditionOf(hpa.status?.conditions, "ScalingLimited");
    if (
        !atZero(snapshot) &&
        limited?.status === "True" &&
        limited.reason === "TooManyReplicas" &&
        desiredReplicas >= maxReplicas
    ) {
        const where = scaledObject
            ? `spec.maxReplicaCount of ScaledObject ${namespace}/${name}`
            : `spec.maxReplicas of HPA ${namespace}/${hpa.metadata.name}`;
        return broken(
            `all ${maxReplicas} replicas that are allowed are wanted, and more`,
            `Raise ${where}, or the target for each replica.`,
            `ScalingLimited: ${limited.message ?? limited.reason}`,
        );
    }
    const lastScaled = secondsSince(hpa.status?.lastScaleTime, snapshot.now);
    if (limited?.status === "True" && limited.reason === "ScaleUpLimit" && lastScaled > policySeconds) {
        return broken(
            `the scale-up policies hold it at ${currentReplicas} replicas: ${limited.message ?? limited.reason}`,
            "Let behavior.scaleUp.policies add more pods, or look at them over a shorter period.",
            `ScalingLimited=True (ScaleUpLimit), last scaled ${age(lastScaled)} ago`,
        );
    }
    if (behavior?.scaleUp?.selectPolicy === "Disabled" && maxReplicas > minReplicas) {
        return broken(
            "scaling up is switched off (behavior.scaleUp.selectPolicy is Disabled)",
            "Set behavior.scaleUp.selectPolicy to Max.",
            "behavior.scaleUp.selectPolicy: Disabled",
        );
    }
    const fewer = neededNow(snapshot);
    if (
        behavior?.scaleDown?.selectPolicy === "Disabled" &&
        fewer !== undefined &&
        fewer < currentReplicas &&
        currentReplicas > minReplicas
    ) {
        return broken(
            `scaling down is switched off, and ${fewer} of ${currentReplicas} replicas would do (behavior.scaleDown.selectPolicy is Disabled)`,
            "Set behavior.scaleDown.selectPolicy to Max.",
            "behavior.scaleDown.selectPolicy: Disabled",
        );
    }
    const able = conditionOf(hpa.status?.conditions, "AbleToScale");
    const notes = [
        ...(desiredReplicas === maxReplicas && maxReplicas > minReplicas
            ? [`at its maximum of ${maxReplicas}, with no more wanted`]
            : []),
        ...(able?.reason === "ScaleDownStabilized"
            ? ["scaling down is held back by its stabilisation window"]
            : []),
        ...(minReplicas === maxReplicas && !scaledObject
            ? [`minimum and maximum are both ${maxReplicas}: nothing can change`]
            : []),
        ...(behavior?.scaleDown?.selectPolicy === "Disabled" ? ["scaling down is switched off"] : []),
    ];
    return ok([], notes);
}

/** Replicas that the metrics ask for now; undefined where one of them cannot be told. */
function neededNow({ signals }: Snapshot): number | undefined {
    const needs = signals.map(({ spec, reading }) => {
        const target = targetOf(spec);
        const value = reading?.ok
            ? reading.value.values.reduce((sum, { value }) => sum + value, 0)
            : undefined;
        if (target?.type !== "AverageValue" || value === undefined || !reading?.ok || reading.value.pods)
            return undefined;
        return Math.max(1, Math.ceil(value / quantity(target.averageValue)));
    });
    return needs.length > 0 && needs.every((need) => need !== undefined)
        ? Math.max(...(needs as number[]))
        : undefined;
}

/** Quotas that leave no room for one more pod, while nobody asks for one. */
function tightQuotas({ around }: Snapshot): string[] {
    return valueOr(around.quotas, []).flatMap(({ metadata, status }) =>
        Object.entries(status?.hard ?? {})
            .filter(
                ([resource, hard]) =>
                    resource === "pods" && quantity(status?.used?.[resource]) >= quantity(hard),
            )
            .map(([resource, hard]) => `quota ${metadata.name} is used up: ${hard} ${resource}`),
    );
}
