import { isReady, troubleOf } from "../chain/pod-health";
import { broken, type Judgement, none, ok, together, unknown } from "../judgement";
import { couldNotLook, valueOr } from "../read/answer";
import type { Snapshot } from "../snapshot";
import type { SourceFacts } from "../snapshot-source";
import { atZero, count, eachSource, isUnheardOf, ownAtZero, scrapedWell, unheardOf } from "./common";
import { judgeOrigin } from "./endpoint/origin";
import { forbidden, judgeProbes } from "./endpoint/probes";

/** What gives the metric runs and answers, and its answer has the metric. */
export function judgeEndpoint(snapshot: Snapshot): Judgement {
    const origins = snapshot.signals.flatMap(({ name, origin }) =>
        origin ? [[name, judgeOrigin(origin, snapshot)] as const] : [],
    );
    const sources = eachSource(snapshot, (source) => judgeSource(source, snapshot));
    const parts: (readonly [string, Judgement])[] = [...origins, ["series", sources]];
    return origins.length > 0 ? together(parts.filter(([, { verdict }]) => verdict !== "none")) : sources;
}

function judgeSource(source: SourceFacts, snapshot: Snapshot): Judgement {
    const { pods, probes, selector, namespace = "", workload } = source;
    if (source.own && atZero(snapshot)) return none(ownAtZero);
    if (couldNotLook(pods))
        return scrapedWell(source)
            ? ok("seen through Prometheus alone")
            : unknown(`pods of ${namespace}`, pods.failure);
    const all = valueOr(pods, []);
    const metric = selector.metric ?? selector.text;
    if (all.length === 0) {
        if (ofNodes(source)) return ok("nodes give it, which Prometheus asks itself");
        if (workload) {
            const replicas = workload.spec?.replicas;
            const scaled = replicas === 0 ? `has 0 replicas` : "has no pods";
            return broken(
                `${metric} comes from ${namespace}/${workload.metadata.name}, which ${scaled}`,
                replicas === 0
                    ? `\`kubectl -n ${namespace} scale deployment/${workload.metadata.name} --replicas=1\``
                    : `\`kubectl -n ${namespace} describe deployment ${workload.metadata.name}\` says why.`,
                `${workload.metadata.name} ${scaled}`,
            );
        }
        // A target without a pod is a machine, or another cluster's. One with a pod that is gone is only not missed yet.
        if (source.targets.some(({ health, labels }) => health === "up" && labels.pod === undefined))
            return ok("what gives it is no pod of the cluster; Prometheus scrapes it");
        if (probes.some(({ answer }) => couldNotLook(answer) && answer.failure.kind === "forbidden"))
            return forbidden(probes);
        if (isUnheardOf(source)) return none(unheardOf(source));
        return broken(
            `what gave ${metric} is gone: no pod of namespace ${namespace} gives it now`,
            `Bring its workload back: \`kubectl -n ${namespace} get deployments,pods\`.`,
            `looked for pods in ${namespace}: none`,
        );
    }
    const events = valueOr(snapshot.around.events, []);
    const troubles = all.flatMap((pod) => troubleOf(pod, snapshot.now, events) ?? []);
    const running = `${count(all.length, "pod")}, ${all.filter(isReady).length} Ready`;
    if (troubles[0] && !all.some(isReady)) {
        const { pod, text, fix } = troubles[0];
        return broken(`${metric} has no source: pod ${namespace}/${pod} ${text}`, fix, [
            running,
            `${pod} ${text}`,
        ]);
    }
    return judgeProbes(source, metric, running, snapshot.now);
}

/** Whether a source is the kubelets, or something else that is not a pod. */
export function ofNodes({ slices, services }: SourceFacts): boolean {
    const selectorless = valueOr(services, []).some(
        ({ spec }) => Object.keys(spec.selector ?? {}).length === 0,
    );
    const nodes = slices.some(({ endpoints }) =>
        (endpoints ?? []).some(({ targetRef }) => targetRef?.kind === "Node"),
    );
    return selectorless && nodes;
}
