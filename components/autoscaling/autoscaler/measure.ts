import { selector } from "./promql";
import { type Measurement, placeholders } from "./signal";

/** Of whom a demand is. */
export interface MeasuredTarget {
    readonly autoscaler: string;
    readonly namespace: string;
    readonly kind: string;
    readonly name: string;
}

/** Where the demand on one target comes from, placeholders filled in. */
export function measurementOf({ expr, up, partial }: Measurement, target: MeasuredTarget): Measurement {
    return {
        expr: filled(expr, target),
        ...(up !== undefined && { up: filled(up, target) }),
        ...(partial !== undefined && { partial: filled(partial, target) }),
    };
}

/**
 * The demand as long as all of it is measured. While a part is not, it is absent, so that the replicas stay, unless what is
 * left asks for more than there are.
 */
export function whole({ expr, partial }: Measurement, perReplica: number, target: MeasuredTarget): string {
    if (partial === undefined) return expr;
    const more = `(${expr}) > on () ${replicasOf(target)} * ${perReplica}`;
    return `(${expr}) unless on () ${partial} or ${more}`;
}

function filled(text: string, target: MeasuredTarget): string {
    // Inside a string of PromQL, where a backslash is written twice.
    const pods = JSON.stringify(podNames(target)).slice(1, -1);
    // Not replaceAll: whoever compiles this from source may have an older `lib`.
    const values = [
        [placeholders.namespace, target.namespace],
        [placeholders.target, target.name],
        [placeholders.pods, pods],
    ] as const;
    return values.reduce((filled, [placeholder, value]) => filled.split(placeholder).join(value), text);
}

/** The most replicas that the HPA has seen of late, also of kinds of which nobody else tells: kube-state-metrics lags behind. */
function replicasOf({ namespace, autoscaler }: MeasuredTarget): string {
    const hpa = { namespace, horizontalpodautoscaler: autoscaler };
    return `max(max_over_time(${selector("kube_horizontalpodautoscaler_status_current_replicas", hpa)}[2m]))`;
}

/** The names that Kubernetes gives to pods of this target, as a regular expression. */
export function podNames({ kind, name }: Pick<MeasuredTarget, "kind" | "name">): string {
    const literal = name.replace(/\./g, "\\.");
    if (kind === "Deployment") return `${literal}-[a-z0-9]+-[a-z0-9]{5}`;
    if (kind === "StatefulSet") return `${literal}-[0-9]+`;
    return `${literal}-.+`;
}
