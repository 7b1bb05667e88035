import assert from "node:assert/strict";
import { scaledObjectCondition } from "../../components/autoscaling/scaled-object-state";
import {
    type Exposure,
    type KubePrometheusStackArgs,
    kubePrometheusStackValues,
    publicDashboards,
} from "../../components/monitoring/kube-prometheus-stack";
import { alertmanagerConfig } from "../../components/monitoring/kube-prometheus-stack/alerting";
import { exposedServers, publicEndpoints } from "../../components/monitoring/kube-prometheus-stack/exposure";
import { leanNames, leanSeries } from "../../components/monitoring/kube-prometheus-stack/series";
import { bytes } from "../../components/monitoring/kube-prometheus-stack/storage";
import { escapeTemplates } from "../../components/monitoring/kube-prometheus-stack/templates";
import { itSetsOnlyKeysOf } from "./support/chart-keys";
import { missingResources } from "./support/restricted";

// biome-ignore lint/suspicious/noExplicitAny: tests look deep into maps that are typed only at their top
const valuesOf = (args: KubePrometheusStackArgs = {}): any => kubePrometheusStackValues(args);

const ingress: Exposure = {
    kind: "ingress",
    domain: "example.com",
    ingressClassName: "traefik",
    tls: { clusterIssuer: "letsencrypt" },
};

const everything: KubePrometheusStackArgs = {
    exposure: { ...ingress, servers: ["grafana", "prometheus", "alertmanager"] },
    scrapeInterval: "15s",
    evaluationInterval: "30s",
    retention: "30d",
    storage: { prometheus: "50Gi", alertmanager: "1Gi", grafana: "5Gi", storageClass: "fast" },
    series: "lean",
    keepSeries: ["queue_.+"],
    scrapeConfigs: [{ job_name: "haproxy", static_configs: [{ targets: ["haproxy.example.com:8404"] }] }],
    controlPlane: ["etcd", "scheduler", "controllerManager", "proxy"],
    kubeletInsecureTls: true,
    replicas: { prometheus: 2, alertmanager: 3 },
    objectStorage: { secretName: "object-storage" },
    externalLabels: { cluster: "north" },
    publicDashboards: Object.values(publicDashboards),
};

