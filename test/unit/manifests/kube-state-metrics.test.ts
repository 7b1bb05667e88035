import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { scaledObjectRules, scaledObjectState } from "../../../components/autoscaling/scaled-object-state";
import { images } from "../../../components/images";
import {
    KubeStateMetricsManifests,
    validateKubeStateMetrics,
} from "../../../components/manifests/kube-state-metrics";
import {
    customResourcesConfig,
    stateMetricsRules,
    stateMetricsSpec,
} from "../../../components/manifests/kube-state-metrics/deployment";
import { inOrder, named, object, type Recording, record } from "../support/mocks";

// biome-ignore lint/suspicious/noExplicitAny: the spec is plain data
const template = (stateMetricsSpec(images) as any).template;
const flag = (name: string): string =>
    template.spec.containers[0].args.find((arg: string) => arg.startsWith(`--${name}=`)).split("=")[1];

describe("KubeStateMetricsManifests", () => {
    it("refuses what is out of range, all at once", () => {
        const given = { namespace: "K", monitoringNamespace: "m_", scrapeInterval: "often" };
        assert.deepEqual(
            validateKubeStateMetrics(given).map(({ property }) => property),
            ["namespace", "monitoringNamespace", "scrapeInterval"],
        );
    });

    it("has values on its page for a kube-state-metrics of one's own: those of KubePrometheusStack", () => {
        const page = readFileSync(join(__dirname, "../../../docs/manifests/kube-state-metrics.md"), "utf8");
        const [, yaml] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
        assert.deepEqual(parse(yaml ?? ""), {
            "kube-state-metrics": {
                rbac: { extraRules: scaledObjectRules },
                customResourceState: { enabled: true, config: scaledObjectState },
            },
        });
    });

    it("may list and watch what it tells of, and nothing else", () => {
        const told = [...flag("resources").split(","), "scaledobjects", "customresourcedefinitions"];
        assert.deepEqual(stateMetricsRules.flatMap((rule) => rule.resources as string[]).sort(), told.sort());
        for (const { verbs } of stateMetricsRules) assert.deepEqual(verbs, ["list", "watch"]);
    });

    it("is configured where it looks", () => {
        const [folder, file] = flag("custom-resource-state-config-file").split(/\/(?=[^/]+$)/) as [
            string,
            string,
        ];
        assert.deepEqual(
            parse((customResourcesConfig as Record<string, string>)[file] as string),
            scaledObjectState,
        );
        const { volumeMounts } = template.spec.containers[0];
        assert.equal(volumeMounts[0].mountPath, folder);
    });

    it("starts again when its configuration changes", () => {
        assert.match(template.metadata.annotations["checksum/config"], /^[0-9a-f]{10}$/);
    });

    describe("resources", () => {
        let recording: Recording;
        before(async () => {
            recording = await record(
                () => {
                    new KubeStateMetricsManifests("ksm", {
                        scrapeInterval: "5s",
                        monitoringNamespace: "watch",
                    });
                },
                (resource) => resource.kind === "ConfigMap",
            );
        });

        it("are these, by these names", () => {
            assert.deepEqual(
                named(recording)
                    .filter(([kind]) => kind !== "NetworkPolicy")
                    .map(([kind, , objectName]) => `${kind} ${objectName}`)
                    .sort(),
                [
                    "ClusterRole kube-state-metrics",
                    "ClusterRoleBinding kube-state-metrics",
                    "ConfigMap kube-state-metrics",
                    "Deployment kube-state-metrics",
                    "Namespace kube-state-metrics",
                    "Service kube-state-metrics",
                    "ServiceAccount kube-state-metrics",
                    "ServiceMonitor kube-state-metrics",
                ],
            );
        });

        it("keep the labels of the objects that are told of, as often as asked for", () => {
            const { endpoints } = object(recording, "ServiceMonitor", "kube-state-metrics").inputs.spec;
            assert.deepEqual(endpoints, [{ port: "metrics", interval: "5s", honorLabels: true }]);
        });

        it("let in whoever scrapes, and nobody else", () => {
            const [rule] = object(recording, "NetworkPolicy", "metrics-from-monitoring").inputs.spec.ingress;
            assert.deepEqual(rule, {
                from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "watch" } } }],
                ports: [{ protocol: "TCP", port: 8080 }],
            });
        });

        it("start with rights and configuration there", () => {
            assert.equal(inOrder(recording, "ConfigMap ksm", "Deployment ksm"), true);
            assert.equal(
                inOrder(recording, "ClusterRoleBinding ksm-identity-cluster", "Deployment ksm"),
                true,
            );
        });
    });
});
