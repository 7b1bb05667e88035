import type { networking } from "@pulumi/kubernetes/types/input";
import type { Opening } from "./secure-namespace";

/** The namespace's NetworkPolicies by name: deny everything, let DNS out, then one for each opening. */
export function networkPolicies(
    openings: readonly Opening[],
): Record<string, networking.v1.NetworkPolicySpec> {
    return {
        "default-deny": { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
        dns: {
            podSelector: {},
            policyTypes: ["Egress"],
            egress: [
                {
                    // No ports: policies see the pod's port, not the Service's 53, and DNS pods differ in theirs
                    // (53 as a rule; 1053 in the embedded cluster, where CoreDNS may not use low ports).
                    to: [
                        {
                            namespaceSelector: named("kube-system"),
                            podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
                        },
                    ],
                },
                // A cache on the node (NodeLocal DNSCache) is no pod of its own network; it listens on a link-local address.
                {
                    to: [{ ipBlock: { cidr: "169.254.0.0/16" } }],
                    ports: [
                        { protocol: "UDP", port: 53 },
                        { protocol: "TCP", port: 53 },
                    ],
                },
            ],
        },
        ...Object.fromEntries(openings.map((opening) => [opening.name, openingPolicy(opening)])),
    };
}

/** The NetworkPolicy of one opening. */
export function openingPolicy(opening: Opening): networking.v1.NetworkPolicySpec {
    const ports = opening.ports?.map((port) => ({ protocol: "TCP", port }));
    const peers = opening.peer === "anywhere" ? undefined : [peerSelector(opening.peer)];
    const podSelector = opening.pods === undefined ? {} : { matchLabels: opening.pods };
    const rule = ports === undefined ? {} : { ports };
    return opening.direction === "ingress"
        ? { podSelector, policyTypes: ["Ingress"], ingress: [{ ...rule, ...(peers && { from: peers }) }] }
        : { podSelector, policyTypes: ["Egress"], egress: [{ ...rule, ...(peers && { to: peers }) }] };
}

function peerSelector(peer: Exclude<Opening["peer"], "anywhere">): networking.v1.NetworkPolicyPeer {
    return {
        ...(peer.namespace !== undefined && { namespaceSelector: named(peer.namespace) }),
        // Without a namespace a peer is a pod of this one, so the pod selector may be empty but not absent.
        ...((peer.pods !== undefined || peer.namespace === undefined) && {
            podSelector: peer.pods === undefined ? {} : { matchLabels: peer.pods },
        }),
    };
}

function named(namespace: string) {
    return { matchLabels: { "kubernetes.io/metadata.name": namespace } };
}
