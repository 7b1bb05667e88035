import { conditionOf, secondsSince } from "../chain/pod-health";
import { broken, type Judgement, ok, unknown } from "../judgement";
import { couldNotLook, isMissing } from "../read/answer";
import type { Snapshot } from "../snapshot";

/** A condition that says so for longer than this is not just late. */
const staleSeconds = 30;

/** The scale target exists, can be scaled, and is one autoscaler's alone. */
export function judgeTarget({ subject, target, now }: Snapshot): Judgement {
    const { namespace, hpa } = subject;
    const { kind = "Deployment", name } = subject.target;
    const what = `${kind} ${namespace}/${name}`;
    if (!isMissing(target.object) && isMissing(target.scale)) {
        return broken(
            `${what} has no scale subresource, so nothing can scale it`,
            `Scale the object that owns its pods, or add \`subresources.scale\` to the definition of ${kind}.`,
            `GET ${what}/scale: not found`,
        );
    }
    if (couldNotLook(target.object)) return unknown(what, target.object.failure);
    if (!target.object.ok) {
        return broken(
            `${what} does not exist`,
            `Create it, or point the scaleTargetRef of ${subject.name} at what there is: \`kubectl -n ${namespace} get ${kind.toLowerCase()}\`.`,
            `${what}: ${target.object.failure.message}`,
        );
    }
    const { metadata, spec, status } = target.object.value;
    if (metadata.deletionTimestamp)
        return broken(
            `${what} is being deleted`,
            "Create it anew.",
            `deleted at ${metadata.deletionTimestamp}`,
        );
    if (couldNotLook(target.scale)) return unknown(`the scale of ${what}`, target.scale.failure);
    if (target.rivals.length > 0) {
        return broken(
            `${what} has more than one autoscaler, which undo each other's work: ${[subject.name, ...target.rivals].join(", ")}`,
            "Delete all but one of them; several signals belong into one autoscaler.",
            target.rivals.map((rival) => `also scaled by ${rival}`),
        );
    }
    if (spec?.paused) {
        return broken(
            `${what} is paused: changes of it are not rolled out`,
            `\`kubectl -n ${namespace} rollout resume ${kind.toLowerCase()}/${name}\``,
            "spec.paused is true",
        );
    }
    if (target.scale.ok && !target.scale.value.status.selector) {
        return broken(
            `${what} tells no selector of its pods in its scale`,
            `Set \`labelSelectorPath\` in the definition of ${kind}.`,
        );
    }
    const able = conditionOf(hpa?.status?.conditions, "AbleToScale");
    const refused = able?.status === "False" && able.reason === "FailedGetScale";
    if (refused && secondsSince(able.lastTransitionTime, now) > staleSeconds) {
        return broken(
            `the autoscaler cannot read the scale of ${what}: ${able.message}`,
            `Let \`system:serviceaccount:kube-system:horizontal-pod-autoscaler\` get and update its scale.`,
        );
    }
    const active = conditionOf(hpa?.status?.conditions, "ScalingActive");
    if (active?.reason === "AmbiguousSelector") {
        return broken(
            `pods of ${what} belong to several autoscalers: ${active.message}`,
            "Give each target a selector of its own.",
        );
    }
    const replicas = target.scale.ok ? (target.scale.value.spec.replicas ?? 0) : 0;
    return ok(
        `${what} exists; its scale says ${replicas} wanted, ${status?.replicas ?? 0} there, ${status?.readyReplicas ?? 0} Ready`,
    );
}
