import type { core } from "@pulumi/kubernetes/types/input";
import type { Values } from "../../charts/install-chart";
import { resources } from "../../conventions";
import { credentialsEnv } from "./fluent-bit";
import { elasticsearchHost, elasticsearchPort, logStream, trustName } from "./names";

/** The keys of the chart fluentd that this component sets. */
export interface FluentdValues extends Values {
    readonly fullnameOverride?: string;
    readonly variant?: string;
    readonly tolerations?: readonly unknown[];
    readonly podSecurityPolicy?: Values;
    readonly podSecurityContext?: core.v1.PodSecurityContext;
    readonly securityContext?: core.v1.SecurityContext;
    readonly dashboards?: Values;
    readonly service?: Values;
    readonly mountDockerContainersDirectory?: boolean;
    readonly env?: readonly unknown[];
    readonly volumes?: readonly unknown[];
    readonly volumeMounts?: readonly unknown[];
    readonly resources?: core.v1.ResourceRequirements;
    readonly fileConfigs?: Readonly<Record<string, string>>;
}

/** Name of its DaemonSet, and value of `app.kubernetes.io/name`. */
export const fluentdApp = "fluentd";

/** The port of its metrics. */
export const fluentdPort = 24231;

/** The name by which its metrics tell of what it sends to Elasticsearch. */
export const fluentdOutput = "elasticsearch";

/** The most that it holds on its node, the `1G` of its configuration; beyond it the oldest lines go. */
export const fluentdBufferBytes = 1024 ** 3;

const authority = "/etc/elasticsearch-ca";

/** The values of the chart fluentd. */
export function fluentdValues(namespace: string): FluentdValues {
    return {
        fullnameOverride: fluentdApp,
        // The client in the image has to be of Elasticsearch's major version.
        variant: "elasticsearch9",
        tolerations: [{ operator: "Exists" }],
        podSecurityPolicy: { enabled: false },
        podSecurityContext: { seccompProfile: { type: "RuntimeDefault" } },
        // Logs are files of root: it is root, and may do nothing else that root may.
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        dashboards: { enabled: false },
        // Prometheus asks the pods.
        service: { enabled: false },
        mountDockerContainersDirectory: false,
        env: credentialsEnv(),
        volumes: [{ name: "elasticsearch-ca", configMap: { name: trustName } }],
        volumeMounts: [{ name: "elasticsearch-ca", mountPath: authority, readOnly: true }],
        resources: resources(["100m", "1"], ["200Mi", "512Mi"]),
        // Each replaces the chart's file of this name; the chart's output has a default password.
        fileConfigs: {
            "01_sources.conf": sources,
            "02_filters.conf": filters,
            "03_dispatch.conf": dispatch,
            "04_outputs.conf": output(namespace),
        },
    };
}

const sources = `
<source>
  @type tail
  @id containers
  @label @KUBERNETES
  path /var/log/containers/*.log
  pos_file /var/log/fluentd-containers.log.pos
  tag kubernetes.*
  read_from_head true
  <parse>
    @type cri
  </parse>
</source>
<source>
  @type prometheus
  port ${fluentdPort}
</source>
<source>
  @type prometheus_output_monitor
</source>
`.trim();

/** Its own logs go nowhere: what it says about logs that it cannot send would be one more of them. */
const filters = `
<label @KUBERNETES>
  <match kubernetes.var.log.containers.${fluentdApp}-**>
    @type relabel
    @label @FLUENT_LOG
  </match>
  <filter kubernetes.**>
    @type concat
    key message
    use_partial_cri_logtag true
    partial_cri_logtag_key logtag
    partial_cri_stream_key stream
    separator ""
  </filter>
  <filter kubernetes.**>
    @type kubernetes_metadata
    skip_namespace_metadata true
    skip_master_url true
  </filter>
  <match **>
    @type relabel
    @label @DISPATCH
  </match>
</label>
`.trim();

/** The chart's counts the logs of every file that there ever was; this one counts nothing. */
const dispatch = `
<label @DISPATCH>
  <match **>
    @type relabel
    @label @OUTPUT
  </match>
</label>
`.trim();

function output(namespace: string): string {
    return `
<label @OUTPUT>
  <filter **>
    @type elasticsearch_genid
    hash_id_key _hash
  </filter>
  <match **>
    @type elasticsearch
    @id ${fluentdOutput}
    scheme https
    host ${elasticsearchHost(namespace)}
    port ${elasticsearchPort}
    ssl_verify true
    ca_file ${authority}/ca.crt
    user "#{ENV['ELASTICSEARCH_USER']}"
    password "#{ENV['ELASTICSEARCH_PASSWORD']}"
    default_elasticsearch_version 9
    verify_es_version_at_startup false
    index_name ${logStream}
    # Data streams only take new documents, and this plugin creates none without an id.
    write_operation create
    id_key _hash
    remove_keys _hash,logtag,time
    suppress_type_name true
    include_timestamp true
    reload_connections false
    reconnect_on_error true
    reload_on_failure true
    request_timeout 30s
    log_es_400_reason true
    # Elasticsearch under load refuses, and takes the same logs later.
    unrecoverable_error_types ["out_of_memory_error"]
    <buffer>
      @type file
      path /var/log/fluentd-buffer
      flush_interval 5s
      chunk_limit_size 8M
      total_limit_size ${fluentdBufferBytes / 1024 ** 3}G
      overflow_action drop_oldest_chunk
      retry_forever true
      retry_max_interval 30s
    </buffer>
  </match>
</label>
`.trim();
}
