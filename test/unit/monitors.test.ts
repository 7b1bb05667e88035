import assert from "node:assert/strict";
import { podMonitor, prometheusRule, serviceMonitor } from "../../components/monitoring/monitors";

describe("monitors", () => {
    it("selects a Service by the application's label and names the job after it", () => {
        assert.deepEqual(serviceMonitor({ app: "a", namespace: "n", port: "web" }), {
            apiVersion: "monitoring.coreos.com/v1",
            kind: "ServiceMonitor",
            metadata: { name: "a", namespace: "n", labels: { "app.kubernetes.io/name": "a" } },
            spec: {
                jobLabel: "app.kubernetes.io/name",
                selector: { matchLabels: { "app.kubernetes.io/name": "a" } },
                endpoints: [{ port: "web" }],
            },
        });
    });

    it("adds interval and kept series only when given", () => {
        const { spec } = podMonitor({ app: "a", namespace: "n", port: "p", interval: "5s", keep: "x_.+" });
        assert.deepEqual(spec.podMetricsEndpoints, [
            {
                port: "p",
                interval: "5s",
                metricRelabelings: [{ sourceLabels: ["__name__"], regex: "x_.+", action: "keep" }],
            },
        ]);
        assert.equal("endpoints" in spec, false);
    });

    it("keeps the labels of what tells of other objects, when told to", () => {
        const { spec } = serviceMonitor({ app: "a", namespace: "n", port: "p", honorLabels: true });
        assert.deepEqual(spec.endpoints, [{ port: "p", honorLabels: true }]);
    });

    it("puts rules into one group of the object's name", () => {
        const { spec } = prometheusRule("r", "n", { rules: [{ record: "a", expr: "1" }] });
        assert.deepEqual(spec, { groups: [{ name: "r", rules: [{ record: "a", expr: "1" }] }] });
    });
});
