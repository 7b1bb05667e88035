import assert from "node:assert/strict";
import { parse } from "yaml";
import { signalRule } from "../../../components/autoscaling/prometheus-adapter";
import { images } from "../../../components/images";
import {
    PrometheusAdapterManifests,
    validateAdapterManifests,
} from "../../../components/manifests/prometheus-adapter";
import {
    adapterConfig,
    adapterRules,
    adapterSpec,
} from "../../../components/manifests/prometheus-adapter/deployment";
import { inOrder, named, object, type Recording, record } from "../support/mocks";

const spec = (relistSeconds = 15) =>
    // biome-ignore lint/suspicious/noExplicitAny: the spec is plain data
    (adapterSpec({ images, prometheusUrl: "http://p:9090", relistSeconds }) as any).template;

describe("PrometheusAdapterManifests", () => {
    it("refuses what is out of range, all at once", () => {
        const problems = validateAdapterManifests({
            namespace: "A",
            prometheusUrl: "p:9090",
            relistSeconds: 1,
        });
        assert.deepEqual(
            problems.map(({ property }) => property),
            ["namespace", "prometheusUrl", "relistSeconds"],
        );
        assert.deepEqual(validateAdapterManifests({ relistSeconds: 5, prometheusUrl: "http://p/x" }), []);
    });

    it("has the one rule, in the adapter's own format, and no other", () => {
        assert.deepEqual(parse(adapterConfig["config.yaml"]), { rules: [signalRule] });
    });

    it("keeps a series listed until Prometheus takes it for stale, however often it lists", () => {
        for (const [relist, age] of [
            [5, 300],
            [600, 600],
        ] as const) {
            const { args } = spec(relist).spec.containers[0];
            assert.ok(args.includes(`--metrics-relist-interval=${relist}s`));
            assert.ok(args.includes(`--metrics-max-age=${age}s`), `${args}`);
        }
    });

    it("may list the objects of which a series can be a metric, and do nothing else", () => {
        const resources = adapterRules.flatMap((rule) => rule.resources as string[]);
        const labels = Object.values(signalRule.resources.overrides).map(({ resource }) => `${resource}s`);
        assert.deepEqual(resources.sort(), labels.sort());
        for (const { verbs } of adapterRules) assert.deepEqual(verbs, ["list"]);
    });

    describe("resources", () => {
        let recording: Recording;
        before(async () => {
            recording = await record(
                () => {
                    new PrometheusAdapterManifests("pa", {
                        prometheusUrl: "http://prometheus.there.svc:9090",
                    });
                },
                (resource) => resource.kind === "Deployment",
            );
        });

        it("are these, by these names", () => {
            assert.deepEqual(
                named(recording)
                    .filter(([kind]) => kind !== "NetworkPolicy")
                    .map(([kind, , objectName]) => `${kind} ${objectName}`)
                    .sort(),
                [
                    "APIService v1beta1.custom.metrics.k8s.io",
                    "APIService v1beta2.custom.metrics.k8s.io",
                    "ClusterRole prometheus-adapter",
                    "ClusterRoleBinding prometheus-adapter",
                    "ClusterRoleBinding prometheus-adapter:system:auth-delegator",
                    "ConfigMap prometheus-adapter",
                    "Deployment prometheus-adapter",
                    "Namespace prometheus-adapter",
                    "RoleBinding prometheus-adapter:extension-apiserver-authentication-reader",
                    "Service prometheus-adapter",
                    "ServiceAccount prometheus-adapter",
                ],
            );
        });

        it("reach the Prometheus that they are told, and its namespace alone", () => {
            const { containers } = object(recording, "Deployment", "prometheus-adapter").inputs.spec.template
                .spec;
            assert.ok(containers[0].args.includes("--prometheus-url=http://prometheus.there.svc:9090"));
            const [rule] = object(recording, "NetworkPolicy", "prometheus").inputs.spec.egress;
            assert.deepEqual(rule.to, [
                { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "there" } } },
            ]);
        });

        it("register both versions of the API after the server is up, and wait for them", () => {
            assert.equal(inOrder(recording, "ClusterRoleBinding pa-identity-cluster", "Deployment pa"), true);
            for (const version of ["v1beta1", "v1beta2"]) {
                assert.equal(inOrder(recording, "Deployment pa", `APIService pa-${version}`), true);
                const { metadata, spec } = object(
                    recording,
                    "APIService",
                    `${version}.custom.metrics.k8s.io`,
                ).inputs;
                assert.deepEqual(metadata.annotations, { "pulumi.com/waitFor": "condition=Available" });
                assert.equal(spec.service.name, "prometheus-adapter");
                assert.equal(spec.insecureSkipTLSVerify, true);
            }
        });
    });
});
