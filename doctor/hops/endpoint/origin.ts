import { isReady, troubleOf } from "../../chain/pod-health";
import { broken, type Judgement, none, ok } from "../../judgement";
import { couldNotLook, valueOr } from "../../read/answer";
import type { Snapshot } from "../../snapshot";
import type { OriginFacts } from "../../snapshot-source";
import { count } from "../common";

export function judgeOrigin(
    { address, service, object, pods, workloads }: OriginFacts,
    snapshot: Snapshot,
): Judgement {
    if (!object.ok || couldNotLook(pods)) return none(`${address} is looked at below`);
    const all = valueOr(pods, []);
    if (Object.keys(object.value.spec.selector ?? {}).length === 0)
        return ok(`${address} is served from outside the cluster`);
    const name = `${service.namespace}/${service.name}`;
    const events = valueOr(snapshot.around.events, []);
    const troubles = all.flatMap((pod) => troubleOf(pod, snapshot.now, events) ?? []);
    const evidence = `${address}: ${count(all.length, "pod")} behind Service ${name}, ${all.filter(isReady).length} Ready`;
    if (all.some(isReady)) return ok(evidence);
    const [workload] = workloads;
    if (all.length === 0 && workload) {
        const { replicas } = workload.spec ?? {};
        const fix = `\`kubectl -n ${service.namespace} scale deployment/${workload.metadata.name} --replicas=1\``;
        const has = replicas === 0 ? "has 0 replicas" : "has no pods";
        return broken(
            `the source ${address} does not run: ${service.namespace}/${workload.metadata.name} ${has}`,
            fix,
            evidence,
        );
    }
    if (all.length === 0) return none(`${address}: no pod, and the Service is looked at below`);
    const [first] = troubles;
    if (!first) return ok(evidence, ["its pods are starting"]);
    return broken(`the source ${address} does not run: pod ${first.pod} ${first.text}`, first.fix, evidence);
}
