import assert from "node:assert/strict";
import {
    networkPolicies,
    openingPolicy,
    podSecurityLabels,
    SecureNamespace,
    validateSecureNamespace,
} from "../../components/namespaces/secure-namespace";
import { named, object, record } from "./support/mocks";

describe("SecureNamespace", () => {
    it("labels the level for enforcing, warning and auditing", () => {
        assert.deepEqual(podSecurityLabels("baseline"), {
            "pod-security.kubernetes.io/enforce": "baseline",
            "pod-security.kubernetes.io/warn": "baseline",
            "pod-security.kubernetes.io/audit": "baseline",
        });
    });

    it("denies everything but DNS without openings", () => {
        const policies = networkPolicies([]);
        assert.deepEqual(Object.keys(policies), ["default-deny", "dns"]);
        assert.deepEqual(policies["default-deny"], { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
        assert.deepEqual(policies.dns?.policyTypes, ["Egress"]);
    });

    it("lets every pod reach the DNS pods, on whichever port they listen, and a cache on its node", () => {
        const { podSelector, egress } = networkPolicies([]).dns ?? {};
        assert.deepEqual(podSelector, {});
        assert.deepEqual(egress, [
            {
                to: [
                    {
                        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
                        podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
                    },
                ],
            },
            {
                to: [{ ipBlock: { cidr: "169.254.0.0/16" } }],
                ports: [
                    { protocol: "UDP", port: 53 },
                    { protocol: "TCP", port: 53 },
                ],
            },
        ]);
    });

    it("opens to anywhere without naming peers", () => {
        const policy = openingPolicy({ name: "a", direction: "ingress", peer: "anywhere", ports: [80] });
        assert.deepEqual(policy, {
            podSelector: {},
            policyTypes: ["Ingress"],
            ingress: [{ ports: [{ protocol: "TCP", port: 80 }] }],
        });
    });

    it("opens to labelled pods of another namespace", () => {
        const policy = openingPolicy({
            name: "a",
            pods: { app: "x" },
            direction: "egress",
            peer: { namespace: "other", pods: { app: "y" } },
        });
        assert.deepEqual(policy, {
            podSelector: { matchLabels: { app: "x" } },
            policyTypes: ["Egress"],
            egress: [
                {
                    to: [
                        {
                            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "other" } },
                            podSelector: { matchLabels: { app: "y" } },
                        },
                    ],
                },
            ],
        });
    });

    it("means the pods of its own namespace, not of all, when a peer names none", () => {
        const policy = openingPolicy({ name: "a", direction: "ingress", peer: {} });
        assert.deepEqual(policy.ingress, [{ from: [{ podSelector: {} }] }]);
    });

    it("reports every bad name", () => {
        const problems = validateSecureNamespace({
            namespace: "No",
            openings: [{ name: "n o", direction: "ingress", peer: "anywhere" }],
        });
        assert.deepEqual(
            problems.map((problem) => problem.property),
            ["namespace", "openings[0].name"],
        );
    });

    it("creates the namespace and one policy for each opening, named explicitly", async () => {
        const recording = await record(() => {
            new SecureNamespace("ns", {
                namespace: "team",
                openings: [{ name: "web", direction: "ingress", peer: "anywhere" }],
            });
        });
        assert.deepEqual(named(recording), [
            ["Namespace", "ns", "team"],
            ["NetworkPolicy", "ns-default-deny", "default-deny"],
            ["NetworkPolicy", "ns-dns", "dns"],
            ["NetworkPolicy", "ns-web", "web"],
        ]);
        assert.equal(
            object(recording, "Namespace", "team").inputs.metadata.labels[
                "pod-security.kubernetes.io/enforce"
            ],
            "restricted",
        );
        assert.equal(object(recording, "NetworkPolicy", "web").inputs.metadata.namespace, "team");
    });
});
