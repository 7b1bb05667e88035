import { alertOf } from "../../monitoring/alert";
import type { RuleGroup } from "../../monitoring/monitors";
import { risen } from "../../monitoring/risen";
import { fluentBitApp, fluentBitOutput } from "./fluent-bit";
import { fluentdApp, fluentdBufferBytes, fluentdOutput } from "./fluentd";

/** Alerts on the Fluent Bits in a namespace. That one does not answer is told by TargetDown. */
export function fluentBitRules(namespace: string): RuleGroup {
    const of = `namespace="${namespace}",job="${fluentBitApp}",name="${fluentBitOutput}"`;
    // Attempts at the same lines are up to a minute apart.
    const rate = (what: string) =>
        `sum by (namespace, pod) (rate(fluentbit_output_${what}_total{${of}}[5m])) > 0`;
    return {
        rules: [
            alertOf("logs", "LogsNotShipped", {
                expr: `${rate("retries")} unless ${rate("proc_records")}`,
                for: "3m",
                severity: "warning",
                summary: "A collector of logs cannot reach the store",
                description:
                    "{{ $labels.namespace }}/{{ $labels.pod }} tries again and again, and Elasticsearch takes nothing. Beyond 1 GB on the disk of its node the oldest lines are lost.",
            }),
            alertOf("logs", "LogLinesLost", {
                expr: risen(
                    `fluentbit_output_dropped_records_total{${of}}`,
                    "namespace, pod",
                    `up{namespace="${namespace}",job="${fluentBitApp}"}`,
                ),
                severity: "critical",
                summary: "Lines are lost",
                description:
                    "{{ $labels.namespace }}/{{ $labels.pod }} has given up {{ $value | humanize }} lines within 5 minutes: Elasticsearch refuses them, or was away for too long.",
            }),
        ],
    };
}

/**
 * Alerts on the Fluentds in a namespace. It does not count the lines that it drops: it drops the oldest when its buffer
 * is full, so that is what is told.
 */
export function fluentdRules(namespace: string): RuleGroup {
    const of = `namespace="${namespace}",job="${fluentdApp}",plugin_id="${fluentdOutput}"`;
    const within = (what: string) =>
        `sum by (namespace, pod) (increase(fluentd_output_status_${what}{${of}}[5m]))`;
    return {
        rules: [
            alertOf("logs", "LogsNotShipped", {
                // Of all its attempts each has failed, but for one that may be under way.
                expr: `${within("num_errors")} > 0 and ${within("write_count")} - ${within("num_errors")} < 2`,
                for: "10m",
                severity: "warning",
                summary: "A collector of logs cannot reach the store",
                description:
                    "{{ $labels.namespace }}/{{ $labels.pod }} tries again and again, and Elasticsearch takes nothing. Lines wait on the disk of its node.",
            }),
            alertOf("logs", "LogBufferFull", {
                expr: `sum by (namespace, pod) (fluentd_output_status_buffer_total_bytes{${of}}) > ${0.9 * fluentdBufferBytes}`,
                for: "5m",
                severity: "critical",
                summary: "Lines are lost soon, or already",
                description:
                    "{{ $labels.namespace }}/{{ $labels.pod }} holds {{ $value | humanize1024 }}B that Elasticsearch has not taken. At 1 GiB the oldest lines go.",
            }),
        ],
    };
}