describe("kubePrometheusStackValues", () => {
    it("takes up every monitor, rule and probe of the cluster", () => {
        const spec = valuesOf().prometheus.prometheusSpec;
        for (const kind of ["serviceMonitor", "podMonitor", "rule", "probe", "scrapeConfig"])
            assert.equal(spec[`${kind}SelectorNilUsesHelmValues`], false, kind);
    });

    it("leaves out what only hooks, or another chart, would bring", () => {
        const { crds, prometheusOperator, grafana } = valuesOf();
        assert.equal(crds.enabled, false);
        assert.equal(prometheusOperator.admissionWebhooks.enabled, false);
        assert.equal(prometheusOperator.tls.enabled, false);
        assert.equal(grafana.testFramework.enabled, false);
        assert.equal(grafana.initChownData.enabled, false);
    });

    it("gives every object a name that stays", () => {
        const values = valuesOf();
        assert.equal(values.fullnameOverride, "monitoring");
        assert.equal(values.grafana.fullnameOverride, "grafana");
        assert.equal(values["kube-state-metrics"].fullnameOverride, "kube-state-metrics");
        assert.equal(values["prometheus-node-exporter"].fullnameOverride, "node-exporter");
    });

    it("limits every container", () => {
        const values = valuesOf(everything);
        const containers = {
            prometheus: values.prometheus.prometheusSpec,
            full: valuesOf().prometheus.prometheusSpec,
            thanos: values.prometheus.prometheusSpec.thanos,
            alertmanager: values.alertmanager.alertmanagerSpec,
            operator: values.prometheusOperator,
            reloader: values.prometheusOperator.prometheusConfigReloader,
            grafana: values.grafana,
            sidecars: values.grafana.sidecar,
            download: values.grafana.downloadDashboards,
            kubeStateMetrics: values["kube-state-metrics"],
            nodeExporter: values["prometheus-node-exporter"],
        };
        for (const [name, container] of Object.entries(containers))
            assert.deepEqual(missingResources(container), [], name);
    });

    it("waits for the servers, unless told not to", () => {
        const available = { "pulumi.com/waitFor": "condition=Available" };
        const waiting = valuesOf();
        assert.deepEqual(waiting.prometheus.annotations, available);
        assert.deepEqual(waiting.alertmanager.annotations, available);
        const not = valuesOf({ waitForServers: false });
        assert.deepEqual([not.prometheus.annotations, not.alertmanager.annotations], [{}, {}]);
    });

    it("scrapes the hidden parts of the control plane only where told to", () => {
        const on = (args: KubePrometheusStackArgs) => {
            const values = valuesOf(args);
            return ["kubeEtcd", "kubeScheduler", "kubeControllerManager", "kubeProxy"].filter(
                (part) => values[part].enabled,
            );
        };
        assert.deepEqual(on({}), []);
        assert.deepEqual(on({ controlPlane: ["etcd", "proxy"] }), ["kubeEtcd", "kubeProxy"]);
    });

    it("checks the kubelets' certificates unless told not to, and scrapes them no more often than others", () => {
        assert.deepEqual(valuesOf().kubelet.serviceMonitor, {
            insecureSkipVerify: false,
            cAdvisorInterval: "30s",
        });
        const { serviceMonitor } = valuesOf({ kubeletInsecureTls: true, scrapeInterval: "5s" }).kubelet;
        assert.deepEqual(serviceMonitor, { insecureSkipVerify: true, cAdvisorInterval: "5s" });
    });

    it("keeps kube-state-metrics from reading Secrets and ConfigMaps", () => {
        const { collectorsExclude } = valuesOf()["kube-state-metrics"];
        assert.ok(collectorsExclude.includes("secrets") && collectorsExclude.includes("configmaps"));
    });

    it("tells of ScaledObjects, which kube-state-metrics may then read, under the objects' own namespace", () => {
        const { customResourceState, rbac, prometheus } = valuesOf()["kube-state-metrics"];
        assert.equal(customResourceState.enabled, true);
        const [resource] = customResourceState.config.spec.resources;
        assert.equal(`${resource.metricNamePrefix}_${resource.metrics[0].name}`, scaledObjectCondition);
        assert.deepEqual(Object.keys(resource.labelsFromPath), ["namespace", "scaledobject"]);
        assert.deepEqual(resource.metrics[0].each.gauge, {
            path: ["status", "conditions"],
            labelsFromPath: { condition: ["type"], status: ["status"] },
            valueFrom: ["status"],
        });
        assert.deepEqual(rbac.extraRules, [
            { apiGroups: ["keda.sh"], resources: ["scaledobjects"], verbs: ["list", "watch"] },
        ]);
        assert.equal(prometheus.monitor.http.honorLabels, true);
    });

    describe("Prometheus", () => {
        const spec = (args: KubePrometheusStackArgs) => valuesOf(args).prometheus.prometheusSpec;

        it("scrapes and evaluates every 30 s for 10 days, without a volume, by default", () => {
            const { scrapeInterval, evaluationInterval, retention, replicas } = spec({});
            assert.deepEqual(
                { scrapeInterval, evaluationInterval, retention, replicas },
                { scrapeInterval: "30s", evaluationInterval: "30s", retention: "10d", replicas: 1 },
            );
            assert.ok(!("storageSpec" in spec({})) && !("retentionSize" in spec({})));
        });

        it("evaluates rules as often as it scrapes, unless told otherwise", () => {
            assert.equal(spec({ scrapeInterval: "5s" }).evaluationInterval, "5s");
            assert.equal(spec({ scrapeInterval: "5s", evaluationInterval: "1m" }).evaluationInterval, "1m");
        });

        it("keeps its samples on a volume, and a fifth of it free", () => {
            const { storageSpec, retentionSize } = spec({
                storage: { prometheus: "50Gi", storageClass: "fast" },
            });
            assert.deepEqual(storageSpec, {
                volumeClaimTemplate: {
                    spec: {
                        storageClassName: "fast",
                        accessModes: ["ReadWriteOnce"],
                        resources: { requests: { storage: "50Gi" } },
                    },
                },
            });
            assert.equal(retentionSize, "40960MiB");
            const given = spec({ storage: { prometheus: "50Gi" }, retentionSize: "45GiB" });
            assert.equal(given.retentionSize, "45GiB");
            assert.ok(!("storageClassName" in given.storageSpec.volumeClaimTemplate.spec));
        });

        it("gives a service account token to no server that does not need one", () => {
            assert.equal(valuesOf().alertmanager.alertmanagerSpec.automountServiceAccountToken, false);
        });

        it("runs replicas apart, lets one go at a time, and keeps each client with one", () => {
            const { prometheus, alertmanager } = valuesOf({ replicas: { prometheus: 2, alertmanager: 3 } });
            assert.deepEqual(prometheus.podDisruptionBudget, { enabled: true, minAvailable: 1 });
            assert.deepEqual(alertmanager.podDisruptionBudget, { enabled: true, minAvailable: 2 });
            assert.deepEqual(prometheus.service, { sessionAffinity: "ClientIP" });
            assert.equal(prometheus.prometheusSpec.replicas, 2);
            assert.equal(prometheus.prometheusSpec.podAntiAffinity, "soft");
            assert.equal(prometheus.prometheusSpec.replicaExternalLabelName, "prometheus_replica");
            assert.equal(alertmanager.alertmanagerSpec.replicas, 3);
            assert.equal(alertmanager.alertmanagerSpec.podAntiAffinity, "soft");
        });

        it("makes no disruption budget for a single pod, which would block its node", () => {
            const { prometheus, alertmanager } = valuesOf();
            assert.deepEqual(prometheus.podDisruptionBudget, { enabled: false });
            assert.deepEqual(alertmanager.podDisruptionBudget, { enabled: false });
            assert.deepEqual(prometheus.service, {});
        });

        it("uploads samples by the Secret that is named, and only then runs a Thanos sidecar", () => {
            const { prometheusSpec, thanosService } = valuesOf({
                objectStorage: { secretName: "object-storage" },
            }).prometheus;
            assert.deepEqual(prometheusSpec.thanos.objectStorageConfig, {
                existingSecret: { name: "object-storage", key: "objstore.yml" },
            });
            assert.deepEqual(thanosService, { enabled: true });
            assert.ok(!("thanos" in spec({})) && !("thanosService" in valuesOf().prometheus));
            const { thanos } = spec({ objectStorage: { secretName: "object-storage", key: "s3.yml" } });
            assert.equal(thanos.objectStorageConfig.existingSecret.key, "s3.yml");
        });

        it("gets further jobs where the chart reads them, as they were meant", () => {
            const values = valuesOf({ scrapeConfigs: [{ job_name: "a", honor: "{{ x }}" }] });
            assert.ok(!("additionalScrapeConfigs" in values));
            assert.deepEqual(values.prometheus.prometheusSpec.additionalScrapeConfigs, [
                { job_name: "a", honor: "{{`{{`}} x }}" },
            ]);
        });
    });

    describe("exposure", () => {
        it("keeps all servers inside the cluster by default", () => {
            const { grafana, prometheus, alertmanager } = valuesOf();
            for (const server of [grafana, prometheus, alertmanager]) {
                assert.ok(!("ingress" in server));
                assert.ok(!("type" in (server.service ?? {})));
            }
            assert.ok(!("server" in grafana["grafana.ini"]));
        });

        it("opens node ports for the servers that have one", () => {
            const { grafana, prometheus, alertmanager } = valuesOf({
                exposure: { kind: "nodePort", grafana: 30300, prometheus: 30090 },
                replicas: { prometheus: 2 },
            });
            assert.deepEqual(grafana.service, { type: "NodePort", nodePort: 30300 });
            assert.deepEqual(prometheus.service, {
                type: "NodePort",
                nodePort: 30090,
                sessionAffinity: "ClientIP",
            });
            assert.ok(!("service" in alertmanager));
        });

        it("serves Grafana alone through an ingress, as the others have no login", () => {
            const { grafana, prometheus, alertmanager } = valuesOf({ exposure: ingress });
            assert.deepEqual(grafana.ingress, {
                enabled: true,
                ingressClassName: "traefik",
                hosts: ["grafana.example.com"],
                path: "/",
                pathType: "Prefix",
                annotations: { "cert-manager.io/cluster-issuer": "letsencrypt" },
                tls: [{ secretName: "grafana-tls", hosts: ["grafana.example.com"] }],
            });
            assert.equal(grafana["grafana.ini"].server.root_url, "https://grafana.example.com/");
            assert.equal(grafana["grafana.ini"].security.cookie_secure, true);
            assert.ok(!("ingress" in prometheus) && !("ingress" in alertmanager));
            assert.deepEqual(publicEndpoints(ingress), { grafana: "https://grafana.example.com" });
        });

        it("serves the others where asked to, under addresses that their alerts name", () => {
            const exposure: Exposure = {
                ...ingress,
                tls: { secretName: "wildcard" },
                servers: ["prometheus", "alertmanager"],
                annotations: { "example.com/middleware": "login" },
            };
            const { grafana, prometheus, alertmanager } = valuesOf({ exposure });
            assert.ok(!("ingress" in grafana));
            assert.deepEqual(prometheus.ingress, {
                enabled: true,
                ingressClassName: "traefik",
                hosts: ["prometheus.example.com"],
                paths: ["/"],
                pathType: "Prefix",
                annotations: { "example.com/middleware": "login" },
                tls: [{ secretName: "wildcard", hosts: ["prometheus.example.com"] }],
            });
            assert.equal(prometheus.prometheusSpec.externalUrl, "https://prometheus.example.com");
            assert.equal(alertmanager.alertmanagerSpec.externalUrl, "https://alertmanager.example.com");
            assert.deepEqual(exposedServers(exposure), ["prometheus", "alertmanager"]);
        });
    });

    describe("Grafana", () => {
        it("calls nobody and fetches nothing by default", () => {
            const { grafana } = valuesOf();
            const ini = grafana["grafana.ini"];
            assert.deepEqual(ini.analytics, {
                reporting_enabled: false,
                check_for_updates: false,
                check_for_plugin_updates: false,
            });
            assert.equal(ini.plugins.preinstall_disabled, true);
            assert.ok(!("dashboards" in grafana) && !("dashboardProviders" in grafana));
        });

        it("looks for dashboards in ConfigMaps of every namespace", () => {
            const { sidecar, rbac } = valuesOf().grafana;
            assert.equal(sidecar.dashboards.searchNamespace, "ALL");
            assert.equal(sidecar.dashboards.resource, "configmap");
            assert.deepEqual(rbac, { useExistingClusterRole: "monitoring-dashboard-reader" });
        });

        it("lets go of its volume before it takes it again, and never has the volume's name written", () => {
            const { persistence, deploymentStrategy } = valuesOf({
                storage: { grafana: "5Gi", storageClass: "fast" },
            }).grafana;
            assert.deepEqual(deploymentStrategy, { type: "Recreate" });
            assert.deepEqual(persistence, {
                enabled: true,
                size: "5Gi",
                accessModes: ["ReadWriteOnce"],
                storageClassName: "fast",
                lookupVolumeName: false,
            });
            assert.ok(!("deploymentStrategy" in valuesOf().grafana));
        });

        it("fetches public dashboards at their pinned revisions, over a checked connection", () => {
            const { dashboards, dashboardProviders, defaultCurlOptions } = valuesOf({
                publicDashboards: Object.values(publicDashboards),
            }).grafana;
            const datasource = [{ name: "DS_PROMETHEUS", value: "prometheus" }];
            assert.deepEqual(dashboards.public, {
                haproxy: { gnetId: 12693, revision: 14, datasource },
                dcgm: { gnetId: 12239, revision: 2, datasource },
                "node-exporter": { gnetId: 1860, revision: 45, datasource },
            });
            assert.equal(dashboardProviders["dashboardproviders.yaml"].providers[0].name, "public");
            assert.doesNotMatch(defaultCurlOptions, /k/);
        });
    });

    describe("the lean profile", () => {
        const kept = (endpoint: keyof typeof leanSeries, ...more: string[]) =>
            new RegExp(`^(${leanNames(endpoint, more)})$`);

        it("keeps what alerts and dashboards read", () => {
            const read = {
                kubelet: [
                    "kubelet_volume_stats_available_bytes",
                    "kubelet_pleg_relist_duration_seconds_bucket",
                ],
                cAdvisor: ["container_cpu_cfs_throttled_periods_total", "container_memory_working_set_bytes"],
                kubeStateMetrics: [
                    "kube_pod_container_status_waiting_reason",
                    "kube_horizontalpodautoscaler_status_desired_replicas",
                    "kube_deployment_status_replicas_available",
                    "kube_node_status_allocatable",
                    "kube_horizontalpodautoscaler_status_condition",
                    "kube_statefulset_status_replicas_ready",
                    "kube_poddisruptionbudget_status_pod_disruptions_allowed",
                    scaledObjectCondition,
                ],
                nodeExporter: ["node_filesystem_avail_bytes", "node_disk_io_time_weighted_seconds_total"],
                apiServer: ["apiserver_request_total", "aggregator_unavailable_apiservice"],
                prometheus: ["prometheus_tsdb_head_series", "prometheus_rule_group_iterations_missed_total"],
                alertmanager: ["alertmanager_notifications_failed_total"],
                prometheusOperator: ["prometheus_operator_reconcile_errors_total"],
                etcd: ["etcd_server_has_leader"],
            } as const;
            for (const [endpoint, names] of Object.entries(read))
                for (const name of names) assert.match(name, kept(endpoint as keyof typeof read));
        });

        it("drops what nothing reads", () => {
            assert.doesNotMatch("kubelet_http_requests_duration_seconds_bucket", kept("kubelet"));
            assert.doesNotMatch("container_tasks_state", kept("cAdvisor"));
            assert.doesNotMatch("kube_pod_status_ready_time", kept("kubeStateMetrics"));
            assert.doesNotMatch("apiserver_request_duration_seconds_bucket", kept("apiServer"));
            assert.doesNotMatch("go_gc_duration_seconds", kept("prometheus"));
        });

        it("keeps what the user names beside", () => {
            assert.match("queue_items", kept("nodeExporter", "queue_.+"));
            const { kubelet, grafana } = valuesOf({ series: "lean", keepSeries: ["queue_.+"] });
            assert.match(kubelet.serviceMonitor.metricRelabelings[0].regex, /\|queue_\.\+$/);
            assert.match(grafana.serviceMonitor.metricRelabelings[0].regex, /\|queue_\.\+$/);
        });

        it("reaches every monitor of the chart, and kube-state-metrics at its source", () => {
            const values = valuesOf({ ...everything, keepSeries: undefined });
            const regexOf = (monitor: { metricRelabelings: { action: string; regex: string }[] }) => {
                const [first] = monitor.metricRelabelings;
                assert.equal(first?.action, "keep");
                return first?.regex;
            };
            const monitors = {
                kubelet: values.kubelet.serviceMonitor,
                cAdvisor: { metricRelabelings: values.kubelet.serviceMonitor.cAdvisorMetricRelabelings },
                kubeStateMetricsItself: values["kube-state-metrics"].prometheus.monitor.metrics,
                nodeExporter: values["prometheus-node-exporter"].prometheus.monitor,
                coreDns: values.coreDns.serviceMonitor,
                prometheus: values.prometheus.serviceMonitor,
                alertmanager: values.alertmanager.serviceMonitor,
                prometheusOperator: values.prometheusOperator.serviceMonitor,
                grafana: values.grafana.serviceMonitor,
                etcd: values.kubeEtcd.serviceMonitor,
                scheduler: values.kubeScheduler.serviceMonitor,
                controllerManager: values.kubeControllerManager.serviceMonitor,
                proxy: values.kubeProxy.serviceMonitor,
            };
            for (const [endpoint, monitor] of Object.entries(monitors))
                assert.equal(regexOf(monitor), leanNames(endpoint as keyof typeof leanSeries), endpoint);
            const [allowed] = values["kube-state-metrics"].metricAllowlist;
            assert.equal(allowed, `^(${leanNames("kubeStateMetrics")})$`);
            assert.deepEqual(
                Object.keys(leanSeries).sort(),
                [...Object.keys(monitors), "kubeStateMetrics", "apiServer"].sort(),
            );
        });

        it("turns off what reads the latencies of the API server", () => {
            assert.deepEqual(valuesOf({ series: "lean" }).kubeApiServer, { enabled: false });
            assert.deepEqual(valuesOf().kubeApiServer, { enabled: true });
        });

        it("changes no monitor in the full profile", () => {
            assert.doesNotMatch(JSON.stringify(valuesOf({ controlPlane: ["etcd"] })), /[mM]etricRelabelings/);
            assert.deepEqual(valuesOf()["kube-state-metrics"].metricAllowlist, []);
        });
    });

    const anySection = "the chart writes every section and key into grafana.ini";
    const asItIs = "a container's security context, which the chart hands on as it is";
    itSetsOnlyKeysOf("kubePrometheusStack", () => [valuesOf(everything), valuesOf()], {
        "alertmanager.alertmanagerSpec.configSecret": "in a comment: the Secret of useExistingSecret",
        "alertmanager.ingress.pathType": "in a comment of alertmanager.ingress",
        "grafana.containerSecurityContext.readOnlyRootFilesystem": asItIs,
        "grafana.downloadDashboards.securityContext.readOnlyRootFilesystem": asItIs,
        "grafana.fullnameOverride": "has no default; the subchart's helper grafana.fullname reads it",
        "grafana.grafana.ini.analytics.check_for_plugin_updates": anySection,
        "grafana.grafana.ini.analytics.reporting_enabled": anySection,
        "grafana.grafana.ini.news": anySection,
        "grafana.grafana.ini.plugins": anySection,
        "grafana.grafana.ini.security": anySection,
        "grafana.grafana.ini.server.root_url": anySection,
        "grafana.grafana.ini.snapshots": anySection,
        "grafana.ingress.ingressClassName": "in a comment of the subchart's ingress",
        "grafana.persistence.storageClassName": "in a comment of the subchart's persistence",
        "grafana.rbac.useExistingClusterRole": "in a comment of the subchart's rbac",
        "grafana.sidecar.securityContext.readOnlyRootFilesystem": asItIs,
        "prometheus-node-exporter.containerSecurityContext.allowPrivilegeEscalation": asItIs,
        "prometheus-node-exporter.containerSecurityContext.capabilities": asItIs,
        "prometheus.ingress.pathType": "in a comment of prometheus.ingress",
    });
});

