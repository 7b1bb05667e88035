import { containerOf, resourceOf, targetOf } from "../../chain/plan";
import { quantity } from "../../chain/quantity";
import { broken, type Judgement } from "../../judgement";
import type { Container, PodTemplate } from "../../read/objects";
import type { SignalFacts, Snapshot } from "../../snapshot";
import { livePods } from "../common";

/** What is wrong in the autoscaler as it is written, whatever the cluster does. */
export function judgeConfiguration(snapshot: Snapshot): Judgement | undefined {
    const { subject, signals } = snapshot;
    const { hpa, scaledObject, namespace, name } = subject;
    const minimum = scaledObject?.spec.minReplicaCount ?? hpa?.spec.minReplicas ?? 0;
    const maximum = scaledObject?.spec.maxReplicaCount ?? hpa?.spec.maxReplicas;
    if (maximum !== undefined && minimum > maximum) {
        return broken(
            `${name} has a minimum of ${minimum} above its maximum of ${maximum}`,
            "Raise the maximum, or lower the minimum.",
            `${namespace}/${name}: ${minimum} to ${maximum}`,
        );
    }
    if (signals.length === 0) {
        return broken(
            `${name} has no metric to scale on`,
            "Add one to spec.metrics.",
            "spec.metrics is empty",
        );
    }
    for (const signal of signals) {
        const problem = judgeResource(signal, snapshot) ?? judgeTarget(signal);
        if (problem) return problem;
    }
    return undefined;
}

function judgeResource({ spec, via }: SignalFacts, snapshot: Snapshot): Judgement | undefined {
    const resource = resourceOf(spec);
    if (via !== "resource" || !resource) return undefined;
    const { target, subject } = snapshot;
    const template = target.object.ok ? target.object.value.spec?.template : undefined;
    const [pod] = livePods(snapshot);
    const specification = pod?.spec ?? template?.spec;
    if (!specification) return undefined;
    const wanted = containerOf(spec);
    const all = containersOf(specification);
    const measured = all.filter(({ name }) => wanted === undefined || name === wanted);
    const what = `${subject.target.kind ?? "Deployment"} ${subject.namespace}/${subject.target.name}`;
    if (wanted !== undefined && measured.length === 0) {
        const names = all.map(({ name }) => name).join(", ");
        return broken(
            `the HPA scales on container ${wanted}, which ${what} does not have`,
            `Name one of its containers: ${names}.`,
            `containers: ${names}`,
        );
    }
    if (resource.target.type !== "Utilization") return undefined;
    const bare = measured.filter(({ resources }) => resources?.requests?.[resource.name] === undefined);
    if (bare.length === 0) return undefined;
    const names = bare.map(({ name }) => name).join(", ");
    return broken(
        `the HPA scales on ${resource.name} in percent of the request, and ${names} of ${what} requests none`,
        `Set resources.requests.${resource.name} of ${names}, or use a target of type AverageValue.`,
        `requests.${resource.name} missing in ${names}`,
    );
}

/** Containers that go on as long as the pod does. */
function containersOf({ containers, initContainers = [] }: PodTemplate["spec"]): readonly Container[] {
    return [...containers, ...initContainers.filter(({ restartPolicy }) => restartPolicy === "Always")];
}

function judgeTarget({ spec, name }: SignalFacts): Judgement | undefined {
    const target = targetOf(spec);
    const amount = target && (target.averageValue ?? target.value ?? target.averageUtilization);
    if (amount === undefined || quantity(amount) > 0) return undefined;
    return broken(
        `the target of ${name} is ${amount}, which no demand can be divided by`,
        "Set a target above zero.",
        `target ${amount}`,
    );
}
