import assert from "node:assert/strict";
import { dcgmMetrics, fakeDcgmMetrics } from "../../components/gpu/dcgm-metrics";
import { GpuAlerts, validateGpuAlerts } from "../../components/gpu/gpu-alerts";
import { fatalXids, gpuRules } from "../../components/gpu/gpu-alerts/rules";
import type { RuleGroup } from "../../components/monitoring/monitors";
import { type AlertCase, itAlerts } from "./support/alert-cases";
import { object, record } from "./support/mocks";
import { bare, type FiringAlert, type Stretch } from "./support/promtool";

const names = ({ rules }: RuleGroup) => rules.map((rule) => ("alert" in rule ? rule.alert : rule.record));
const ecc = ["DCGM_FI_DEV_ECC_DBE_VOL_TOTAL"];
const everything = gpuRules({ metrics: [...dcgmMetrics, ...ecc] });

const gpu = 'node="n1",gpu="0",UUID="GPU-0"';
const held = `${gpu},namespace="ml",pod="train-0",container="train"`;
const next = held.replace("train-0", "train-1");
const own = { node: "n1", gpu: "0", UUID: "GPU-0" };
const hour = 3600;

const fires = (alert: string, labels: Readonly<Record<string, string>> = own): FiringAlert => ({
    alert,
    labels,
});

const xid = (labels: string) => `DCGM_FI_DEV_XID_ERRORS{${labels}}`;
const offered = (node: string, resource: string) =>
    `kube_node_status_allocatable{node="${node}",resource="${resource}",unit="integer"}`;
const util = (labels: string) => `DCGM_FI_DEV_GPU_UTIL{${labels}}`;

