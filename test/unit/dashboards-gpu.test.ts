import assert from "node:assert/strict";
import { gpuBoard } from "../../components/monitoring/dashboards/gpu";
import { fill } from "../../local/verify/dashboards/ask";
import { promtoolOfSuite } from "./support/alert-cases";
import type { Samples } from "./support/promtool";

/** What a panel shows: its title and, where it has several queries, the legend; the labels of a line; its value. */
type Shown = readonly [panel: string, labels: string, value: number | undefined];

const hour = 3600;
const one = (node: string, gpu: string) => `node="${node}",gpu="${gpu}",UUID="GPU-${node}-${gpu}"`;
const by = (pod: string) => `namespace="ml",pod="${pod}",container="main"`;
const n1 = '{node="n1"}';
const pod = (name: string) => `{namespace="ml",pod="${name}"}`;

/** Samples of an hour, of values that stay. */
const steady = (values: Readonly<Record<string, number>>): Samples =>
    Object.fromEntries(Object.entries(values).map(([series, value]) => [series, [[value, hour]]]));

/** A GPU that two pods share, one of them with two shares of it, and one that nobody holds. */
const shares = [
    [`${by("a")},vgpu="0"`, 10],
    [`${by("a")},vgpu="1"`, 10],
    [`${by("b")},vgpu="2"`, 20],
] as const;
const [shared, free] = [one("n1", "0"), one("n1", "1")];
const everyShare = (metric: string, value: (own: number) => number) =>
    Object.fromEntries(shares.map(([labels, own]) => [`${metric}{${shared},${labels}}`, value(own)]));
const unheld = {
    [`DCGM_FI_DEV_GPU_UTIL{${free}}`]: 10,
    [`DCGM_FI_DEV_FB_USED{${free}}`]: 0,
    [`DCGM_FI_DEV_FB_FREE{${free}}`]: 40,
    [`DCGM_FI_DEV_POWER_USAGE{${free}}`]: 100,
};
const common = {
    ...unheld,
    ...everyShare("DCGM_FI_DEV_FB_FREE", () => 10),
    ...everyShare("DCGM_FI_DEV_POWER_USAGE", () => 300),
};

/** Each share has the figures of the whole GPU. */
const copies = steady({
    ...common,
    ...everyShare("DCGM_FI_DEV_GPU_UTIL", () => 90),
    ...everyShare("DCGM_FI_DEV_FB_USED", () => 30),
});
/** Of use and memory each pod has its own part, and the whole GPU a series without a pod. */
const parts = steady({
    ...common,
    [`DCGM_FI_DEV_GPU_UTIL{${shared}}`]: 90,
    ...everyShare("DCGM_FI_DEV_GPU_UTIL", (own) => 3 * own),
    [`DCGM_FI_DEV_FB_USED{${shared}}`]: 30,
    ...everyShare("DCGM_FI_DEV_FB_USED", (own) => own),
});
const ofFleet: readonly Shown[] = [
    ["GPUs", "", 2],
    ["GPUs held", "", 1],
    ["Utilization", "", 50],
    ["Utilization of those held", "", 90],
    ["Memory in use", "", 0.375],
    ["Power", "", 400],
    ["Utilization of nodes", n1, 50],
    ["Memory of nodes", n1, 0.375],
    ["Power of nodes", n1, 400],
    ["GPUs of pods", pod("a"), 1],
    ["GPUs of pods", pod("b"), 1],
    ["Power of pods", pod("a"), 300],
];

/** A GPU in two instances, both of which a pod holds, and in a third one, which nobody does. */
const cut = (id: number, labels: string, used: number, rest: number) => {
    const instance = `${one("n1", "0")},GPU_I_PROFILE="1g.10gb",GPU_I_ID="${id}"${labels}`;
    return {
        [`DCGM_FI_DEV_FB_USED{${instance}}`]: used,
        [`DCGM_FI_DEV_FB_FREE{${instance}}`]: rest,
        [`DCGM_FI_DEV_POWER_USAGE{${instance}}`]: 200,
    };
};
const instances = steady({
    ...cut(1, `,${by("a")}`, 9, 1),
    ...cut(2, `,${by("a")}`, 4, 6),
    ...cut(3, "", 2, 8),
});

/** As two kube-state-metrics tell of it. */
const twice = (series: string, value: number) =>
    Object.fromEntries(["a", "b"].map((own) => [series.replace("{", `{instance="${own}",`), value]));
const offers = (node: string, resource: string, count: number) =>
    twice(`kube_node_status_allocatable{node="${node}",resource="${resource}",unit="integer"}`, count);
