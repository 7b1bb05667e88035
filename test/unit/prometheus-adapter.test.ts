import assert from "node:assert/strict";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import {
    adapterOpenings,
    PrometheusAdapter,
    type PrometheusAdapterArgs,
    type PrometheusAdapterValues,
    validatePrometheusAdapter,
} from "../../components/autoscaling/prometheus-adapter";
import {
    metricOfSignal,
    prometheusAdapterValues,
    signalRule,
} from "../../components/autoscaling/prometheus-adapter/values";
import { itSetsOnlyKeysOf } from "./support/chart-keys";
import { inOrder, named, object, record } from "./support/mocks";

const made = (args: PrometheusAdapterArgs) => record(() => new PrometheusAdapter("adapter", args));
const problems = (args: PrometheusAdapterArgs) => validatePrometheusAdapter(args);
const wrong = (args: PrometheusAdapterArgs) => problems(args).map(({ property }) => property);
// biome-ignore lint/suspicious/noExplicitAny: values are plain data
const valuesOf = (args: PrometheusAdapterArgs): any => prometheusAdapterValues(args);
const owned = (name: string, service: string) => ({ apiServices: [{ name, service, annotations: {} }] });

describe("PrometheusAdapter", () => {
    it("installs the pinned chart into a restricted namespace of its own, and nothing else", async () => {
        const recording = await made({});
        assert.deepEqual(named(recording), [
            ["Namespace", "adapter-namespace", "prometheus-adapter"],
            ["NetworkPolicy", "adapter-namespace-api-server", "api-server"],
            ["NetworkPolicy", "adapter-namespace-default-deny", "default-deny"],
            ["NetworkPolicy", "adapter-namespace-dns", "dns"],
            ["NetworkPolicy", "adapter-namespace-metrics-from-api-server", "metrics-from-api-server"],
            ["NetworkPolicy", "adapter-namespace-prometheus", "prometheus"],
        ]);
        const { labels } = object(recording, "Namespace", "prometheus-adapter").inputs.metadata;
        assert.equal(labels["pod-security.kubernetes.io/enforce"], "restricted");
        const charts = recording.resources.filter(({ kind }) => kind === "Chart");
        assert.equal(charts.length, 1);
        const { values, ...inputs } = charts[0]?.inputs ?? {};
        assert.deepEqual(inputs, {
            chart: "oci://ghcr.io/prometheus-community/charts/prometheus-adapter",
            version: "5.3.0",
            name: "prometheus-adapter",
            namespace: "prometheus-adapter",
            skipCrds: true,
        });
        assert.deepEqual(values, valuesOf({}));
    });

    it("waits for its own dependencies, and its chart for the namespace", async () => {
        const recording = await record(
            () => {
                const before = new ConfigMap("before");
                new PrometheusAdapter("adapter", {}, { dependsOn: [before] });
            },
            ({ kind }) => kind === "ConfigMap" || kind === "Namespace",
        );
        assert.ok(inOrder(recording, "ConfigMap before", "Namespace adapter-namespace"));
        const order = recording.resources.map(({ kind, name }) => `${kind} ${name}`);
        assert.ok(order.indexOf("Namespace adapter-namespace") < order.indexOf("Chart adapter"));
    });

    it("makes a quota of the namespace where one is given", async () => {
        const recording = await made({ quota: { pods: "4" } });
        assert.deepEqual(object(recording, "ResourceQuota", "quota").inputs.spec, { hard: { pods: "4" } });
    });

    it("merges the user's values last", async () => {
        const { resources } = await made({ values: { replicas: 4, rules: { default: true } } });
        const { values } = resources.find(({ kind }) => kind === "Chart")?.inputs ?? {};
        assert.equal(values.replicas, 4);
        assert.deepEqual(values.rules, { default: true, custom: [signalRule] });
    });

    it("has one rule, for every recorded signal, and none of the chart's", () => {
        assert.deepEqual(valuesOf({}).rules, { default: false, custom: [signalRule] });
        assert.equal(signalRule.seriesQuery, '{__name__=~"^autoscaler:.*",namespace!=""}');
        assert.deepEqual(signalRule.resources.overrides.namespace, { resource: "namespace" });
    });

    it("names the metric of a signal as its rule does", () => {
        const { matches, as } = signalRule.name;
        for (const series of ["autoscaler:demand", "autoscaler:queue_length"]) {
            assert.equal(metricOfSignal(series), series.replace(new RegExp(matches), as));
        }
        assert.equal(metricOfSignal("autoscaler:demand"), "autoscaler_demand");
        assert.doesNotMatch("an_autoscaler:demand", new RegExp(matches));
    });

    for (const [url, prometheus] of [
        [
            "http://prometheus.monitoring.svc:9090",
            { url: "http://prometheus.monitoring.svc", port: 9090, path: "" },
        ],
        ["http://prometheus.monitoring.svc", { url: "http://prometheus.monitoring.svc", port: 0, path: "" }],
        [
            "https://thanos.example.com:443/prom/",
            { url: "https://thanos.example.com", port: 0, path: "/prom" },
        ],
        ["http://[fd00::1]:9090/a/b", { url: "http://[fd00::1]", port: 9090, path: "/a/b" }],
    ] as const) {
        it(`takes ${url} apart as the chart wants it`, () => {
            assert.deepEqual(valuesOf({ prometheusUrl: url }).prometheus, prometheus);
        });
    }

    it("asks the Prometheus of KubePrometheusStack unless told otherwise", () => {
        assert.deepEqual(valuesOf({}).prometheus, {
            url: "http://monitoring-prometheus.monitoring.svc",
            port: 9090,
            path: "",
        });
    });

    it("lists series anew every 15 s, and looks back further than that", () => {
        assert.equal(valuesOf({}).metricsRelistInterval, "15s");
        assert.deepEqual(valuesOf({}).extraArguments, ["--metrics-max-age=300s"]);
        assert.equal(valuesOf({ relistSeconds: 600 }).metricsRelistInterval, "600s");
        assert.deepEqual(valuesOf({ relistSeconds: 600 }).extraArguments, ["--metrics-max-age=600s"]);
    });

    it("lets one of several pods go at a time, and spreads them", () => {
        const { podDisruptionBudget, affinity } = valuesOf({ replicas: 2 });
        assert.deepEqual(podDisruptionBudget, { enabled: true, maxUnavailable: 1 });
        const [term] = affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution;
        assert.deepEqual(term.podAffinityTerm.labelSelector.matchLabels, {
            "app.kubernetes.io/name": "prometheus-adapter",
        });
        assert.deepEqual(valuesOf({}).podDisruptionBudget, { enabled: false });
        assert.deepEqual(valuesOf({}).affinity, {});
    });

    it("reaches Prometheus and the API server, and is reached by the latter only", () => {
        assert.deepEqual(adapterOpenings({}), [
            { name: "prometheus", direction: "egress", peer: { namespace: "monitoring" } },
            { name: "api-server", direction: "egress", peer: "anywhere", ports: [443, 6443] },
            { name: "metrics-from-api-server", direction: "ingress", peer: "anywhere", ports: [6443] },
        ]);
    });

    for (const [url, port] of [
        ["https://thanos.example.com", 443],
        ["http://thanos.example.com", 80],
        ["http://thanos.example.com:9090", 9090],
    ] as const) {
        it(`opens port ${port} for ${url}`, () => {
            assert.deepEqual(adapterOpenings({ prometheusUrl: url })[0]?.ports, [port]);
        });
    }

    it("accepts an API without an owner, and its own", () => {
        assert.deepEqual(problems({ facts: { apiServices: [] } }), []);
        const own = owned("v1beta1.custom.metrics.k8s.io", "prometheus-adapter/prometheus-adapter");
        assert.deepEqual(problems({ facts: own }), []);
        const elsewhere = owned("v1beta1.custom.metrics.k8s.io", "metrics/prometheus-adapter");
        assert.deepEqual(problems({ facts: elsewhere, namespace: "metrics" }), []);
    });

    it("accepts KEDA and a metrics server beside it", () => {
        const facts = {
            apiServices: [
                ...owned("v1beta1.external.metrics.k8s.io", "keda/keda-operator-metrics-apiserver")
                    .apiServices,
                ...owned("v1beta1.metrics.k8s.io", "kube-system/metrics-server").apiServices,
            ],
        };
        assert.deepEqual(problems({ facts }), []);
    });

    for (const version of ["v1beta1", "v1beta2"]) {
        it(`refuses where ${version} of the API has another owner, before it makes anything`, async () => {
            const facts = owned(`${version}.custom.metrics.k8s.io`, "custom-metrics/stackdriver-adapter");
            const [problem, ...others] = problems({ facts });
            assert.deepEqual(others, []);
            assert.equal(problem?.property, "facts");
            assert.match(
                problem?.allowed ?? "",
                /belongs to the Service custom-metrics\/stackdriver-adapter/,
            );
            let error: unknown;
            const { resources } = await record(() => {
                try {
                    new PrometheusAdapter("adapter", { facts });
                } catch (caught) {
                    error = caught;
                }
            });
            assert.match(String(error), /stackdriver-adapter/);
            assert.deepEqual(
                resources.map(({ type }) => type),
                ["pulumi-kube-observability:index:PrometheusAdapter"],
            );
        });
    }

    const taking: [what: string, values: PrometheusAdapterValues, property: string][] = [
        ["KEDA's API", { rules: { external: [signalRule] } }, "values.rules.external"],
        ["the metrics server's API", { rules: { resource: { window: "3m" } } }, "values.rules.resource"],
        ["rules that nobody sees", { rules: { existing: "my-rules" } }, "values.rules.existing"],
        ["a private key", { tls: { enable: true, key: "k" } }, "values.tls"],
    ];
    for (const [what, values, property] of taking) {
        it(`refuses ${what} in values`, () => {
            assert.deepEqual(wrong({ values }), [property]);
        });
    }

    it("does not repeat a private key or a password that it refuses", () => {
        const all = problems({
            prometheusUrl: "http://me:hidden@prometheus.monitoring.svc",
            values: { tls: { key: "hidden" } },
        });
        assert.deepEqual(
            all.map(({ property }) => property),
            ["prometheusUrl", "values.tls"],
        );
        assert.doesNotMatch(JSON.stringify(all), /hidden/);
    });

    it("does not repeat a password that makes an address of no known form", () => {
        const [problem] = problems({ prometheusUrl: "http://me:hid/den@prometheus" });
        assert.equal(problem?.given, "http://***@prometheus");
    });

    it("accepts values that say explicitly what holds anyway", () => {
        assert.deepEqual(wrong({ values: { rules: { external: [], resource: {}, existing: null } } }), []);
    });

    for (const url of [
        "",
        "prometheus:9090",
        "ftp://a",
        "http://",
        "http://a?b=c",
        "http://a/#b",
        "http://a/{{b}}",
    ]) {
        it(`refuses the address "${url}"`, () => {
            assert.deepEqual(wrong({ prometheusUrl: url }), ["prometheusUrl"]);
        });
    }

    it("refuses what is out of range, all at once", () => {
        assert.deepEqual(
            wrong({
                namespace: "No",
                relistSeconds: 1,
                replicas: 0,
                source: { versions: { prometheusAdapter: "^5" } },
            }),
            ["namespace", "relistSeconds", "replicas", "source.versions.prometheusAdapter"],
        );
    });

    itSetsOnlyKeysOf(
        "prometheusAdapter",
        () => [valuesOf({ replicas: 2, relistSeconds: 30 }), valuesOf({})],
        {
            "readinessProbe.periodSeconds": "the chart writes the probe as it is",
        },
    );
});
