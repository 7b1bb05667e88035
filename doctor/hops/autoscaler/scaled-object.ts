import { conditionOf, isOf, secondsSince, when } from "../../chain/pod-health";
import { broken, type Judgement } from "../../judgement";
import { valueOr } from "../../read/answer";
import type { ScaledObject } from "../../read/objects";
import type { Snapshot } from "../../snapshot";
import { isBeginning } from "../settling";

/** As long an autoscaler may take until it has looked for the first time. */
export const bornSeconds = 30;

export function judgePause({ metadata, status }: ScaledObject): Judgement | undefined {
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

export function judgeScaledObject(object: ScaledObject, snapshot: Snapshot): Judgement | undefined {
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

/** Whether the metrics that cannot be read are those of a chain that has just been made, or mended. */
export function begins(snapshot: Snapshot): boolean {
    const failing = snapshot.signals.filter(({ reading }) => reading && !reading.ok);
    return failing.length > 0 && failing.every((signal) => isBeginning(signal, snapshot));
}
