import assert from "node:assert/strict";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import { dcgmMonitor, fakeDcgmMetrics } from "../../components/gpu/dcgm-metrics";
import {
    FakeGpuOperator,
    type FakeGpuOperatorArgs,
    fakeGpuOperatorOpenings,
    fakeGpuOperatorValues,
    validateFakeGpuOperator,
} from "../../components/gpu/fake-gpu-operator";
import { simulatedPoolLabel } from "../../components/gpu/fake-gpu-operator/pools";
import { itSetsOnlyKeysOf } from "./support/chart-keys";
import { inOrder, named, object, record } from "./support/mocks";

const made = (args: FakeGpuOperatorArgs = {}) => record(() => new FakeGpuOperator("fake", args));
const t4 = { product: "Tesla-T4", gpus: 2, memoryMiB: 15360 };

/** The values, without types: tests know what they look for. */
// biome-ignore lint/suspicious/noExplicitAny: values are nested maps
const values = (args: FakeGpuOperatorArgs): any => fakeGpuOperatorValues(args);

describe("FakeGpuOperator", () => {
    it("installs the pinned chart into a namespace that is not the real operator's, and no monitor", async () => {
        const recording = await made();
        assert.deepEqual(named(recording), [
            ["Namespace", "fake-namespace", "fake-gpu-operator"],
            ["NetworkPolicy", "fake-namespace-api", "api"],
            ["NetworkPolicy", "fake-namespace-default-deny", "default-deny"],
            ["NetworkPolicy", "fake-namespace-dns", "dns"],
            ["Release", "fake", undefined],
        ]);
        const { labels } = object(recording, "Namespace", "fake-gpu-operator").inputs.metadata;
        assert.equal(labels["pod-security.kubernetes.io/enforce"], "privileged");
        const { values: _, ...inputs } =
            recording.resources.find(({ kind }) => kind === "Release")?.inputs ?? {};
        assert.deepEqual(inputs, {
            chart: "oci://ghcr.io/run-ai/fake-gpu-operator/fake-gpu-operator",
            version: "0.2.0",
            name: "fake-gpu-operator",
            namespace: "fake-gpu-operator",
            takeOwnership: true,
            compat: "true",
            atomic: false,
            maxHistory: 3,
            timeout: 600,
        });
    });

    it("is scraped through the same monitor as the real operator", async () => {
        const recording = await made({ monitored: true });
        const { metadata, spec } = dcgmMonitor({
            namespace: "fake-gpu-operator",
            service: { app: "nvidia-dcgm-exporter" },
            port: "gpu-metrics",
            metrics: fakeDcgmMetrics,
        });
        const monitors = recording.resources.filter(({ kind }) => kind === "ServiceMonitor");
        assert.deepEqual(
            monitors.map(({ inputs }) => inputs.metadata),
            [metadata],
        );
        assert.deepEqual(monitors[0]?.inputs.spec, spec);
    });

    it("has a second monitor for nodes of KWOK, which one exporter speaks for", async () => {
        const recording = await made({ monitored: true, simulatedNodes: true });
        object(recording, "ServiceMonitor", "dcgm-exporter");
        const monitor = object(recording, "ServiceMonitor", "dcgm-exporter-simulated-nodes");
        const { spec } = dcgmMonitor({
            namespace: "fake-gpu-operator",
            service: { app: "nvidia-dcgm-exporter-kwok" },
            port: "gpu-metrics",
            metrics: fakeDcgmMetrics,
            forManyNodes: true,
        });
        assert.deepEqual(monitor.inputs.spec, spec);
        const unmonitored = await made({ simulatedNodes: true });
        assert.equal(unmonitored.resources.filter(({ kind }) => kind === "ServiceMonitor").length, 0);
    });

    it("lets Prometheus in only where it is scraped", () => {
        const names = (args: FakeGpuOperatorArgs) => fakeGpuOperatorOpenings(args).map(({ name }) => name);
        assert.deepEqual(names({}), ["api"]);
        assert.deepEqual(names({ monitored: true }), ["api", "metrics-from-monitoring"]);
    });

    it("waits for what it depends on, then for its namespace", async () => {
        const recording = await record(
            () => {
                const before = new ConfigMap("before");
                new FakeGpuOperator("fake", { monitored: true }, { dependsOn: [before] });
            },
            ({ kind }) => kind === "ConfigMap" || kind === "Namespace",
        );
        assert.ok(inOrder(recording, "ConfigMap before", "Namespace fake-namespace"));
        assert.ok(inOrder(recording, "Namespace fake-namespace", "Release fake"));
        assert.ok(inOrder(recording, "Namespace fake-namespace", "ServiceMonitor fake-monitor"));
    });

    it("offers eight large GPUs on nodes of the default pool", () => {
        assert.deepEqual(values({}).topology, {
            nodePools: {
                default: { gpuProduct: "NVIDIA-A100-SXM4-80GB", gpuCount: 8, gpuMemory: 81920 },
            },
            nodePoolLabelKey: "run.ai/simulated-gpu-node-pool",
        });
        assert.deepEqual(simulatedPoolLabel(), { "run.ai/simulated-gpu-node-pool": "default" });
    });

    it("offers the pools that it is given, and not the chart's", () => {
        assert.deepEqual(values({ pools: { small: t4 } }).topology.nodePools, {
            default: null,
            small: { gpuProduct: "Tesla-T4", gpuCount: 2, gpuMemory: 15360 },
        });
        assert.deepEqual(simulatedPoolLabel("small"), { "run.ai/simulated-gpu-node-pool": "small" });
    });

    it("runs what KWOK's nodes and MIG need only where told to", () => {
        assert.equal(values({}).kwokGpuDevicePlugin.enabled, false);
        assert.equal(values({}).migFaker.enabled, false);
        assert.equal(values({ simulatedNodes: true }).kwokGpuDevicePlugin.enabled, true);
        assert.equal(values({ mig: true }).migFaker.enabled, true);
    });

    it("asks no registry for images that the node has, and bounds every program", () => {
        const programs = ["devicePlugin", "statusUpdater", "topologyServer", "statusExporter", "migFaker"];
        for (const name of [...programs, "kwokGpuDevicePlugin"]) {
            const { image, resources } = values({})[name];
            assert.equal(image.pullPolicy, "IfNotPresent", name);
            assert.deepEqual(Object.keys(resources), ["requests", "limits"], name);
        }
    });

    it("merges the user's values last", async () => {
        const { resources } = await made({ values: { statusExporter: { enabled: false } } });
        const { statusExporter } = resources.find(({ kind }) => kind === "Release")?.inputs.values ?? {};
        assert.equal(statusExporter.enabled, false);
        assert.equal(statusExporter.image.pullPolicy, "IfNotPresent");
    });

    it("refuses what is the real operator's", () => {
        const properties = (args: FakeGpuOperatorArgs) =>
            validateFakeGpuOperator(args).map(({ property }) => property);
        assert.deepEqual(properties({}), []);
        assert.deepEqual(properties({ namespace: "gpu-operator" }), ["namespace"]);
        assert.deepEqual(properties({ values: { gpuOperator: { enabled: true } } }), [
            "values.gpuOperator.enabled",
        ]);
        assert.deepEqual(properties({ values: { gpuOperator: { enabled: false } } }), []);
    });

    it("refuses what is out of range, all at once", () => {
        const problems = validateFakeGpuOperator({
            namespace: "Fake",
            pools: {
                "big ones": t4,
                none: { product: "", gpus: 0, memoryMiB: 0.5 },
                odd: { ...t4, product: "Tesla T4" },
            },
            scrapeInterval: "15",
            monitoringNamespace: "A",
            source: { mirror: "nowhere" },
        });
        assert.deepEqual(
            problems.map(({ property }) => property),
            [
                "namespace",
                "pools.big ones",
                "pools.none.product",
                "pools.none.gpus",
                "pools.none.memoryMiB",
                "pools.odd.product",
                "scrapeInterval",
                "monitoringNamespace",
                "source.mirror",
            ],
        );
        assert.deepEqual(
            validateFakeGpuOperator({ pools: {} }).map(({ property }) => property),
            ["pools"],
        );
    });

    itSetsOnlyKeysOf(
        "fakeGpuOperator",
        () => [
            fakeGpuOperatorValues({ simulatedNodes: true, mig: true, pools: { default: t4 } }),
            fakeGpuOperatorValues({}),
        ],
        { "migFaker.resources": "templates/mig-faker/daemonset.yml reads it; the chart's values lack it" },
    );
});
