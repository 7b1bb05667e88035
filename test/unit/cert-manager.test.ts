import assert from "node:assert/strict";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import {
    CertManager,
    type CertManagerArgs,
    certManagerOpenings,
    certManagerValues,
    validateCertManager,
} from "../../components/ingress/cert-manager";
import { clusterIssuer, type Issuer } from "../../components/ingress/cert-manager/issuer";
import { itSetsOnlyKeysOf } from "./support/chart-keys";
import { inOrder, named, object, record } from "./support/mocks";

const acme: Issuer = { kind: "acme", email: "ops@example.org", ingressClass: "traefik" };

// biome-ignore lint/suspicious/noExplicitAny: values are plain data
const valuesOf = (args: CertManagerArgs): any => certManagerValues(args);
const made = (args: CertManagerArgs) => record(() => new CertManager("cert-manager", args));
const wrong = (args: CertManagerArgs) => validateCertManager(args).map(({ property }) => property);

async function releaseOf(args: CertManagerArgs) {
    const releases = (await made(args)).resources.filter(({ kind }) => kind === "Release");
    assert.equal(releases.length, 1);
    return releases[0];
}

describe("CertManager", () => {
    it("installs the pinned chart into a restricted namespace of its own, and nothing else", async () => {
        const recording = await made({});
        assert.deepEqual(named(recording), [
            ["Namespace", "cert-manager-namespace", "cert-manager"],
            ["NetworkPolicy", "cert-manager-namespace-api", "api"],
            ["NetworkPolicy", "cert-manager-namespace-controller-to-issuers", "controller-to-issuers"],
            ["NetworkPolicy", "cert-manager-namespace-default-deny", "default-deny"],
            ["NetworkPolicy", "cert-manager-namespace-dns", "dns"],
            ["NetworkPolicy", "cert-manager-namespace-webhook-from-api", "webhook-from-api"],
            ["Release", "cert-manager", undefined],
        ]);
        const { labels } = object(recording, "Namespace", "cert-manager").inputs.metadata;
        assert.equal(labels["pod-security.kubernetes.io/enforce"], "restricted");
        const { values, ...inputs } = (await releaseOf({}))?.inputs ?? {};
        assert.deepEqual(inputs, {
            chart: "oci://quay.io/jetstack/charts/cert-manager",
            version: "v1.21.1",
            name: "cert-manager",
            namespace: "cert-manager",
            takeOwnership: true,
            compat: "true",
            atomic: false,
            maxHistory: 3,
            timeout: 600,
        });
        assert.deepEqual(values, certManagerValues({}));
    });

    it("makes the issuer once the webhook that judges it runs", async () => {
        const recording = await record(
            () => {
                const before = new ConfigMap("before");
                new CertManager("cert-manager", { issuer: { kind: "self-signed" } }, { dependsOn: [before] });
            },
            ({ kind }) => kind === "ConfigMap" || kind === "Namespace" || kind === "Release",
        );
        assert.ok(inOrder(recording, "ConfigMap before", "Namespace cert-manager-namespace"));
        assert.ok(inOrder(recording, "Namespace cert-manager-namespace", "Release cert-manager"));
        assert.ok(inOrder(recording, "Release cert-manager", "ClusterIssuer cert-manager-issuer"));
    });

    it("makes no issuer unless told to, and says which it made", async () => {
        assert.equal((await made({})).resources.filter(({ kind }) => kind === "ClusterIssuer").length, 0);
        const names: (string | undefined)[] = [];
        await record(() => {
            names.push(new CertManager("none").issuerName);
            names.push(new CertManager("test", { issuer: { kind: "self-signed" } }).issuerName);
            names.push(new CertManager("real", { issuer: acme }).issuerName);
        });
        assert.deepEqual(names, [undefined, "self-signed", "acme"]);
    });

    it("signs by itself", () => {
        assert.deepEqual(clusterIssuer({ kind: "self-signed" }), {
            apiVersion: "cert-manager.io/v1",
            kind: "ClusterIssuer",
            metadata: { name: "self-signed", annotations: { "pulumi.com/waitFor": "condition=Ready" } },
            spec: { selfSigned: {} },
        });
    });

    it("has an ACME server sign, Let's Encrypt unless told otherwise", () => {
        assert.deepEqual(clusterIssuer(acme).spec, {
            acme: {
                email: "ops@example.org",
                server: "https://acme-v02.api.letsencrypt.org/directory",
                privateKeySecretRef: { name: "acme-account-key" },
                solvers: [{ http01: { ingress: { ingressClassName: "traefik" } } }],
            },
        });
        const server = "https://acme-staging-v02.api.letsencrypt.org/directory";
        assert.equal(clusterIssuer({ ...acme, server }).spec.acme.server, server);
    });

    it("installs the definitions, and lets them stay unless told otherwise", () => {
        assert.deepEqual(valuesOf({}).crds, { enabled: true, keep: true });
        assert.deepEqual(valuesOf({ keepCrds: false }).crds, { enabled: true, keep: false });
    });

    it("elects leaders in its own namespace", () => {
        assert.equal(valuesOf({}).global.leaderElection.namespace, "cert-manager");
        assert.equal(valuesOf({ namespace: "certs" }).global.leaderElection.namespace, "certs");
    });

    it("gives every container requests and limits", () => {
        const values = valuesOf({});
        for (const part of [values, values.webhook, values.cainjector, values.startupapicheck]) {
            for (const half of ["requests", "limits"]) {
                assert.deepEqual(Object.keys(part.resources[half]), ["cpu", "memory"]);
            }
        }
    });

    it("runs each program as often as it is told, apart, with a budget from two on", () => {
        const selectors = ["cert-manager", "webhook", "cainjector"];
        const { webhook, cainjector, ...controller } = valuesOf({ replicas: 2 });
        for (const [i, part] of [controller, webhook, cainjector].entries()) {
            assert.equal(part.replicaCount, 2);
            assert.deepEqual(part.podDisruptionBudget, { enabled: true });
            const [{ podAffinityTerm }] =
                part.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution;
            assert.deepEqual(podAffinityTerm.labelSelector, {
                matchLabels: { "app.kubernetes.io/name": selectors[i] },
            });
        }
        assert.deepEqual(valuesOf({}).webhook.podDisruptionBudget, { enabled: false });
        assert.deepEqual(valuesOf({}).webhook.affinity, {});
    });

    it("lets the API server in, itself out, and Prometheus in only when told to", () => {
        const openings = certManagerOpenings({ monitored: true, monitoringNamespace: "prom" });
        assert.deepEqual(openings[0], {
            name: "webhook-from-api",
            pods: { "app.kubernetes.io/name": "webhook" },
            direction: "ingress",
            peer: "anywhere",
            ports: [10250],
        });
        assert.deepEqual(openings.at(-1), {
            name: "metrics-from-monitoring",
            direction: "ingress",
            peer: { namespace: "prom" },
            ports: [9402],
        });
        assert.deepEqual(
            certManagerOpenings({}).map(({ name }) => name),
            ["webhook-from-api", "api", "controller-to-issuers"],
        );
        assert.equal(valuesOf({}).prometheus.servicemonitor.enabled, false);
        assert.equal(valuesOf({ monitored: true }).prometheus.servicemonitor.enabled, true);
    });

    it("passes on the quota and merges the user's values last", async () => {
        const recording = await made({ quota: { pods: "9" } });
        assert.deepEqual(object(recording, "ResourceQuota", "quota").inputs.spec, { hard: { pods: "9" } });
        const release = await releaseOf({ values: { crds: { keep: false }, replicaCount: 4 } });
        assert.deepEqual(release?.inputs.values.crds, { enabled: true, keep: false });
        assert.equal(release?.inputs.values.replicaCount, 4);
    });

    it("refuses what is out of range, all at once", () => {
        assert.deepEqual(
            wrong({
                namespace: "C",
                issuer: { kind: "acme", email: "nobody", server: "http://acme", ingressClass: "a b" },
                replicas: 9,
                monitoringNamespace: "M",
                source: { versions: { certManager: "latest" } },
            }),
            [
                "namespace",
                "issuer.email",
                "issuer.server",
                "issuer.ingressClass",
                "replicas",
                "monitoringNamespace",
                "source.versions.certManager",
            ],
        );
        assert.deepEqual(wrong({ issuer: { kind: "vault" } as unknown as Issuer }), ["issuer.kind"]);
        assert.deepEqual(wrong({ issuer: acme }), []);
        assert.deepEqual(wrong({}), []);
    });

    itSetsOnlyKeysOf(
        "certManager",
        () => [certManagerValues({ replicas: 2, monitored: true, keepCrds: false }), certManagerValues({})],
        { fullnameOverride: "in a comment of values.yaml; the strict schema has it" },
    );
});
