import type { Board, BoardPanel, DashboardSource } from "./board";

/** Logs on their way from the pods to the store, and the lines themselves where Grafana can read them. */
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
        { title: "OpenTelemetry Collector", panels: openTelemetry() },
        { title: "Loki", panels: loki() },
        { title: "Lines", panels: [lines()] },
    ],
    // Of those that tell of no job, and of these jobs.
    alerts: 'alertname=~"Log.+|TargetDown",job=~"|fluent-bit|fluentd|log-collector|loki"',
    runbook: "docs/runbooks/logs.md",
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

function openTelemetry(): BoardPanel[] {
    const of = (title: string, unit: string, description: string, expr: string, emptyBecause?: string) =>
        panel("log-collector", {
            title,
            unit,
            description,
            expr: `sum by (pod) (${expr})`,
            ...(emptyBecause !== undefined && { emptyBecause }),
        });
    const series = (name: string) => `otelcol_${name}{job="log-collector"}`;
    const rate = (name: string) => `rate(${series(`${name}_log_records_total`)}[$__rate_interval])`;
    return [
        of("Records read", "cps", "Lines that each collector reads.", rate("receiver_accepted")),
        of("Records sent", "cps", "Lines that the store has taken.", rate("exporter_sent")),
        of(
            "Records held back",
            "short",
            "Lines on the disk of each node that the store has not taken yet.",
            series("exporter_queue_size"),
        ),
        of(
            "Records lost",
            "cps",
            "Refused by the store for good.",
            rate("exporter_send_failed"),
            "no line was lost",
        ),
    ];
}

function loki(): BoardPanel[] {
    const of = (title: string, unit: string, description: string, expr: string, emptyBecause?: string) =>
        panel("loki", {
            title,
            unit,
            description,
            expr,
            ...(emptyBecause !== undefined && { emptyBecause }),
        });
    const series = (name: string) => `loki_${name}{job="loki"}`;
    const rate = (name: string) => `sum by (pod) (rate(${series(name)}[$__rate_interval]))`;
    return [
        of("Lines taken", "cps", "Lines that the store takes.", rate("distributor_lines_received_total")),
        of(
            "Lines refused",
            "cps",
            "Too long, too old or, to be sent again, too fast.",
            rate("discarded_samples_total"),
            "no line was refused",
        ),
        of(
            "Streams",
            "short",
            "Containers that have written lately, of each pod and node.",
            series("ingester_memory_streams"),
        ),
        of(
            "Written to disk",
            "Bps",
            "Compressed; younger lines are in memory and in the journal.",
            rate("ingester_chunk_stored_bytes_total"),
            "nothing was written within the interval: it writes every half hour, or when there is enough",
        ),
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
