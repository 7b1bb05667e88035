import assert from "node:assert/strict";
import { lineLabels } from "../../components/logs/line-labels";
import {
    collectorOpenings,
    collectorPermissions,
    LogCollectorManifests,
    type LogCollectorManifestsArgs,
    validateLogCollector,
} from "../../components/manifests/log-collector";
import { collectorConfig } from "../../components/manifests/log-collector/config";
import { named, object, type Recording, record } from "./support/mocks";
import { missingResources, violations } from "./support/restricted";

const made = (args: LogCollectorManifestsArgs = {}) =>
    record(() => new LogCollectorManifests("collector", args));
const storeUrl = "http://loki.loki.svc:3100/otlp";
const settings = () =>
    JSON.parse(collectorConfig({ storeUrl, namespace: "log-collectors" })["config.yaml"] ?? "");
const podOf = (recording: Recording) =>
    object(recording, "DaemonSet", "log-collector").inputs.spec.template.spec;

describe("LogCollectorManifests", () => {
    it("accepts the defaults, and refuses what is wrong, all at once", () => {
        assert.deepEqual(validateLogCollector({}), []);
        assert.deepEqual(validateLogCollector({ storeUrl: "https://logs.example.com" }), []);
        for (const wrong of ["logs", "ftp://logs", "http://a/?b=c", "http://a/#b", "http://u@a", "http://a/"])
            assert.deepEqual(
                validateLogCollector({ storeUrl: wrong }).map(({ property }) => property),
                ["storeUrl"],
                wrong,
            );
        const all = { namespace: "No", storeUrl: "no", scrapeInterval: "no", monitoringNamespace: "No" };
        assert.deepEqual(
            validateLogCollector(all).map(({ property }) => property),
            Object.keys(all),
        );
    });

    it("makes a pod on every node, whatever its taints, in a privileged namespace of its own", async () => {
        const recording = await made();
        assert.deepEqual(
            named(recording).map(([kind, , name]) => `${kind} ${name}`),
            [
                "ClusterRole log-collector",
                "ClusterRoleBinding log-collector",
                "ConfigMap log-collector",
                "DaemonSet log-collector",
                "Namespace log-collectors",
                "NetworkPolicy api-server",
                "NetworkPolicy default-deny",
                "NetworkPolicy dns",
                "NetworkPolicy metrics-from-monitoring",
                "NetworkPolicy store",
                "ServiceAccount log-collector",
            ],
        );
        const { labels } = object(recording, "Namespace", "log-collectors").inputs.metadata;
        assert.equal(labels["pod-security.kubernetes.io/enforce"], "privileged");
        assert.deepEqual(podOf(recording).tolerations, [{ operator: "Exists" }]);
    });

    it("breaks no more rules than it has to, and writes nothing on the node but how far it is", async () => {
        const pod = podOf(await made());
        assert.deepEqual(violations(pod), ["hostPath", "runAsNonRoot", "runAsUser"]);
        const [container] = pod.containers;
        assert.deepEqual(missingResources(container), []);
        const writable = container.volumeMounts.filter(({ readOnly }: { readOnly?: boolean }) => !readOnly);
        assert.deepEqual(
            writable.map(({ mountPath }: { mountPath: string }) => mountPath),
            ["/var/lib/log-collector"],
        );
        assert.deepEqual(collectorPermissions, [
            { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] },
        ]);
    });

    it("reads what the kubelet has put aside, too, but neither archives nor its own lines", () => {
        const { include, exclude, start_at } = settings().receivers.file_log;
        assert.deepEqual(include, ["/var/log/pods/*/*/*.log", "/var/log/pods/*/*/*.log.*"]);
        assert.deepEqual(exclude, [
            "/var/log/pods/*/*/*.gz",
            "/var/log/pods/*/*/*.tmp",
            "/var/log/pods/log-collectors_*/*/*",
        ]);
        assert.equal(start_at, "beginning");
    });

    it("gives every line all the labels by which the store finds it", () => {
        const { receivers, processors } = settings();
        const set = receivers.file_log.operators
            .map(
                ({ to, field }: Record<string, string>) =>
                    /^resource\["(\w+)"\]$/.exec(to ?? field ?? "")?.[1],
            )
            .filter((label: string | undefined) => label !== undefined);
        const known = processors.k8s_attributes.extract.labels.map(
            ({ tag_name }: Record<string, string>) => tag_name,
        );
        assert.deepEqual([...set, ...new Set(known)], [...lineLabels]);
    });

    it("joins what belongs to the line before, and keeps JSON and everything else apart", () => {
        const [, together] = settings().receivers.file_log.operators;
        const [, pattern] = /matches "(.*)"\)$/.exec(together.is_first_entry) ?? [];
        // Its language reads the text as Go and JSON do.
        const continues = new RegExp(JSON.parse(`"${pattern}"`));
        for (const line of [
            "    at main()",
            "\tmain.go:7",
            '  File "a.py", line 1',
            "}",
            "]",
            "Caused by: x",
        ])
            assert.match(line, continues);
        for (const line of ['{"a": 1}', "Traceback (most recent call last):", "[info] ready", "2026-01-01 x"])
            assert.doesNotMatch(line, continues);
        assert.match(together.is_first_entry, /^body != "" and not /);
        // A new line is what it joins with by itself.
        assert.equal(together.combine_with, undefined);
    });

    it("gives no two steps one name, which the collector refuses", () => {
        const ids = settings().receivers.file_log.operators.map(({ id }: { id: string }) => id);
        assert.equal(new Set(ids).size, ids.length, ids.join(", "));
    });

    it("never gives up a line by itself: reading waits for sending, and sending has no end", () => {
        const { receivers, exporters, extensions } = settings();
        const { retry_on_failure: reading, storage } = receivers.file_log;
        assert.deepEqual([reading.enabled, reading.max_elapsed_time, storage], [true, "0s", "file_storage"]);
        const { retry_on_failure: sending, sending_queue: queue, endpoint } = exporters.otlp_http;
        assert.deepEqual([sending.enabled, sending.max_elapsed_time], [true, "0s"]);
        assert.deepEqual([queue.block_on_overflow, queue.storage], [true, "file_storage"]);
        assert.equal(endpoint, storeUrl);
        assert.equal(extensions.file_storage.directory, "/var/lib/log-collector");
    });

    it("names no part that its pipeline does not have, and has none that it does not name", () => {
        const { extensions, service, ...parts } = settings();
        const { receivers, processors, exporters } = service.pipelines.logs;
        assert.deepEqual(receivers, Object.keys(parts.receivers));
        assert.deepEqual(processors, Object.keys(parts.processors));
        assert.deepEqual(exporters, Object.keys(parts.exporters));
        assert.deepEqual(service.extensions, Object.keys(extensions));
    });

    it("lets out what goes to the store and to the API server, and in what scrapes", () => {
        const inside = collectorOpenings(storeUrl, "watch");
        assert.deepEqual(
            inside.map(({ name, peer, ports }) => [name, peer, ports]),
            [
                ["api-server", "anywhere", [443, 6443]],
                ["store", { namespace: "loki" }, undefined],
                ["metrics-from-monitoring", { namespace: "watch" }, [8888]],
            ],
        );
        const port = (url: string) => collectorOpenings(url).find(({ name }) => name === "store")?.ports;
        assert.deepEqual(port("https://logs.example.com/otlp"), [443]);
        assert.deepEqual(port("http://logs.example.com"), [80]);
        assert.deepEqual(port("http://logs.example.com:3100"), [3100]);
    });

    it("is scraped and watched where it is told to be", async () => {
        const recording = await made({ monitored: true, scrapeInterval: "5s", namespace: "c" });
        const { spec } = object(recording, "PodMonitor", "log-collector").inputs;
        const [endpoint] = spec.podMetricsEndpoints;
        assert.deepEqual([endpoint.port, endpoint.interval], ["metrics", "5s"]);
        const kept = new RegExp(`^(?:${endpoint.metricRelabelings[0].regex})$`);
        const [group] = object(recording, "PrometheusRule", "log-collector").inputs.spec.groups;
        for (const { expr } of group.rules) {
            assert.match(expr, /namespace="c",job="log-collector"/);
            for (const [series] of expr.matchAll(/\botelcol_\w+/g)) assert.match(series, kept);
        }
    });
});
