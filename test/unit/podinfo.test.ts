import assert from "node:assert/strict";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import { meshOpenings } from "../../components/ingress/istio/mesh";
import { Podinfo, type PodinfoArgs, validatePodinfo } from "../../components/workloads/podinfo";
import { podinfoOpenings } from "../../components/workloads/podinfo/openings";
import { podinfoValues } from "../../components/workloads/podinfo/values";
import { itSetsOnlyKeysOf } from "./support/chart-keys";
import { inOrder, named, object, record } from "./support/mocks";
import { missingResources, violations } from "./support/restricted";

const ingress = { className: "traefik", host: "podinfo.example.com" };
// biome-ignore lint/suspicious/noExplicitAny: values are plain data
const valuesOf = (args: PodinfoArgs): any => podinfoValues(args);
const made = (args: PodinfoArgs) => record(() => new Podinfo("podinfo", args));
const wrong = (args: PodinfoArgs) => validatePodinfo(args).map(({ property }) => property);
const openingsOf = (args: PodinfoArgs) => podinfoOpenings(args).map(({ name }) => name);

describe("Podinfo", () => {
    it("installs the pinned chart into a restricted namespace of its own, and nothing else", async () => {
        const recording = await made({});
        assert.deepEqual(named(recording), [
            ["Namespace", "podinfo-namespace", "podinfo"],
            ["NetworkPolicy", "podinfo-namespace-clients", "clients"],
            ["NetworkPolicy", "podinfo-namespace-default-deny", "default-deny"],
            ["NetworkPolicy", "podinfo-namespace-dns", "dns"],
        ]);
        const { labels } = object(recording, "Namespace", "podinfo").inputs.metadata;
        assert.equal(labels["pod-security.kubernetes.io/enforce"], "restricted");
        assert.equal("istio-injection" in labels, false);
        const charts = recording.resources.filter(({ kind }) => kind === "Chart");
        assert.equal(charts.length, 1);
        const { values, ...inputs } = charts[0]?.inputs ?? {};
        assert.deepEqual(inputs, {
            chart: "oci://ghcr.io/stefanprodan/charts/podinfo",
            version: "6.14.1",
            name: "podinfo",
            namespace: "podinfo",
            skipCrds: true,
        });
        assert.deepEqual(values, podinfoValues({}));
    });

    it("waits for its own dependencies, and its chart for the namespace", async () => {
        const recording = await record(
            () => {
                const before = new ConfigMap("before");
                new Podinfo("podinfo", {}, { dependsOn: [before] });
            },
            ({ kind }) => kind === "ConfigMap" || kind === "Namespace",
        );
        assert.ok(inOrder(recording, "ConfigMap before", "Namespace podinfo-namespace"));
        const order = recording.resources.map(({ kind, name }) => `${kind} ${name}`);
        assert.ok(order.indexOf("Namespace podinfo-namespace") < order.indexOf("Chart podinfo"));
    });

    it("tells its address inside the cluster", async () => {
        let podinfo: Podinfo | undefined;
        await record(() => {
            podinfo = new Podinfo("podinfo", { namespace: "target" });
        });
        assert.equal(podinfo?.url, "http://podinfo.target.svc:9898");
    });

    it("merges the user's values last", async () => {
        const { resources } = await made({
            values: { logLevel: "debug", service: { type: "LoadBalancer" } },
        });
        const { values } = resources.find(({ kind }) => kind === "Chart")?.inputs ?? {};
        assert.equal(values.logLevel, "debug");
        assert.deepEqual(values.service, { type: "LoadBalancer" });
    });

    it("has as many pods as it is told, and leaves the number to an autoscaler where there is one", () => {
        assert.equal(valuesOf({}).replicaCount, 1);
        assert.equal(valuesOf({ replicas: 3 }).replicaCount, 3);
        assert.equal(valuesOf({ autoscaled: true }).replicaCount, "");
        assert.equal("hpa" in valuesOf({ autoscaled: true }), false);
    });

    it("lets one of several pods go at a time, and spreads them", () => {
        assert.deepEqual(valuesOf({ replicas: 2 }).podDisruptionBudget, { maxUnavailable: 1 });
        assert.deepEqual(valuesOf({}).podDisruptionBudget, {});
        assert.deepEqual(valuesOf({}).affinity, {});
        for (const args of [{ replicas: 2 }, { autoscaled: true }]) {
            const { preferredDuringSchedulingIgnoredDuringExecution: terms } =
                valuesOf(args).affinity.podAntiAffinity;
            assert.deepEqual(terms[0].podAffinityTerm.labelSelector.matchLabels, {
                "app.kubernetes.io/name": "podinfo",
            });
        }
    });

    it("is reached on nodes only where a port is given", () => {
        assert.deepEqual(valuesOf({}).service, { type: "ClusterIP" });
        assert.deepEqual(valuesOf({ nodePort: 30080 }).service, { type: "NodePort", nodePort: 30080 });
    });

    it("is served by an ingress controller only where told to", () => {
        assert.deepEqual(valuesOf({}).ingress, { enabled: false });
        assert.deepEqual(valuesOf({ ingress }).ingress, {
            enabled: true,
            className: "traefik",
            annotations: {},
            hosts: [{ host: "podinfo.example.com", paths: [{ path: "/", pathType: "Prefix" }] }],
            tls: [],
        });
    });

    it("is served with a certificate of its own, or one that an issuer signs", () => {
        const served = (more: object) => valuesOf({ ingress: { ...ingress, ...more } }).ingress;
        const hosts = ["podinfo.example.com"];
        assert.deepEqual(served({ tlsSecret: "mine" }).tls, [{ secretName: "mine", hosts }]);
        assert.deepEqual(served({ tlsSecret: "mine" }).annotations, {});
        assert.deepEqual(served({ clusterIssuer: "ca" }).tls, [{ secretName: "podinfo-tls", hosts }]);
        assert.deepEqual(served({ clusterIssuer: "ca" }).annotations, {
            "cert-manager.io/cluster-issuer": "ca",
        });
        assert.deepEqual(served({ clusterIssuer: "ca", tlsSecret: "mine" }).tls, [
            { secretName: "mine", hosts },
        ]);
    });

    it("is scraped where told to, as often as told to, and not otherwise", () => {
        assert.deepEqual(valuesOf({}).serviceMonitor, { enabled: false, interval: "15s" });
        assert.deepEqual(valuesOf({ monitored: true, scrapeInterval: "5s" }).serviceMonitor, {
            enabled: true,
            interval: "5s",
        });
    });

    it("joins the mesh by a label of its namespace, which stays restricted", async () => {
        const recording = await made({ mesh: true });
        const { labels } = object(recording, "Namespace", "podinfo").inputs.metadata;
        assert.equal(labels["istio-injection"], "enabled");
        assert.equal(labels["pod-security.kubernetes.io/enforce"], "restricted");
    });

    it("opens what the mesh asks for, towards the namespaces that it is told, and only in the mesh", () => {
        const [clients, ...others] = podinfoOpenings({
            mesh: true,
            meshNamespace: "mesh",
            monitoringNamespace: "metrics",
        });
        assert.equal(clients?.name, "clients");
        assert.deepEqual(others, meshOpenings({ namespace: "mesh", monitoringNamespace: "metrics" }));
        assert.ok(others.length > 0);
        assert.deepEqual(openingsOf({ monitored: true }), ["clients"]);
    });

    it("lets the challenges of an issuer be answered, and only where there is one", () => {
        assert.deepEqual(openingsOf({ ingress: { ...ingress, tlsSecret: "mine" } }), ["clients"]);
        assert.deepEqual(openingsOf({ ingress: { ...ingress, clusterIssuer: "acme" } }), [
            "clients",
            "acme-solver-from-anywhere",
        ]);
    });

    it("runs as the strictest Pod Security level demands, with requests and limits", () => {
        const { podSecurityContext, securityContext, resources } = valuesOf({});
        assert.deepEqual(
            violations({ securityContext: podSecurityContext, containers: [{ securityContext }] }),
            [],
        );
        assert.deepEqual(missingResources({ resources }), []);
    });

    it("refuses a number of pods beside an autoscaler", () => {
        assert.deepEqual(wrong({ autoscaled: true, replicas: 1 }), ["replicas"]);
        assert.deepEqual(wrong({ autoscaled: false, replicas: 1 }), []);
        assert.deepEqual(wrong({ autoscaled: true }), []);
    });

    for (const host of [
        "",
        "https://podinfo.example.com",
        "podinfo:80",
        "Podinfo",
        "-a.b",
        "a..b",
        "*.example.com",
    ]) {
        it(`refuses the host "${host}"`, () => {
            assert.deepEqual(wrong({ ingress: { ...ingress, host } }), ["ingress.host"]);
        });
    }

    it("refuses what is out of range, all at once", () => {
        assert.deepEqual(
            wrong({
                namespace: "No",
                replicas: 51,
                nodePort: 80,
                ingress: { className: "", host: "podinfo.example.com", clusterIssuer: "No", tlsSecret: "" },
                meshNamespace: "No",
                scrapeInterval: "often",
                monitoringNamespace: "No",
                source: { versions: { podinfo: "latest" } },
            }),
            [
                "namespace",
                "replicas",
                "nodePort",
                "ingress.className",
                "ingress.clusterIssuer",
                "ingress.tlsSecret",
                "meshNamespace",
                "scrapeInterval",
                "monitoringNamespace",
                "source.versions.podinfo",
            ],
        );
    });

    itSetsOnlyKeysOf("podinfo", () => [
        valuesOf({
            replicas: 2,
            nodePort: 30080,
            monitored: true,
            mesh: true,
            ingress: { ...ingress, clusterIssuer: "ca" },
        }),
        valuesOf({ autoscaled: true }),
        valuesOf({}),
    ]);
});
