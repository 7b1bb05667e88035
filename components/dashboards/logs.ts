import type { Board, BoardPanel, DashboardSource } from "./board";

/** Logs on their way from the pods to Elasticsearch, and the lines themselves where Grafana can read them. */
export const logsBoard: Board = {
    name: "logs",
    title: "Logs",
    description:
        "How many logs come and go, what is held back or lost, and the lines of a namespace and pod.",
    needs: [],
    variables: [
        { name: "namespace", label: "Namespace", series: "kube_pod_info", of: "namespace" },
        {
            name: "pod",
            label: "Pod",
            series: 'kube_pod_info{namespace="$namespace"}',
            of: "pod",
            several: true,
            all: "*",
        },
    ],
    rows: [
        { title: "Fluent Bit", panels: fluentBit() },
        { title: "Fluentd", panels: fluentd() },
        { title: "Lines", panels: [lines()] },
    ],
    alerts: 'alertname="TargetDown",job=~"fluent-bit|fluentd"',
    runbook: "docs/runbooks/monitoring.md",
};

function panel(
    source: DashboardSource,
    given: Omit<BoardPanel, "queries" | "needs"> & { readonly expr: string },
): BoardPanel {
    const { expr, ...rest } = given;
    return { ...rest, needs: [source], queries: [{ legend: "{{pod}}", expr }] };
}

function fluentBit(): BoardPanel[] {
    const rate = (counter: string) =>
        `sum by (pod) (rate(fluentbit_${counter}{job="fluent-bit"}[$__rate_interval]))`;
    const of = (title: string, unit: string, description: string, expr: string) =>
        panel("fluent-bit", { title, unit, description, expr });
    return [
        of("Lines read", "cps", "Lines that each collector reads.", rate("input_records_total")),
        of("Lines sent", "cps", "Lines that Elasticsearch has taken.", rate("output_proc_records_total")),
        of(
            "Bytes read",
            "Bps",
            "Bytes of these lines, before they are named and compressed.",
            rate("input_bytes_total"),
        ),
        of(
            "Attempts that failed",
            "cps",
            "Sent again later: Elasticsearch is away or overloaded.",
            rate("output_retries_total"),
        ),
        of(
            "Lines lost",
            "cps",
            "Given up: they are in no index and never will be.",
            rate("output_dropped_records_total"),
        ),
    ];
}

function fluentd(): BoardPanel[] {
    const of = (title: string, unit: string, description: string, expr: string) =>
        panel("fluentd", { title, unit, description, expr });
    const series = (name: string) => `fluentd_output_status_${name}{job="fluentd",plugin_id="elasticsearch"}`;
    return [
        of(
            "Lines for Elasticsearch",
            "cps",
            "Lines that each collector has put into its buffer.",
            `sum by (pod) (rate(${series("emit_records")}[$__rate_interval]))`,
        ),
        of(
            "Held back",
            "bytes",
            "In the buffers of each collector, on the node: what Elasticsearch has not taken yet.",
            `sum by (pod) (${series("buffer_total_bytes")})`,
        ),
        of(
            "Attempts anew",
            "short",
            "Sent again later: Elasticsearch is away or overloaded.",
            `sum by (pod) (${series("retry_count")})`,
        ),
        of("Errors", "short", "Within the hour.", `sum by (pod) (increase(${series("num_errors")}[1h]))`),
    ];
}

function lines(): BoardPanel {
    return {
        kind: "logs",
        title: "Lines",
        unit: "none",
        description: "The lines of the pods that are chosen at the top, the newest first.",
        needs: ["elasticsearch", "objects"],
        queries: [
            {
                legend: "",
                expr: "kubernetes.namespace_name:$namespace AND kubernetes.pod_name:$pod",
            },
        ],
    };
}