const asks = (name: string, node: string, phase: string, count: number, resource = "nvidia_com_gpu") => ({
    ...twice(
        `kube_pod_container_resource_requests{${by(name)},node="${node}",resource="${resource}",unit="integer"}`,
        count,
    ),
    ...Object.assign(
        {},
        ...["Pending", "Running", "Succeeded", "Failed", "Unknown"].map((other) =>
            twice(
                `kube_pod_status_phase{namespace="ml",pod="${name}",phase="${other}"}`,
                Number(other === phase),
            ),
        ),
    ),
});
const objects = {
    ...offers("n1", "nvidia_com_gpu", 8),
    ...offers("n1", "cpu", 64),
    ...offers("n2", "nvidia_com_gpu", 0),
    ...offers("n2", "nvidia_com_mig_1g_10gb", 7),
    ...offers("n3", "nvidia_com_gpu_shared", 16),
    ...asks("runs", "n1", "Running", 2),
    ...asks("starts", "n1", "Pending", 1),
    ...asks("has-ended", "n1", "Succeeded", 4),
    ...asks("has-failed", "n1", "Failed", 4),
    ...asks("of-an-instance", "n2", "Running", 1, "nvidia_com_mig_1g_10gb"),
    ...asks("of-a-share", "n3", "Running", 1, "nvidia_com_gpu_shared"),
    ...asks("without", "n1", "Running", 32, "cpu"),
    // Deleted by a quota or evicted before it had a node.
    ...asks("failed-early", "", "Failed", 8),
};
const offered = "GPUs that nodes offer and pods ask for";
const ofObjects: readonly Shown[] = [
    [`${offered}: offered`, "", 31],
    [`${offered}: asked for on {{node}}`, n1, 3],
    [`${offered}: asked for on {{node}}`, '{node="n2"}', 1],
    [`${offered}: asked for on {{node}}`, '{node="n3"}', 1],
];

/** A counter that rises as the pod that held the GPU ends. */
const ecc = "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL";
const rise: Samples = {
    [`${ecc}{${shared},${by("a")}}`]: [
        [2, 2 * hour],
        ["stale", hour],
    ],
    [`${ecc}{${shared}}`]: [
        ["gap", 2 * hour],
        [5, hour],
    ],
};

const cases: readonly (readonly [what: string, samples: Samples, at: number, shown: readonly Shown[]])[] = [
    ["a GPU that pods share, of which each has a copy", copies, 600, ofFleet],
    [
        "a GPU that pods share, of which each has its part",
        parts,
        600,
        [
            ...ofFleet,
            ["Utilization of pods", pod("a"), 30],
            ["Memory of pods", pod("a"), 10],
            ["Memory of pods", pod("b"), 20],
        ],
    ],
    [
        "a GPU that is cut into instances",
        instances,
        600,
        [
            ["GPUs", "", 1],
            ["Memory in use", "", 0.5],
            ["Memory of nodes", n1, 0.5],
            ["Power", "", 200],
            ["GPUs of pods", pod("a"), 2],
            ["Memory of pods", pod("a"), 13],
            ["Power of pods", pod("a"), 200],
        ],
    ],
    [
        "pods that wait for a node, and pods that have ended",
        steady({ ...objects, ...asks("waits", "", "Pending", 5) }),
        600,
        [...ofObjects, [`${offered}: waiting`, "", 5]],
    ],
    ["no pod that waits", steady(objects), 600, [...ofObjects, [`${offered}: waiting`, "", 0]]],
    [
        "no word of pods, which is not that none waits",
        steady(offers("n1", "nvidia_com_gpu", 8)),
        600,
        [
            [`${offered}: offered`, "", 8],
            [`${offered}: waiting`, "", undefined],
        ],
    ],
    [
        "an error of memory that ends the pod",
        rise,
        2 * hour + 300,
        // 3, which Prometheus reckons up from the 59 minutes between the samples of an hour.
        [["ECC errors of two bits", '{node="n1",gpu="0"}', 3.051]],
    ],
];

describe("the dashboard of GPUs", function () {
    this.timeout(30_000);
    const tool = promtoolOfSuite();

    for (const [what, samples, at, shown] of cases) {
        it(`is right about ${what}`, () => {
            const rules = shown.map(([panel], i) => ({
                record: `panel:${i}`,
                expr: `round(${asked(panel)}, 0.001)`,
            }));
            const expected = shown.map(([, labels, value], i) => ({
                at,
                value: [`panel:${i}${labels}`, value] as const,
            }));
            tool.test({ panels: { rules } }, samples, expected, 60);
        });
    }
});

/** What Prometheus is asked for a panel, with everything chosen. */
function asked(panel: string): string {
    const [title, legend] = panel.split(": ");
    const found = gpuBoard.rows.flatMap(({ panels }) => panels).find((one) => one.title === title);
    const query = found?.queries.find((one) => legend === undefined || one.legend === legend);
    assert.ok(query, panel);
    return fill(query.expr, { node: ".+", namespace: ".+" });
}
