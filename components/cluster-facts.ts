import type { Problem } from "./problems";

/** An API that an extension server provides, as it is registered in a cluster. */
export interface ApiService {
    /** `<version>.<group>`, e.g. `v1beta1.metrics.k8s.io`. */
    readonly name: string;
    /** `namespace/name` of the Service behind it; absent where the API server itself serves the API. */
    readonly service?: string;
    readonly annotations: Readonly<Record<string, string>>;
}

/** What a program must know of its cluster before it declares anything. */
export interface ClusterFacts {
    /** Name of the kubeconfig context. */
    readonly context: string;
    /** Address of the API server. */
    readonly server: string;
    readonly apiServices: readonly ApiService[];
}

/** The annotation by which a component knows what it has made itself, whoever else could have. */
export const ownerAnnotation = "pulumi-kube-observability/owner";

/**
 * Reads the facts of a cluster.
 *
 * @param context - @default the kubeconfig's current one
 * @throws Error when the context is not in the kubeconfig, naming those that are, or the cluster does not answer.
 */
export async function readClusterFacts(kubeconfig: string, context?: string): Promise<ClusterFacts> {
    // Not at the top: the client takes half a second to load, and only programs that ask should wait for it.
    const { ApiregistrationV1Api, KubeConfig } = await import("@kubernetes/client-node");
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    const name = context ?? config.getCurrentContext();
    const names = config.getContexts().map((known) => known.name);
    if (!names.includes(name)) {
        throw new Error(
            `${kubeconfig} has no context "${name}"; it has: ${names.join(", ") || "none"}. Name one of these.`,
        );
    }
    config.setCurrentContext(name);
    const server = config.getCurrentCluster()?.server ?? "";
    const { items } = await config
        .makeApiClient(ApiregistrationV1Api)
        .listAPIService()
        .catch((error: Error) => {
            throw new Error(`The cluster at ${server} (context "${name}") does not answer: ${error.message}`);
        });
    return { context: name, server, apiServices: items.map(apiService) };
}

interface RegisteredApi {
    metadata?: { name?: string; annotations?: Record<string, string> };
    spec?: { service?: { namespace?: string; name?: string } };
}

/** A registered API as a fact. */
export function apiService({ metadata, spec }: RegisteredApi): ApiService {
    const service = spec?.service;
    return {
        name: metadata?.name ?? "",
        ...(service && { service: `${service.namespace}/${service.name}` }),
        annotations: metadata?.annotations ?? {},
    };
}

/**
 * The problem with providing an API that another server already provides, if there is one. An API has one
 * owner in a cluster: a second one would take it away from the first.
 *
 * @param service - `namespace/name` of the Service that is to provide it.
 */
export function checkApiOwner(
    property: string,
    name: string,
    service: string,
    facts: Pick<ClusterFacts, "apiServices"> | undefined,
): Problem[] {
    const registered = facts?.apiServices.find((api) => api.name === name);
    return registered?.service === undefined || registered.service === service
        ? []
        : [
              {
                  property,
                  given: `${name} for ${service}`,
                  allowed: `an API without an owner; ${name} belongs to the Service ${registered.service}`,
                  fix: `remove the other owner first (kubectl delete apiservice ${name} once its server is gone), or leave this one out`,
              },
          ];
}
