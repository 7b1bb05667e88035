import { gpuResources } from "../../gpu/gpu-resources";
import type { Board, BoardPanel } from "./board";
import { gpuErrorPanels } from "./gpu-errors";

const of = 'node=~"$node"';
const requested = "kube_pod_container_resource_requests";
const inUse = `${of},namespace=~"$namespace",pod!=""`;

/** GPUs: the fleet, each node, each pod, and what goes wrong. The series are those of DCGM, whichever exporter has them. */
export const gpuBoard: Board = {
    name: "gpu",
    title: "GPU",
    description: "How many GPUs there are, who holds them, how busy and how healthy they are.",
    needs: ["gpu"],
    variables: [
        { name: "node", label: "Node", series: "DCGM_FI_DEV_FB_USED", of: "node", several: true },
        {
            name: "namespace",
            label: "Namespace",
            series: 'DCGM_FI_DEV_FB_USED{pod!=""}',
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

/**
 * Of a GPU that pods share there is a series for each of them, perhaps with its own part of the figure, and one of all: the
 * largest is the GPU's. Of one that is cut (MIG) there are those of each instance, which has memory of its own.
 */
function ofGpu(metric: string, labels = of): string {
    return `max by (node, gpu) (${metric}{${labels}})`;
}

function gpus(labels: string): string {
    return `count(${ofGpu("DCGM_FI_DEV_FB_USED", labels)})`;
}

/** The share of memory that is in use, of all GPUs or by a label. */
function memory(by = ""): string {
    const sum = (metric: string) => `sum${by} (max by (node, gpu, GPU_I_ID) (${metric}{${of}}))`;
    const used = sum("DCGM_FI_DEV_FB_USED");
    return `${used} / (${used} + ${sum("DCGM_FI_DEV_FB_FREE")})`;
}

/** GPUs that pods ask for; those that have ended do so no more. Two kube-state-metrics tell of each twice. */
function asked(labels: string): string {
    const requests = `${requested}{resource=~"${gpuResources}",${labels}}`;
    const alive = 'kube_pod_status_phase{phase=~"Pending|Running"} == 1';
    return `max by (namespace, pod, container, resource, node) (${requests}) and on (namespace, pod) (${alive})`;
}

function fleet(): BoardPanel[] {
    const number = (title: string, unit: string, description: string, expr: string): BoardPanel => ({
        kind: "number",
        title,
        unit,
        description,
        queries: [{ legend: title, expr }],
    });
    const utilization = ofGpu("DCGM_FI_DEV_GPU_UTIL");
    return [
        number("GPUs", "short", "GPUs that an exporter tells of.", gpus(of)),
        {
            ...number("GPUs held", "short", "GPUs that a pod holds, busy or not.", gpus(`${of},pod!=""`)),
            emptyBecause: "no pod holds a GPU",
        },
        number("Utilization", "percent", "The mean of all GPUs, held or not.", `avg(${utilization})`),
        {
            ...number(
                "Utilization of those held",
                "percent",
                "The mean of the GPUs that pods hold. What is far below the target of an autoscaler is paid for nothing.",
                `avg(${utilization} and on (node, gpu) DCGM_FI_DEV_GPU_UTIL{${of},pod!=""})`,
            ),
            emptyBecause: "no pod holds a GPU",
        },
        number("Memory in use", "percentunit", "Of the memory of all GPUs.", memory()),
        number("Power", "watt", "What all GPUs draw.", `sum(${ofGpu("DCGM_FI_DEV_POWER_USAGE")})`),
        {
            title: "GPUs that nodes offer and pods ask for",
            unit: "short",
            description:
                "As the scheduler counts them: a part that a pod can have is one. Who asks for more than is left is waiting.",
            width: 24,
            needs: ["objects"],
            queries: [
                {
                    legend: "offered",
                    expr: `sum(max by (node, resource) (kube_node_status_allocatable{resource=~"${gpuResources}",${of}}))`,
                },
                { legend: "asked for on {{node}}", expr: `sum by (node) (${asked(of)})` },
                // By pods on no node, whichever are chosen; that there are none is known only from the others.
                { legend: "waiting", expr: `sum(${asked('node=""')}) or 0 * count(${requested})` },
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
                `avg by (node) (${ofGpu("DCGM_FI_DEV_GPU_UTIL")})`,
            ),
            max: 100,
        },
        {
            ...lines(
                "Memory of nodes",
                "percentunit",
                "The share of their memory that is in use.",
                memory(" by (node)"),
            ),
            max: 1,
        },
        lines(
            "Power of nodes",
            "watt",
            "What a node's GPUs draw.",
            `sum by (node) (${ofGpu("DCGM_FI_DEV_POWER_USAGE")})`,
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
    // A pod may have two shares of one GPU, or two containers with one each.
    const byPod = (how: string, metric: string, part = "node, gpu, GPU_I_ID") =>
        `${how} by (namespace, pod) (max by (namespace, pod, ${part}) (${metric}{${inUse}}))`;
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
        lines(
            "Power of pods",
            "watt",
            "What a pod's GPUs draw.",
            byPod("sum", "DCGM_FI_DEV_POWER_USAGE", "node, gpu"),
        ),
    ];
}
