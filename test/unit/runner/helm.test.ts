import assert from "node:assert/strict";
import { chartInputs, chartResources } from "../../../local/runner/chart";
import { parseManifests } from "../../../local/runner/manifests";
import type { Registration } from "../../../local/runner/monitor";
import { chartType, type KubernetesObject, releaseType } from "../../../local/runner/objects";

function registration(type: string, value: Record<string, unknown>): Registration {
    const none: string[] = [];
    return {
        urn: "urn:pulumi:test::project::kubernetes:helm.sh/v4:Chart::app",
        type,
        name: "app",
        parent: "",
        custom: type === releaseType,
        remote: type === chartType,
        inputs: { value, secretPaths: none, secrets: none, unknownPaths: none, assetPaths: none },
        dependencies: ["urn:before"],
        provider: "",
        retain: false,
        protect: false,
        unsupported: [],
    };
}

const object = (apiVersion: string, kind: string, metadata: object = {}): KubernetesObject =>
    ({ apiVersion, kind, metadata: { name: kind.toLowerCase(), ...metadata } }) as KubernetesObject;

describe("a chart's inputs", () => {
    it("are followed as they are, the name of the resource being that of the release where none is given", () => {
        const inputs = { chart: "oci://example/app", version: "1.2.3", namespace: "space", skipCrds: true };
        assert.deepEqual(chartInputs(registration(chartType, inputs)), { name: "app", ...inputs });
    });

    it("are refused by name where this runner does not follow them", () => {
        const given = { chart: "app", postRenderer: {}, devel: true };
        assert.throws(
            () => chartInputs(registration(chartType, given)),
            /does not follow postRenderer, devel/,
        );
        assert.throws(() => chartInputs(registration(releaseType, { chart: "a", atomic: true })), /atomic/);
        assert.doesNotThrow(() => chartInputs(registration(releaseType, { chart: "a", atomic: false })));
    });
});

describe("a chart's objects", () => {
    const chart = registration(chartType, { chart: "app" });
    const inputs = { chart: "app", name: "app", namespace: "space" };

    it("come in waves: definitions, what pods read, pods, what stands before the API", () => {
        const kinds = [
            object("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
            object("apps/v1", "Deployment"),
            object("rbac.authorization.k8s.io/v1", "ClusterRole"),
            object("v1", "ConfigMap"),
            object("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
            object("example.com/v1", "Widget"),
        ];
        assert.deepEqual(
            chartResources(chart, inputs, kinds).map((wave) =>
                wave.map(({ type }) => type.split(":").pop() as string),
            ),
            [
                ["CustomResourceDefinition"],
                ["ClusterRole", "ConfigMap"],
                ["Deployment", "Widget"],
                ["ValidatingWebhookConfiguration"],
            ],
        );
    });

    it("are named as the provider names them, belong to the chart, and wait for what it waits for", () => {
        const [[child]] = chartResources(chart, inputs, [
            object("v1", "Service", { namespace: "other" }),
        ]) as [[Registration]];
        assert.equal(child.name, "app:other/service");
        assert.equal(child.urn, `${chart.urn}$kubernetes:core/v1:Service::app:other/service`);
        assert.equal(child.parent, chart.urn);
        assert.equal(child.chart, chart.urn);
        assert.equal(child.defaultNamespace, "space");
        assert.deepEqual(child.dependencies, ["urn:before"]);
        assert.equal(child.custom && !child.remote, true);
    });

    it("are kept on destroy where the chart says so", () => {
        const annotations = { "helm.sh/resource-policy": "keep" };
        const [wave] = chartResources(chart, inputs, [
            object("v1", "ConfigMap", { annotations }),
            object("v1", "Secret"),
        ]);
        assert.deepEqual(
            wave?.map(({ retain }) => retain),
            [true, false],
        );
    });
});

describe("manifests", () => {
    it("are read as Kubernetes reads YAML: octal modes, yes and no, repeated keys, lists taken apart", () => {
        const text = `
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
mode: 0644
flag: yes
flag: no
port: "0644"
time: 10:30
---
# nothing but a comment
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Secret, metadata: {name: b}}
- {apiVersion: v1, kind: Secret, metadata: {name: c}}
`;
        const [first, ...rest] = parseManifests(text);
        assert.deepEqual(
            { ...first },
            {
                apiVersion: "v1",
                kind: "ConfigMap",
                metadata: { name: "a" },
                mode: 420,
                flag: false,
                port: "0644",
                time: "10:30",
            },
        );
        assert.deepEqual(
            rest.map(({ metadata }) => metadata.name),
            ["b", "c"],
        );
    });

    it("that are no YAML are an error, and not an empty chart", () => {
        assert.throws(() => parseManifests("a: [b\n"), /no YAML/);
    });
});
