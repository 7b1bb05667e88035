import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../../problems";
import type { ScaleTarget } from "./target";

/** Targets that have an autoscaler in this program, by cluster: two would take each other's replicas away in turn. */
const taken = new WeakMap<object, Map<string, string>>();

/**
 * Notes that a target has an autoscaler now.
 *
 * @returns the problem that it had one already, if so.
 */
export function takeTarget(
    resource: pulumi.ComponentResource,
    name: string,
    { namespace, kind = "Deployment", name: target }: ScaleTarget,
    autoscaler = target,
): Problem[] {
    const cluster = resource.getProvider("kubernetes:autoscaling/v2:HorizontalPodAutoscaler");
    // Without a provider of its own it is the default cluster, of this run.
    const key = cluster ?? (pulumi.runtime.getMonitor() as object | undefined) ?? taken;
    const targets = taken.get(key) ?? new Map<string, string>();
    taken.set(key, targets);
    const id = `${kind} ${namespace}/${target}`;
    const other = targets.get(id) ?? targets.get(`${namespace}/${autoscaler}`);
    if (other !== undefined) {
        return [
            {
                property: "target",
                given: id,
                allowed: `a target without an autoscaler, and a name that no other has; this one is taken by "${other}"`,
                fix: `give the signals of both to "${other}", for the largest demand wins; or, for another target, set name`,
            },
        ];
    }
    targets.set(id, name);
    targets.set(`${namespace}/${autoscaler}`, name);
    return [];
}