describe("alertmanagerConfig", () => {
    it("shows alerts and sends them nowhere until somebody decides where", () => {
        const { route, receivers } = alertmanagerConfig({});
        assert.equal(route.receiver, "null");
        assert.deepEqual(receivers, [{ name: "null" }]);
    });

    it("calls the dead man's switch as often as it is told, else every five minutes", () => {
        const watchdog = (intervalSeconds?: number) => {
            const url = "https://switch.example.com/y";
            const { routes } = alertmanagerConfig({ deadMansSwitch: { url, intervalSeconds } }).route;
            return routes[0];
        };
        const common = {
            matchers: ['alertname = "Watchdog"'],
            receiver: "dead-mans-switch",
            group_wait: "0s",
        };
        assert.deepEqual(watchdog(), { ...common, group_interval: "1m", repeat_interval: "4m" });
        assert.deepEqual(watchdog(15), { ...common, group_interval: "15s", repeat_interval: "14s" });
    });

    it("sends alerts to people, and the Watchdog to the dead man's switch alone", () => {
        const { route, receivers } = alertmanagerConfig({
            slack: { webhookUrl: "https://hooks.example.com/x", channel: "#alerts" },
            deadMansSwitch: { url: "https://switch.example.com/y" },
        });
        assert.equal(route.receiver, "people");
        assert.equal(route.routes[0]?.receiver, "dead-mans-switch");
        assert.deepEqual(receivers, [
            { name: "null" },
            {
                name: "people",
                slack_configs: [
                    { api_url: "https://hooks.example.com/x", channel: "#alerts", send_resolved: true },
                ],
            },
            {
                name: "dead-mans-switch",
                webhook_configs: [{ url: "https://switch.example.com/y" }],
            },
        ]);
    });

    it("names no receiver that it does not define", () => {
        for (const receivers of [
            {},
            { webhook: { url: "https://example.com" } },
            { deadMansSwitch: { url: "https://example.com" } },
        ]) {
            const config = alertmanagerConfig(receivers);
            const defined = config.receivers.map(({ name }) => name);
            for (const { receiver } of [config.route, ...config.route.routes])
                assert.ok(defined.includes(receiver), receiver);
        }
    });
});

describe("escapeTemplates", () => {
    it("protects opening braces at every depth, and leaves the rest", () => {
        assert.deepEqual(escapeTemplates({ a: ["{{ $labels.x }}", 1, null], b: { c: "{}", d: true } }), {
            a: ["{{`{{`}} $labels.x }}", 1, null],
            b: { c: "{}", d: true },
        });
    });
});

describe("bytes", () => {
    it("reads amounts as Kubernetes and Prometheus write them", () => {
        assert.equal(bytes("1Gi"), 2 ** 30);
        assert.equal(bytes("1G"), 1e9);
        assert.equal(bytes("1.5k"), 1500);
        assert.equal(bytes("1GB"), 2 ** 30);
        assert.equal(bytes("2MiB"), 2 ** 21);
        assert.equal(bytes("512B"), 512);
        assert.equal(bytes("7"), 7);
    });
});