/** A sample each minute. */
const cases: readonly AlertCase[] = [
    ["no error ever came", { [xid(held)]: [[0, 3 * hour]] }, [hour], [2 * hour]],
    [
        "the program on it fails, for an hour",
        {
            [xid(held)]: [
                [0, 2 * hour],
                [31, 2 * hour],
            ],
        },
        [2 * hour - 60],
        [2 * hour + 60, fires("GpuXidError")],
        [3 * hour - 120, fires("GpuXidError")],
        [3 * hour + 120],
    ],
    [
        "the program on it fails, and the error has a series of its own, without the pod that it ended",
        {
            [xid(held)]: [
                [0, 2 * hour],
                ["stale", 2 * hour],
            ],
            [xid(`${gpu},err_code="31",err_msg="GPU memory page fault"`)]: [
                ["gap", 2 * hour],
                [31, 2 * hour],
            ],
        },
        [2 * hour - 60],
        [2 * hour + 60, fires("GpuXidError")],
        [3 * hour + 120],
    ],
    [
        "one error comes after another, and has a smaller number",
        {
            [xid(held)]: [
                [31, 2 * hour],
                [13, 2 * hour],
            ],
        },
        [2 * hour - 60],
        [2 * hour + 60, fires("GpuXidError")],
        [3 * hour + 120],
    ],
    ["Prometheus is new, and the error is older", { [xid(held)]: [[31, 3 * hour]] }, [60], [600], [2 * hour]],
    [
        "Prometheus is new, and an error comes in its first hour",
        {
            [xid(held)]: [
                [0, 120],
                [31, 2 * hour],
            ],
        },
        [60],
        [120, fires("GpuXidError")],
        [hour - 60, fires("GpuXidError")],
        [hour + 240],
    ],
    [
        "Prometheus was away for hours, and there is an error when it is back",
        {
            [xid(held)]: [
                [0, hour],
                ["gap", 2 * hour],
                [31, 2 * hour],
            ],
        },
        [3 * hour + 60],
        [3 * hour + 1800],
        [5 * hour - 60],
    ],
    [
        "Prometheus was away for a moment, in which an error came",
        {
            [xid(held)]: [
                [0, 2 * hour],
                ["gap", 1200],
                [31, 2 * hour],
            ],
        },
        [2 * hour + 1260, fires("GpuXidError")],
        [3 * hour + 600],
    ],
    [
        "one of its instances has failed, and another has an error with a larger number",
        {
            [xid(`${held},GPU_I_ID="1"`)]: [
                [0, hour],
                [48, hour],
            ],
            [xid(`${held},GPU_I_ID="2"`)]: [
                [0, hour],
                [63, hour],
            ],
        },
        [hour + 60, fires("GpuFailed")],
    ],
    [
        "an error is old and another pod gets the GPU",
        {
            [xid(held)]: [
                [31, 2 * hour],
                ["stale", 2 * hour],
            ],
            [xid(next)]: [
                ["gap", 2 * hour],
                [31, 2 * hour],
            ],
        },
        [2 * hour + 300],
    ],
    [
        "it falls off the bus, and stays there",
        {
            [xid(held)]: [
                [0, hour],
                [79, 3 * hour],
            ],
        },
        [hour - 60],
        [hour + 60, fires("GpuFailed")],
        [3 * hour, fires("GpuFailed")],
    ],
    [
        "a row could not be replaced",
        {
            [`DCGM_FI_DEV_ROW_REMAP_FAILURE{${held}}`]: [
                [0, hour],
                [1, hour],
            ],
        },
        [hour - 60],
        [hour + 60, fires("GpuMemoryNotRepairable")],
    ],
    [
        "a row is replaced, and rows were replaced long ago",
        {
            [`DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS{${held}}`]: [
                [3, 2 * hour],
                [4, 2 * hour],
            ],
        },
        [2 * hour - 60],
        [2 * hour + 120, fires("GpuMemoryErrors")],
        [3 * hour + 300],
    ],
    [
        "a row is replaced, and nobody holds the GPU any more",
        {
            [`DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS{${held}}`]: [
                [3, 2 * hour],
                ["stale", 2 * hour],
            ],
            [`DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS{${gpu}}`]: [
                ["gap", 2 * hour],
                [4, 2 * hour],
            ],
        },
        [2 * hour - 60],
        [2 * hour + 120, fires("GpuMemoryErrors")],
        [3 * hour + 300],
    ],
    [
        "two bits are wrong, and another pod has the GPU from then on",
        {
            [`DCGM_FI_DEV_ECC_DBE_VOL_TOTAL{${held}}`]: [
                [0, 2 * hour],
                ["stale", 2 * hour],
            ],
            [`DCGM_FI_DEV_ECC_DBE_VOL_TOTAL{${next}}`]: [
                ["gap", 2 * hour],
                [1, 2 * hour],
            ],
        },
        [2 * hour - 60],
        [2 * hour + 120, fires("GpuEccErrors")],
        [3 * hour + 300],
    ],
    [
        "two bits are wrong soon after the driver was loaded anew, and not as often as before",
        {
            [`DCGM_FI_DEV_ECC_DBE_VOL_TOTAL{${held}}`]: [
                [2, 2 * hour],
                [0, 600],
                [1, 2 * hour],
            ],
        },
        [2 * hour + 300],
        [2 * hour + 720, fires("GpuEccErrors")],
        [3 * hour + 900],
    ],
    [
        "Prometheus is new, and the memory failed before",
        {
            [`DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS{${held}}`]: [[3, 2 * hour]],
            [`DCGM_FI_DEV_ECC_DBE_VOL_TOTAL{${held}}`]: [[1, 2 * hour]],
        },
        [60],
        [600],
        [hour + 300],
    ],
    [
        "two bits are wrong",
        {
            [`DCGM_FI_DEV_ECC_DBE_VOL_TOTAL{${held}}`]: [
                [0, hour],
                [1, hour],
            ],
        },
        [hour - 60],
        [hour + 120, fires("GpuEccErrors")],
    ],
    [
        "it is hot for long enough",
        {
            [`DCGM_FI_DEV_GPU_TEMP{${held}}`]: [
                [85, 600],
                [86, 600],
                [80, 600],
            ],
        },
        [580],
        [800],
        [960, fires("GpuHot")],
        [1260],
    ],
    [
        "its memory is full for long enough",
        {
            [`DCGM_FI_DEV_FB_USED{${held}}`]: [
                [38000, 600],
                [40500, 1800],
            ],
            [`DCGM_FI_DEV_FB_FREE{${held}}`]: [
                [2960, 600],
                [460, 1800],
            ],
        },
        [1080],
        [1320, fires("GpuMemoryFull")],
    ],
    [
        "the memory of one of its instances is full, and that of another is not",
        {
            [`DCGM_FI_DEV_FB_USED{${held},GPU_I_ID="1"}`]: [[9500, 1800]],
            [`DCGM_FI_DEV_FB_FREE{${held},GPU_I_ID="1"}`]: [[228, 1800]],
            [`DCGM_FI_DEV_FB_USED{${gpu},GPU_I_ID="2"}`]: [[100, 1800]],
            [`DCGM_FI_DEV_FB_FREE{${gpu},GPU_I_ID="2"}`]: [[9628, 1800]],
        },
        [540],
        [720, fires("GpuMemoryFull")],
    ],
    [
        "its memory is full of two pods that share it, each with its own use and all without a pod",
        {
            [`DCGM_FI_DEV_FB_USED{${gpu}}`]: [[40500, 1800]],
            [`DCGM_FI_DEV_FB_USED{${held},vgpu="0",pod_uid="a"}`]: [[20000, 1800]],
            [`DCGM_FI_DEV_FB_USED{${next},vgpu="1",pod_uid="b"}`]: [[20500, 1800]],
            [`DCGM_FI_DEV_FB_FREE{${held},vgpu="0"}`]: [[460, 1800]],
            [`DCGM_FI_DEV_FB_FREE{${next},vgpu="1"}`]: [[460, 1800]],
        },
        [540],
        [720, fires("GpuMemoryFull")],
    ],
    [
        "a pod does nothing with it for an hour",
        {
            [util(held)]: [
                [50, 600],
                [0, 2 * hour],
            ],
        },
        [hour],
        [hour + 660, fires("GpuHeldIdle", { namespace: "ml", pod: "train-0" })],
    ],
    [
        "one of two GPUs of a pod is at work",
        {
            [util(held)]: [[0, 3 * hour]],
            [util(held.replaceAll('"0"', '"1"'))]: [[90, 3 * hour]],
        },
        [2 * hour],
    ],
    [
        "a pod works now and then",
        {
            [util(held)]: [
                [0, 1800],
                [40, 60],
                [0, 1800],
                [40, 60],
            ],
        },
        [hour],
    ],
    ["nobody holds it, and it is idle", { [util(gpu)]: [[0, 3 * hour]] }, [2 * hour]],
    [
        "nobody holds it, and it is at work",
        {
            [util(gpu)]: [
                [0, 600],
                [80, 1800],
            ],
        },
        [1140],
        [1320, fires("GpuBusyWithoutPod")],
    ],
    [
        "two pods share it, one works now and then, and the other does nothing",
        {
            [util(gpu)]: [[40, 3 * hour]],
            [util(`${held},vgpu="0"`)]: Array.from({ length: 180 }, (_, i): Stretch => [i % 4 ? 0 : 40, 60]),
            [util(`${next},vgpu="1"`)]: [[0, 3 * hour]],
        },
        [hour - 60],
        [hour + 60, fires("GpuHeldIdle", { namespace: "ml", pod: "train-1" })],
        [2 * hour, fires("GpuHeldIdle", { namespace: "ml", pod: "train-1" })],
    ],
    [
        "two pods share it, and the exporter finds the processes of neither: both are said to do nothing, and it is at work",
        {
            [util(gpu)]: [[80, 3 * hour]],
            [util(`${held},vgpu="0"`)]: [[0, 3 * hour]],
            [util(`${next},vgpu="1"`)]: [[0, 3 * hour]],
        },
        [540],
        [720, fires("GpuBusyWithoutPod")],
        [2 * hour, fires("GpuBusyWithoutPod")],
    ],
    [
        "a pod has a share of it and of another, and whose work is done on the other is not known",
        {
            [util(gpu.replaceAll('"0"', '"1"'))]: [[80, 3 * hour]],
            [util(gpu)]: [[0, 3 * hour]],
            [util(`${held},vgpu="0"`)]: [[0, 3 * hour]],
            [util(`${held.replaceAll('"0"', '"1"')},vgpu="0"`)]: [[0, 3 * hour]],
        },
        [2 * hour, fires("GpuBusyWithoutPod", { ...own, gpu: "1" })],
    ],
    [
        "two pods share it, and neither does anything",
        {
            [util(gpu)]: [[0, 3 * hour]],
            [util(`${held},vgpu="0"`)]: [[0, 3 * hour]],
            [util(`${next},vgpu="1"`)]: [[0, 3 * hour]],
        },
        [hour - 60],
        [
            hour + 60,
            fires("GpuHeldIdle", { namespace: "ml", pod: "train-0" }),
            fires("GpuHeldIdle", { namespace: "ml", pod: "train-1" }),
        ],
    ],
    [
        "the exporter of a node is gone",
        {
            'kube_node_status_allocatable{node="n1",resource="nvidia_com_gpu",unit="integer"}': [[8, hour]],
            'kube_node_status_allocatable{node="n2",resource="nvidia_com_gpu",unit="integer"}': [[0, hour]],
            'kube_node_status_allocatable{node="n1",resource="cpu",unit="core"}': [[8, hour]],
            [`DCGM_FI_DEV_FB_USED{${gpu}}`]: [
                [0, 600],
                ["stale", 1800],
            ],
        },
        [580],
        [840],
        [1020, fires("GpuExporterMissing", { node: "n1" })],
    ],
    [
        "nodes offer parts of GPUs, under other names, and of some of them nobody tells",
        {
            [offered("n1", "nvidia_com_gpu")]: [[0, hour]],
            [offered("n1", "nvidia_com_mig_1g_10gb")]: [[7, hour]],
            [offered("n1", "nvidia_com_mig_3g_40gb_shared")]: [[2, hour]],
            [offered("n2", "nvidia_com_gpu_shared")]: [[16, hour]],
            [offered("n3", "nvidia_com_mig_1g_10gb")]: [[7, hour]],
            'DCGM_FI_DEV_FB_USED{node="n3",gpu="0",UUID="GPU-3",GPU_I_ID="7"}': [[0, hour]],
            [offered("n4", "nvidia_com_mig_1g_10gb")]: [[0, hour]],
            [offered("n5", "amd_com_gpu")]: [[8, hour]],
        },
        [240],
        [420, fires("GpuExporterMissing", { node: "n1" }), fires("GpuExporterMissing", { node: "n2" })],
    ],
];

