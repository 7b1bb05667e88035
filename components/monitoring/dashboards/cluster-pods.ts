import type { BoardPanel } from "./board";

const ofPods = 'container!="",namespace=~"$namespace"';

/** Pods of the namespaces that are chosen: what they use, and what keeps them from working. */
export const podPanels: readonly BoardPanel[] = pods();

function pods(): BoardPanel[] {
    const containers = (title: string, unit: string, description: string, expr: string): BoardPanel => ({
        title,
        unit,
        description,
        needs: ["containers"],
        stacked: true,
        queries: [{ legend: "{{namespace}}", expr }],
    });
    const rate = (metric: string, of = ofPods) =>
        `sum by (namespace) (rate(${metric}{${of}}[$__rate_interval]))`;
    const throttled = `rate(container_cpu_cfs_throttled_periods_total{${ofPods}}[$__rate_interval])`;
    const all = `rate(container_cpu_cfs_periods_total{${ofPods}}[$__rate_interval])`;
    return [
        containers(
            "CPU by namespace",
            "short",
            "Cores that containers use.",
            rate("container_cpu_usage_seconds_total"),
        ),
        containers(
            "Memory by namespace",
            "bytes",
            "Memory of containers that cannot be taken from them.",
            `sum by (namespace) (container_memory_working_set_bytes{${ofPods}})`,
        ),
        containers(
            "Network by namespace",
            "Bps",
            "Bytes that pods receive.",
            rate("container_network_receive_bytes_total", 'namespace=~"$namespace"'),
        ),
        {
            title: "Pods that are slowed down",
            unit: "percentunit",
            max: 1,
            description:
                "The share of the periods in which a pod with a limit of CPU had used it up: ten pods.",
            needs: ["containers"],
            emptyBecause: "no pod has a limit of CPU that its node enforces",
            queries: [
                {
                    legend: "{{namespace}}/{{pod}}",
                    expr: `topk(10, sum by (namespace, pod) (${throttled}) / sum by (namespace, pod) (${all}))`,
                },
            ],
        },
        {
            title: "Restarts within the hour",
            unit: "short",
            description: "Containers that ended and were started again.",
            needs: ["objects"],
            emptyBecause: "no container restarted",
            queries: [
                {
                    legend: "{{namespace}}/{{pod}}",
                    expr: 'sum by (namespace, pod) (increase(kube_pod_container_status_restarts_total{namespace=~"$namespace"}[1h])) > 0',
                },
            ],
        },
        {
            title: "Containers that wait",
            unit: "short",
            description: "Containers that do not run yet, by the reason: an image, a volume, a crash.",
            needs: ["objects"],
            emptyBecause: "no container waits",
            queries: [
                {
                    legend: "{{namespace}} {{reason}}",
                    expr: 'sum by (namespace, reason) (kube_pod_container_status_waiting_reason{namespace=~"$namespace"})',
                },
            ],
        },
    ];
}
