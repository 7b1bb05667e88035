import { conditionOf, isReady, secondsSince } from "../chain/pod-health";
import { broken, type Judgement, none, ok, unknown } from "../judgement";
import { couldNotLook } from "../read/answer";
import type { Snapshot } from "../snapshot";
import { count, livePods, targetTroubles, wantedReplicas } from "./common";
import { refusedCreation } from "./limits/creation";

/** Seconds in which controllers make the pods that are wanted. */
const madeWithin = 15;

/**
 * What there is of the target works. A pod that only could not start where others of its revision run is no matter
 * of this hop but of `limits`: the target is sound, and there cannot be more of it.
 */
export function judgePods(snapshot: Snapshot): Judgement {
    const { subject, target, now } = snapshot;
    const { namespace } = subject;
    if (!target.object.ok) return none("there is no target");
    if (couldNotLook(target.pods)) return unknown("pods of the target", target.pods.failure);
    const wanted = wantedReplicas(snapshot) ?? 0;
    const pods = livePods(snapshot);
    if (wanted === 0 && pods.length === 0) return none("zero replicas are wanted, and there are none");
    const { troubles, othersReady } = targetTroubles(snapshot);
    const own = troubles.filter(({ kind }) => kind === "failing" || !othersReady);
    const ready = pods.filter(isReady).length;
    const evidence = [
        `${count(pods.length, "pod")}, ${ready} Ready, ${wanted} wanted`,
        ...own.slice(0, 3).map(({ pod, text }) => `${pod} ${text}`),
    ];
    const [first] = own;
    if (first) {
        const rest =
            own.length > 1 ? `, and ${own.length - 1} more ${own.length > 2 ? "do" : "does"} not run` : "";
        return broken(`pod ${first.pod} ${first.text}${rest}`, first.fix, evidence);
    }
    const progressing = conditionOf(target.object.value.status?.conditions, "Progressing");
    if (progressing?.reason === "ProgressDeadlineExceeded" && ready < wanted && !othersReady) {
        return broken(
            `the rollout does not come to an end: ${progressing.message}`,
            `\`kubectl -n ${namespace} rollout undo deployment/${subject.target.name}\`, or correct what it rolls out.`,
            evidence,
        );
    }
    if (pods.length === 0 && wanted > 0 && !refusedCreation(snapshot)) {
        const { generation, creationTimestamp } = target.object.value.metadata;
        const seen = target.object.value.status?.observedGeneration;
        const late = secondsSince(subject.hpa?.status?.lastScaleTime ?? creationTimestamp, now) > madeWithin;
        if (late && seen !== undefined && generation !== undefined && seen < generation) {
            return broken(
                `nobody makes the ${count(wanted, "pod")} that are wanted: the change was not taken up`,
                "See whether kube-controller-manager runs.",
                [...evidence, `generation ${generation}, observed ${seen}`],
            );
        }
    }
    const starting = pods.length - ready - troubles.length;
    const notes = starting > 0 ? [`${count(starting, "pod")} starting`] : [];
    return ok(evidence, notes);
}
