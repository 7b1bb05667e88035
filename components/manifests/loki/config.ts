import { lineLabels } from "../../logs/line-labels";

/** Name of the StatefulSet and the Service, and value of `app.kubernetes.io/name`. */
export const lokiApp = "loki";

/** Port of its API and of its metrics. */
export const lokiPort = 3100;

/** Where its data and its configuration are mounted. */
export const lokiFolders = { data: "/data", config: "/etc/loki" } as const;

/** Hours after the end of its retention until a line is off the disk. */
export const deleteDelayHours = 2;

/** Its configuration file. JSON is YAML. */
export function lokiConfig(args: { readonly retentionDays: number }): Record<string, string> {
    return { "loki.yaml": JSON.stringify(settings(args), undefined, 2) };
}

function settings({ retentionDays }: { readonly retentionDays: number }) {
    return {
        // One tenant: who reaches it may read and write.
        auth_enabled: false,
        server: {
            http_listen_port: lokiPort,
            // Its parts ask each other inside the process.
            grpc_listen_address: "127.0.0.1",
            log_level: "warn",
        },
        common: {
            instance_addr: "127.0.0.1",
            path_prefix: lokiFolders.data,
            replication_factor: 1,
            ring: { kvstore: { store: "inmemory" } },
            storage: {
                filesystem: {
                    chunks_directory: `${lokiFolders.data}/chunks`,
                    rules_directory: `${lokiFolders.data}/rules`,
                },
            },
        },
        schema_config: {
            configs: [
                {
                    from: "2024-01-01",
                    store: "tsdb",
                    object_store: "filesystem",
                    schema: "v13",
                    index: { prefix: "index_", period: "24h" },
                },
            ],
        },
        ingester: {
            // It is meant to give other ingesters time to learn of this one. There are none.
            lifecycler: { min_ready_duration: "0s" },
            wal: { replay_memory_ceiling: "64MB" },
        },
        compactor: {
            retention_enabled: true,
            retention_delete_delay: `${deleteDelayHours}h`,
            delete_request_store: "filesystem",
        },
        limits_config: limits(retentionDays),
        // It would tell its makers how it is used, and there may be no way out.
        analytics: { reporting_enabled: false },
    };
}

function limits(retentionDays: number) {
    return {
        retention_period: `${24 * retentionDays}h`,
        // The files of a node may be older than the store: what is too old goes with the next compaction.
        reject_old_samples: false,
        // A pod that writes without end is slowed down, not cut off: its collector tries again, its lines wait in their file.
        ingestion_rate_mb: 8,
        ingestion_burst_size_mb: 16,
        per_stream_rate_limit: "5MB",
        per_stream_rate_limit_burst: "16MB",
        max_line_size: "256KB",
        max_line_size_truncate: true,
        // What is asked for is what there is: no labels that are guessed from the lines.
        discover_service_name: [],
        discover_log_levels: false,
        otlp_config: {
            resource_attributes: {
                ignore_defaults: true,
                attributes_config: [
                    { action: "index_label", attributes: [...lineLabels] },
                    { action: "drop", regex: ".*" },
                ],
            },
            log_attributes: [
                { action: "structured_metadata", attributes: ["log.iostream"] },
                { action: "drop", regex: ".*" },
            ],
        },
    };
}