describe("alerts on GPUs", function () {
    this.timeout(30_000);
    const tool = itAlerts({ gpu: everything }, cases, 60);

    for (const code of fatalXids) {
        it(`take XID ${code} for the end of a GPU, and for nothing else`, () => {
            tool.test(
                { gpu: bare(everything) },
                { [xid(held)]: [[code, 600]] },
                [{ at: 300, firing: [fires("GpuFailed")] }],
                60,
            );
        });
    }

    it("are those alone that the exporter's metrics can feed", () => {
        assert.deepEqual(
            names(everything).filter((name) => !names(gpuRules()).includes(name)),
            ["GpuEccErrors"],
        );
        const ofFake = names(gpuRules({ metrics: fakeDcgmMetrics }));
        assert.deepEqual(ofFake, ["GpuMemoryFull", "GpuHeldIdle", "GpuBusyWithoutPod", "GpuExporterMissing"]);
        assert.ok(!names(gpuRules({ objects: false })).includes("GpuExporterMissing"));
    });

    it("says nothing of pods that leave their GPUs idle where that is no fault, and all else", () => {
        const all = names(gpuRules());
        assert.deepEqual(
            names(gpuRules({ idleMinutes: "never" })),
            all.filter((name) => name !== "GpuHeldIdle"),
        );
        assert.ok(all.includes("GpuHeldIdle"));
        assert.deepEqual(validateGpuAlerts({ idleMinutes: "never" }), []);
    });
});

