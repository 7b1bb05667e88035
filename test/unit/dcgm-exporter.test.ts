import assert from "node:assert/strict";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import {
    DcgmExporter,
    type DcgmExporterArgs,
    dcgmExporterOpenings,
    dcgmExporterValues,
    validateDcgmExporter,
} from "../../components/gpu/dcgm-exporter";
import { dcgmMonitor } from "../../components/gpu/dcgm-metrics";
import { itSetsOnlyKeysOf } from "./support/chart-keys";
import { inOrder, named, object, record } from "./support/mocks";

const busy = { field: "DCGM_FI_PROF_SM_ACTIVE", type: "gauge", help: "Ratio of busy cycles." } as const;
const made = (args: DcgmExporterArgs = {}) => record(() => new DcgmExporter("dcgm", args));

describe("DcgmExporter", () => {
    it("installs the pinned chart into a namespace that nothing enters, and no monitor", async () => {
        const recording = await made();
        assert.deepEqual(named(recording), [
            ["Namespace", "dcgm-namespace", "dcgm-exporter"],
            ["NetworkPolicy", "dcgm-namespace-default-deny", "default-deny"],
            ["NetworkPolicy", "dcgm-namespace-dns", "dns"],
        ]);
        const { labels } = object(recording, "Namespace", "dcgm-exporter").inputs.metadata;
        assert.equal(labels["pod-security.kubernetes.io/enforce"], "privileged");
        const charts = recording.resources.filter(({ kind }) => kind === "Chart");
        assert.deepEqual(
            charts.map(({ name }) => name),
            ["dcgm"],
        );
        const { values, ...inputs } = charts[0]?.inputs ?? {};
        assert.deepEqual(inputs, {
            chart: "dcgm-exporter",
            version: "4.8.2",
            repositoryOpts: { repo: "https://nvidia.github.io/dcgm-exporter/helm-charts" },
            name: "dcgm-exporter",
            namespace: "dcgm-exporter",
            skipCrds: true,
        });
        assert.deepEqual(values, dcgmExporterValues({}));
    });

    it("is scraped through a monitor of the library, where it is to be", async () => {
        const recording = await made({ monitored: true, customMetrics: [busy], scrapeInterval: "5s" });
        const { metadata, spec } = dcgmMonitor({
            namespace: "dcgm-exporter",
            service: { "app.kubernetes.io/name": "dcgm-exporter" },
            port: "metrics",
            metrics: ["DCGM_FI_PROF_SM_ACTIVE"],
            interval: "5s",
        });
        const monitor = object(recording, "ServiceMonitor", "dcgm-exporter");
        assert.deepEqual(monitor.inputs.metadata, metadata);
        assert.deepEqual(monitor.inputs.spec, spec);
        assert.deepEqual(dcgmExporterValues({ monitored: true }).serviceMonitor, { enabled: false });
        assert.deepEqual(dcgmExporterOpenings({ monitored: true, monitoringNamespace: "prometheus" }), [
            {
                name: "metrics-from-monitoring",
                direction: "ingress",
                peer: { namespace: "prometheus" },
                ports: [9400],
            },
        ]);
    });

    it("waits for what it depends on, then for its namespace", async () => {
        const recording = await record(
            () => {
                const before = new ConfigMap("before");
                new DcgmExporter("dcgm", { monitored: true }, { dependsOn: [before] });
            },
            ({ kind }) => kind === "ConfigMap" || kind === "Namespace",
        );
        assert.ok(inOrder(recording, "ConfigMap before", "Namespace dcgm-namespace"));
        // A Chart is a component to the recorder: it has a place, after all that waited for the slow namespace.
        const order = recording.resources.map(({ kind, name }) => `${kind} ${name}`);
        assert.ok(order.indexOf("NetworkPolicy dcgm-namespace-dns") < order.indexOf("Chart dcgm"));
        assert.ok(inOrder(recording, "Namespace dcgm-namespace", "ServiceMonitor dcgm-monitor"));
    });

    it("runs only where there are GPUs, whatever keeps others off those nodes", () => {
        const gpu = { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" };
        const team = { key: "team", operator: "Equal", value: "ml", effect: "NoExecute" } as const;
        assert.deepEqual(dcgmExporterValues({}).nodeSelector, { "nvidia.com/gpu.present": "true" });
        assert.deepEqual(dcgmExporterValues({ nodeSelector: { gpu: "a100" } }).nodeSelector, { gpu: "a100" });
        assert.deepEqual(dcgmExporterValues({ tolerations: [team] }).tolerations, [gpu, team]);
    });

    it("sees GPUs through a runtime class only where told to", () => {
        assert.ok(!("runtimeClassName" in dcgmExporterValues({})));
        assert.equal(dcgmExporterValues({ runtimeClassName: "nvidia" }).runtimeClassName, "nvidia");
    });

    it("restarts for another list of metrics, and only then", () => {
        const values = dcgmExporterValues({ customMetrics: [busy] });
        assert.equal(values.customMetrics, "DCGM_FI_PROF_SM_ACTIVE, gauge, Ratio of busy cycles.\n");
        assert.deepEqual(values, dcgmExporterValues({ customMetrics: [{ ...busy }] }));
        const other = dcgmExporterValues({ customMetrics: [{ ...busy, help: "Busy." }] });
        assert.match(values.podAnnotations?.["checksum/metrics"] ?? "", /^[0-9a-f]{10}$/);
        assert.notDeepEqual(values.podAnnotations, other.podAnnotations);
        assert.ok(!("customMetrics" in dcgmExporterValues({})));
    });

    it("has a series for each pod of a GPU only where they share it", () => {
        assert.deepEqual(dcgmExporterValues({}).extraEnv, []);
        assert.deepEqual(dcgmExporterValues({ sharedGpus: true }).extraEnv, [
            { name: "KUBERNETES_VIRTUAL_GPUS", value: "true" },
            { name: "NVIDIA_RESOURCE_NAMES", value: "nvidia.com/gpu.shared" },
        ]);
    });

    it("finds the pods of processes where pods share GPUs, and else sees no process and reaches nothing", () => {
        const { hostPID, kubernetes } = dcgmExporterValues({ sharedGpus: true });
        assert.deepEqual({ hostPID, kubernetes }, { hostPID: true, kubernetes: { enablePodUID: true } });
        assert.deepEqual(dcgmExporterOpenings({ sharedGpus: true }), [
            { name: "api", direction: "egress", peer: "anywhere", ports: [443, 6443] },
        ]);
        for (const args of [{}, { sharedGpus: false }]) {
            const values = dcgmExporterValues(args);
            assert.ok(!("hostPID" in values) && !("kubernetes" in values));
            assert.deepEqual(dcgmExporterOpenings(args), []);
        }
    });

    it("merges the user's values last", async () => {
        const { resources } = await made({ values: { resources: { limits: { memory: "2Gi" } } } });
        assert.deepEqual(resources.find(({ kind }) => kind === "Chart")?.inputs.values.resources, {
            requests: { cpu: "100m", memory: "256Mi" },
            limits: { cpu: "500m", memory: "2Gi" },
        });
    });

    it("refuses what is out of range, all at once", () => {
        const problems = validateDcgmExporter({
            namespace: "DCGM",
            nodeSelector: { "gpu node": "yes" },
            tolerations: [{ key: "team", operator: "Exists", value: "ml" }],
            runtimeClassName: "NVIDIA",
            customMetrics: [{ ...busy, field: "utilisation" }],
            scrapeInterval: "15",
            monitoringNamespace: "",
            source: { versions: { dcgmExporter: "4.x" } },
        });
        assert.deepEqual(
            problems.map(({ property }) => property),
            [
                "namespace",
                "nodeSelector.gpu node",
                "tolerations[0]",
                "runtimeClassName",
                "customMetrics[0].field",
                "scrapeInterval",
                "monitoringNamespace",
                "source.versions.dcgmExporter",
            ],
        );
        assert.deepEqual(validateDcgmExporter({}), []);
    });

    itSetsOnlyKeysOf(
        "dcgmExporter",
        () => [
            dcgmExporterValues({ customMetrics: [busy], runtimeClassName: "nvidia", sharedGpus: true }),
            dcgmExporterValues({}),
        ],
        {
            customMetrics:
                "the chart's values have it in a comment; templates/metrics-configmap.yaml reads it",
        },
    );
});
