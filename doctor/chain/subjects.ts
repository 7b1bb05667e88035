import { type Chain, chainKey } from "../../components/autoscaling/autoscaler/chain";
import { valueOr } from "../read/answer";
import type { Hpa, Reference, ScaledObject } from "../read/objects";
import type { ConfigMap } from "../read/objects-around";
import type { World } from "../read/world";
import type { Subject } from "../snapshot";

/** Every autoscaler of the cluster: ScaledObjects with their HPAs, HPAs of their own, and chains that lost theirs. */
export function subjects(world: Pick<World, "hpas" | "scaledObjects" | "chains">): Subject[] {
    const hpas = valueOr(world.hpas, []);
    const objects = valueOr(world.scaledObjects, []);
    const chains = valueOr(world.chains, []).flatMap(chainOf);
    const chainFor = (namespace: string, name: string) =>
        chains.find((chain) => chain.namespace === namespace && chain.autoscaler === name);
    const scaled = objects.map((object) => scaledSubject(object, hpas, chainFor));
    const owned = new Set(scaled.flatMap(({ hpa }) => (hpa ? [hpa] : [])));
    const plain = hpas
        .filter((hpa) => !owned.has(hpa))
        .map((hpa) => {
            const { name, namespace = "" } = hpa.metadata;
            return compact({
                namespace,
                name,
                target: hpa.spec.scaleTargetRef,
                hpa,
                chain: chainFor(namespace, name),
            });
        });
    const known = [...scaled, ...plain];
    const bereft = chains
        .filter((chain) => !known.some((subject) => subject.chain === chain))
        .map((chain) => ({
            namespace: chain.namespace,
            name: chain.autoscaler,
            target: chain.target,
            chain,
        }));
    return [...known, ...bereft].sort((a, b) => label(a).localeCompare(label(b)));
}

function scaledSubject(
    object: ScaledObject,
    hpas: readonly Hpa[],
    chainFor: (namespace: string, name: string) => Chain | undefined,
): Subject {
    const { name, namespace = "", uid } = object.metadata;
    const names = new Set([
        object.status?.hpaName,
        object.spec.advanced?.horizontalPodAutoscalerConfig?.name,
        `keda-hpa-${name}`,
    ]);
    const inPlace = hpas.filter((hpa) => hpa.metadata.namespace === namespace);
    const hpa =
        inPlace.find(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid)) ??
        inPlace.find(
            ({ metadata }) => names.has(metadata.name) && metadata.labels?.["scaledobject.keda.sh/name"],
        );
    const target: Reference = {
        apiVersion: "apps/v1",
        kind: "Deployment",
        ...object.spec.scaleTargetRef,
    };
    return compact({ namespace, name, target, hpa, scaledObject: object, chain: chainFor(namespace, name) });
}

/** The chain that a ConfigMap describes; none where it is not one, or of a version that came later. */
export function chainOf(map: ConfigMap): Chain[] {
    try {
        const chain = JSON.parse(map.data?.[chainKey] ?? "") as Chain;
        const sound = chain.version === 1 && chain.target?.name && Array.isArray(chain.signals);
        return sound ? [chain] : [];
    } catch {
        return [];
    }
}

export function label({ namespace, name }: Pick<Subject, "namespace" | "name">): string {
    return `${namespace}/${name}`;
}

/** What of an autoscaler acts: `ScaledObject`, else `HPA`. */
export function kindOf({ scaledObject, hpa }: Subject): "ScaledObject" | "HPA" {
    return scaledObject || !hpa ? (scaledObject ? "ScaledObject" : "HPA") : "HPA";
}

/** Whether two references are to the same object, whichever version of its API they name. */
export function sameTarget(a: Reference, b: Reference): boolean {
    const group = ({ apiVersion = "apps/v1" }: Reference) => apiVersion.replace(/\/?[^/]*$/, "");
    return (
        a.name === b.name && (a.kind ?? "Deployment") === (b.kind ?? "Deployment") && group(a) === group(b)
    );
}

/** Other autoscalers of a subject's target, in words. */
export function rivals(subject: Subject, all: readonly Subject[]): string[] {
    return all
        .filter(
            (other) =>
                label(other) !== label(subject) ||
                kindOf(other) !== kindOf(subject) ||
                other.hpa !== subject.hpa,
        )
        .filter((other) => other.namespace === subject.namespace && sameTarget(other.target, subject.target))
        .filter((other) => other.hpa !== undefined || other.scaledObject !== undefined)
        .map((other) => `${kindOf(other)} ${label(other)}`);
}

/** Subjects that a name of the command line means: an autoscaler's, its HPA's, else its target's. */
export function named(all: readonly Subject[], namespace: string | undefined, name: string): Subject[] {
    const inPlace = all.filter((subject) => namespace === undefined || subject.namespace === namespace);
    const own = inPlace.filter((subject) => subject.name === name || subject.hpa?.metadata.name === name);
    return own.length > 0 ? own : inPlace.filter(({ target }) => target.name === name);
}

function compact(subject: {
    namespace: string;
    name: string;
    target: Reference;
    hpa?: Hpa | undefined;
    scaledObject?: ScaledObject | undefined;
    chain?: Chain | undefined;
}): Subject {
    const { hpa, scaledObject, chain, ...rest } = subject;
    return { ...rest, ...(hpa && { hpa }), ...(scaledObject && { scaledObject }), ...(chain && { chain }) };
}