describe("GpuAlerts", () => {
    it("installs the rules, and says which", async () => {
        let alerts: readonly string[] = [];
        const recording = await record(() => {
            ({ alerts } = new GpuAlerts("gpu", {
                namespace: "watch",
                metrics: fakeDcgmMetrics,
                idleMinutes: 30,
            }));
        });
        const { metadata, spec } = object(recording, "PrometheusRule", "gpu-alerts").inputs;
        assert.equal(metadata.namespace, "watch");
        const [{ rules }] = spec.groups;
        assert.deepEqual(
            rules.map(({ alert }: { alert: string }) => alert),
            alerts,
        );
        assert.equal(rules.find(({ alert }: { alert: string }) => alert === "GpuHeldIdle").for, "30m");
    });

    it("reports every argument that is out of range", () => {
        const problems = validateGpuAlerts({
            namespace: "N",
            metrics: ["nonsense"],
            temperatureCelsius: 20,
            memoryPercent: 101,
            idleMinutes: 1,
        });
        assert.deepEqual(
            problems.map(({ property }) => property),
            ["namespace", "metrics[0]", "temperatureCelsius", "memoryPercent", "idleMinutes"],
        );
        const useless = validateGpuAlerts({ metrics: ["DCGM_FI_DEV_SM_CLOCK"], objects: false });
        assert.deepEqual(
            useless.map(({ property }) => property),
            ["metrics"],
        );
        assert.deepEqual(validateGpuAlerts({}), []);
    });
});
