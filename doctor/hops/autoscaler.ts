import { targetOf } from "../chain/plan";
import { conditionOf, isOf, secondsSince, when } from "../chain/pod-health";
import { quantity } from "../chain/quantity";
import { broken, type Judgement, ok } from "../judgement";
import { valueOr } from "../read/answer";
import type { Condition, Hpa, ScaledObject } from "../read/objects";
import type { Snapshot } from "../snapshot";
import { judgeConfiguration } from "./autoscaler/configuration";
import { judgeTriggers } from "./autoscaler/triggers";
import { atZero, count } from "./common";
import { isBeginning } from "./settling";

/** A condition that says so for longer than this is not just late: the HPA is looked at every 15 s. */
const staleSeconds = 40;

/** As long an autoscaler may take until it has looked for the first time. */
const bornSeconds = 30;

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

function judgePause({ metadata, status }: ScaledObject): Judgement | undefined {
    const paused = Object.entries(metadata.annotations ?? {}).find(
        ([key, value]) =>
            /^autoscaling\.keda\.sh\/paused(-replicas|-scale-in|-scale-out)?$/.test(key) && value !== "false",
    );
    const condition = conditionOf(status?.conditions, "Paused");
    if (!paused && condition?.status !== "True") return undefined;
    const what = paused ? `annotation ${paused[0]}=${paused[1]}` : `condition Paused: ${condition?.message}`;
    return broken(
        `ScaledObject ${metadata.namespace}/${metadata.name} is paused`,
        `\`kubectl -n ${metadata.namespace} annotate scaledobject ${metadata.name} ${paused?.[0] ?? "autoscaling.keda.sh/paused"}-\``,
        what,
    );
}

function judgeScaledObject(object: ScaledObject, snapshot: Snapshot): Judgement | undefined {
    const { now, around, subject } = snapshot;
    const name = `ScaledObject ${object.metadata.namespace}/${object.metadata.name}`;
    const ready = conditionOf(object.status?.conditions, "Ready");
    const young = secondsSince(object.metadata.creationTimestamp, now) < bornSeconds;
    const events = valueOr(around.events, [])
        .filter((event) => isOf(event, object) && event.type === "Warning")
        .sort((a, b) => when(b) - when(a));
    const [last] = events;
    const describe = `\`kubectl -n ${object.metadata.namespace} describe scaledobject ${object.metadata.name}\``;
    if (ready?.status === "False" && !(ready.reason === "TriggerError" && begins(snapshot))) {
        return broken(
            `${name} is not ready: ${ready.message ?? ready.reason}`,
            last?.message ? `${last.message}; ${describe}` : describe,
            `Ready=False (${ready.reason})`,
        );
    }
    const fallback = conditionOf(object.status?.conditions, "Fallback");
    if (fallback?.status === "True") {
        return broken(
            `${name} stands on its fallback of ${object.spec.fallback?.replicas} replicas: ${fallback.message ?? "a trigger fails"}`,
            `Repair the trigger that fails: ${describe}.`,
            `Fallback=True (${fallback.reason})`,
        );
    }
    if (last?.reason === "KEDAScaleTargetActivationFailed" && now - when(last) < 60_000) {
        return broken(
            `KEDA cannot wake the target: ${last.message}`,
            "Let KEDA's operator update the scale of the target.",
            `${last.reason}: ${last.message}`,
        );
    }
    if (!subject.hpa && !young) {
        return broken(
            `${name} has no HPA`,
            `See what keeps KEDA's operator from making it: ${describe}.`,
            `status.hpaName is ${object.status?.hpaName ?? "not set"}`,
        );
    }
    return undefined;
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

/** Whether the metrics that cannot be read are those of a chain that has just been made, or mended. */
function begins(snapshot: Snapshot): boolean {
    const failing = snapshot.signals.filter(({ reading }) => reading && !reading.ok);
    return failing.length > 0 && failing.every((signal) => isBeginning(signal, snapshot));
}

/** The demand of two whole minutes asks for more, nothing holds it back, and nobody moves. */
function judgeIdleness(hpa: Hpa, { signals, now }: Snapshot, name: string): Judgement | undefined {
    const { currentReplicas = 0, desiredReplicas = 0, lastScaleTime } = hpa.status ?? {};
    if (hpa.spec.behavior?.scaleUp || secondsSince(lastScaleTime, now) < idleSeconds) return undefined;
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
