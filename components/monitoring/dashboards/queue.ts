import type { Board } from "./board";

const ofQueue = 'namespace="$namespace"';
const list = `redis_items_in_queue{${ofQueue},key="$queue"}`;
const rate = (counter: string) => `sum(rate(${counter}{${ofQueue}}[$__rate_interval]))`;

/** A queue of messages: how long it is, who fills it, who works it off. */
export const queueBoard: Board = {
    name: "queue",
    title: "Queue",
    description: "A list in redis: its length, what comes and goes, and the consumers.",
    needs: ["queue"],
    variables: [
        { name: "namespace", label: "Namespace", series: "redis_items_in_queue", of: "namespace" },
        {
            name: "queue",
            label: "Queue",
            series: `redis_items_in_queue{${ofQueue}}`,
            of: "key",
        },
    ],
    rows: [
        {
            title: "The queue",
            panels: [
                {
                    title: "Messages that wait",
                    unit: "short",
                    description:
                        "The length of the list. No line where redis or its exporter does not answer.",
                    queries: [{ legend: "{{key}}", expr: list }],
                },
                {
                    title: "Messages that come and go",
                    unit: "ops",
                    description: "Published and consumed in each second.",
                    queries: [
                        { legend: "published", expr: rate("producer_messages_published_total") },
                        { legend: "consumed", expr: rate("consumer_messages_consumed_total") },
                    ],
                },
                {
                    title: "Until it is worked off",
                    unit: "s",
                    description: "At the rate at which messages are consumed now, and if no more came.",
                    emptyBecause: "nothing is consumed",
                    queries: [
                        {
                            legend: "seconds",
                            expr: `sum(${list}) / (${rate("consumer_messages_consumed_total")} > 0)`,
                        },
                    ],
                },
                {
                    title: "Consumers",
                    unit: "short",
                    description: "Replicas that are wanted and that are Ready.",
                    needs: ["objects"],
                    queries: [
                        {
                            legend: "wanted",
                            expr: `max(kube_deployment_spec_replicas{${ofQueue},deployment="consumer"})`,
                        },
                        {
                            legend: "ready",
                            expr: `max(kube_deployment_status_replicas_ready{${ofQueue},deployment="consumer"})`,
                        },
                    ],
                },
            ],
        },
        {
            title: "redis",
            panels: [
                {
                    title: "Whether it answers",
                    unit: "short",
                    max: 1,
                    description:
                        "1 where redis answers its exporter, and where the exporter answers Prometheus.",
                    queries: [
                        { legend: "redis", expr: `min(redis_up{${ofQueue}})` },
                        { legend: "exporter", expr: `min(up{${ofQueue},job="redis-exporter"})` },
                    ],
                },
                {
                    title: "Commands",
                    unit: "ops",
                    description: "What redis does in each second.",
                    queries: [{ legend: "commands", expr: rate("redis_commands_processed_total") }],
                },
                {
                    title: "Memory",
                    unit: "bytes",
                    description: "What redis holds.",
                    queries: [{ legend: "used", expr: `max(redis_memory_used_bytes{${ofQueue}})` }],
                },
                {
                    title: "Clients",
                    unit: "short",
                    description: "Open connections: consumers, producer, exporter, KEDA.",
                    queries: [{ legend: "connected", expr: `max(redis_connected_clients{${ofQueue}})` }],
                },
            ],
        },
    ],
    alerts: 'alertname=~"Queue.+|Redis.+",namespace="$namespace"',
    runbook: "docs/runbooks/queue.md",
};
