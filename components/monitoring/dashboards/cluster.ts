import type { Board, BoardPanel } from "./board";
import { podPanels } from "./cluster-pods";

const node = 'instance=~"$node"';

/** Nodes and pods: what there is, what is asked for, what is used. */
export const clusterBoard: Board = {
    name: "cluster",
    title: "Cluster and nodes",
    description: "Whether the nodes are well, what pods ask of them and what they use.",
    needs: ["nodes"],
    variables: [
        { name: "node", label: "Node", series: "node_load1", of: "instance", several: true },
        { name: "namespace", label: "Namespace", series: "kube_pod_info", of: "namespace", several: true },
    ],
    rows: [
        { title: "Now", panels: now() },
        { title: "Nodes", panels: nodes() },
        { title: "Pods", panels: podPanels },
    ],
    alerts: 'alertname=~"TargetDown|Node.+|Kube.+"',
    runbook: "docs/runbooks/monitoring.md",
};

function now(): BoardPanel[] {
    const share = (resource: string) =>
        `sum(max by (namespace, pod, container) (kube_pod_container_resource_requests{resource="${resource}",node!=""}))` +
        ` / sum(max by (node) (kube_node_status_allocatable{resource="${resource}"}))`;
    const number = { kind: "number" as const };
    return [
        {
            ...number,
            title: "Nodes that are Ready",
            unit: "short",
            description: "Nodes whose condition Ready is True.",
            needs: ["objects"],
            queries: [
                {
                    legend: "ready",
                    expr: 'sum(max by (node) (kube_node_status_condition{condition="Ready",status="true"}))',
                },
            ],
        },
        {
            ...number,
            title: "CPU in use",
            unit: "percentunit",
            description: "Of all cores of all nodes, the share that is not idle.",
            queries: [
                {
                    legend: "cpu",
                    expr: '1 - avg(rate(node_cpu_seconds_total{mode="idle"}[$__rate_interval]))',
                },
            ],
        },
        {
            ...number,
            title: "CPU asked for",
            unit: "percentunit",
            description:
                "Requests of the pods on nodes, of what the nodes can give. Pods that have ended count.",
            needs: ["objects"],
            queries: [{ legend: "cpu", expr: share("cpu") }],
        },
        {
            ...number,
            title: "Memory in use",
            unit: "percentunit",
            description: "Of all memory of all nodes, the share that nobody could get at once.",
            queries: [
                {
                    legend: "memory",
                    expr: "1 - sum(node_memory_MemAvailable_bytes) / sum(node_memory_MemTotal_bytes)",
                },
            ],
        },
        {
            ...number,
            title: "Memory asked for",
            unit: "percentunit",
            description:
                "Requests of the pods on nodes, of what the nodes can give. Pods that have ended count.",
            needs: ["objects"],
            queries: [{ legend: "memory", expr: share("memory") }],
        },
        {
            ...number,
            title: "Pods without a place",
            unit: "short",
            description: "Pods for which the scheduler finds no node.",
            needs: ["objects"],
            // Only such pods have the series: that there are none is known only from the others.
            queries: [
                {
                    legend: "pods",
                    expr: "count(kube_pod_info) - count(kube_pod_info unless on (namespace, pod) kube_pod_status_unschedulable)",
                },
            ],
        },
    ];
}

function nodes(): BoardPanel[] {
    const files = `${node},fstype!~"tmpfs|ramfs|overlay|squashfs"`;
    return [
        {
            title: "CPU of each node",
            unit: "percentunit",
            max: 1,
            description: "The share of its cores that is not idle.",
            queries: [
                {
                    legend: "{{instance}}",
                    expr: `1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle",${node}}[$__rate_interval]))`,
                },
            ],
        },
        {
            title: "Memory of each node",
            unit: "percentunit",
            max: 1,
            description: "The share that nobody could get at once.",
            queries: [
                {
                    legend: "{{instance}}",
                    expr: `1 - node_memory_MemAvailable_bytes{${node}} / node_memory_MemTotal_bytes{${node}}`,
                },
            ],
        },
        {
            title: "Load for each core",
            unit: "short",
            description: "Processes that run or wait, over 5 minutes. Above 1 they wait.",
            queries: [
                {
                    legend: "{{instance}}",
                    expr: `node_load5{${node}} / on (instance) group_left () count by (instance) (node_cpu_seconds_total{mode="idle",${node}})`,
                },
            ],
        },
        {
            title: "File systems",
            unit: "percentunit",
            max: 1,
            description: "The share that is full.",
            queries: [
                {
                    legend: "{{instance}} {{mountpoint}}",
                    expr: `1 - node_filesystem_avail_bytes{${files}} / node_filesystem_size_bytes{${files}}`,
                },
            ],
        },
        {
            title: "Disks at work",
            unit: "percentunit",
            max: 1,
            description: "The share of the time in which a disk has something to do.",
            queries: [
                {
                    legend: "{{instance}} {{device}}",
                    expr: `rate(node_disk_io_time_seconds_total{${node}}[$__rate_interval])`,
                },
            ],
        },
    ];
}
