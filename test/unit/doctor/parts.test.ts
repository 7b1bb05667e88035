import assert from "node:assert/strict";
import { serviceAddress, serviceProxy } from "../../../doctor/chain/address";
import { changedLater } from "../../../doctor/chain/changed";
import { workloadName } from "../../../doctor/chain/place";
import { parses, satisfies, vectorSelectors, wanted } from "../../../doctor/chain/promql";
import { duration, figure, quantity } from "../../../doctor/chain/quantity";
import { looksInto, selectorQuery, selects, serviceSelects } from "../../../doctor/chain/selectors";
import { takesMonitor } from "../../../doctor/chain/taken";
import { refusal, rightFor } from "../../../doctor/read/api";
import { contains, looksLikeMetrics } from "../../../doctor/read/probe";
import { ago, meta, monitor, only } from "./support";

describe("PromQL", () => {
    it("gives its selectors with their matchers, each once, without ranges", () => {
        const query =
            'sum(rate(requests_total{job="web",code=~"5.."}[1m])) / sum(rate(requests_total{job="web",code=~"5.."}[5m])) or vector(0)';
        const [selector, ...others] = vectorSelectors(query);
        assert.deepEqual(others, []);
        assert.equal(selector?.metric, "requests_total");
        assert.deepEqual(selector?.matchers, [
            { label: "job", operator: "=", value: "web" },
            { label: "code", operator: "=~", value: "5.." },
        ]);
    });

    it("knows a metric by __name__ and by a quoted name", () => {
        assert.equal(only('{__name__="a:b",x="y"}').metric, "a:b");
        assert.equal(only('{"a.b", x="y"}').metric, "a.b");
        assert.equal(wanted(only('{__name__="a:b",x="y"}'), "x"), "y");
    });

    it("is told from what is none", () => {
        assert.equal(parses("sum by (a) (b)"), true);
        assert.equal(parses("sum by (a (b)"), false);
        assert.equal(parses(""), false);
    });

    it("matches labels as Prometheus does: anchored, and a label that is not there is empty", () => {
        assert.equal(satisfies({ label: "a", operator: "=~", value: "b" }, { a: "bc" }), false);
        assert.equal(satisfies({ label: "a", operator: "=~", value: "b.*" }, { a: "bc" }), true);
        assert.equal(satisfies({ label: "a", operator: "!=", value: "b" }, {}), true);
        assert.equal(satisfies({ label: "a", operator: "=", value: "" }, {}), true);
    });
});

describe("an address", () => {
    it("of a Service is known in every form that clients write", () => {
        for (const address of [
            "http://prometheus.monitoring.svc:9090/",
            "prometheus.monitoring:9090",
            "http://prometheus.monitoring.svc.cluster.local.:9090",
        ]) {
            const { name, namespace, port } = serviceAddress(address, "shop") ?? {};
            assert.deepEqual([name, namespace, port], ["prometheus", "monitoring", 9090], address);
        }
        assert.equal(serviceAddress("redis:6379", "shop")?.namespace, "shop");
        assert.equal(serviceAddress("https://thanos.x.svc", "shop")?.port, 443);
        assert.equal(serviceAddress("amqp://guest:secret@rabbit.mq.svc:5672/vhost", "shop")?.name, "rabbit");
    });

    it("of something else is none", () => {
        for (const address of [
            "https://prometheus.example.com",
            "10.0.0.1:9090",
            "aps-workspaces.eu-west-1.amazonaws.com",
        ]) {
            assert.equal(serviceAddress(address, "shop"), undefined, address);
        }
    });

    it("is reached through the API server's proxy, TLS and path kept", () => {
        const address = serviceAddress("https://prometheus.m.svc:9090/base/", "shop");
        assert.ok(address);
        assert.equal(serviceProxy(address), "/api/v1/namespaces/m/services/https:prometheus:9090/proxy/base");
    });
});

describe("a selector of labels", () => {
    it("takes nothing where it is not set, and everything where it is empty", () => {
        assert.equal(selects(undefined, { a: "b" }), false);
        assert.equal(selects(null, { a: "b" }), false);
        assert.equal(selects({}, {}), true);
        assert.equal(serviceSelects({}, { a: "b" }), false);
    });

    it("knows all operators", () => {
        const takes = (operator: string, values: string[], labels: Record<string, string>) =>
            selects({ matchExpressions: [{ key: "a", operator, values }] }, labels);
        assert.deepEqual([takes("In", ["b"], { a: "b" }), takes("In", ["b"], {})], [true, false]);
        assert.deepEqual([takes("NotIn", ["b"], { a: "b" }), takes("NotIn", ["b"], {})], [false, true]);
        assert.deepEqual(
            [takes("Exists", [], { a: "" }), takes("DoesNotExist", [], { a: "" })],
            [true, false],
        );
        assert.equal(
            selectorQuery({
                matchLabels: { x: "y" },
                matchExpressions: [{ key: "a", operator: "In", values: ["b", "c"] }],
            }),
            "x=y,a in (b,c)",
        );
    });

    it("of namespaces means a monitor's own where it is not set", () => {
        assert.equal(looksInto(undefined, "shop", "shop"), true);
        assert.equal(looksInto(undefined, "monitoring", "shop"), false);
        assert.equal(looksInto({ any: true }, "monitoring", "shop"), true);
        assert.equal(looksInto({ matchNames: ["x"] }, "shop", "shop"), false);
    });
});

