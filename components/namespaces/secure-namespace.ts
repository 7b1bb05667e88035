import { Namespace, ResourceQuota } from "@pulumi/kubernetes/core/v1";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import * as pulumi from "@pulumi/pulumi";
import { ownerAnnotation } from "../cluster/cluster-facts";
import type { Labels } from "../conventions";
import { checkAmount, checkChoice, checkName, checkWhole, type Problem, reject } from "../problems";
import { networkPolicies } from "./network-policies";

/**
 * cert-manager puts a pod beside an Ingress whose certificate a public authority signs: it answers the authority's
 * question, through the ingress controller.
 */
export const acmeSolverOpening: Opening = {
    name: "acme-solver-from-anywhere",
    pods: { "acme.cert-manager.io/http01-solver": "true" },
    direction: "ingress",
    peer: "anywhere",
    ports: [8089],
};

export { networkPolicies, openingPolicy } from "./network-policies";

/** How much a namespace's pods may do: the Pod Security levels of Kubernetes. */
export type PodSecurityLevel = "restricted" | "baseline" | "privileged";

/** One opening in the walls of a namespace. */
export interface Opening {
    /** Name of its NetworkPolicy, e.g. `prometheus-from-anywhere`. */
    readonly name: string;
    /** Labels of the pods that it opens. @default every pod of the namespace */
    readonly pods?: Labels;
    /** Which way connections are opened. */
    readonly direction: "ingress" | "egress";
    /**
     * The other end: everything, or pods of a namespace (by its name; without one: this namespace),
     * all of them or those with the labels `pods`.
     */
    readonly peer: "anywhere" | { readonly namespace?: string; readonly pods?: Labels };
    /** TCP ports of the receiving pod, as the pod listens, not as a Service maps. @default every port */
    readonly ports?: readonly number[];
}

export interface SecureNamespaceArgs {
    /** Name of the namespace. */
    readonly namespace: string;
    /** Pod Security level, enforced, warned about and audited. @default "restricted" */
    readonly level?: PodSecurityLevel;
    /** What may be reached, beside DNS. @default nothing, in or out */
    readonly openings?: readonly Opening[];
    /** The most that the namespace may hold, by the names of a ResourceQuota, e.g. `requests.cpu`. @default no quota */
    readonly quota?: Readonly<Record<string, string>> | undefined;
    /** Further labels of the namespace, such as the one by which a mesh takes its pods in. @default none */
    readonly labels?: Labels | undefined;
    /** Whether the namespace outlives this component, and with it the volumes that are to. @default false */
    readonly keep?: boolean | undefined;
}

/**
 * A namespace that denies by default: its pods meet a Pod Security level, and no connection goes in or out
 * except to the cluster's DNS and what `openings` lists; together they use no more than `quota`.
 * NetworkPolicies need a network plugin that enforces them.
 *
 * @throws pulumi.ResourceError when `namespace` or the name of an opening is not a Kubernetes name, or an amount
 * of the quota no quantity.
 */
export class SecureNamespace extends pulumi.ComponentResource {
    /** Name of the namespace; known once the namespace exists, so objects that use it wait for it. */
    public readonly namespace: pulumi.Output<string>;

    constructor(name: string, args: SecureNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:SecureNamespace", name, args, opts);
        reject(this, validateSecureNamespace(args));

        const namespace = new Namespace(
            name,
            {
                metadata: {
                    name: args.namespace,
                    // By this a later run knows it from a namespace of somebody else.
                    annotations: { [ownerAnnotation]: args.namespace },
                    labels: { ...args.labels, ...podSecurityLabels(args.level ?? "restricted") },
                },
            },
            { parent: this, dependsOn: opts?.dependsOn ?? [], retainOnDelete: args.keep ?? false },
        );
        this.namespace = namespace.metadata.name;
        for (const [policy, spec] of Object.entries(networkPolicies(args.openings ?? []))) {
            new NetworkPolicy(
                `${name}-${policy}`,
                { metadata: { name: policy, namespace: this.namespace }, spec },
                { parent: this },
            );
        }
        if (args.quota !== undefined) {
            new ResourceQuota(
                `${name}-quota`,
                { metadata: { name: "quota", namespace: this.namespace }, spec: { hard: args.quota } },
                { parent: this },
            );
        }

        this.registerOutputs({ namespace: this.namespace });
    }
}

/** Problems with the arguments: names that Kubernetes would refuse. */
export function validateSecureNamespace(args: SecureNamespaceArgs): Problem[] {
    return [
        ...checkName("namespace", args.namespace),
        ...checkChoice("level", args.level, ["restricted", "baseline", "privileged"]),
        ...checkOpenings("openings", args.openings),
        ...checkQuota("quota", args.quota),
    ];
}

/** Problems with a quota; components check it with their own arguments, before they make anything. */
export function checkQuota(property: string, quota: SecureNamespaceArgs["quota"]): Problem[] {
    return Object.entries(quota ?? {}).flatMap(([key, amount]) => checkAmount(`${property}.${key}`, amount));
}

/**
 * Problems with openings. Each is a NetworkPolicy of its name, so a second one of that name would replace it.
 *
 * @param taken names of policies that are there already, beside those of every namespace
 */
export function checkOpenings(
    property: string,
    openings: readonly Opening[] = [],
    taken: readonly string[] = [],
): Problem[] {
    const names = [...Object.keys(networkPolicies([])), ...taken, ...openings.map(({ name }) => name)];
    return openings.flatMap(({ name, ports }, i) => [
        ...checkName(`${property}[${i}].name`, name),
        ...(names.indexOf(name) === names.length - openings.length + i
            ? []
            : [
                  {
                      property: `${property}[${i}].name`,
                      given: name,
                      allowed: "a name that no other policy of the namespace has",
                      fix: "rename it",
                  },
              ]),
        ...(ports ?? []).flatMap((port, j) => checkWhole(`${property}[${i}].ports[${j}]`, port, 1, 65535)),
    ]);
}

/** The labels by which the Pod Security admission controller judges a namespace's pods. */
export function podSecurityLabels(level: PodSecurityLevel): Labels {
    return {
        "pod-security.kubernetes.io/enforce": level,
        "pod-security.kubernetes.io/warn": level,
        "pod-security.kubernetes.io/audit": level,
    };
}
