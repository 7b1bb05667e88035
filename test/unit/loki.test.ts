import assert from "node:assert/strict";
import { images } from "../../components/images";
import { lineLabels } from "../../components/logs/line-labels";
import {
    LokiManifests,
    type LokiManifestsArgs,
    lokiOpenings,
    validateLoki,
} from "../../components/manifests/loki";
import { lokiConfig } from "../../components/manifests/loki/config";
import { lokiSpec } from "../../components/manifests/loki/stateful-set";
import { named, object, type Recording, record } from "./support/mocks";
import { missingResources, violations } from "./support/restricted";

const made = (args: LokiManifestsArgs = {}) => record(() => new LokiManifests("logs", args));
const settings = (retentionDays: number) => JSON.parse(lokiConfig({ retentionDays })["loki.yaml"] ?? "");
const podOf = (recording: Recording) => object(recording, "StatefulSet", "loki").inputs.spec.template;

describe("LokiManifests", () => {
    it("accepts the defaults and the bounds, and refuses what is out of range, all at once", () => {
        assert.deepEqual(validateLoki({}), []);
        assert.deepEqual(validateLoki({ retentionDays: 30, size: "500Mi", nodePort: 32767 }), []);
        const wrong = validateLoki({
            namespace: "No",
            retentionDays: 31,
            size: "0",
            nodePort: 80,
            collectorNamespace: "a.b",
            scrapeInterval: "often",
            monitoringNamespace: "",
        });
        assert.deepEqual(
            wrong.map(({ property }) => property),
            [
                "namespace",
                "retentionDays",
                "size",
                "nodePort",
                "collectorNamespace",
                "scrapeInterval",
                "monitoringNamespace",
            ],
        );
    });

    it("makes a store in a restricted namespace, and nothing for Prometheus unless it is told to", async () => {
        const recording = await made();
        assert.deepEqual(
            named(recording).map(([kind, , name]) => `${kind} ${name}`),
            [
                "ConfigMap loki",
                "Namespace loki",
                "NetworkPolicy collectors",
                "NetworkPolicy default-deny",
                "NetworkPolicy dns",
                "NetworkPolicy monitoring",
                "Service loki",
                "StatefulSet loki",
            ],
        );
        const { labels } = object(recording, "Namespace", "loki").inputs.metadata;
        assert.equal(labels["pod-security.kubernetes.io/enforce"], "restricted");
        const monitored = await made({ monitored: true, scrapeInterval: "5s" });
        const [endpoint] = object(monitored, "ServiceMonitor", "loki").inputs.spec.endpoints;
        assert.deepEqual([endpoint.port, endpoint.interval], ["http", "5s"]);
        const kept = new RegExp(`^(?:${endpoint.metricRelabelings[0].regex})$`);
        for (const [, expr] of rules(monitored))
            for (const [series] of expr.matchAll(/\bloki_\w+/g)) assert.match(series, kept);
        assert.ok(rules(monitored).length > 3);
    });

    it("runs a pod that keeps its rules, and may hold as much as it is told to", async () => {
        const recording = await made({ size: "5Gi" });
        const { spec } = podOf(recording);
        assert.deepEqual(violations(spec), []);
        assert.deepEqual(missingResources(spec.containers[0]), []);
        const data = spec.volumes.find(({ name }: { name: string }) => name === "data");
        assert.deepEqual(data.emptyDir, { sizeLimit: "5Gi" });
        assert.equal(object(recording, "StatefulSet", "loki").inputs.spec.replicas, 1);
    });

    it("replaces its pod when what it reads at its start changes", () => {
        const checksum = (retentionDays: number) => {
            const spec = lokiSpec({ images, size: "1Gi", config: lokiConfig({ retentionDays }) });
            return (spec.template as { metadata: { annotations: Record<string, string> } }).metadata
                .annotations["checksum/config"];
        };
        assert.equal(checksum(1), checksum(1));
        assert.notEqual(checksum(1), checksum(2));
    });

    it("keeps lines for so many days, and deletes them then", () => {
        const { limits_config: limits, compactor } = settings(3);
        assert.equal(limits.retention_period, "72h");
        assert.deepEqual([compactor.retention_enabled, compactor.delete_request_store], [true, "filesystem"]);
    });

    it("finds lines by their labels and no others, and tells its makers nothing", () => {
        const { limits_config: limits, analytics } = settings(1);
        const { resource_attributes: resource, log_attributes: log } = limits.otlp_config;
        assert.equal(resource.ignore_defaults, true);
        assert.deepEqual(resource.attributes_config, [
            { action: "index_label", attributes: [...lineLabels] },
            { action: "drop", regex: ".*" },
        ]);
        assert.deepEqual(log.at(-1), { action: "drop", regex: ".*" });
        assert.deepEqual([limits.discover_service_name, limits.discover_log_levels], [[], false]);
        assert.deepEqual(analytics, { reporting_enabled: false });
    });

    it("cuts lines and never leaves them out, for their length or their age", () => {
        const { limits_config: limits } = settings(1);
        assert.deepEqual([limits.max_line_size_truncate, limits.reject_old_samples], [true, false]);
    });

    it("lets in collectors and the monitoring, others with a port on the nodes only, and nothing out", () => {
        assert.deepEqual(
            lokiOpenings({ collectorNamespace: "c", monitoringNamespace: "m" }).map(({ peer, direction }) => [
                direction,
                peer,
            ]),
            [
                ["ingress", { namespace: "c" }],
                ["ingress", { namespace: "m" }],
            ],
        );
        const [, , clients] = lokiOpenings({ nodePort: 30310 });
        assert.deepEqual(
            [clients?.direction, clients?.peer, clients?.ports],
            ["ingress", "anywhere", [3100]],
        );
    });

    it("says where it is reached", async () => {
        let store: LokiManifests | undefined;
        const recording = await record(() => {
            store = new LokiManifests("logs", { namespace: "lines", nodePort: 30310 });
        });
        assert.equal(store?.url, "http://loki.lines.svc:3100");
        assert.equal(store?.otlpUrl, "http://loki.lines.svc:3100/otlp");
        const { spec } = object(recording, "Service", "loki").inputs;
        assert.deepEqual([spec.type, spec.ports[0].nodePort], ["NodePort", 30310]);
        assert.ok(object(recording, "Namespace", "lines"));
    });
});

/** Name and expression of each alert. */
function rules(recording: Recording): [string, string][] {
    const [group] = object(recording, "PrometheusRule", "loki").inputs.spec.groups;
    return group.rules.map(({ alert, expr }: Record<string, string>) => [alert, expr]);
}
