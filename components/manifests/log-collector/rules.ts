import { alertOf } from "../../monitoring/alert";
import type { RuleGroup } from "../../monitoring/monitors";
import { risen } from "../../monitoring/risen";
import { collectorApp } from "./config";

/** The series that are kept. */
export const collectorSeries = [
    "otelcol_receiver_accepted_log_records_total",
    "otelcol_receiver_refused_log_records_total",
    "otelcol_exporter_sent_log_records_total",
    "otelcol_exporter_send_failed_log_records_total",
    "otelcol_exporter_enqueue_failed_log_records_total",
    "otelcol_exporter_queue_size",
    "otelcol_exporter_queue_capacity",
    "otelcol_process_memory_rss_bytes",
    "otelcol_process_cpu_seconds_total",
] as const;

/** Alerts on the collectors of logs in a namespace. */
export function collectorRules(namespace: string): RuleGroup {
    const of = `namespace="${namespace}",job="${collectorApp}"`;
    const lost = (why: string) =>
        risen(`otelcol_exporter_${why}_failed_log_records_total{${of}}`, "namespace, pod", `up{${of}}`);
    return {
        rules: [
            alertOf("logs", "LogCollectorDown", {
                // Of no target at all, and not of none that answers: the only one of a node that does not answer would be told twice.
                expr: `up{${of}} == 0 or absent(up{${of}})`,
                for: "2m",
                severity: "warning",
                summary: "A collector of logs is down",
                description: `Lines of {{ or $labels.pod "all nodes" }} in ${namespace} stay in their files, which the kubelet replaces when they are full.`,
            }),
            alertOf("logs", "LogsNotShipped", {
                expr: `sum by (namespace, pod) (otelcol_exporter_queue_size{${of}}) > 0 unless sum by (namespace, pod) (rate(otelcol_exporter_sent_log_records_total{${of}}[2m])) > 0`,
                for: "3m",
                severity: "warning",
                summary: "A collector of logs cannot reach the store",
                description:
                    "{{ $labels.namespace }}/{{ $labels.pod }} holds {{ $value | humanize }} lines and gets rid of none. Nothing is lost until the files of its node are replaced.",
            }),
            alertOf("logs", "LogLinesLost", {
                expr: `${lost("send")} or ${lost("enqueue")}`,
                severity: "critical",
                summary: "Lines are lost",
                description:
                    "{{ $labels.namespace }}/{{ $labels.pod }} has given up {{ $value | humanize }} lines within 5 minutes: the store has refused them for good.",
            }),
        ],
    };
}
