import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { checkCounters, countedMetrics, countersCsv } from "../../components/gpu/dcgm-counters";
import {
    type DcgmMonitorArgs,
    dcgmMetrics,
    dcgmMonitor,
    fakeDcgmMetrics,
} from "../../components/gpu/dcgm-metrics";

type Series = Record<string, string>;

interface Relabeling {
    readonly action?: "replace" | "keep" | "labeldrop";
    readonly sourceLabels?: readonly string[];
    readonly regex?: string;
    readonly targetLabel?: string;
    readonly replacement?: string;
}

/** As much of Prometheus' relabelling as is used here; undefined where the series is dropped. */
function relabel(series: Series, rules: readonly Relabeling[]): Series | undefined {
    const labels = { ...series };
    for (const {
        action = "replace",
        sourceLabels = [],
        regex = "(.*)",
        targetLabel = "",
        replacement,
    } of rules) {
        const anchored = new RegExp(`^(?:${regex})$`);
        const source = sourceLabels.map((label) => labels[label] ?? "").join(";");
        if (action === "keep" && !anchored.test(source)) return undefined;
        if (action === "labeldrop") {
            for (const label of Object.keys(labels)) if (anchored.test(label)) delete labels[label];
        }
        if (action === "replace" && anchored.test(source)) {
            labels[targetLabel] = source.replace(anchored, replacement ?? "$1");
            if (labels[targetLabel] === "") delete labels[targetLabel];
        }
    }
    return labels;
}

/** A sample as it is stored: what the exporter says, and what Prometheus knows of the target it scraped. */
function scraped(monitor: DcgmMonitorArgs, said: Series): Series | undefined {
    const [endpoint] = dcgmMonitor(monitor).spec.endpoints;
    const target = relabel(
        {
            job: "set by the operator",
            instance: "10.0.0.7:9400",
            namespace: "exporters",
            pod: "exporter-x7k2p",
            container: "exporter",
            service: "exporter",
            endpoint: "metrics",
            __meta_kubernetes_pod_node_name: "gpu-node-1",
        },
        endpoint.relabelings,
    );
    assert.equal(endpoint.honorLabels, false);
    const stored: Series = Object.fromEntries(
        Object.entries(target ?? {}).filter(([label]) => !label.startsWith("__meta_")),
    );
    for (const [label, value] of Object.entries(said)) {
        // Without honorLabels the target's labels win; an empty label is one that is not there.
        if (value !== "") stored[label in stored ? `exported_${label}` : label] = value;
    }
    return relabel(stored, endpoint.metricRelabelings);
}

const workload = { pod: "train-0", namespace: "team", container: "trainer" };
const gpu = { gpu: "0", UUID: "GPU-5b2f", device: "nvidia0", modelName: "NVIDIA A100-SXM4-80GB" };
const use = { __name__: "DCGM_FI_DEV_GPU_UTIL" };
const service = { app: "nvidia-dcgm-exporter" };

/** The three exporters: their monitors, and how each spells the node. */
const exporters: Record<string, { monitor: DcgmMonitorArgs; node: Series; idle: Series }> = {
    "of the GPU operator": {
        monitor: { namespace: "gpu-operator", service, port: "gpu-metrics" },
        node: { hostname: "gpu-node-1" },
        idle: {},
    },
    standalone: {
        monitor: { namespace: "dcgm-exporter", service, port: "metrics" },
        node: { Hostname: "gpu-node-1" },
        idle: {},
    },
    "of the fake GPU operator": {
        monitor: { namespace: "fake-gpu-operator", service, port: "gpu-metrics", metrics: fakeDcgmMetrics },
        node: { Hostname: "nvidia-dcgm-exporter-3fa1b2" },
        idle: { pod: "", namespace: "", container: "" },
    },
    "of the fake GPU operator for simulated nodes": {
        monitor: { namespace: "fake-gpu-operator", service, port: "gpu-metrics", forManyNodes: true },
        node: { Hostname: "gpu-node-1" },
        idle: { pod: "", namespace: "", container: "" },
    },
};

