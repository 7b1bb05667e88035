import assert from "node:assert/strict";
import { images } from "../../../components/images";
import { KedaManifests, validateKeda } from "../../../components/manifests/keda";
import { kedaMetricsApiserverSpec } from "../../../components/manifests/keda/metrics-apiserver";
import {
    kedaClusterRules,
    kedaNamespaceRules,
    kedaOperatorSpec,
} from "../../../components/manifests/keda/operator";
import { inOrder, named, object, type Recording, record } from "../support/mocks";

// biome-ignore lint/suspicious/noExplicitAny: the specs are plain data
const podOf = (spec: object): any => (spec as any).template.spec;

describe("KedaManifests", () => {
    it("refuses names that Kubernetes would refuse", () => {
        assert.deepEqual(
            validateKeda({ namespace: "K", monitoringNamespace: "m_" }).map(({ property }) => property),
            ["namespace", "monitoringNamespace"],
        );
    });

    it("makes its own certificates and looks for no webhooks", () => {
        const { args } = podOf(kedaOperatorSpec(images)).containers[0];
        assert.ok(args.includes("--enable-cert-rotation=true"));
        assert.ok(args.includes("--enable-webhook-patching=false"));
    });

    it("elects no leader, and so never runs two operators", () => {
        const spec = kedaOperatorSpec(images);
        assert.equal(
            podOf(spec).containers[0].args.some((arg: string) => arg.startsWith("--leader-elect")),
            false,
        );
        assert.equal(spec.replicas, 1);
        assert.deepEqual(spec.strategy, { type: "Recreate" });
    });

    it("probes early, so that the stack is not held up", () => {
        for (const spec of [kedaOperatorSpec(images), kedaMetricsApiserverSpec(images)]) {
            const { initialDelaySeconds, periodSeconds } = podOf(spec).containers[0].readinessProbe;
            assert.ok(initialDelaySeconds <= 1 && periodSeconds <= 2);
        }
    });

    it("starts the metrics API server only with all three files of the certificate", () => {
        const { secret } = podOf(kedaMetricsApiserverSpec(images)).volumes.find(
            (volume: { name: string }) => volume.name === "certificates",
        );
        assert.deepEqual(
            secret.items.map(({ key }: { key: string }) => key),
            ["ca.crt", "tls.crt", "tls.key"],
        );
        assert.equal("optional" in secret, false);
    });

    it("has no right to everything, nor to webhooks, nor to write Secrets but its own", () => {
        for (const rule of kedaClusterRules) {
            const resources = rule.resources as string[];
            for (const list of [rule.apiGroups, rule.resources, rule.verbs] as string[][]) {
                assert.equal(list.includes("*"), false, JSON.stringify(rule));
            }
            assert.equal(resources.includes("validatingwebhookconfigurations"), false);
            if (resources.includes("secrets")) assert.deepEqual(rule.verbs, ["get", "list", "watch"]);
            if (resources.includes("apiservices") && (rule.verbs as string[]).includes("update")) {
                assert.deepEqual(rule.resourceNames, ["v1beta1.external.metrics.k8s.io"]);
            }
        }
        const writing = kedaNamespaceRules.filter((rule) => !(rule.verbs as string[]).includes("create"));
        assert.deepEqual(
            writing.map((rule) => rule.resourceNames),
            [["kedaorg-certs"]],
        );
    });

    describe("resources", () => {
        let recording: Recording;
        before(async () => {
            recording = await record(
                () => {
                    new KedaManifests("k");
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
                    "APIService v1beta1.external.metrics.k8s.io",
                    "ClusterRole keda-operator",
                    "ClusterRoleBinding keda-metrics-apiserver:system:auth-delegator",
                    "ClusterRoleBinding keda-operator",
                    "Deployment keda-metrics-apiserver",
                    "Deployment keda-operator",
                    "Namespace keda",
                    "Role keda-operator",
                    "RoleBinding keda-metrics-apiserver:extension-apiserver-authentication-reader",
                    "RoleBinding keda-operator",
                    "Service keda-metrics-apiserver",
                    "Service keda-operator",
                    "ServiceAccount keda-metrics-apiserver",
                    "ServiceAccount keda-operator",
                    "ServiceMonitor keda-metrics-apiserver",
                    "ServiceMonitor keda-operator",
                ],
            );
        });

        it("leave the CA of the APIService to the operator", () => {
            const { spec } = object(recording, "APIService", "v1beta1.external.metrics.k8s.io").inputs;
            assert.equal("caBundle" in spec, false);
            assert.equal("insecureSkipTLSVerify" in spec, false);
        });

        it("keep the namespace of the ScaledObject in the series that tell of it", () => {
            for (const app of ["keda-operator", "keda-metrics-apiserver"]) {
                const [endpoint] = object(recording, "ServiceMonitor", app).inputs.spec.endpoints;
                assert.equal(endpoint.honorLabels, true, app);
            }
        });

        it("start in order: operator, metrics API server, API", () => {
            assert.equal(
                inOrder(recording, "ClusterRoleBinding k-operator-identity-cluster", "Deployment k-operator"),
                true,
            );
            assert.equal(inOrder(recording, "Deployment k-operator", "Deployment k-metrics"), true);
            assert.equal(inOrder(recording, "Deployment k-metrics", "APIService k-external-metrics"), true);
        });
    });
});
