import type { ChartInputs, ReleaseInputs } from "./helm";
import type { Registration } from "./monitor";
import { chartType, groupOf, type KubernetesObject, label } from "./objects";

const chartKeys = ["chart", "version", "repositoryOpts", "name", "namespace", "values", "skipCrds"];
const releaseKeys = [...chartKeys, "takeOwnership", "atomic", "maxHistory", "timeout", "compat"];

/** The inputs of a Chart or Release. @throws Error naming those that this runner does not follow. */
export function chartInputs(registration: Registration): ReleaseInputs {
    const { type, name, inputs } = registration;
    const known = type === chartType ? chartKeys : releaseKeys;
    const foreign = Object.keys(inputs.value).filter((key) => !known.includes(key));
    if (foreign.length > 0 || inputs.value.atomic) {
        throw new Error(
            `this runner does not follow ${[...foreign, ...(inputs.value.atomic ? ["atomic"] : [])].join(", ")} of a ` +
                "chart: use the Pulumi CLI for that.",
        );
    }
    const { atomic: _, compat: __, ...followed } = inputs.value;
    return { name, namespace: "default", ...followed } as unknown as ReleaseInputs;
}

/** A chart's objects as resources of their own, named as the provider names them, in waves that wait for each other. */
export function chartResources(
    chart: Registration,
    { namespace }: ChartInputs,
    objects: readonly KubernetesObject[],
): Registration[][] {
    const waves: Registration[][] = [[], [], [], []];
    for (const object of objects) {
        waves[waveOf(object)]?.push(childOf(chart, namespace, object));
    }
    return waves.filter((wave) => wave.length > 0);
}

function childOf(chart: Registration, namespace: string, object: KubernetesObject): Registration {
    const { kind, apiVersion, metadata } = object;
    const place = metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name;
    const type = `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`;
    const name = `${chart.name}:${place}`;
    return {
        ...chart,
        type,
        name,
        urn: `${chart.urn}$${type}::${name}`,
        parent: chart.urn,
        custom: true,
        remote: false,
        chart: chart.urn,
        defaultNamespace: namespace,
        retain: chart.retain || metadata.annotations?.["helm.sh/resource-policy"] === "keep",
        inputs: {
            ...chart.inputs,
            value: object as unknown as Record<string, unknown>,
            secretPaths: kind === "Secret" ? ["data", "stringData"] : [],
        },
    };
}

/** Definitions first, then what pods read when they start, then the rest, and last what stands between clients and the API. */
function waveOf({ apiVersion, kind }: KubernetesObject): number {
    const group = groupOf(apiVersion);
    if (kind === "Namespace" || group === "apiextensions.k8s.io") {
        return 0;
    }
    if (group === "admissionregistration.k8s.io" || group === "apiregistration.k8s.io") {
        return 3;
    }
    const early = /^(ServiceAccount|Secret|ConfigMap|PersistentVolumeClaim|StorageClass|PriorityClass)$/;
    return early.test(kind) || group === "rbac.authorization.k8s.io" ? 1 : 2;
}

/** How messages name a chart: `Chart monitoring/kube-prometheus-stack`. */
export function chartLabel(type: string, { namespace, name }: ChartInputs): string {
    return label({ kind: type === chartType ? "Chart" : "Release", namespace, name });
}
