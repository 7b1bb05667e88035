import assert from "node:assert/strict";
import { images } from "../../../components/images";
import {
    MetricsServerManifests,
    metricsServerSpec,
    validateMetricsServer,
} from "../../../components/manifests/metrics-server";
import { inOrder, named, object, type Recording, record } from "../support/mocks";

// biome-ignore lint/suspicious/noExplicitAny: the spec is plain data
const argsOf = (args: object): string[] => (metricsServerSpec(args) as any).template.spec.containers[0].args;

describe("MetricsServerManifests", () => {
    it("checks the kubelets' certificates unless told otherwise", () => {
        assert.equal(argsOf({}).includes("--kubelet-insecure-tls"), false);
        assert.equal(argsOf({ kubeletInsecureTls: false }).includes("--kubelet-insecure-tls"), false);
        assert.equal(argsOf({ kubeletInsecureTls: true }).includes("--kubelet-insecure-tls"), true);
    });

    it("reads every 15 s unless told otherwise", () => {
        assert.ok(argsOf({}).includes("--metric-resolution=15s"));
        assert.ok(argsOf({ resolutionSeconds: 60 }).includes("--metric-resolution=60s"));
    });

    it("refuses a resolution out of range", () => {
        assert.deepEqual(validateMetricsServer({ resolutionSeconds: 5 }), [
            {
                property: "resolutionSeconds",
                given: 5,
                allowed: "a whole number from 10 to 300",
                fix: "choose a number in that range or leave resolutionSeconds out for its default",
            },
        ]);
    });

    describe("resources", () => {
        let recording: Recording;
        before(async () => {
            recording = await record(
                () => {
                    new MetricsServerManifests("ms");
                },
                (resource) => resource.kind === "Deployment",
            );
        });

        it("are these, by these names", () => {
            assert.deepEqual(
                named(recording).map(([kind, , objectName]) => `${kind} ${objectName}`),
                [
                    "APIService v1beta1.metrics.k8s.io",
                    "ClusterRole metrics-server",
                    "ClusterRole system:aggregated-metrics-reader",
                    "ClusterRoleBinding metrics-server",
                    "ClusterRoleBinding metrics-server:system:auth-delegator",
                    "Deployment metrics-server",
                    "NetworkPolicy metrics-server",
                    "RoleBinding metrics-server:extension-apiserver-authentication-reader",
                    "Service metrics-server",
                    "ServiceAccount metrics-server",
                ],
            );
        });

        it("run the pinned image", () => {
            const { containers } = object(recording, "Deployment", "metrics-server").inputs.spec.template
                .spec;
            assert.equal(containers[0].image, images.metricsServer);
        });

        it("register the API after the server is up", () => {
            assert.equal(inOrder(recording, "ClusterRoleBinding ms-identity-cluster", "Deployment ms"), true);
            assert.equal(inOrder(recording, "Deployment ms", "APIService ms"), true);
            const api = object(recording, "APIService", "v1beta1.metrics.k8s.io").inputs;
            assert.equal(api.spec.insecureSkipTLSVerify, true);
            assert.deepEqual(api.spec.service, { name: "metrics-server", namespace: "kube-system" });
        });
    });
});
