import type { Problem } from "../problems";
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