describe("metrics of GPUs", () => {
    for (const [name, { monitor, node, idle }] of Object.entries(exporters)) {
        it(`belong to the workload that holds the GPU, from the exporter ${name}`, () => {
            assert.deepEqual(scraped(monitor, { ...use, ...gpu, ...node, ...workload }), {
                ...use,
                ...gpu,
                ...workload,
                exported_pod: "train-0",
                exported_namespace: "team",
                exported_container: "trainer",
                job: "dcgm-exporter",
                node: "gpu-node-1",
                instance: "gpu-node-1",
                service: "exporter",
                endpoint: "metrics",
            });
        });

        it(`belong to nobody while nobody holds the GPU, from the exporter ${name}`, () => {
            assert.deepEqual(scraped(monitor, { ...use, ...gpu, ...node, ...idle }), {
                ...use,
                ...gpu,
                job: "dcgm-exporter",
                node: "gpu-node-1",
                instance: "gpu-node-1",
                service: "exporter",
                endpoint: "metrics",
            });
        });
    }

    it("are of the node that an exporter for many nodes names, not of the one where it runs", () => {
        const monitor: DcgmMonitorArgs = {
            namespace: "fake",
            service,
            port: "gpu-metrics",
            forManyNodes: true,
        };
        const series = scraped(monitor, { ...use, ...gpu, Hostname: "kwok-7" });
        assert.equal(series?.node, "kwok-7");
        assert.equal(series?.instance, "kwok-7");
    });

    it("are kept by their names, and nothing else that an exporter says", () => {
        const monitor: DcgmMonitorArgs = { namespace: "gpu-operator", service, port: "gpu-metrics" };
        for (const name of dcgmMetrics) assert.ok(scraped(monitor, { ...gpu, __name__: name }), name);
        assert.equal(scraped(monitor, { __name__: "go_goroutines" }), undefined);
        const own = { ...monitor, metrics: ["DCGM_FI_PROF_SM_ACTIVE"] };
        assert.ok(scraped(own, { __name__: "DCGM_FI_PROF_SM_ACTIVE" }));
        assert.equal(scraped(own, { ...use }), undefined);
    });

    it("come by a ServiceMonitor that the GPU operator does not take for its own and delete", () => {
        const { metadata, spec, ...kind } = dcgmMonitor({ namespace: "gpu", service, port: "gpu-metrics" });
        assert.deepEqual(kind, { apiVersion: "monitoring.coreos.com/v1", kind: "ServiceMonitor" });
        assert.deepEqual(metadata, { name: "dcgm-exporter", namespace: "gpu", labels: service });
        assert.deepEqual(spec.selector, { matchLabels: service });
        assert.equal(spec.endpoints.length, 1);
        assert.equal(spec.endpoints[0].port, "gpu-metrics");
        assert.equal(spec.endpoints[0].interval, "15s");
    });

    it("have the names of upstream's own list", function () {
        const file = resolve(__dirname, "../../../shared/charts/dcgm-exporter/default-counters.csv");
        if (!existsSync(file)) {
            console.log(`      not checked: no ${file}`);
            this.skip();
        }
        const lines = readFileSync(file, "utf8")
            .split("\n")
            .filter((line) => /^DCGM/.test(line));
        const counters = lines.map((line) => line.split(",").map((part) => part.trim()));
        const names = counters.filter(([, type]) => type !== "label").map(([field]) => field);
        assert.deepEqual([...dcgmMetrics], names);
    });
});

describe("counters of a DCGM exporter", () => {
    const busy = {
        field: "DCGM_FI_PROF_SM_ACTIVE",
        type: "gauge",
        help: "Ratio of busy cycles (0 to 1).",
    } as const;
    const driver = { field: "DCGM_FI_DRIVER_VERSION", type: "label", help: "Driver version" } as const;

    it("are lines of three fields", () => {
        assert.equal(
            countersCsv([busy, driver]),
            "DCGM_FI_PROF_SM_ACTIVE, gauge, Ratio of busy cycles (0 to 1).\nDCGM_FI_DRIVER_VERSION, label, Driver version\n",
        );
    });

    it("are metrics unless they are labels", () => {
        assert.deepEqual(countedMetrics([busy, driver]), ["DCGM_FI_PROF_SM_ACTIVE"]);
        assert.equal(countedMetrics(undefined), undefined);
    });

    it("are refused where the exporter would not start with them", () => {
        const properties = (counters: Parameters<typeof checkCounters>[1]) =>
            checkCounters("counters", counters).map(({ property }) => property);
        assert.deepEqual(properties(undefined), []);
        assert.deepEqual(properties([busy, driver]), []);
        assert.deepEqual(properties([]), ["counters"]);
        assert.deepEqual(properties([driver]), ["counters"]);
        assert.deepEqual(properties([{ ...busy, field: "gpu_util" }]), ["counters[0].field"]);
        assert.deepEqual(properties([busy, busy]), ["counters[1].field"]);
        assert.deepEqual(properties([{ ...busy, type: "rate" as "gauge" }]), ["counters[0].type"]);
        assert.deepEqual(properties([{ ...busy, help: "busy, in %" }]), ["counters[0].help"]);
        assert.deepEqual(properties([{ ...busy, help: "two\nlines" }]), ["counters[0].help"]);
    });
});
