import assert from "node:assert/strict";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import { Istio, type IstioArgs, validateIstio } from "../../components/ingress/istio";
import { cniOpenings, istiodOpenings, meshLabels, meshOpenings } from "../../components/ingress/istio/mesh";
import { proxySeries } from "../../components/ingress/istio/monitors";
import { istioBaseValues, istioCniValues, istiodValues } from "../../components/ingress/istio/values";
import { itSetsOnlyKeysOf } from "./support/chart-keys";
import { inOrder, object, type Recording, record } from "./support/mocks";

// biome-ignore lint/suspicious/noExplicitAny: values are plain data
const valuesOf = (args: IstioArgs): any => istiodValues(args);
const made = (args: IstioArgs) => record(() => new Istio("istio", args));
const wrong = (args: IstioArgs) => validateIstio(args).map(({ property }) => property);

/** Chart, version and namespace of what was installed, by the name in the program. */
const installed = ({ resources }: Recording) =>
    Object.fromEntries(
        resources
            .filter(({ kind }) => kind === "Chart" || kind === "Release")
            .map(({ kind, name, inputs }) => [name, [kind, inputs.chart, inputs.version, inputs.namespace]]),
    );

describe("Istio", () => {
    it("installs the pinned charts, each into its namespace", async () => {
        assert.deepEqual(installed(await made({})), {
            "istio-base": [
                "Release",
                "oci://registry.istio.io/release/charts/base",
                "1.30.3",
                "istio-system",
            ],
            "istio-cni": ["Chart", "oci://registry.istio.io/release/charts/cni", "1.30.3", "istio-cni"],
            "istio-istiod": [
                "Release",
                "oci://registry.istio.io/release/charts/istiod",
                "1.30.3",
                "istio-system",
            ],
        });
    });

    it("has a restricted control plane and a privileged plugin", async () => {
        const recording = await made({});
        const level = (name: string) =>
            object(recording, "Namespace", name).inputs.metadata.labels["pod-security.kubernetes.io/enforce"];
        assert.equal(level("istio-system"), "restricted");
        assert.equal(level("istio-cni"), "privileged");
        assert.equal(recording.resources.filter(({ kind }) => /Monitor$/.test(kind)).length, 0);
    });

    it("installs no plugin, and no namespace for it, when told not to", async () => {
        const recording = await made({ cni: false });
        assert.deepEqual(Object.keys(installed(recording)).sort(), ["istio-base", "istio-istiod"]);
        assert.equal(recording.resources.filter(({ kind }) => kind === "Namespace").length, 1);
        assert.deepEqual(valuesOf({ cni: false }).cni, { enabled: false });
        assert.deepEqual(valuesOf({}).cni, { enabled: true });
    });

    it("installs the definitions before the control plane, and that before its monitors", async () => {
        const recording = await record(
            () => {
                const before = new ConfigMap("before");
                new Istio("istio", { monitored: true }, { dependsOn: [before] });
            },
            ({ kind }) => kind === "ConfigMap" || kind === "Namespace" || kind === "Release",
        );
        assert.ok(inOrder(recording, "ConfigMap before", "Namespace istio-namespace"));
        assert.ok(inOrder(recording, "ConfigMap before", "Namespace istio-cni-namespace"));
        assert.ok(inOrder(recording, "Namespace istio-namespace", "Release istio-base"));
        assert.ok(inOrder(recording, "Release istio-base", "Release istio-istiod"));
        assert.ok(inOrder(recording, "Release istio-istiod", "ServiceMonitor istio-monitor"));
        assert.ok(inOrder(recording, "Release istio-istiod", "PodMonitor istio-proxies-monitor"));
        // A Chart is a component to the recorder: it has no beginning and end, but a place.
        const order = recording.resources.map(({ kind, name }) => `${kind} ${name}`);
        assert.ok(order.indexOf("Namespace istio-cni-namespace") < order.indexOf("Chart istio-cni"));
        assert.ok(order.indexOf("Chart istio-cni") < order.indexOf("Release istio-istiod"));
    });

    it("tells every chart where the control plane is", () => {
        const args = { namespace: "mesh" };
        assert.equal(valuesOf(args).global.istioNamespace, "mesh");
        assert.deepEqual(istioBaseValues(args), { global: { istioNamespace: "mesh" } });
        assert.equal(valuesOf({}).global.istioNamespace, "istio-system");
    });

    it("makes proxies and the control plane that restricted namespaces take in", () => {
        const values = valuesOf({});
        assert.deepEqual(values.seccompProfile, { type: "RuntimeDefault" });
        assert.deepEqual(values.global.proxy.seccompProfile, { type: "RuntimeDefault" });
    });

    it("logs no requests and leaves the pods' own metrics alone", () => {
        assert.deepEqual(valuesOf({}).meshConfig, { accessLogFile: "", enablePrometheusMerge: false });
    });

    it("has small containers, or those that it is told to have", () => {
        const small = valuesOf({});
        assert.deepEqual(small.resources.requests, { cpu: "50m", memory: "256Mi" });
        assert.deepEqual(small.global.proxy.resources.requests, { cpu: "10m", memory: "64Mi" });
        assert.deepEqual(istioCniValues({}).resources?.requests, { cpu: "20m", memory: "64Mi" });
        const resources = { requests: { cpu: "500m", memory: "2Gi" } };
        const proxyResources = { limits: { memory: "1Gi" } };
        const told = valuesOf({ resources, proxyResources });
        assert.deepEqual(told.resources, resources);
        assert.deepEqual(told.global.proxy.resources, proxyResources);
    });

    it("runs as many control planes as it is told, on different nodes", () => {
        assert.equal(valuesOf({}).autoscaleEnabled, false);
        assert.equal(valuesOf({}).replicaCount, 1);
        assert.deepEqual(valuesOf({}).affinity, {});
        const { replicaCount, affinity } = valuesOf({ replicas: 3 });
        assert.equal(replicaCount, 3);
        const [{ podAffinityTerm }] =
            affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution;
        assert.deepEqual(podAffinityTerm.labelSelector, {
            matchLabels: { "app.kubernetes.io/name": "istiod" },
        });
    });

    it("tells both charts the distribution, where it is a special one", () => {
        assert.equal(valuesOf({ platform: "k3s" }).global.platform, "k3s");
        assert.deepEqual(istioCniValues({ platform: "k3s" }).global, { platform: "k3s" });
        assert.equal("platform" in valuesOf({}).global, false);
        assert.equal("global" in istioCniValues({}), false);
    });

    it("scrapes the control plane, and the proxies of every namespace for few series", async () => {
        const recording = await made({ monitored: true });
        assert.deepEqual(object(recording, "ServiceMonitor", "istiod").inputs.spec, {
            jobLabel: "app.kubernetes.io/name",
            selector: { matchLabels: { "app.kubernetes.io/name": "istiod" } },
            endpoints: [{ port: "http-monitoring" }],
        });
        const { metadata, spec } = object(recording, "PodMonitor", "istio-proxies").inputs;
        assert.equal(metadata.namespace, "istio-system");
        assert.deepEqual(spec, {
            namespaceSelector: { any: true },
            selector: { matchLabels: { "security.istio.io/tlsMode": "istio" } },
            podMetricsEndpoints: [
                {
                    port: "http-envoy-prom",
                    path: "/stats/prometheus",
                    metricRelabelings: [{ sourceLabels: ["__name__"], regex: proxySeries, action: "keep" }],
                },
            ],
        });
    });

    it("keeps what autoscalers and dashboards ask of a proxy, and not what Envoy counts for itself", () => {
        const kept = new RegExp(`^(?:${proxySeries})$`);
        for (const name of [
            "istio_requests_total",
            "istio_request_duration_milliseconds_bucket",
            "istio_tcp_received_bytes_total",
        ]) {
            assert.match(name, kept);
        }
        for (const name of ["envoy_cluster_upstream_cx_total", "istio_request_bytes_bucket", "istio_build"]) {
            assert.doesNotMatch(name, kept);
        }
    });

    it("lets proxies and the API server in, and Prometheus only when told to", () => {
        assert.deepEqual(
            istiodOpenings({ monitored: true, monitoringNamespace: "prom" }).map(
                ({ name, direction, peer, ports }) => [name, direction, peer, ports],
            ),
            [
                ["proxies-and-api", "ingress", "anywhere", [15012, 15017]],
                ["api", "egress", "anywhere", [443, 6443]],
                ["metrics-from-monitoring", "ingress", { namespace: "prom" }, [15014]],
            ],
        );
        assert.equal(istiodOpenings({}).length, 2);
        assert.deepEqual(
            cniOpenings.map(({ name }) => name),
            ["api"],
        );
    });

    it("says how a namespace joins, and what it has to open for that", () => {
        assert.deepEqual(meshLabels(), { "istio-injection": "enabled" });
        assert.deepEqual(meshOpenings({ namespace: "mesh", monitoringNamespace: "prom" }), [
            {
                name: "mesh-control-plane",
                direction: "egress",
                peer: { namespace: "mesh", pods: { "app.kubernetes.io/name": "istiod" } },
                ports: [15012],
            },
            {
                name: "mesh-metrics-from-monitoring",
                direction: "ingress",
                peer: { namespace: "prom" },
                ports: [15090],
            },
        ]);
        assert.deepEqual(meshOpenings()[1]?.peer, { namespace: "monitoring" });
    });

    it("passes on the quota and merges the user's values of each chart last", async () => {
        const recording = await made({
            quota: { pods: "9" },
            values: { replicaCount: 4 },
            cniValues: { resources: { limits: { cpu: "3" } } },
            baseValues: { global: { resourceScope: "all" } },
        });
        assert.deepEqual(object(recording, "ResourceQuota", "quota").inputs.spec, { hard: { pods: "9" } });
        const values = (name: string) =>
            recording.resources.find((r) => r.name === name && /^(Chart|Release)$/.test(r.kind))?.inputs
                .values;
        assert.equal(values("istio-istiod").replicaCount, 4);
        assert.deepEqual(values("istio-cni").resources.limits, { cpu: "3", memory: "256Mi" });
        assert.deepEqual(values("istio-base").global, {
            istioNamespace: "istio-system",
            resourceScope: "all",
        });
    });

    it("refuses what is out of range, all at once", () => {
        assert.deepEqual(
            wrong({
                namespace: "I",
                cniNamespace: "C",
                platform: "eks" as IstioArgs["platform"],
                replicas: 0,
                resources: { requests: { cpu: "much" } },
                proxyResources: { limits: { memory: "1 Gi" } },
                monitoringNamespace: "M",
                source: { versions: { istiod: "1.30" } },
            }),
            [
                "namespace",
                "cniNamespace",
                "platform",
                "replicas",
                "resources.requests.cpu",
                "proxyResources.limits.memory",
                "monitoringNamespace",
                "source.versions.istiod",
            ],
        );
        assert.deepEqual(wrong({}), []);
    });

    it("refuses one namespace for the control plane and its privileged plugin", () => {
        assert.deepEqual(wrong({ cniNamespace: "istio-system" }), ["cniNamespace"]);
        assert.deepEqual(wrong({ namespace: "istio-cni" }), ["cniNamespace"]);
        assert.deepEqual(wrong({ namespace: "istio-cni", cni: false }), []);
    });

    itSetsOnlyKeysOf("istiod", () => [istiodValues({}), istiodValues({ replicas: 2, platform: "k3s" })], {
        "global.platform": "read by the chart's zzz_profile.yaml; Istio's installation pages document it",
        "meshConfig.accessLogFile": "meshConfig takes every field of Istio's MeshConfig",
    });
    itSetsOnlyKeysOf("istioCni", () => [istioCniValues({}), istioCniValues({ platform: "k3s" })], {
        "global.platform": "as in istiod",
    });
    itSetsOnlyKeysOf("istioBase", () => [istioBaseValues({})]);
});
