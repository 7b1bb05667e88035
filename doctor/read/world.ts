import { chainLabel } from "../../components/autoscaling/autoscaler/chain";
import type { Answer } from "./answer";
import type { Reads } from "./api";
import type { Hpa, ScaledObject } from "./objects";
import type {
    ApiService,
    ConfigMap,
    Monitor,
    Namespace,
    PrometheusObject,
    RuleObject,
} from "./objects-around";

/** What is read once for all autoscalers: each list of the whole cluster. */
export interface World {
    readonly hpas: Answer<Hpa[]>;
    readonly scaledObjects: Answer<ScaledObject[]>;
    readonly chains: Answer<ConfigMap[]>;
    readonly apiServices: Answer<ApiService[]>;
    readonly serviceMonitors: Answer<Monitor[]>;
    readonly podMonitors: Answer<Monitor[]>;
    readonly rules: Answer<RuleObject[]>;
    readonly prometheuses: Answer<PrometheusObject[]>;
    readonly namespaces: Answer<Namespace[]>;
    /** When the controller-manager last renewed its lease. */
    readonly controllerRenewed: string | undefined;
}

/**
 * @param namespace - the only namespace to look for autoscalers in, for users who may not list them everywhere.
 */
export async function readWorld(reads: Reads, namespace?: string): Promise<World> {
    const monitoring = <T>(plural: string) =>
        everywhere<T>(reads, "/apis/monitoring.coreos.com/v1", plural, namespace);
    const lease = reads.json<{ spec?: { renewTime?: string } }>(
        "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-controller-manager",
    );
    const lists = {
        hpas: everywhere<Hpa>(reads, "/apis/autoscaling/v2", "horizontalpodautoscalers", namespace),
        scaledObjects: everywhere<ScaledObject>(reads, "/apis/keda.sh/v1alpha1", "scaledobjects", namespace),
        chains: everywhere<ConfigMap>(reads, "/api/v1", "configmaps", namespace, {
            labelSelector: chainLabel,
        }),
        apiServices: reads.list<ApiService>("/apis/apiregistration.k8s.io/v1/apiservices"),
        serviceMonitors: monitoring<Monitor>("servicemonitors"),
        podMonitors: monitoring<Monitor>("podmonitors"),
        rules: monitoring<RuleObject>("prometheusrules"),
        prometheuses: monitoring<PrometheusObject>("prometheuses"),
        namespaces: reads.list<Namespace>("/api/v1/namespaces"),
    };
    const renewed = await lease;
    return {
        hpas: await lists.hpas,
        scaledObjects: await lists.scaledObjects,
        chains: await lists.chains,
        apiServices: await lists.apiServices,
        serviceMonitors: await lists.serviceMonitors,
        podMonitors: await lists.podMonitors,
        rules: await lists.rules,
        prometheuses: await lists.prometheuses,
        namespaces: await lists.namespaces,
        controllerRenewed: renewed.ok ? renewed.value.spec?.renewTime : undefined,
    };
}

/** A list of the whole cluster; of one namespace for those who may see no more. */
async function everywhere<T>(
    reads: Reads,
    group: string,
    plural: string,
    namespace: string | undefined,
    query: Readonly<Record<string, string>> = {},
): Promise<Answer<T[]>> {
    const parameters = new URLSearchParams(query).toString();
    const suffix = parameters ? `${plural}?${parameters}` : plural;
    const all = await reads.list<T>(`${group}/${suffix}`);
    if (all.ok || all.failure.kind !== "forbidden" || namespace === undefined) return all;
    return reads.list<T>(`${group}/namespaces/${namespace}/${suffix}`);
}
