import * as pulumi from "@pulumi/pulumi";
import { type Problem, renderProblem, renderProblems } from "../problems";
import { checkContext, checkKubeconfig, contextsOf, minified } from "./kubeconfig";

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
    /** Every namespace, by name: whether a SecureNamespace made it. */
    readonly namespaces: Readonly<Record<string, boolean>>;
    /** What tells this cluster from every other, whatever its address: the uid of kube-system. */
    readonly uid: string;
    /** The kubeconfig of this context alone, its certificates in it. A secret. */
    readonly kubeconfig: string;
}

/** The annotation by which a component knows what it has made itself, whoever else could have. */
export const ownerAnnotation = "pulumi-kube-observability/owner";

/**
 * Reads the facts of a cluster.
 *
 * @param context - @default the kubeconfig's current one
 * @throws pulumi.RunError when the kubeconfig cannot be read or has no such context, or the cluster does not answer.
 */
export async function readClusterFacts(kubeconfig: string, context?: string): Promise<ClusterFacts> {
    const known = contextsOf(kubeconfig);
    refuse(checkKubeconfig("kubeconfig", kubeconfig, known));
    // Not at the top: the client takes half a second to load, and only programs that ask should wait for it.
    const { ApiregistrationV1Api, CoreV1Api, KubeConfig } = await import("@kubernetes/client-node");
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    const name = context ?? config.getCurrentContext();
    refuse(checkContext("context", name, known));
    config.setCurrentContext(name);
    const server = config.getCurrentCluster()?.server ?? "";
    try {
        const [apis, namespaces] = await Promise.all([
            config.makeApiClient(ApiregistrationV1Api).listAPIService(),
            config.makeApiClient(CoreV1Api).listNamespace(),
        ]);
        return {
            context: name,
            server,
            apiServices: apis.items.map(apiService),
            namespaces: Object.fromEntries(namespaces.items.map(ownership)),
            uid:
                namespaces.items.find(({ metadata }) => metadata?.name === "kube-system")?.metadata?.uid ??
                "",
            kubeconfig: await minified(kubeconfig, name),
        };
    } catch (error) {
        throw new pulumi.RunError(renderProblem(noAnswer(name, server, error as Error)));
    }
}

function ownership({ metadata }: Pick<RegisteredApi, "metadata">): [string, boolean] {
    return [metadata?.name ?? "", ownerAnnotation in (metadata?.annotations ?? {})];
}

function noAnswer(context: string, server: string, error: Error): Problem {
    const [firstLine] = error.message.split("\n");
    return {
        property: "context",
        given: context,
        allowed: `a cluster that answers; that at ${server} does not: ${firstLine}`,
        fix: "see what kubectl get apiservices says with this context, and start the cluster or name another context",
    };
}

function refuse(problems: readonly Problem[]): void {
    if (problems.length > 0) throw new pulumi.RunError(renderProblems(problems));
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
