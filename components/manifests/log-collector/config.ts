import type { lineLabels } from "../../logs/line-labels";

/** Name of the DaemonSet, and value of `app.kubernetes.io/name`. */
export const collectorApp = "log-collector";

/** Ports of its metrics, and of its answer to the kubelet. */
export const collectorMetricsPort = 8888;
export const collectorHealthPort = 13133;

/** Where it finds the files of pods, keeps how far it has read them, and has its configuration. */
export const collectorFolders = {
    pods: "/var/log/pods",
    state: "/var/lib/log-collector",
    config: "/etc/log-collector",
} as const;

/** The variable of its environment that says on which node it is. */
export const nodeVariable = "NODE_NAME";

/** Memory in MiB above which it takes no more lines until what it has is sent. */
export const collectorMemoryMiB = 100;

export interface CollectorConfigArgs {
    readonly storeUrl: string;
    /** Its own namespace: what it says about lines that it cannot send would be one more line that it cannot send. */
    readonly namespace: string;
}

/** Its configuration file. JSON is YAML. */
export function collectorConfig(args: CollectorConfigArgs): Record<string, string> {
    return { "config.yaml": JSON.stringify(settings(args), undefined, 2) };
}

function settings(args: CollectorConfigArgs) {
    return {
        extensions: {
            health_check: { endpoint: `0.0.0.0:${collectorHealthPort}` },
            file_storage: {
                directory: collectorFolders.state,
                // Files of a database grow, and shrink only so.
                compaction: { on_start: true, directory: collectorFolders.state, cleanup_on_start: true },
            },
        },
        receivers: { file_log: files(args.namespace) },
        processors: {
            memory_limiter: {
                check_interval: "1s",
                limit_mib: collectorMemoryMiB,
                spike_limit_mib: collectorMemoryMiB / 5,
            },
            k8s_attributes: podLabels(),
        },
        exporters: { otlp_http: store(args.storeUrl) },
        service: {
            extensions: ["health_check", "file_storage"],
            pipelines: {
                logs: {
                    receivers: ["file_log"],
                    processors: ["memory_limiter", "k8s_attributes"],
                    exporters: ["otlp_http"],
                },
            },
            telemetry: telemetry(),
        },
    };
}

function files(ownNamespace: string) {
    const { pods } = collectorFolders;
    return {
        // Those that the kubelet has put aside, too: they may have been filled while nobody read.
        include: [`${pods}/*/*/*.log`, `${pods}/*/*/*.log.*`],
        exclude: [`${pods}/*/*/*.gz`, `${pods}/*/*/*.tmp`, `${pods}/${ownNamespace}_*/*/*`],
        start_at: "beginning",
        include_file_path: true,
        include_file_name: false,
        poll_interval: "500ms",
        storage: "file_storage",
        // Without an end: a line is read on, or it stays in its file.
        retry_on_failure: { enabled: true, max_elapsed_time: "0s" },
        operators: [
            // Takes off what the runtime wrote before the line, joins what it has cut, and knows the pod by the path.
            { id: "container", type: "container" },
            {
                id: "together",
                type: "recombine",
                combine_field: "body",
                source_identifier: 'attributes["log.file.path"]',
                // A line that is indented, empty or a closing bracket belongs to the one before: traces of errors do so.
                is_first_entry: 'body != "" and not (body matches "^(\\\\s|[\\\\])}]|Caused by:)")',
                force_flush_period: "500ms",
                max_log_size: "256KiB",
                max_batch_size: 1000,
                max_sources: 10000,
            },
            ...resourceLabels(),
        ],
    };
}

/** The labels of `lineLabels` but `app`, which only the API server knows. */
function resourceLabels() {
    const known: Partial<Record<(typeof lineLabels)[number], string>> = {
        namespace: "k8s.namespace.name",
        pod: "k8s.pod.name",
        container: "k8s.container.name",
    };
    const copies = Object.entries(known).map(([label, attribute]) => ({
        id: `label-${label}`,
        type: "copy",
        from: `resource["${attribute}"]`,
        to: `resource["${label}"]`,
    }));
    // As the collector reads a variable of its environment.
    const value = `\${env:${nodeVariable}}`;
    return [...copies, { id: "label-node", type: "add", field: 'resource["node"]', value }];
}

function podLabels() {
    const app = (key: string) => ({ tag_name: "app", key, from: "pod" });
    return {
        auth_type: "serviceAccount",
        filter: { node_from_env_var: nodeVariable },
        // The first lines are those of pods that it has not heard of yet.
        wait_for_metadata: true,
        // The last that a pod has counts.
        extract: {
            metadata: ["k8s.pod.uid"],
            labels: ["k8s-app", "app", "app.kubernetes.io/name"].map(app),
        },
        pod_association: [{ sources: [{ from: "resource_attribute", name: "k8s.pod.uid" }] }],
    };
}

function store(url: string) {
    return {
        endpoint: url,
        // On the way through one node it costs more than it saves.
        compression: "none",
        timeout: "10s",
        // Without an end, as above.
        retry_on_failure: {
            enabled: true,
            initial_interval: "1s",
            max_interval: "10s",
            max_elapsed_time: "0s",
        },
        sending_queue: {
            // On the disk: what is on its way survives the pod.
            storage: "file_storage",
            sizer: "items",
            queue_size: 20000,
            // Full, it holds up the reading.
            block_on_overflow: true,
            num_consumers: 2,
            batch: { sizer: "items", flush_timeout: "200ms", min_size: 500, max_size: 2000 },
        },
    };
}

function telemetry() {
    const prometheus = {
        host: "0.0.0.0",
        port: collectorMetricsPort,
        without_scope_info: true,
        without_units: true,
        // Counters end in `_total`, as everywhere else.
        without_type_suffix: false,
    };
    return {
        // That it tries again it says at this level, and why.
        logs: { level: "info" },
        metrics: { level: "normal", readers: [{ pull: { exporter: { prometheus } } }] },
    };
}
