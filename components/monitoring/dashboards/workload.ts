import type { Chain } from "../../autoscaling/autoscaler/chain";
import { demandSeries } from "../../autoscaling/autoscaler/chain";
import { autoscalerPanels } from "../../autoscaling/autoscaler/panels";
import { selector } from "../../autoscaling/autoscaler/promql";
import type { Board, BoardPanel } from "./board";
import { workloadPodPanels } from "./workload-pods";

const hpa = 'namespace="$namespace",horizontalpodautoscaler="$autoscaler"';

/** One workload and its autoscaler: what it is asked for, what it should have, what it has. */
export const workloadBoard: Board = {
    name: "workload",
    title: "Workload and autoscaler",
    description: "Demand, target, desired and ready replicas and their limits, of one autoscaler.",
    needs: ["objects"],
    variables: [
        {
            name: "namespace",
            label: "Namespace",
            series: "kube_horizontalpodautoscaler_info",
            of: "namespace",
        },
        {
            name: "autoscaler",
            label: "Autoscaler",
            series: 'kube_horizontalpodautoscaler_info{namespace="$namespace"}',
            of: "horizontalpodautoscaler",
        },
        {
            name: "workload",
            label: "Workload",
            series: `kube_horizontalpodautoscaler_info{${hpa}}`,
            of: "scaletargetref_name",
            hidden: true,
        },
    ],
    rows: [
        { title: "Demand and replicas", panels: [demandAndReplicas(), ...readings()] },
        { title: "Whether it works", panels: state() },
        { title: "Pods", panels: workloadPodPanels },
    ],
    alerts: 'alertname=~"Autoscaler.+",namespace="$namespace",autoscaler="$autoscaler"',
    runbook: "docs/runbooks/autoscaler.md",
};

/** An autoscaler whose names are chosen in Grafana. */
export function chosenChain(kind: string): Chain {
    return {
        version: 1,
        autoscaler: "$autoscaler",
        namespace: "$namespace",
        target: { apiVersion: "apps/v1", kind, name: "$workload" },
        backend: "keda",
        minReplicas: 1,
        maxReplicas: 1,
        signals: [],
    };
}

/** Everything on one axis of time: replicas on the left, what asks for them on the right. */
function demandAndReplicas(): BoardPanel {
    const replicas = (kind: string) => autoscalerPanels(chosenChain(kind))[0]?.queries ?? [];
    const ofSet = new Map(replicas("StatefulSet").map(({ legend, expr }) => [legend, expr]));
    return {
        title: "Demand, target and replicas",
        unit: "short",
        width: 24,
        description:
            "Left: replicas. Right: demand of each signal, and what each replica is to have of it. A demand that is not " +
            "recorded (cpu, memory) is below.",
        queries: [
            ...replicas("Deployment").map(({ legend, expr }) => {
                const other = ofSet.get(legend);
                return { legend, expr: other === undefined || other === expr ? expr : `${expr} or ${other}` };
            }),
            { legend: "demand: {{signal}}", expr: demand() },
            { legend: "target: {{metric_name}}", expr: `${target("spec", "average")}` },
        ],
        right: { legends: "/^(demand|target): /", unit: "short" },
    };
}

function demand(): string {
    return `max by (signal) (${selector(demandSeries, { namespace: "$namespace", autoscaler: "$autoscaler" })})`;
}

function target(part: "spec" | "status", kind: "average" | "utilization"): string {
    const series = `kube_horizontalpodautoscaler_${part}_target_metric{${hpa},metric_target_type="${kind}"}`;
    return `max by (metric_name) (${series})`;
}

function readings(): BoardPanel[] {
    const reading = (title: string, unit: string, kind: "average" | "utilization"): BoardPanel => ({
        title,
        unit,
        description:
            "What the HPA reads for each replica, beside what it aims at. Above the target it adds replicas.",
        emptyBecause: "it has no such signal, or no replicas",
        queries: [
            { legend: "read: {{metric_name}}", expr: target("status", kind) },
            { legend: "target: {{metric_name}}", expr: target("spec", kind) },
        ],
    });
    return [
        reading("Demand for each replica", "short", "average"),
        reading("Use of what replicas request", "percent", "utilization"),
    ];
}

function state(): BoardPanel[] {
    return [
        {
            title: "What the HPA says of itself",
            unit: "short",
            max: 1,
            description:
                "1 where a condition holds. AbleToScale and ScalingActive are to be 1; ScalingLimited is 1 at a limit.",
            queries: [
                {
                    legend: "{{condition}}",
                    expr: `max by (condition) (kube_horizontalpodautoscaler_status_condition{${hpa},status="true"})`,
                },
            ],
        },
        {
            title: "What KEDA says of it",
            unit: "short",
            max: 1,
            description: "1 where a condition of the ScaledObject holds. Ready is to be 1, Fallback 0.",
            emptyBecause: "KEDA does not scale it",
            queries: [
                {
                    legend: "{{condition}}",
                    expr: 'max by (condition) (kube_scaledobject_status_condition{namespace="$namespace",scaledobject="$autoscaler"})',
                },
            ],
        },
        {
            title: "Age of the demand",
            unit: "s",
            description: "Seconds since each signal was recorded. What grows is not recorded any more.",
            needs: ["autoscalers"],
            emptyBecause: "none of its signals is recorded: they are cpu or memory",
            queries: [
                {
                    legend: "{{signal}}",
                    expr: `max by (signal) (time() - timestamp(${demandSeries}{namespace="$namespace",autoscaler="$autoscaler"}))`,
                },
            ],
        },
        {
            title: "Alerts that fire",
            unit: "short",
            description: "Alerts of this autoscaler, with the hop that is broken.",
            emptyBecause: "no alert fires",
            queries: [
                {
                    legend: "{{alertname}} {{hop}} {{signal}}",
                    expr: 'ALERTS{alertstate="firing",namespace="$namespace",autoscaler="$autoscaler"}',
                },
            ],
        },
    ];
}
