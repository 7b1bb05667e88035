import type { Problem } from "../../problems";
import { isResource, type Signal } from "./signal";

/** What is scaled: anything with a scale subresource. */
export interface ScaleTarget {
    /** @default "apps/v1" */
    readonly apiVersion?: string | undefined;
    /** @default "Deployment" */
    readonly kind?: string | undefined;
    readonly name: string;
    /** Plain, since expressions contain it. */
    readonly namespace: string;
    /**
     * The containers of its pods, as they are in the pod template: what cpu and memory are checked against.
     * Needed for `utilization`, and for a signal of one container.
     */
    readonly containers?: readonly TargetContainer[] | undefined;
}

/** As much of a container as matters; one of a pod template will do. */
export interface TargetContainer {
    readonly name: string;
    readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
}

/** The kinds of "apps/v1" that have a scale. */
const scalable = ["Deployment", "ReplicaSet", "StatefulSet"];

/** Problems with the kind of the target: a wrong one is found by nobody before the HPA looks for it. */
export function checkScaleTarget({ apiVersion = "apps/v1", kind = "Deployment" }: ScaleTarget): Problem[] {
    if (!/^[A-Z][A-Za-z0-9]*$/.test(kind)) {
        return [
            {
                property: "target.kind",
                given: kind,
                allowed: "a kind as manifests write it, such as Deployment",
                fix: "write it with its capitals, and in the singular",
            },
        ];
    }
    if (!/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?v[0-9]+((alpha|beta)[0-9]+)?$/.test(apiVersion)) {
        return [
            {
                property: "target.apiVersion",
                given: apiVersion,
                allowed: "the API of the kind as manifests write it, such as apps/v1",
                fix: "take it from the target's manifest",
            },
        ];
    }
    if (apiVersion !== "apps/v1" || scalable.includes(kind)) return [];
    return [
        {
            property: "target.apiVersion",
            given: apiVersion,
            allowed: `the API of ${kind}: apps/v1, the default, has ${scalable.join(", ")} to scale`,
            fix: "write it as the target's manifest does, such as argoproj.io/v1alpha1 of a Rollout",
        },
    ];
}

/** Problems with a signal on cpu or memory that the target's containers do not bear out. */
export function checkTargetContainers(property: string, signal: Signal, target: ScaleTarget): Problem[] {
    if (!isResource(signal)) return [];
    const shares = signal.targetType === "Utilization";
    if (!shares && signal.container === undefined) return [];
    if (target.containers === undefined) {
        return [
            {
                property: "target.containers",
                given: undefined,
                allowed: `the containers of the pod template, since ${property} depends on them`,
                fix: "give the same list as to the Deployment",
            },
        ];
    }
    const names = target.containers.map(({ name }) => name);
    const counting = target.containers.filter(
        ({ name }) => signal.container === undefined || name === signal.container,
    );
    if (counting.length === 0) {
        return [
            {
                property: `${property}.container`,
                given: signal.container,
                allowed: `a container of the target: ${names.join(", ") || "it has none"}`,
                fix: "name one of them, or leave container out for the whole pod",
            },
        ];
    }
    const without = counting.filter(({ resources }) => resources?.requests?.[signal.kind] === undefined);
    if (!shares || without.length === 0) return [];
    return [
        {
            property: `${property}.utilization`,
            given: signal.target,
            allowed: `a share of what is requested, and ${without.map(({ name }) => name).join(", ")} requests no ${signal.kind}`,
            fix: `set resources.requests.${signal.kind} there, name a container that has it, or use average`,
        },
    ];
}
