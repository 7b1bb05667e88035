import type { Board, BoardPanel } from "./board";
import { gpuErrorPanels } from "./gpu-errors";

const of = 'node=~"$node"';
const inUse = `${of},namespace=~"$namespace",pod!=""`;

/** GPUs: the fleet, each node, each pod, and what goes wrong. The series are those of DCGM, whichever exporter has them. */
export const gpuBoard: Board = {
    name: "gpu",
    title: "GPU",
    description: "How many GPUs there are, who holds them, how busy and how healthy they are.",
    needs: ["gpu"],
    variables: [
        { name: "node", label: "Node", series: "DCGM_FI_DEV_GPU_UTIL", of: "node", several: true },
        {
            name: "namespace",
            label: "Namespace",
            series: 'DCGM_FI_DEV_GPU_UTIL{pod!=""}',
            of: "namespace",
            several: true,
        },
    ],
    rows: [
        { title: "Fleet", panels: fleet() },
        { title: "Each node", panels: nodes() },
        { title: "Each pod", panels: pods() },
        { title: "Errors", panels: gpuErrorPanels },
    ],
    alerts: 'alertname=~"Gpu.+"',
    runbook: "docs/runbooks/gpu.md",
};

/** Of a GPU that pods share there is a series for each of them. */
function gpus(labels: string): string {
    return `count(count by (node, gpu) (DCGM_FI_DEV_FB_USED{${labels}}))`;
}

function fleet(): BoardPanel[] {
    const number = (title: string, unit: string, description: string, expr: string): BoardPanel => ({
        kind: "number",
        title,
        unit,
        description,
        queries: [{ legend: title, expr }],
    });
    const held = `sum by (node) (kube_pod_container_resource_requests{resource="nvidia_com_gpu",node!="",${of}})`;
    return [
        number("GPUs", "short", "GPUs that an exporter tells of.", gpus(of)),
        {
            ...number("GPUs held", "short", "GPUs that a pod holds, busy or not.", gpus(`${of},pod!=""`)),
            emptyBecause: "no pod holds a GPU",
        },
        number(
            "Utilization",
            "percent",
            "The mean of all GPUs, held or not.",
            `avg(DCGM_FI_DEV_GPU_UTIL{${of}})`,
        ),
        {
            ...number(
                "Utilization of those held",
                "percent",
                "The mean of the GPUs that pods hold. What is far below the target of an autoscaler is paid for nothing.",
                `avg(DCGM_FI_DEV_GPU_UTIL{${of},pod!=""})`,
            ),
            emptyBecause: "no pod holds a GPU",
        },
        number(
            "Memory in use",
            "percentunit",
            "Of the memory of all GPUs.",
            `sum(DCGM_FI_DEV_FB_USED{${of}}) / (sum(DCGM_FI_DEV_FB_USED{${of}}) + sum(DCGM_FI_DEV_FB_FREE{${of}}))`,
        ),
        number("Power", "watt", "What all GPUs draw.", `sum(DCGM_FI_DEV_POWER_USAGE{${of}})`),
        {
            title: "GPUs that nodes offer and pods ask for",
            unit: "short",
            description: "As the scheduler counts them. Pods that ask for more than is offered wait.",
            width: 24,
            needs: ["objects"],
            queries: [
                {
                    legend: "offered",
                    expr: `sum(max by (node) (kube_node_status_allocatable{resource="nvidia_com_gpu",${of}}))`,
                },
                { legend: "asked for on {{node}}", expr: held },
            ],
        },
    ];
}

function nodes(): BoardPanel[] {
    const lines = (title: string, unit: string, description: string, expr: string): BoardPanel => ({
        title,
        unit,
        description,
        queries: [{ legend: "{{node}}", expr }],
    });
    return [
        {
            ...lines(
                "Utilization of nodes",
                "percent",
                "The mean of a node's GPUs.",
                `avg by (node) (DCGM_FI_DEV_GPU_UTIL{${of}})`,
            ),
            max: 100,
        },
        {
            ...lines(
                "Memory of nodes",
                "percentunit",
                "The share of their memory that is in use.",
                `sum by (node) (DCGM_FI_DEV_FB_USED{${of}}) / (sum by (node) (DCGM_FI_DEV_FB_USED{${of}}) + sum by (node) (DCGM_FI_DEV_FB_FREE{${of}}))`,
            ),
            max: 1,
        },
        lines(
            "Power of nodes",
            "watt",
            "What a node's GPUs draw.",
            `sum by (node) (DCGM_FI_DEV_POWER_USAGE{${of}})`,
        ),
        lines(
            "Temperature of nodes",
            "celsius",
            "The hottest GPU of a node.",
            `max by (node) (DCGM_FI_DEV_GPU_TEMP{${of}})`,
        ),
    ];
}

function pods(): BoardPanel[] {
    const none = { emptyBecause: "no pod holds a GPU" };
    const lines = (title: string, unit: string, description: string, expr: string): BoardPanel => ({
        ...none,
        title,
        unit,
        description,
        queries: [{ legend: "{{namespace}}/{{pod}}", expr }],
    });
    const byPod = (how: string, metric: string) => `${how} by (namespace, pod) (${metric}{${inUse}})`;
    return [
        {
            ...lines(
                "Utilization of pods",
                "percent",
                "The mean of a pod's GPUs: the share of the time in which anything ran on them. Autoscalers go by it.",
                byPod("avg", "DCGM_FI_DEV_GPU_UTIL"),
            ),
            max: 100,
        },
        lines("Memory of pods", "mbytes", "MiB that a pod has taken.", byPod("sum", "DCGM_FI_DEV_FB_USED")),
        lines("GPUs of pods", "short", "How many a pod holds.", byPod("count", "DCGM_FI_DEV_FB_USED")),
        {
            ...lines(
                "Engine of pods",
                "percentunit",
                "The share of the time in which the compute engine was at work: finer than utilization.",
                byPod("avg", "DCGM_FI_PROF_GR_ENGINE_ACTIVE"),
            ),
            max: 1,
        },
        {
            ...lines(
                "Tensor cores of pods",
                "percentunit",
                "The share of the time in which tensor cores were at work. Low with a busy engine: the program waits for memory.",
                byPod("avg", "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE"),
            ),
            max: 1,
        },
        lines("Power of pods", "watt", "What a pod's GPUs draw.", byPod("sum", "DCGM_FI_DEV_POWER_USAGE")),
    ];
}
