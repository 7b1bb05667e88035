import { isRecord } from "./wire";

export interface Metadata {
    name: string;
    namespace?: string;
    uid?: string;
    generation?: number;
    resourceVersion?: string;
    deletionTimestamp?: string;
    finalizers?: string[];
    annotations?: Record<string, string>;
    labels?: Record<string, string>;
    managedFields?: unknown;
}

export interface KubernetesObject {
    apiVersion: string;
    kind: string;
    metadata: Metadata;
    [field: string]: unknown;
}

/** How messages name an object: `Deployment monitoring/prometheus`. */
export function label(object: { kind: string; namespace?: string | undefined; name: string }): string {
    return `${object.kind} ${object.namespace ? `${object.namespace}/` : ""}${object.name}`;
}

/** API group of an apiVersion; the core group is empty. */
export function groupOf(apiVersion: string): string {
    return apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
}

/** Why a resource type cannot be run here, or undefined where it can. */
export function refusal(type: string, custom: boolean, remote: boolean): string | undefined {
    if (type === chartType || type === releaseType) {
        return undefined;
    }
    const ours = /^kubernetes:/.test(type);
    const composed =
        /^kubernetes:(yaml|helm\.sh|kustomize)[:/]/.test(type) || /^kubernetes:.*(List|Patch)$/.test(type);
    const known =
        !remote &&
        ((ours && custom && !composed) ||
            (!ours && !custom) ||
            /^pulumi:providers:(kubernetes|random)$/.test(type) ||
            type === passwordType);
    return known
        ? undefined
        : `this runner does not know the type "${type}". It runs single Kubernetes objects, custom resources ` +
              "included (not yaml, kustomize, List, Patch), helm.v4.Chart, helm.v3.Release, RandomPassword and " +
              "components. Use the Pulumi CLI.";
}

export const chartType = "kubernetes:helm.sh/v4:Chart";
export const releaseType = "kubernetes:helm.sh/v3:Release";
export const passwordType = "random:index/randomPassword:RandomPassword";

/** The object that a resource's inputs declare, in the form that server-side apply wants. */
export function declaredObject(inputs: Record<string, unknown>): KubernetesObject {
    const object = structuredClone(inputs) as KubernetesObject;
    if (typeof object.metadata?.name !== "string" || object.metadata.name === "") {
        throw new Error(`${object.kind} has no metadata.name: this runner invents no names, so give it one.`);
    }
    if (object.apiVersion === "v1" && object.kind === "Secret" && isRecord(object.stringData)) {
        // Applied as stringData, a key that is no longer declared would stay: the server owns its `data` twin.
        const encoded = Object.entries(object.stringData).map(([k, v]) => [
            k,
            Buffer.from(String(v)).toString("base64"),
        ]);
        object.data = { ...(object.data as object), ...Object.fromEntries(encoded) };
        delete object.stringData;
    }
    return object;
}

/** apiVersion and kind of a type token: `kubernetes:core/v1:Service` is a `v1` `Service`. */
export function kindOf(type: string): { apiVersion: string; kind: string } {
    const [, apiVersion = "", kind = ""] = type.split(":");
    return { apiVersion: apiVersion.replace(/^core\//, ""), kind };
}

/** Namespace and name of a resource id, `namespace/name` or `name`. */
export function parseId(id: string): { namespace?: string; name: string } {
    const [first = "", second] = id.split("/");
    return second === undefined ? { name: first } : { namespace: first, name: second };
}
