import assert from "node:assert/strict";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import {
    KubePrometheusStack,
    type KubePrometheusStackArgs,
    kubePrometheusStackValues,
    prometheusOperatorCrdsValues,
} from "../../components/monitoring/kube-prometheus-stack";
import { stackOpenings } from "../../components/monitoring/kube-prometheus-stack/openings";
import { inOrder, object, password, promiseOf, type Recorded, record } from "./support/mocks";

const stack = (args: KubePrometheusStackArgs = {}) =>
    record(() => new KubePrometheusStack("monitoring", args));

/** Type and name in the program of what a component makes, but for network policies. */
const made = (resources: readonly Recorded[]) =>
    resources
        .filter(({ kind }) => kind !== "NetworkPolicy")
        .map(({ kind, name }) => `${kind.split(":").at(-1)} ${name}`)
        .sort();

const always = [
    "Chart monitoring",
    "ClusterRole monitoring-dashboard-reader",
    "KubePrometheusStack monitoring",
    "Namespace monitoring-namespace",
    "Namespace monitoring-nodes-namespace",
    "RandomPassword monitoring-grafana-admin",
    "Release monitoring-crds",
    "Secret monitoring-alertmanager-config",
    "Secret monitoring-grafana-admin",
    "SecureNamespace monitoring-namespace",
    "SecureNamespace monitoring-nodes-namespace",
];

