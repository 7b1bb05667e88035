import type { RuleGroup } from "../monitors";
import { redisExporterApp } from "./exporter";

export interface QueueRulesArgs {
    /** Namespace of the queue. */
    readonly namespace: string;
    /** The list. */
    readonly list: string;
}

/**
 * The queue's length as one series, and alerts on what keeps it from being known or from being worked off.
 *
 * `redis_items_in_queue` is 0 only when redis itself said so: when the exporter reports the list with length 0,
 * or, for exporters that leave out a list which does not exist, when it reports that redis answered
 * (`redis_up` is 1) and no such list. When the exporter is down, or redis is, both sides are absent, and so is
 * the series: an outage is never an empty queue.
 */
export function queueRules({ namespace, list }: QueueRulesArgs): RuleGroup {
    const exporter = `namespace="${namespace}",job="${redisExporterApp}"`;
    const queue = `namespace="${namespace}",key="${list}"`;
    return {
        interval: "5s",
        rules: [
            {
                record: "redis_items_in_queue",
                expr: [
                    `max by (namespace) (redis_key_size{${exporter},key="${list}"})`,
                    `or 0 * max by (namespace) (redis_up{${exporter}} == 1)`,
                ].join("\n"),
                labels: { key: list },
            },
            {
                alert: "RedisExporterDown",
                expr: `absent(up{${exporter}} == 1)`,
                for: "1m",
                labels: { severity: "warning" },
                annotations: {
                    summary: "The redis exporter is down",
                    description: `The length of queue ${list} in ${namespace} is unknown. Scaling does not need it.`,
                },
            },
            {
                alert: "RedisDown",
                expr: `max by (namespace) (redis_up{${exporter}}) == 0`,
                for: "1m",
                labels: { severity: "critical" },
                annotations: {
                    summary: "Redis is down",
                    description: `Queue ${list} in ${namespace} takes no messages and gives none.`,
                },
            },
            {
                alert: "QueueNotDraining",
                expr: `min_over_time(redis_items_in_queue{${queue}}[5m]) > 0 and delta(redis_items_in_queue{${queue}}[5m]) >= 0`,
                for: "5m",
                labels: { severity: "warning" },
                annotations: {
                    summary: "The queue does not drain",
                    description: `Queue ${list} in ${namespace} holds {{ $value | humanize }} messages or more, and not fewer than 5 minutes ago.`,
                },
            },
        ],
    };
}
