import { alertOf } from "../../monitoring/alert";
import type { RuleGroup } from "../../monitoring/monitors";
import { consumerApp } from "./consumer";
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
    const waiting = `min_over_time(redis_items_in_queue{${queue}}[5m]) > 0`;
    const consumed = `consumer_messages_consumed_total{namespace="${namespace}",job="${consumerApp}"}`;
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
            alertOf("queue", "RedisExporterDown", {
                expr: `absent(up{${exporter}} == 1)`,
                for: "1m",
                severity: "warning",
                // Nothing is left of the labels of what is absent.
                labels: { namespace },
                summary: "The redis exporter is down",
                description: `The length of queue ${list} in ${namespace} is unknown. Scaling does not need it.`,
            }),
            alertOf("queue", "RedisDown", {
                expr: `max by (namespace) (redis_up{${exporter}}) == 0`,
                for: "1m",
                severity: "critical",
                summary: "Redis is down",
                description: `Queue ${list} in ${namespace} takes no messages and gives none.`,
            }),
            alertOf("queue", "QueueNotDraining", {
                expr: `${waiting} and delta(redis_items_in_queue{${queue}}[5m]) >= 0`,
                for: "5m",
                severity: "warning",
                summary: "The queue does not drain",
                description: `Queue ${list} in ${namespace} holds {{ $value | humanize }} messages or more, and not fewer than 5 minutes ago.`,
            }),
            alertOf("queue", "QueueConsumersStuck", {
                // Without consumers there are no counters, and nothing of theirs is stuck. One that is new has none from before.
                expr: `${waiting} and on (namespace) sum by (namespace) (increase(${consumed}[5m])) == 0`,
                for: "2m",
                severity: "critical",
                summary: "Consumers are there and take nothing",
                description: `Messages wait in queue ${list} of ${namespace}, and in 5 minutes no consumer was done with one.`,
            }),
        ],
    };
}
