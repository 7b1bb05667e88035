import assert from "node:assert/strict";
import { dcgmMetrics, simulatedDcgmMetrics } from "../../components/gpu/dcgm-metrics";
import {
    SimulatedGpus,
    simulatedGpuLoad,
    simulatedGpuState,
    simulatedGpusFiles,
    simulatedGpusRules,
    validateSimulatedGpus,
} from "../../components/gpu/simulated-gpus";
import { object, type Recording, record } from "./support/mocks";
import { missingResources, violations } from "./support/restricted";

describe("SimulatedGpus", () => {
    it("accepts the defaults", () => {
        assert.deepEqual(validateSimulatedGpus({}), []);
    });

    it("reports every argument that is out of range", () => {
        const problems = validateSimulatedGpus({
            namespace: "N",
            nodeSelector: { "a b": "c" },
            gpusPerNode: 65,
            memoryMiB: 0,
            collectSeconds: 61,
            scrapeInterval: "x",
            monitoringNamespace: "M",
        });
        const properties = problems.map(({ property }) => property.replace(/[.[].*/, ""));
        assert.deepEqual(properties, [
            "namespace",
            "nodeSelector",
            "gpusPerNode",
            "memoryMiB",
            "collectSeconds",
            "scrapeInterval",
            "monitoringNamespace",
        ]);
    });

    it("says how busy a GPU is by an annotation: a percentage, or where to ask", () => {
        const key = "pulumi-kube-observability/simulated-gpu-load";
        assert.deepEqual(simulatedGpuLoad(60), { [key]: "60" });
        assert.deepEqual(simulatedGpuLoad({ port: 8080, path: "load" }), { [key]: "8080/load" });
    });

    it("says by annotations what else GPUs do, for a pod or a node", () => {
        const key = (name: string) => `pulumi-kube-observability/simulated-gpu-${name}`;
        assert.deepEqual(simulatedGpuState({ memoryPercent: 99, temperatureCelsius: 90, xid: 0 }), {
            [key("memory")]: "99",
            [key("temperature")]: "90",
            [key("xid")]: "0",
        });
        assert.deepEqual(simulatedGpuState({}), {});
    });

    it("refuses numbers that no GPU could have, all at once", () => {
        const wrong = { memoryPercent: 101, temperatureCelsius: -1, xid: 1.5 };
        assert.throws(
            () => simulatedGpuState(wrong),
            ({ message }: Error) => Object.keys(wrong).every((name) => message.includes(name)),
        );
    });

    it("may write what a node offers, and nothing else", () => {
        const writes = simulatedGpusRules.filter(({ verbs }) => verbs.some((verb) => verb !== "list"));
        assert.deepEqual(writes, [{ apiGroups: [""], resources: ["nodes/status"], verbs: ["patch"] }]);
    });

    it("has metrics of NVIDIA's exporter and no others", () => {
        const names = [...(simulatedGpusFiles()["gpus.py"] ?? "").matchAll(/"(DCGM_\w+)"/g)].map(
            ([, name]) => name,
        );
        assert.deepEqual(names, simulatedDcgmMetrics);
        for (const name of simulatedDcgmMetrics)
            assert.ok((dcgmMetrics as readonly string[]).includes(name), name);
    });

    describe("resources", () => {
        let recording: Recording;
        before(async () => {
            recording = await record(() => {
                new SimulatedGpus("g", {
                    gpusPerNode: 4,
                    nodeSelector: { gpu: "yes", pool: "a" },
                    memoryMiB: 81920,
                });
            });
        });

        it("are one exporter, which keeps to the restricted level", () => {
            const { spec } = object(recording, "Deployment", "simulated-gpus").inputs;
            assert.equal(spec.strategy.type, "Recreate");
            assert.deepEqual(violations(spec.template.spec), []);
            assert.deepEqual(missingResources(spec.template.spec.containers[0]), []);
        });

        it("tell the exporter how many GPUs there are, of which kind and where", () => {
            const { env } = object(recording, "Deployment", "simulated-gpus").inputs.spec.template.spec
                .containers[0];
            const values = Object.fromEntries(
                env.map(({ name, value }: Record<string, string>) => [name, value]),
            );
            assert.equal(values.GPUS_PER_NODE, "4");
            assert.equal(values.NODES, "gpu=yes,pool=a");
            assert.equal(values.MODEL, "Simulated-GPU-80GB");
        });

        it("are told what to do by the annotations that the library writes", () => {
            const { env } = object(recording, "Deployment", "simulated-gpus").inputs.spec.template.spec
                .containers[0];
            const { value } = env.find(({ name }: { name: string }) => name === "ANNOTATION_PREFIX");
            const written = Object.keys({
                ...simulatedGpuLoad(1),
                ...simulatedGpuState({ memoryPercent: 1, temperatureCelsius: 1, xid: 1 }),
            });
            const names = /^NAMES = \((.*)\)$/m.exec(simulatedGpusFiles()["said.py"] ?? "")?.[1] ?? "";
            assert.deepEqual(
                written.map((key) => `"${key.replace(value, "")}"`),
                names.split(", "),
            );
        });

        it("are scraped for annotations that are wrong, too", () => {
            const [{ metricRelabelings }] = object(recording, "ServiceMonitor", "simulated-gpus").inputs.spec
                .endpoints;
            const kept = metricRelabelings.find(({ action }: { action: string }) => action === "keep");
            const series =
                /name = "(simulated_\w+)"/.exec(simulatedGpusFiles()["exporter.py"] ?? "")?.[1] ?? "";
            assert.match(series, new RegExp(`^(${kept.regex})$`));
        });

        it("are scraped as NVIDIA's exporter is: the pod is the one that holds the GPU", () => {
            const { spec } = object(recording, "ServiceMonitor", "simulated-gpus").inputs;
            assert.equal(spec.endpoints[0].honorLabels, false);
            const copies = spec.endpoints[0].metricRelabelings.filter(
                ({ targetLabel }: { targetLabel?: string }) => targetLabel === "pod",
            );
            assert.deepEqual(copies[0].sourceLabels, ["exported_pod"]);
        });
    });
});
