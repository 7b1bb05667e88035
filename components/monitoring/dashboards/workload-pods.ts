import type { BoardPanel } from "./board";
import { podsOf } from "./pods-of";

const pods = `namespace="$namespace",pod=~"${podsOf("$workload")}"`;

/** The pods of the workload that is chosen. */
export const workloadPodPanels: readonly BoardPanel[] = ofPods();

function ofPods(): BoardPanel[] {
    const of = `${pods},container!=""`;
    return [
        {
            title: "Pods by phase",
            unit: "short",
            description: "Pods whose names are made from that of the workload.",
            stacked: true,
            queries: [{ legend: "{{phase}}", expr: `sum by (phase) (kube_pod_status_phase{${pods}}) > 0` }],
            emptyBecause: "it has no pods",
        },
        {
            title: "CPU of each pod",
            unit: "short",
            description: "Cores in use.",
            needs: ["containers"],
            emptyBecause: "it has no pods",
            queries: [
                {
                    legend: "{{pod}}",
                    expr: `sum by (pod) (rate(container_cpu_usage_seconds_total{${of}}[$__rate_interval]))`,
                },
            ],
        },
        {
            title: "Memory of each pod",
            unit: "bytes",
            description: "Memory that cannot be taken from it.",
            needs: ["containers"],
            emptyBecause: "it has no pods",
            queries: [
                {
                    legend: "{{pod}}",
                    expr: `sum by (pod) (container_memory_working_set_bytes{${of}})`,
                },
            ],
        },
    ];
}
