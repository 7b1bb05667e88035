import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { images } from "../../../components/images";
import {
    MonitoringManifests,
    type MonitoringManifestsArgs,
    validateMonitoring,
} from "../../../components/manifests/monitoring";
import { alertmanagerConfig, alertmanagerSpec } from "../../../components/manifests/monitoring/alertmanager";
import { keptSeries, kubeletMonitorSpec } from "../../../components/manifests/monitoring/kubelet-monitor";
import { nodeExporterSpec } from "../../../components/manifests/monitoring/node-exporter";
import { prometheusSpec } from "../../../components/manifests/monitoring/prometheus";
import {
    kubeletListRules,
    operatorClusterRules,
    operatorNamespaceRules,
    prometheusOperatorSpec,
} from "../../../components/manifests/monitoring/prometheus-operator";
import { type MonitoringRulesArgs, monitoringRules } from "../../../components/manifests/monitoring/rules";
import { inOrder, named, object, promiseOf, type Recording, record } from "../support/mocks";

const operator = {} as pulumi.Resource;
const minimal = { namespace: "monitoring", images, operator };

describe("MonitoringManifests", () => {
    describe("validateMonitoring", () => {
        it("accepts the defaults", () => assert.deepEqual(validateMonitoring({}), []));

        it("reports every argument that is out of range", () => {
            const problems = validateMonitoring({
                namespace: "No",
                scrapeInterval: "15",
                evaluationInterval: "often",
                retention: "1.5d",
                storageSize: "20GB",
                prometheusNodePort: 9090,
                alertmanagerNodePort: 1,
                images: { prometheus: "prometheus:latest", alertmanager: "alertmanager" },
            });
            assert.deepEqual(
                problems.map((problem) => problem.property),
                [
                    "namespace",
                    "scrapeInterval",
                    "evaluationInterval",
                    "retention",
                    "storageSize",
                    "prometheusNodePort",
                    "alertmanagerNodePort",
                    "images.prometheus",
                    "images.alertmanager",
                ],
            );
        });
    });

    describe("prometheusSpec", () => {
        const spec = prometheusSpec(minimal);

        it("takes up monitors and rules of every namespace", () => {
            for (const kind of ["serviceMonitor", "podMonitor", "probe", "scrapeConfig", "rule"]) {
                const selectors = spec as unknown as Record<string, unknown>;
                assert.deepEqual(selectors[`${kind}Selector`], {}, kind);
                assert.deepEqual(selectors[`${kind}NamespaceSelector`], {}, kind);
            }
        });

        it("states the version of the image, for which the operator writes configuration", () => {
            assert.equal(spec.version, "3.5.0");
            const old = { ...images, prometheus: "localhost/prometheus:2.42.0" };
            assert.equal(prometheusSpec({ ...minimal, images: old }).version, "2.42.0");
        });

        it("has the documented defaults", () => {
            const { scrapeInterval, evaluationInterval, retention } = spec;
            assert.deepEqual(
                { scrapeInterval, evaluationInterval, retention },
                { scrapeInterval: "15s", evaluationInterval: "15s", retention: "7d" },
            );
        });

        it("claims a volume only when a size is given", () => {
            assert.equal("storage" in spec, false);
            assert.equal(
                prometheusSpec({ ...minimal, storageSize: "20Gi" }).storage?.volumeClaimTemplate.spec
                    .resources.requests.storage,
                "20Gi",
            );
        });
    });

    describe("alertmanager", () => {
        it("states the version of the image", () =>
            assert.equal(alertmanagerSpec(images, "s").version, "0.28.1"));

        it("routes Watchdog apart from everything else, to receivers that exist", () => {
            const { route, receivers } = alertmanagerConfig();
            assert.deepEqual(route.routes[0]?.matchers, ['alertname = "Watchdog"']);
            const used = [route.receiver, ...route.routes.map(({ receiver }) => receiver)];
            assert.deepEqual(used.sort(), receivers.map(({ name }) => name).sort());
        });

        it("sends Watchdog each ten seconds to a dead man's switch, and to nobody without one", () => {
            const [, watchdog] = alertmanagerConfig("http://switch.example.com/watchdog").receivers;
            assert.deepEqual(watchdog, {
                name: "watchdog",
                webhook_configs: [{ url: "http://switch.example.com/watchdog", send_resolved: false }],
            });
            const { routes } = alertmanagerConfig("http://switch.example.com/watchdog").route;
            assert.deepEqual(routes[0], {
                receiver: "watchdog",
                matchers: ['alertname = "Watchdog"'],
                group_wait: "0s",
                group_interval: "10s",
                repeat_interval: "8s",
            });
            assert.deepEqual(alertmanagerConfig().receivers[1], { name: "watchdog" });
        });

        it("has Prometheus send its alerts anew every 15 s for it, and each minute else", () => {
            assert.deepEqual(prometheusSpec({ ...minimal, resend: true }).rules, {
                alert: { resendDelay: "14s" },
            });
            assert.equal("rules" in prometheusSpec(minimal), false);
        });

        it("reports an address of the switch that is none, or that would not be used", () => {
            const problems = (args: MonitoringManifestsArgs) =>
                validateMonitoring(args).map(({ property, fix }) => `${property}: ${fix}`);
            assert.deepEqual(problems({ deadMansSwitchUrl: "switch" }), [
                "deadMansSwitchUrl: take webhookUrl of DeadMansSwitch",
            ]);
            assert.deepEqual(problems({ deadMansSwitchUrl: "http://a", alertmanagerConfig: "route: {}" }), [
                "deadMansSwitchUrl: route Watchdog there, or leave alertmanagerConfig out",
            ]);
            assert.deepEqual(problems({ deadMansSwitchUrl: "http://switch.watch.svc/watchdog" }), []);
        });
    });

    describe("prometheusOperatorSpec", () => {
        it("lists kubelets as slices, which is what Prometheus discovers", async () => {
            const spec = prometheusOperatorSpec({ namespace: "monitoring", images });
            // biome-ignore lint/suspicious/noExplicitAny: plain values were given, so plain values come back
            const { containers } = (spec as any).template.spec;
            const args: string[] = await promiseOf(pulumi.output(containers[0].args));
            assert.ok(args.includes("--kubelet-service=kube-system/kubelet"));
            assert.ok(args.includes("--kubelet-endpointslice=true"));
            assert.ok(args.includes("--kubelet-endpoints=false"));
            assert.ok(args.includes(`--prometheus-config-reloader=${images.prometheusConfigReloader}`));
            assert.ok(args.includes("--prometheus-instance-namespaces=monitoring"));
            assert.equal(prometheusSpec(minimal).serviceDiscoveryRole, "EndpointSlice");
        });

        it("may write the list of kubelets, and read Secrets and ConfigMaps of its own namespace only", () => {
            assert.ok(
                kubeletListRules.some((rule) => (rule.resources as string[]).includes("endpointslices")),
            );
            const resourcesOf = (rules: typeof operatorClusterRules) =>
                rules.flatMap((rule) => rule.resources as string[]);
            for (const kind of ["secrets", "configmaps"]) {
                assert.ok(resourcesOf(operatorNamespaceRules).includes(kind));
                for (const rules of [operatorClusterRules, kubeletListRules]) {
                    assert.equal(resourcesOf(rules).includes(kind), false, kind);
                    assert.equal(resourcesOf(rules).includes("*"), false);
                }
            }
        });
    });

    describe("nodeExporterSpec", () => {
        // biome-ignore lint/suspicious/noExplicitAny: the spec is plain data
        const pod = nodeExporterSpec(images).template.valueOf() as any;

        it("mounts the node's root read-only and shares none of its namespaces", () => {
            assert.deepEqual(pod.spec.volumes, [{ name: "root", hostPath: { path: "/" } }]);
            assert.equal(pod.spec.containers[0].volumeMounts[0].readOnly, true);
            for (const shared of ["hostNetwork", "hostPID", "hostIPC"])
                assert.equal(shared in pod.spec, false);
        });

        it("measures no network, which would be the pod's own", () => {
            assert.ok(pod.spec.containers[0].args.includes("--collector.disable-defaults"));
            assert.equal(
                pod.spec.containers[0].args.some((arg: string) => arg.includes("net")),
                false,
            );
        });
    });

    describe("kubeletMonitorSpec", () => {
        it("scrapes the kubelet, its containers and the resource figures, a kept list of each", () => {
            const { endpoints } = kubeletMonitorSpec(false);
            assert.deepEqual(
                endpoints.map(({ path }) => path),
                ["/metrics", "/metrics/cadvisor", "/metrics/resource"],
            );
            for (const endpoint of endpoints) assert.equal(endpoint.metricRelabelings[0]?.action, "keep");
        });

        it("checks the kubelet's certificate unless told otherwise", () => {
            assert.deepEqual(Object.keys(kubeletMonitorSpec(false).endpoints[0]?.tlsConfig ?? {}), [
                "caFile",
            ]);
            assert.deepEqual(kubeletMonitorSpec(true).endpoints[0]?.tlsConfig, { insecureSkipVerify: true });
        });

        const examples: [path: string, kept: string[], dropped: string[]][] = [
            [
                "/metrics",
                ["kubelet_running_pods", "process_resident_memory_bytes"],
                ["kubelet_http_requests_total"],
            ],
            [
                "/metrics/cadvisor",
                [
                    "container_cpu_usage_seconds_total",
                    "container_cpu_cfs_throttled_periods_total",
                    "container_memory_working_set_bytes",
                    "container_oom_events_total",
                    "machine_memory_bytes",
                ],
                ["container_tasks_state", "container_blkio_device_usage_total"],
            ],
            [
                "/metrics/resource",
                [
                    "node_cpu_usage_seconds_total",
                    "pod_memory_working_set_bytes",
                    "container_start_time_seconds",
                ],
                ["container_cpu_usage_seconds_total"],
            ],
        ];
        for (const [path, kept, dropped] of examples) {
            it(`keeps of ${path} what is documented`, () => {
                const names = new RegExp(`^(?:${keptSeries[path]})$`);
                for (const name of kept) assert.match(name, names);
                for (const name of dropped) assert.doesNotMatch(name, names);
            });
        }
    });

    it("watches the watchers: a Watchdog that always fires, targets, rules, configuration, notifications", () => {
        const names = (args?: MonitoringRulesArgs) =>
            monitoringRules(args).rules.map((rule) => ("alert" in rule ? rule.alert : rule.record));
        const always = [
            "Watchdog",
            "TargetDown",
            "ScrapeSlow",
            "PrometheusRuleFailures",
            "PrometheusMissingRuleEvaluations",
            "PrometheusBadConfig",
            "AlertmanagerFailedReload",
            "PrometheusOperatorRejectedResources",
            "PrometheusNotConnectedToAlertmanagers",
            "PrometheusErrorSendingAlertsToAnyAlertmanager",
            "NodeFilesystemSpaceFillingUp",
        ];
        assert.deepEqual(names(), always);
        assert.deepEqual(names({ volume: true }), [...always, "KubePersistentVolumeFillingUp"]);
        assert.equal(monitoringRules().rules[0]?.expr, "vector(1)");
    });

    describe("resources", () => {
        let recording: Recording;
        let monitoring: MonitoringManifests;
        before(async () => {
            recording = await record(() => {
                monitoring = new MonitoringManifests("m", {
                    prometheusNodePort: 30090,
                    kubeletInsecureTls: true,
                });
            });
        });

        it("are these, by these names", () => {
            const names = named(recording)
                .filter(
                    ([kind]) => !["NetworkPolicy", "ServiceAccount"].includes(kind) && !kind.includes("Role"),
                )
                .map(([kind, , objectName]) => `${kind} ${objectName}`);
            assert.deepEqual(names.sort(), [
                "Alertmanager main",
                "DaemonSet node-exporter",
                "Deployment prometheus-operator",
                "Namespace monitoring",
                "Namespace node-exporter",
                "PodMonitor node-exporter",
                "PodMonitor prometheus-operator",
                "Prometheus main",
                "PrometheusRule monitoring",
                "Secret alertmanager-config",
                "Service alertmanager",
                "Service prometheus",
                "ServiceMonitor alertmanager",
                "ServiceMonitor kubelet",
                "ServiceMonitor prometheus",
            ]);
        });

        it("open a node port only where one is asked for", () => {
            const prometheus = object(recording, "Service", "prometheus").inputs.spec;
            assert.equal(prometheus.type, "NodePort");
            assert.equal(prometheus.ports[0].nodePort, 30090);
            const alertmanager = object(recording, "Service", "alertmanager").inputs.spec;
            assert.equal(alertmanager.type, "ClusterIP");
            assert.equal("nodePort" in alertmanager.ports[0], false);
        });

        it("wait until the servers are available", () => {
            for (const kind of ["Prometheus", "Alertmanager"]) {
                const { annotations } = object(recording, kind, "main").inputs.metadata;
                assert.deepEqual(annotations, { "pulumi.com/waitFor": "condition=Available" });
            }
        });

        it("keep only the node exporter in a privileged namespace", () => {
            const level = (namespace: string) =>
                object(recording, "Namespace", namespace).inputs.metadata.labels[
                    "pod-security.kubernetes.io/enforce"
                ];
            assert.equal(level("monitoring"), "restricted");
            assert.equal(level("node-exporter"), "privileged");
            assert.equal(
                object(recording, "DaemonSet", "node-exporter").inputs.metadata.namespace,
                "node-exporter",
            );
        });

        it("keep Alertmanager's configuration secret", () => {
            assert.deepEqual(object(recording, "Secret", "alertmanager-config").secrets, ["stringData"]);
        });

        it("tell where they are inside the cluster", async () => {
            assert.equal(await promiseOf(monitoring.prometheusUrl), "http://prometheus.monitoring.svc:9090");
            assert.equal(
                await promiseOf(monitoring.alertmanagerUrl),
                "http://alertmanager.monitoring.svc:9093",
            );
        });
    });

    it("creates nothing when an argument is wrong", async () => {
        const wrong: MonitoringManifestsArgs = { retention: "long" };
        const recording = await record(() => {
            assert.throws(
                () => new MonitoringManifests("m", wrong),
                /^ResourceError|retention: was given "long"/,
            );
        });
        assert.deepEqual(named(recording), []);
    });

    it("makes the servers only when the operator runs", async () => {
        const recording = await record(
            () => {
                new MonitoringManifests("m");
            },
            (resource) => resource.name === "m-operator",
        );
        assert.equal(inOrder(recording, "Deployment m-operator", "Prometheus m-prometheus"), true);
        assert.equal(inOrder(recording, "Deployment m-operator", "Alertmanager m-alertmanager"), true);
        assert.equal(inOrder(recording, "Deployment m-operator", "DaemonSet m-nodes"), false);
    });
});
