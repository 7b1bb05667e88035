import { scaledObjectCondition } from "../../autoscaling/scaled-object-state";
import { keepOnly } from "../monitors";

/** How many series are kept: all that the chart keeps, or those that its rules and dashboards read. */
export type SeriesProfile = "lean" | "full";

const process = ["go_goroutines", "process_(cpu_seconds_total|resident_memory_bytes|start_time_seconds)"];
const client = ["rest_client_(requests_total|request_duration_seconds_bucket)"];
const workqueue = ["workqueue_(adds_total|depth|queue_duration_seconds_bucket)"];

/**
 * The series that the lean profile keeps of each endpoint, as expressions for their names: what the chart's default
 * rules and dashboards read, and a few that people and autoscalers ask for every day. The API server's histograms of
 * request durations are not among them: they are the largest part of a small cluster's series. The objectives that
 * are computed from them, and their dashboard, are off in the lean profile.
 */
export const leanSeries = {
    kubelet: [
        "kubelet_(node_name|node_config_error|running_pods|running_containers|evictions|volume_stats_.+)",
        "kubelet_certificate_manager_(client|server)_(ttl_seconds|expiration_renew_errors)",
        "kubelet_server_expiration_renew_errors",
        "kubelet_(cgroup_manager|pod_start|pod_worker|pleg_relist)_duration_seconds_(bucket|count)",
        "kubelet_pleg_relist_interval_seconds_bucket",
        "kubelet_runtime_operations_(total|errors_total|duration_seconds_bucket)",
        "storage_operation_(errors_total|duration_seconds_(bucket|count))",
        "volume_manager_total_volumes",
        "kubernetes_build_info",
        ...client,
        ...process,
    ],
    cAdvisor: [
        "container_cpu_(usage_seconds_total|cfs_(throttled_)?periods_total)",
        "container_memory_(working_set_bytes|rss|cache)",
        "container_network_(receive|transmit)_(bytes|packets|packets_dropped)_total",
        "container_fs_(reads|writes)(_bytes)?_total",
        "container_(oom_events_total|start_time_seconds)",
    ],
    kubeStateMetrics: [
        "kube_daemonset_status_(current_number_scheduled|desired_number_scheduled|number_(available|misscheduled)|updated_number_scheduled)",
        "kube_deployment_(metadata_generation|spec_replicas|status_(condition|observed_generation|replicas(_available|_ready|_updated)?))",
        "kube_horizontalpodautoscaler_(info|(spec_(max|min)|status_(current|desired))_replicas|status_condition|(spec|status)_target_metric)",
        "kube_job_(failed|owner|status_(active|start_time))",
        "kube_namespace_status_phase",
        "kube_node_(info|role|spec_(taint|unschedulable)|status_(allocatable|capacity|condition))",
        "kube_persistentvolume_status_phase",
        "kube_persistentvolumeclaim_(access_mode|labels)",
        "kube_pod_container_(resource_(limits|requests)|status_(restarts_total|waiting_reason|last_terminated_reason))",
        "kube_pod_(created|info|owner|status_(phase|ready|reason|scheduled|unschedulable))",
        "kube_poddisruptionbudget_status_((current|desired)_healthy|expected_pods|pod_disruptions_allowed)",
        "kube_replicaset_owner",
        "kube_resourcequota",
        scaledObjectCondition,
        "kube_statefulset_(metadata_generation|replicas|status_(current_revision|observed_generation|replicas(_available|_ready|_updated)?|update_revision))",
    ],
    kubeStateMetricsItself: [
        "kube_state_metrics_(list_total|watch_total|shard_ordinal|total_shards)",
        ...process,
    ],
    nodeExporter: [
        "node_(cpu_seconds_total|load1|load5|load15|time_seconds|uname_info|exporter_build_info)",
        "node_disk_(io_time_(weighted_)?seconds|read_bytes|written_bytes)_total",
        "node_(filefd_(allocated|maximum)|textfile_scrape_error|vmstat_pgmajfault)",
        "node_filesystem_(avail_bytes|files|files_free|readonly|size_bytes)",
        "node_memory_(Buffers|Cached|MemAvailable|MemFree|MemTotal|Slab)_bytes",
        "node_netstat_(TcpExt_TCPSynRetrans|Tcp_OutSegs|Tcp_RetransSegs)",
        "node_network_(up|(receive|transmit)_(bytes|drop|errs|packets)_total)",
        "node_(nf_conntrack_entries(_limit)?|bonding_(active|slaves)|md_disks(_required)?)",
        "node_systemd_(service_restart_total|unit_state)",
        "node_timex_(maxerror_seconds|offset_seconds|sync_status)",
    ],
    apiServer: [
        "aggregator_unavailable_apiservice(_total)?",
        "apiserver_client_certificate_expiration_seconds_(bucket|count)",
        "apiserver_request(_terminations)?_total",
        "kubernetes_build_info",
        "rest_client_requests_total",
        ...process,
    ],
    coreDns: [
        "coredns_cache_(entries|hits_total|misses_total)",
        "coredns_dns_(do_requests|requests|responses)_total",
        "coredns_dns_(request_duration_seconds|request_size_bytes|response_size_bytes)_bucket",
        ...process,
    ],
    prometheus: [
        "prometheus_build_info",
        "prometheus_config_last_reload_successful",
        "prometheus_engine_(queries|queries_concurrent_max|query_duration_seconds(_count)?)",
        "prometheus_notifications_.+",
        "prometheus_remote_storage_.+_(total|seconds|desired|max)",
        "prometheus_rule_(evaluation_failures_total|group_iterations_missed_total|group_rules)",
        "prometheus_sd_(discovered_targets|kubernetes_failures_total|refresh_failures_total)",
        "prometheus_target_(interval_length_seconds_(count|sum)|metadata_cache_entries|sync_failed_total|sync_length_seconds_sum)",
        "prometheus_target_scrape(s|_pool)_.+_total",
        "prometheus_tsdb_(compactions_failed_total|reloads_failures_total|head_(chunks|series|samples_appended_total))",
        "reloader_last_reload_successful",
        ...process,
    ],
    alertmanager: [
        "alertmanager_(alerts|alerts_invalid_total|alerts_received_total|config_hash|config_last_reload_successful)",
        "alertmanager_cluster_(failed_peers|members)",
        "alertmanager_notifications_(failed_)?total",
        "alertmanager_notification_latency_seconds_(bucket|count|sum)",
        "reloader_last_reload_successful",
        ...process,
    ],
    prometheusOperator: [
        "prometheus_operator_(ready|managed_resources|syncs)",
        "prometheus_operator_(list|watch|reconcile|status_update)_(operations_(failed_)?|errors_)total",
        "prometheus_operator_node_address_lookup_errors_total",
        ...process,
    ],
    grafana: [
        "grafana_(alerting_result_total|build_info|stat_totals_dashboard)",
        "grafana_http_request_duration_seconds_(bucket|count|sum)",
        ...process,
    ],
    etcd: [
        "etcd_disk_(backend_commit|wal_fsync)_duration_seconds_bucket",
        "etcd_mvcc_db_total_size_(in_bytes|in_use_in_bytes)",
        "etcd_network_(client_grpc_(received|sent)_bytes_total|peer_((received|sent)_bytes_total|round_trip_time_seconds_bucket|sent_failures_total))",
        "etcd_server_(has_leader|leader_changes_seen_total|proposals_(applied|committed|failed)_total|proposals_pending|quota_backend_bytes)",
        "grpc_server_(handled_total|handling_seconds_bucket|started_total)",
        ...process,
    ],
    scheduler: [
        "scheduler_(pod_scheduling_sli|scheduling_algorithm|scheduling_attempt|volume_scheduling)_duration_seconds_(bucket|count)",
        ...client,
        ...process,
    ],
    controllerManager: [...workqueue, ...client, ...process],
    proxy: [
        "kubeproxy_(network_programming|sync_proxy_rules)_duration_seconds_(bucket|count)",
        ...client,
        ...process,
    ],
} as const satisfies Record<string, readonly string[]>;

/** An endpoint of which the lean profile keeps some series. */
export type LeanEndpoint = keyof typeof leanSeries;

/** One expression for the names of the series that the lean profile keeps of an endpoint. */
export function leanNames(endpoint: LeanEndpoint, more: readonly string[] = []): string {
    return [...leanSeries[endpoint], ...more].join("|");
}

/** What a monitor of the chart gets: nothing in the full profile, so that the chart's own rules stay. */
export function leanRelabelings(
    {
        series,
        keepSeries,
    }: { readonly series?: SeriesProfile | undefined; readonly keepSeries?: readonly string[] | undefined },
    endpoint: LeanEndpoint,
) {
    return series === "lean" ? { metricRelabelings: keepOnly(leanNames(endpoint, keepSeries)) } : {};
}
