import type { core } from "@pulumi/kubernetes/types/input";
import type { Values } from "../../charts/install-chart";
import { resources } from "../../conventions";
import { credentialsName, elasticsearchHost, elasticsearchPort, logStream, trustName } from "./names";

/** The keys of the chart fluent-bit-collector that this component sets. */
export interface FluentBitValues extends Values {
    readonly nameOverride?: string;
    readonly fullnameOverride?: string;
    readonly tolerations?: readonly unknown[];
    readonly podAnnotations?: Values;
    readonly env?: readonly unknown[];
    readonly extraVolumes?: readonly unknown[];
    readonly extraVolumeMounts?: readonly unknown[];
    readonly resources?: core.v1.ResourceRequirements;
    readonly storage?: Values;
    readonly config?: Values;
}

/** Name of its DaemonSet, and value of `app.kubernetes.io/name`. */
export const fluentBitApp = "fluent-bit";

/** The port of its metrics, and their path. */
export const fluentBitPort = 2020;
export const fluentBitMetrics = "/api/v2/metrics/prometheus";

/** The name by which its metrics tell of what it sends to Elasticsearch. */
export const fluentBitOutput = "elasticsearch";

const authority = "/etc/elasticsearch-ca";

/** The values of the chart fluent-bit-collector. */
export function fluentBitValues(namespace: string): FluentBitValues {
    return {
        nameOverride: fluentBitApp,
        fullnameOverride: fluentBitApp,
        tolerations: [{ operator: "Exists" }],
        // What it says about logs that it cannot send would be one more log that it cannot send.
        podAnnotations: { "fluentbit.io/exclude": "true" },
        env: credentialsEnv(),
        extraVolumes: [{ name: "elasticsearch-ca", configMap: { name: trustName } }],
        extraVolumeMounts: [{ name: "elasticsearch-ca", mountPath: authority, readOnly: true }],
        resources: resources(["50m", "1"], ["64Mi", "256Mi"]),
        // On the node: how far it has read, and what Elasticsearch does not take yet, survive the pod.
        storage: { enabled: true },
        config: {
            // Seconds between two attempts to send the same logs.
            service: { "scheduler.base": 5, "scheduler.cap": 60 },
            pipeline: { inputs: [tail()], filters: [naming()], outputs: [output(namespace)] },
        },
    };
}

/** User and password, from the Secret; both collectors can take them from the environment only. */
export function credentialsEnv(): core.v1.EnvVar[] {
    return [
        ["ELASTICSEARCH_USER", "username"],
        ["ELASTICSEARCH_PASSWORD", "password"],
    ].map(([name, key]) => ({
        name: name as string,
        valueFrom: { secretKeyRef: { name: credentialsName, key: key as string } },
    }));
}

/** The chart's own input, with a buffer that large descriptions of pods fit into: else their logs have no metadata. */
function tail() {
    return {
        name: "tail",
        alias: "containers",
        path: "/var/log/containers/*.log",
        tag: "kube.<namespace_name>.<pod_name>.<container_name>",
        tag_regex:
            "(?<pod_name>[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)_(?<namespace_name>[^_]+)_(?<container_name>.+)-",
        read_from_head: true,
        "multiline.parser": "cri",
        skip_long_lines: true,
        skip_empty_lines: true,
        "storage.type": "filesystem",
        db: `${variable("STORAGE_PATH")}/tail.db`,
        processors: {
            logs: [
                {
                    name: "kubernetes",
                    buffer_size: "1M",
                    kube_tag_prefix: "kube.",
                    regex_parser: "kubernetes-tag",
                    "k8s-logging.parser": true,
                    "k8s-logging.exclude": true,
                },
            ],
        },
    };
}

/** Kibana looks for the text of a log in `message`; the others are marks of the container runtime. */
function naming() {
    return { name: "modify", match: "*", rename: "log message", remove_regex: "^(_p|time)$" };
}

function output(namespace: string) {
    return {
        name: "es",
        alias: fluentBitOutput,
        match: "*",
        host: elasticsearchHost(namespace),
        port: elasticsearchPort,
        index: logStream,
        // Data streams only take new documents, and Elasticsearch no types any more.
        write_operation: "create",
        suppress_type_name: true,
        http_user: variable("ELASTICSEARCH_USER"),
        http_passwd: variable("ELASTICSEARCH_PASSWORD"),
        tls: true,
        "tls.verify": true,
        "tls.verify_hostname": true,
        "tls.ca_file": `${authority}/ca.crt`,
        trace_error: true,
        // About four hours of attempts. Without an end, logs that Elasticsearch never takes would be sent for ever.
        retry_limit: 500,
        // On the node's disk; beyond it the oldest logs go.
        "storage.total_limit_size": "1G",
    };
}

/** A variable of the environment, as Fluent Bit reads it. */
function variable(name: string): string {
    return `\${${name}}`;
}
