import { type Measurement, placeholders } from "./signal";
import type { ScaleTarget } from "./target";

type Target = Required<Pick<ScaleTarget, "name" | "namespace">> & { readonly kind: string };

/** Where the demand on one target comes from. */
export function measurementOf({ expr, up }: Measurement, target: Target): Measurement {
    return { expr: filled(expr, target), ...(up !== undefined && { up: filled(up, target) }) };
}

function filled(text: string, target: Target): string {
    // Inside a string of PromQL, where a backslash is written twice.
    const pods = JSON.stringify(podNames(target)).slice(1, -1);
    return text
        .replaceAll(placeholders.namespace, target.namespace)
        .replaceAll(placeholders.target, target.name)
        .replaceAll(placeholders.pods, pods);
}

/** The names that Kubernetes gives to pods of this target, as a regular expression. */
export function podNames({ kind, name }: Pick<Target, "kind" | "name">): string {
    const literal = name.replaceAll(".", "\\.");
    if (kind === "Deployment") return `${literal}-[a-z0-9]+-[a-z0-9]{5}`;
    if (kind === "StatefulSet") return `${literal}-[0-9]+`;
    return `${literal}-.+`;
}
