import { targetOf } from "../chain/plan";
import { conditionOf, secondsSince } from "../chain/pod-health";
import { quantity } from "../chain/quantity";
import { broken, type Judgement, ok } from "../judgement";
import type { Condition, Hpa } from "../read/objects";
import type { Snapshot } from "../snapshot";
import { judgeConfiguration } from "./autoscaler/configuration";
import { bornSeconds, judgePause, judgeScaledObject } from "./autoscaler/scaled-object";
import { judgeTriggers } from "./autoscaler/triggers";
import { atZero, count } from "./common";

/** A condition that says so for longer than this is not just late: the HPA is looked at every 15 s. */
const staleSeconds = 40;

/** After a change of replicas, the next is waited for as long. */
const idleSeconds = 60;

/** Without a renewed lease for longer than this, no controller-manager lives. */
const leaseSeconds = 60;

/** The HPA, and the ScaledObject where there is one, are configured soundly and say that they scale. */
export function judgeAutoscaler(snapshot: Snapshot): Judgement {
    const { subject } = snapshot;
    const { scaledObject, hpa, chain, namespace, name } = subject;
    if (chain?.backend === "keda" && !scaledObject) {
        return broken(
            `ScaledObject ${namespace}/${name} is not there`,
            "Create it again: `pulumi up`, or from where it came.",
            "the chain's ConfigMap is there, and its ScaledObject is not",
        );
    }
    if (!scaledObject && !hpa) {
        return broken(
            `HPA ${namespace}/${name} is not there`,
            "Create it again: `pulumi up`, or from where it came.",
            "the chain's ConfigMap is there, and its HPA is not",
        );
    }
    const judges = [
        () => (scaledObject ? judgePause(scaledObject) : undefined),
        () => judgeConfiguration(snapshot),
        () => judgeTriggers(snapshot),
        () => (scaledObject ? judgeScaledObject(scaledObject, snapshot) : undefined),
        () => (hpa ? judgeHpa(hpa, snapshot) : undefined),
    ];
    for (const judge of judges) {
        const judgement = judge();
        if (judgement?.verdict === "broken") return judgement;
    }
    const told = (conditions: readonly Condition[] | undefined = []) =>
        conditions.map(({ type, status, reason }) => `${type}=${status}${reason ? ` (${reason})` : ""}`);
    return ok(
        [
            ...(scaledObject
                ? [`ScaledObject: ${told(scaledObject.status?.conditions).join(", ") || "no condition yet"}`]
                : []),
            ...(hpa
                ? [
                      `HPA ${hpa.metadata.name}: ${told(hpa.status?.conditions).join(", ") || "no condition yet"}; ${hpa.status?.currentReplicas ?? 0} replicas, ${hpa.status?.desiredReplicas ?? 0} desired`,
                  ]
                : []),
        ],
        drift(snapshot),
    );
}

function judgeHpa(hpa: Hpa, snapshot: Snapshot): Judgement | undefined {
    const { now, subject, signals, around } = snapshot;
    const name = `HPA ${hpa.metadata.namespace}/${hpa.metadata.name}`;
    const describe = `\`kubectl -n ${hpa.metadata.namespace} describe hpa ${hpa.metadata.name}\``;
    const active = conditionOf(hpa.status?.conditions, "ScalingActive");
    const young = secondsSince(hpa.metadata.creationTimestamp, now) < bornSeconds;
    const fromZero = subject.scaledObject !== undefined || hpa.spec.minReplicas === 0;
    if (atZero(snapshot) && !fromZero) {
        return broken(
            `${name} is switched off, because its target was scaled to zero by hand`,
            `\`kubectl -n ${hpa.metadata.namespace} scale ${subject.target.kind?.toLowerCase()}/${subject.target.name} --replicas=${hpa.spec.minReplicas ?? 1}\``,
            `ScalingActive=${active?.status} (${active?.reason})`,
        );
    }
    if (active?.status === "False" && active.reason !== "ScalingDisabled" && !atZero(snapshot)) {
        const readable = signals.length > 0 && signals.every(({ reading }) => reading?.ok === true);
        const late = readable && secondsSince(active.lastTransitionTime, now) < staleSeconds;
        if (!late && !young)
            return broken(
                `${name} cannot work out how many replicas it needs: ${active.message}`,
                `See ${describe}.`,
                `ScalingActive=False (${active.reason})`,
            );
    }
    const able = conditionOf(hpa.status?.conditions, "AbleToScale");
    if (able?.status === "False" && able.reason !== "FailedGetScale") {
        return broken(
            `${name} cannot change the number of replicas: ${able.message}`,
            `See ${describe}.`,
            `AbleToScale=False (${able.reason})`,
        );
    }
    const idle = judgeIdleness(hpa, snapshot, name);
    if (idle) return idle;
    const silent = secondsSince(around.controllerRenewed, now);
    if (Number.isFinite(silent) && silent > leaseSeconds) {
        return broken(
            `nobody moves ${name}: kube-controller-manager has not renewed its lease for ${Math.round(silent)} s`,
            "Start kube-controller-manager.",
            `lease kube-system/kube-controller-manager: ${around.controllerRenewed}`,
        );
    }
    if (!hpa.status?.conditions && !young && !atZero(snapshot)) {
        return broken(
            `nobody has looked at ${name} since it was made`,
            "See whether kube-controller-manager runs.",
            "no conditions",
        );
    }
    return undefined;
}

/** The demand of two whole minutes asks for more, nothing holds it back, and nobody moves. */
function judgeIdleness(hpa: Hpa, { signals, now }: Snapshot, name: string): Judgement | undefined {
    const { currentReplicas = 0, desiredReplicas = 0, lastScaleTime } = hpa.status ?? {};
    const { stabilizationWindowSeconds = 0, selectPolicy } = hpa.spec.behavior?.scaleUp ?? {};
    if (stabilizationWindowSeconds > idleSeconds || selectPolicy === "Disabled") return undefined;
    if (conditionOf(hpa.status?.conditions, "ScalingLimited")?.status === "True") return undefined;
    if (secondsSince(lastScaleTime, now) < idleSeconds) return undefined;
    for (const { query, spec, name: signal } of signals) {
        const target = targetOf(spec);
        if (query?.steady === undefined || target?.type !== "AverageValue") continue;
        const needed = Math.ceil(query.steady / (1.1 * quantity(target.averageValue)));
        const most = Math.max(currentReplicas, desiredReplicas);
        if (needed > most && most < hpa.spec.maxReplicas) {
            return broken(
                `nobody moves ${name}: ${signal} has asked for ${needed} replicas for two minutes, and ${most} are desired`,
                "See whether kube-controller-manager runs.",
                `${query.text} was at least ${query.steady}; last scaled ${lastScaleTime ?? "never"}`,
            );
        }
    }
    return undefined;
}

/** Where the cluster differs from what the chain's author wrote. */
function drift({ subject }: Snapshot): string[] {
    const { chain, hpa, scaledObject } = subject;
    if (!chain) return [];
    const min = scaledObject ? (scaledObject.spec.minReplicaCount ?? 0) : (hpa?.spec.minReplicas ?? 1);
    const max = scaledObject?.spec.maxReplicaCount ?? hpa?.spec.maxReplicas;
    return [
        ...(min !== chain.minReplicas
            ? [`its minimum is ${min}, and ${count(chain.minReplicas, "replica")} by its description`]
            : []),
        ...(max !== chain.maxReplicas
            ? [`its maximum is ${max}, and ${count(chain.maxReplicas, "replica")} by its description`]
            : []),
    ];
}