describe("a Prometheus object", () => {
    const object = (spec: object) => ({ metadata: { ...meta("main"), namespace: "monitoring" }, spec });
    const there = {
        ...monitor,
        object: { ...monitor.object, metadata: meta("exporter", { labels: { release: "kps" } }) },
    } as typeof monitor;

    it("takes a monitor by its labels and by those of its namespace", () => {
        const namespaces = [{ metadata: meta("shop", { labels: { team: "a" } }) }];
        const takes = (spec: object) => takesMonitor(object(spec), there, namespaces);
        const everywhere = { serviceMonitorNamespaceSelector: {} };
        assert.equal(takes({ serviceMonitorSelector: {}, ...everywhere }), true);
        assert.equal(
            takes({ serviceMonitorSelector: { matchLabels: { release: "kps" } }, ...everywhere }),
            true,
        );
        assert.equal(
            takes({ serviceMonitorSelector: { matchLabels: { release: "x" } }, ...everywhere }),
            false,
        );
        assert.equal(
            takes({
                serviceMonitorSelector: {},
                serviceMonitorNamespaceSelector: { matchLabels: { team: "a" } },
            }),
            true,
        );
        assert.equal(
            takes({
                serviceMonitorSelector: {},
                serviceMonitorNamespaceSelector: { matchLabels: { team: "b" } },
            }),
            false,
        );
    });

    it("without a selector of namespaces takes those of its own only, and without one of monitors none", () => {
        assert.equal(takesMonitor(object({ serviceMonitorSelector: {} }), there, []), false);
        assert.equal(takesMonitor(object({ serviceMonitorNamespaceSelector: {} }), there, []), false);
    });
});

describe("metrics", () => {
    it("are known by whole names", () => {
        assert.equal(contains("# TYPE a gauge\na_total 1\n", "a"), false);
        assert.equal(contains('a{b="c"} 1\n', "a"), true);
        assert.equal(contains("a 1\n", "a"), true);
    });

    it("are told from pages", () => {
        assert.equal(looksLikeMetrics('# HELP a b\na{b="c d"} 1.5e3 1700000000\n'), true);
        assert.equal(looksLikeMetrics("a NaN\n"), true);
        assert.equal(looksLikeMetrics("<html></html>"), false);
        assert.equal(looksLikeMetrics(""), false);
    });
});

describe("quantities", () => {
    it("are read as Kubernetes writes them", () => {
        assert.deepEqual(
            ["250m", "64Mi", "1e3", "2k", "500n"].map(quantity),
            [0.25, 67_108_864, 1000, 2000, 5e-7],
        );
        assert.ok(Number.isNaN(quantity("x")));
        assert.ok(Number.isNaN(quantity(undefined)));
    });

    it("of time are read as Prometheus writes them", () => {
        assert.deepEqual(["15s", "1m30s", "500ms", undefined].map(duration), [15, 90, 0.5, undefined]);
    });

    it("are written short", () =>
        assert.deepEqual([3, 0.12345, 12_345.6].map(figure), ["3", "0.123", "12346"]));
});

describe("what was changed last", () => {
    const object = (seconds: number, status?: number) => ({
        metadata: meta("x", {
            managedFields: [
                { time: ago(seconds) },
                ...(status === undefined ? [] : [{ time: ago(status), subresource: "status" }]),
            ],
        }),
    });

    it("is told by managed fields, without those of the status", () => {
        assert.equal(changedLater(object(10), object(100)), true);
        assert.equal(changedLater(object(100, 1), object(50)), false);
    });

    it("is nobody where both came with one installation", () =>
        assert.equal(changedLater(object(10), object(12)), false));
});

describe("a refusal", () => {
    const status = (reason: string) => JSON.stringify({ kind: "Status", reason, message: "no" });

    it("names the right that is missing", () => {
        assert.equal(rightFor("/api/v1/namespaces/shop/pods?labelSelector=a"), "list pods in namespace shop");
        assert.equal(
            rightFor("/api/v1/namespaces/m/services/prometheus:9090/proxy/api/v1/query"),
            "get services/proxy in namespace m",
        );
        assert.equal(
            rightFor("/apis/apps/v1/namespaces/shop/deployments/web/scale"),
            "get deployments/scale.apps in namespace shop",
        );
        assert.equal(
            rightFor("/apis/apiregistration.k8s.io/v1/apiservices"),
            "list apiservices.apiregistration.k8s.io",
        );
        assert.equal(rightFor("/api/v1/namespaces"), "list namespaces");
    });

    it("of the API server is not one of a server behind it", () => {
        const path = "/api/v1/namespaces/m/pods/x:1/proxy/metrics";
        assert.equal(refusal(403, status("Forbidden"), path).kind, "forbidden");
        assert.equal(refusal(403, "forbidden", path).kind, "error");
        assert.equal(refusal(404, "not found", path).kind, "error");
        assert.equal(
            refusal(404, status("NotFound"), "/apis/apps/v1/namespaces/a/deployments/b").kind,
            "missing",
        );
    });
});

describe("the workload of a pod", () => {
    it("is told by its name", () => {
        assert.deepEqual(["web-6f7985c75-xt9dp", "mail-0", "node-exporter-266v2", "web"].map(workloadName), [
            "web",
            "mail",
            "node-exporter",
            "web",
        ]);
    });
});
