import { amountOf } from "../../autoscaling/autoscaler/quantity";
import { alertOf } from "../../monitoring/alert";
import type { RuleGroup } from "../../monitoring/monitors";
import { risen } from "../../monitoring/risen";
import { deleteDelayHours, lokiApp } from "./config";

/** The series that are kept of several hundred. */
export const lokiSeries = [
    "loki_distributor_lines_received_total",
    "loki_distributor_bytes_received_total",
    "loki_discarded_samples_total",
    "loki_ingester_memory_streams",
    "loki_ingester_chunk_stored_bytes_total",
    "loki_ingester_chunks_flush_failures_total",
] as const;

export interface LokiRulesArgs {
    readonly namespace: string;
    /** Days that a line is kept. @default 1 */
    readonly retentionDays?: number | undefined;
    /** The most that it may hold on disk. @default "2Gi" */
    readonly size?: string | undefined;
}

/** Alerts on the store of logs. */
export function lokiRules(args: LokiRulesArgs): RuleGroup {
    const { namespace, retentionDays = 1, size = "2Gi" } = args;
    const of = `namespace="${namespace}",job="${lokiApp}"`;
    // What comes too fast is not lost: its collector tries again.
    const refused = `loki_discarded_samples_total{${of},reason!~"rate_limited|per_stream_rate_limit"}`;
    return {
        rules: [
            alertOf("logs", "LogStoreDown", {
                expr: `absent(up{${of}} == 1)`,
                for: "1m",
                severity: "warning",
                // Nothing is left of the labels of what is absent.
                labels: { namespace },
                summary: "The store of logs is down",
                description: `No line can be searched in ${namespace}. New ones wait on the disks of their nodes.`,
            }),
            alertOf("logs", "LogLinesRefused", {
                expr: risen(refused, "namespace, reason", `up{${of}}`),
                severity: "critical",
                summary: "The store refuses lines",
                description:
                    "{{ $value | humanize }} lines within 5 minutes are lost, because of {{ $labels.reason }}.",
            }),
            alertOf("logs", "LogStoreFilling", {
                expr: filling(of, retentionDays, 0.8 * (amountOf(size) ?? 0)),
                for: "10m",
                severity: "warning",
                summary: "The store of logs is nearly full",
                description: `It keeps {{ $value | humanize1024 }}B, or will at the pace of the last day, and may hold ${size}; with more its pod is replaced, and all lines are gone.`,
            }),
            alertOf("logs", "LogStoreCannotWrite", {
                expr: `sum by (namespace) (increase(loki_ingester_chunks_flush_failures_total{${of}}[5m])) > 0`,
                for: "5m",
                severity: "critical",
                summary: "The store of logs cannot write",
                description:
                    "Lines stay in its memory and are gone when it restarts: its disk is full or broken.",
            }),
        ],
    };
}

/**
 * What the store keeps, where that is more than `most` bytes: what it has written in the time for which lines are kept. Where
 * Prometheus does not remember all of that time, it is what it would be at the pace of the last day, if that is more; less
 * than a day counts as it is.
 *
 * Only of the pod that is up: each begins with an empty volume, and what another one wrote is gone.
 */
function filling(of: string, retentionDays: number, most: number): string {
    const stored = `loki_ingester_chunk_stored_bytes_total{${of}}`;
    const hours = 24 * retentionDays + deleteDelayHours;
    const written = `increase(${stored}[${hours}h]) > ${most}`;
    const pace = `increase(${stored}[1d]) * ${hours} / 24 > ${most} unless ${stored} offset ${24 * retentionDays}h`;
    return `sum by (namespace) ((${written} or (${pace})) and on (pod, instance) up{${of}} == 1)`;
}
