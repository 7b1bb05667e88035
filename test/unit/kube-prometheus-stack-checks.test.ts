import assert from "node:assert/strict";
import {
    type Exposure,
    type KubePrometheusStackArgs,
    publicDashboards,
    validateKubePrometheusStack,
} from "../../components/monitoring/kube-prometheus-stack";

const properties = (args: KubePrometheusStackArgs) =>
    validateKubePrometheusStack(args).map(({ property }) => property);

const ingress = {
    kind: "ingress",
    domain: "example.com",
    ingressClassName: "traefik",
    tls: { clusterIssuer: "letsencrypt" },
} as const satisfies Exposure;

describe("validateKubePrometheusStack", () => {
    it("accepts the defaults, and everything at once", () => {
        assert.deepEqual(validateKubePrometheusStack({}), []);
        assert.deepEqual(
            validateKubePrometheusStack({
                exposure: { ...ingress, servers: ["prometheus"] },
                retention: "30d",
                retentionSize: "45GiB",
                storage: { prometheus: "50Gi", alertmanager: "1Gi", grafana: "5Gi", storageClass: "fast" },
                series: "lean",
                keepSeries: ["queue_.+"],
                replicas: { prometheus: 1, alertmanager: 10 },
                objectStorage: { secretName: "object-storage" },
                externalLabels: { cluster: "north" },
                scrapeConfigs: [{ job_name: "a" }, { job_name: "b" }],
                alertReceivers: { webhook: { url: "https://example.com" } },
                dashboards: { queue: '{"title":"Queue"}' },
                publicDashboards: Object.values(publicDashboards),
            }),
            [],
        );
    });

    it("reports every argument that is out of range, at once", () => {
        assert.deepEqual(
            properties({
                namespace: "M",
                nodeExporterNamespace: "n_",
                exposure: { kind: "nodePort", grafana: 80 },
                scrapeInterval: "15",
                evaluationInterval: "x",
                retention: "10",
                storage: { prometheus: "big", alertmanager: "0", grafana: "5GB" },
                retentionSize: "40Gi",
                replicas: { prometheus: 0, alertmanager: 11 },
                objectStorage: { secretName: "S3" },
                source: { versions: { kubePrometheusStack: "^88" } },
            }),
            [
                "namespace",
                "nodeExporterNamespace",
                "exposure.grafana",
                "scrapeInterval",
                "evaluationInterval",
                "retention",
                "storage.prometheus",
                "storage.alertmanager",
                "storage.grafana",
                "retentionSize",
                "replicas.prometheus",
                "replicas.alertmanager",
                "objectStorage.secretName",
                "source.versions.kubePrometheusStack",
            ],
        );
    });

    it("wants the node exporter in a namespace of its own", () => {
        assert.deepEqual(properties({ namespace: "node-exporter" }), ["nodeExporterNamespace"]);
        assert.deepEqual(properties({ nodeExporterNamespace: "monitoring" }), ["nodeExporterNamespace"]);
    });

    it("wants a node port, and none twice", () => {
        assert.deepEqual(properties({ exposure: { kind: "nodePort" } }), ["exposure"]);
        assert.deepEqual(properties({ exposure: { kind: "nodePort", grafana: 30090, prometheus: 30090 } }), [
            "exposure",
        ]);
        assert.deepEqual(properties({ exposure: { kind: "nodePort", alertmanager: 30093 } }), []);
    });

    it("wants a bare domain, names, and a server to expose", () => {
        for (const domain of ["https://example.com", "Example.com", "example.com/x", "a..b", ""])
            assert.deepEqual(properties({ exposure: { ...ingress, domain } }), ["exposure.domain"], domain);
        assert.deepEqual(
            properties({
                exposure: { ...ingress, ingressClassName: "", tls: { secretName: "T" }, servers: [] },
            }),
            ["exposure.ingressClassName", "exposure.tls.secretName", "exposure.servers"],
        );
        assert.deepEqual(properties({ exposure: { ...ingress, tls: { clusterIssuer: "" } } }), [
            "exposure.tls.clusterIssuer",
        ]);
    });

    it("wants samples to fit onto the volume", () => {
        const storage = { prometheus: "50Gi" };
        assert.deepEqual(properties({ storage, retentionSize: "50GiB" }), ["retentionSize"]);
        assert.deepEqual(properties({ storage, retentionSize: "49GiB" }), []);
        assert.deepEqual(properties({ retentionSize: "500GiB" }), []);
        assert.deepEqual(properties({ retentionSize: "0GB" }), ["retentionSize"]);
    });

    it("wants a size with a storage class", () => {
        assert.deepEqual(properties({ storage: { storageClass: "fast" } }), ["storage.storageClass"]);
        assert.deepEqual(properties({ storage: { storageClass: "fast", grafana: "1Gi" } }), []);
    });

    it("refuses labels that the operator sets, or Prometheus cannot have", () => {
        assert.deepEqual(properties({ externalLabels: { prometheus_replica: "x", "a-b": "y", zone: "z" } }), [
            "externalLabels.prometheus_replica",
            "externalLabels.a-b",
        ]);
    });

    it("refuses to keep series where all are kept", () => {
        assert.deepEqual(properties({ keepSeries: ["queue_.+"] }), ["keepSeries"]);
        assert.deepEqual(properties({ series: "full", keepSeries: ["queue_.+"] }), ["keepSeries"]);
    });

    it("refuses jobs without a name of their own", () => {
        assert.deepEqual(
            properties({ scrapeConfigs: [{ job_name: "a" }, { job_name: "a" }, { job_name: "" }] }),
            ["scrapeConfigs[1].job_name", "scrapeConfigs[2].job_name"],
        );
    });

    it("refuses secrets in jobs, at any depth, and does not print them", () => {
        const problems = validateKubePrometheusStack({
            scrapeConfigs: [
                {
                    job_name: "a",
                    basic_auth: { username: "u", password: "canary" },
                    consul_sd_configs: [{ authorization: { credentials: "canary" } }],
                },
                { job_name: "b", basic_auth: { password_file: "/etc/password" } },
            ],
        });
        assert.deepEqual(
            problems.map(({ property }) => property),
            [
                "scrapeConfigs[0].basic_auth.password",
                "scrapeConfigs[0].consul_sd_configs.0.authorization.credentials",
            ],
        );
        assert.doesNotMatch(JSON.stringify(problems), /canary/);
    });

    it("refuses two answers to where alerts go, and an empty one", () => {
        const alertReceivers = { webhook: { url: "https://example.com/canary" } };
        const problems = validateKubePrometheusStack({ alertReceivers, alertmanagerConfig: "route: {}" });
        assert.deepEqual(
            problems.map(({ property }) => property),
            ["alertReceivers"],
        );
        assert.doesNotMatch(JSON.stringify(problems), /canary/);
        assert.deepEqual(properties({ alertReceivers: {} }), ["alertReceivers"]);
        const deadMansSwitch = { url: "https://example.com", intervalSeconds: 5 };
        assert.deepEqual(properties({ alertReceivers: { deadMansSwitch } }), [
            "alertReceivers.deadMansSwitch.intervalSeconds",
        ]);
    });

    it("refuses dashboards that Grafana or Kubernetes would not take", () => {
        assert.deepEqual(
            properties({
                dashboards: {
                    Queue: '{"title":"Queue"}',
                    broken: "{",
                    untitled: "{}",
                    nothing: "null",
                    large: JSON.stringify({ title: "x".repeat(1_000_000) }),
                },
            }),
            [
                "dashboards.Queue",
                "dashboards.broken",
                "dashboards.untitled",
                "dashboards.nothing",
                "dashboards.large",
            ],
        );
    });

    it("refuses public dashboards without a revision, or of the same name", () => {
        const { dcgm } = publicDashboards;
        assert.deepEqual(properties({ publicDashboards: [dcgm, { ...dcgm, revision: 0 }] }), [
            "publicDashboards[1].revision",
            "publicDashboards[1].name",
        ]);
    });
});