describe("KubePrometheusStack", () => {
    it("makes two namespaces, two Secrets, a role, the definitions and the chart, and nothing else", async () => {
        assert.deepEqual(made((await stack()).resources), always);
    });

    it("installs the pinned charts with its values", async () => {
        const { resources } = await stack();
        const chart = resources.find(({ kind }) => kind === "Chart");
        const { values, ...inputs } = chart?.inputs ?? {};
        assert.deepEqual(inputs, {
            chart: "oci://ghcr.io/prometheus-community/charts/kube-prometheus-stack",
            version: "88.5.3",
            name: "monitoring",
            namespace: "monitoring",
            skipCrds: true,
        });
        assert.deepEqual(values, kubePrometheusStackValues({}));
        const definitions = resources.find(({ kind }) => kind === "Release");
        assert.equal(
            definitions?.inputs.chart,
            "oci://ghcr.io/prometheus-community/charts/prometheus-operator-crds",
        );
        assert.equal(definitions?.inputs.version, "31.0.1");
        assert.equal(definitions?.inputs.name, "prometheus-operator-crds");
        assert.deepEqual(definitions?.inputs.values, prometheusOperatorCrdsValues({}));
    });

    it("merges the user's values last, into both charts", async () => {
        const { resources } = await stack({
            values: { prometheus: { prometheusSpec: { shards: 2 } } },
            crdsValues: { crds: { probes: { enabled: false } } },
        });
        const spec = resources.find(({ kind }) => kind === "Chart")?.inputs.values.prometheus.prometheusSpec;
        assert.equal(spec.shards, 2);
        assert.equal(spec.ruleSelectorNilUsesHelmValues, false);
        assert.deepEqual(resources.find(({ kind }) => kind === "Release")?.inputs.values.crds, {
            annotations: { "helm.sh/resource-policy": "keep" },
            probes: { enabled: false },
        });
    });

    it("keeps the definitions when it is destroyed, unless told otherwise", () => {
        assert.deepEqual(prometheusOperatorCrdsValues({ keepCrds: false }), { crds: { annotations: {} } });
        assert.deepEqual(prometheusOperatorCrdsValues({}).crds, {
            annotations: { "helm.sh/resource-policy": "keep" },
        });
    });

    it("admits what needs the node into the node exporter's namespace only", async () => {
        const recording = await stack({ namespace: "watch", nodeExporterNamespace: "nodes" });
        const level = (namespace: string) =>
            object(recording, "Namespace", namespace).inputs.metadata.labels[
                "pod-security.kubernetes.io/enforce"
            ];
        assert.equal(level("watch"), "restricted");
        assert.equal(level("nodes"), "privileged");
        const chart = recording.resources.find(({ kind }) => kind === "Chart");
        assert.equal(chart?.inputs.namespace, "watch");
        assert.equal(chart?.inputs.values["prometheus-node-exporter"].namespaceOverride, "nodes");
        const walls = recording.resources.filter(
            ({ kind, inputs }) => kind === "NetworkPolicy" && inputs.metadata.namespace === "nodes",
        );
        const scrape = walls.find(({ inputs }) => inputs.metadata.name === "metrics-from-monitoring");
        assert.deepEqual(scrape?.inputs.spec.ingress, [
            {
                ports: [{ protocol: "TCP", port: 9100 }],
                from: [
                    {
                        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "watch" } },
                        podSelector: {
                            matchLabels: {
                                "app.kubernetes.io/name": "prometheus",
                                "operator.prometheus.io/name": "monitoring-prometheus",
                            },
                        },
                    },
                ],
            },
        ]);
    });

    it("limits the namespace to a quota that is given", async () => {
        const recording = await stack({ quota: { "requests.cpu": "4" } });
        assert.deepEqual(object(recording, "ResourceQuota", "quota").inputs.spec, {
            hard: { "requests.cpu": "4" },
        });
    });

    it("generates the password of Grafana, and hands it over in a Secret and a secret output only", async () => {
        let output: pulumi.Output<string> | undefined;
        const recording = await record(() => {
            output = new KubePrometheusStack("monitoring").grafanaAdminPassword;
        });
        const secret = object(recording, "Secret", "grafana-admin");
        assert.deepEqual(secret.inputs.stringData, { "admin-user": "admin", "admin-password": password });
        assert.ok(secret.secrets.includes("stringData"));
        assert.ok(output);
        assert.equal(await pulumi.isSecret(output), true);
        assert.equal(await promiseOf(output), password);
        const others = recording.resources.filter((resource) => resource !== secret);
        assert.ok(!JSON.stringify(others.map(({ inputs }) => inputs)).includes(password));
        const chart = recording.resources.find(({ kind }) => kind === "Chart");
        assert.equal(chart?.inputs.values.grafana.admin.existingSecret, "grafana-admin");
    });

    it("lets Grafana read ConfigMaps of every namespace, and no Secrets", async () => {
        const role = object(await stack(), "ClusterRole", "monitoring-dashboard-reader");
        assert.deepEqual(role.inputs.rules, [
            { apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list", "watch"] },
        ]);
    });

    it("keeps Alertmanager's configuration in a Secret, and out of the values", async () => {
        const recording = await stack({ alertmanagerConfig: pulumi.secret("route: canary") });
        const secret = object(recording, "Secret", "alertmanager-config");
        assert.deepEqual(secret.inputs.stringData, { "alertmanager.yaml": "route: canary" });
        assert.ok(secret.secrets.includes("stringData"));
        const others = recording.resources.filter((resource) => resource !== secret);
        assert.ok(!JSON.stringify(others.map(({ inputs }) => inputs)).includes("canary"));
    });

    it("writes Alertmanager's configuration for the receivers", async () => {
        const recording = await stack({
            alertReceivers: { webhook: { url: pulumi.secret("https://example.com/canary") } },
        });
        const { inputs } = object(recording, "Secret", "alertmanager-config");
        const { route, receivers } = JSON.parse(inputs.stringData["alertmanager.yaml"]);
        assert.equal(route.receiver, "people");
        assert.deepEqual(receivers[1], {
            name: "people",
            webhook_configs: [{ url: "https://example.com/canary", send_resolved: true }],
        });
    });

    it("brings the user's dashboards as labelled ConfigMaps", async () => {
        const json = '{"title":"Queue"}';
        const recording = await stack({ dashboards: { queue: json } });
        const { inputs } = object(recording, "ConfigMap", "dashboard-queue");
        assert.deepEqual(inputs.metadata.labels, { grafana_dashboard: "1" });
        assert.deepEqual(inputs.data, { "queue.json": json });
        assert.deepEqual(
            made(recording.resources),
            ["ConfigMap monitoring-dashboard-queue", ...always].sort(),
        );
    });

    it("scrapes the API server by a monitor of its own in the lean profile, after the definitions", async () => {
        const recording = await record(
            () => new KubePrometheusStack("monitoring", { series: "lean" }),
            ({ kind }) => kind === "Release",
        );
        const monitor = object(recording, "ServiceMonitor", "apiserver");
        assert.equal(monitor.inputs.spec.jobLabel, "component");
        const [endpoint] = monitor.inputs.spec.endpoints;
        const kept = new RegExp(`^(${endpoint.metricRelabelings[0].regex})$`);
        assert.match("apiserver_request_total", kept);
        assert.doesNotMatch("apiserver_request_sli_duration_seconds_bucket", kept);
        assert.ok(
            inOrder(recording, "Release monitoring-crds", "ServiceMonitor monitoring-apiserver-monitor"),
        );
    });

    for (const awaited of [
        "Namespace monitoring-namespace",
        "Namespace monitoring-nodes-namespace",
        "Release monitoring-crds",
        "ClusterRole monitoring-dashboard-reader",
        "Secret monitoring-grafana-admin",
        "Secret monitoring-alertmanager-config",
    ]) {
        it(`installs the chart after the ${awaited}`, async () => {
            const registered: Record<string, number> = {};
            await record(
                () => new KubePrometheusStack("monitoring"),
                ({ kind, name }) => {
                    registered[`${kind} ${name}`] = Date.now();
                    return `${kind} ${name}` === awaited;
                },
            );
            const waited = (registered["Chart monitoring"] ?? 0) - (registered[awaited] ?? 0);
            assert.ok(waited >= 140, `${waited} ms`);
        });
    }

    it("waits for what it depends on", async () => {
        const recording = await record(
            () => {
                const network = new ConfigMap("network", {});
                new KubePrometheusStack("monitoring", {}, { dependsOn: network });
            },
            ({ name }) => name === "network",
        );
        for (const kind of ["Namespace monitoring-namespace", "Namespace monitoring-nodes-namespace"]) {
            assert.ok(inOrder(recording, "ConfigMap network", kind), kind);
        }
    });

    it("says where its servers are, inside the cluster and outside", async () => {
        let made: KubePrometheusStack | undefined;
        await record(() => {
            made = new KubePrometheusStack("monitoring", {
                namespace: "watch",
                exposure: {
                    kind: "ingress",
                    domain: "example.com",
                    ingressClassName: "traefik",
                    tls: { clusterIssuer: "letsencrypt" },
                },
            });
        });
        assert.ok(made);
        assert.equal(await promiseOf(made.namespace), "watch");
        assert.equal(await promiseOf(made.prometheusUrl), "http://monitoring-prometheus.watch.svc:9090");
        assert.equal(await promiseOf(made.alertmanagerUrl), "http://monitoring-alertmanager.watch.svc:9093");
        assert.equal(await promiseOf(made.grafanaUrl), "http://grafana.watch.svc");
        assert.deepEqual(made.endpoints, { grafana: "https://grafana.example.com" });
        assert.equal(made.grafanaAdminUser, "admin");
    });

    it("refuses bad arguments before anything is made", async () => {
        let error: unknown;
        const { resources } = await record(() => {
            try {
                new KubePrometheusStack("monitoring", { namespace: "M", retention: "10" });
            } catch (thrown) {
                error = thrown;
            }
        });
        assert.ok(error instanceof pulumi.ResourceError);
        assert.match(error.message, /^namespace: was given "M".*\nretention: was given "10"/);
        assert.ok(
            resources.every(({ type }) => type === "pulumi-kube-observability:index:KubePrometheusStack"),
        );
    });

    describe("stackOpenings", () => {
        const names = (args: KubePrometheusStackArgs) => stackOpenings(args).map(({ name }) => name);
        const standard = names({});

        it("lets clients reach the servers, Prometheus its targets, and the others what they need", () => {
            assert.deepEqual(standard, [
                "grafana-from-anywhere",
                "prometheus-from-anywhere",
                "alertmanager-from-anywhere",
                "prometheus-to-targets",
                "metrics-from-prometheus",
                "alertmanager-to-receivers",
                "grafana-to-prometheus",
                "grafana-to-alertmanager",
                "operator-to-api",
                "kube-state-metrics-to-api",
                "grafana-to-api",
            ]);
            const [grafana] = stackOpenings({});
            assert.deepEqual(grafana, {
                name: "grafana-from-anywhere",
                pods: { "app.kubernetes.io/name": "grafana" },
                direction: "ingress",
                peer: "anywhere",
                ports: [3000],
            });
        });

        it("opens more only for what is asked for", () => {
            const added = (args: KubePrometheusStackArgs) =>
                names(args).filter((name) => !standard.includes(name));
            const ingress = { kind: "ingress", domain: "example.com", ingressClassName: "traefik" } as const;
            assert.deepEqual(added({ replicas: { alertmanager: 3 } }), ["alertmanager-peers"]);
            assert.deepEqual(added({ replicas: { prometheus: 2 } }), []);
            assert.deepEqual(added({ objectStorage: { secretName: "s3" } }), ["thanos-from-anywhere"]);
            assert.deepEqual(added({ exposure: { ...ingress, tls: { clusterIssuer: "le" } } }), [
                "acme-solver-from-anywhere",
            ]);
            assert.deepEqual(added({ exposure: { ...ingress, tls: { secretName: "tls" } } }), []);
            assert.deepEqual(
                added({ openings: [{ name: "grafana-to-loki", direction: "egress", peer: "anywhere" }] }),
                ["grafana-to-loki"],
            );
        });
    });
});
