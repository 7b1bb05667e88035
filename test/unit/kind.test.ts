import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { simulatedPoolLabel } from "../../components";
import { images } from "../../components/images";
import { parseConfig } from "../../stacks/config";
import { kind, kindPlan } from "../../stacks/kind";
import { namespacesOf, planProblems } from "../../stacks/plan";
import { noLoki } from "../../stacks/platform-outputs";
import type { KindConfig } from "../../stacks/schema";
import { FakeCluster } from "./support/fake-cluster";
import {
    assertOneProvider,
    assertOutputs,
    assertProviderOf,
    componentsOf,
    type Followed,
    follow,
    partsOf,
    releasesOf,
    resolved,
    stackConfig,
    valuesUnder,
    yamlFile,
} from "./support/recipe";

type Choices = Partial<Omit<KindConfig, "target" | "kubeconfig">>;

const noHash = "the server that hashes is switched off in this stack (pulumi-kube-observability:hash)";
const noLlm = "the language model is switched off in this stack (pulumi-kube-observability:llm.enabled)";
const unset = { monitoring: {}, queue: {}, chartVersions: {} };
const noFacts = { apiServices: [] };
const planned = (choices: Choices = {}) => kindPlan({ ...unset, ...choices }, noFacts);

const usualParts = [
    "adapter",
    "certManager",
    "deadMansSwitch",
    "gpuNodes",
    "gpuServer",
    "keda",
    "logging",
    "mesh",
    "metricsServer",
    "monitoring",
    "podinfo",
    "podinfoScaling",
    "producerIngress",
    "queue",
    "simulatedGpus",
    "traefik",
];
const usualReleases = [
    "cert-manager",
    "eck-operator-crds",
    "elastic-operator",
    "fluent-bit",
    "istio-base",
    "istio-cni",
    "istio-istiod",
    "keda",
    "logging",
    "metrics-server",
    "monitoring",
    "podinfo",
    "prometheus-adapter",
    "prometheus-operator-crds",
    "traefik",
];
const usualComponents = [
    "Autoscaler",
    "Autoscaler",
    "CertManager",
    "Dashboards",
    "DeadMansSwitch",
    "GpuAlerts",
    "GpuNodes",
    "Istio",
    "Keda",
    "KubePrometheusStack",
    "Logging",
    "MetricsServer",
    "Podinfo",
    "PrometheusAdapter",
    "RedisQueue",
    "SecureNamespace",
    "SimulatedGpus",
    "Traefik",
    "WebServer",
];

/** What each choice leaves out, and nothing else. */
const variants: readonly {
    choices: Choices;
    parts?: readonly string[];
    components?: readonly string[];
    releases?: readonly string[];
}[] = [
    { choices: {} },
    {
        choices: { mesh: false },
        parts: ["mesh"],
        components: ["Istio"],
        releases: ["istio-base", "istio-cni", "istio-istiod"],
    },
    {
        choices: { logging: false },
        parts: ["logging"],
        components: ["Logging"],
        releases: ["eck-operator-crds", "elastic-operator", "fluent-bit", "logging"],
    },
    {
        choices: { gpus: "none" },
        parts: ["gpuNodes", "gpuServer", "simulatedGpus"],
        components: ["Autoscaler", "GpuAlerts", "GpuNodes", "SecureNamespace", "SimulatedGpus", "WebServer"],
    },
    {
        choices: { gpuServer: false },
        parts: ["gpuServer"],
        components: ["Autoscaler", "SecureNamespace", "WebServer"],
    },
];

/** Each of those that are gone once less. */
function without(all: readonly string[], gone: readonly string[]): string[] {
    const left = [...gone];
    return all.filter((name) => {
        const at = left.indexOf(name);
        if (at >= 0) left.splice(at, 1);
        return at < 0;
    });
}

describe("the plan for kind", () => {
    for (const { choices, parts = [] } of variants) {
        it(`has every part but ${parts.join(", ") || "those of real GPUs"} with ${JSON.stringify(choices)}`, () => {
            const expected = usualParts.filter((part) => !parts.includes(part));
            assert.deepEqual(partsOf(planned(choices)).sort(), expected);
        });

        it(`has no problems with ${JSON.stringify(choices)}`, () => {
            assert.deepEqual(planProblems(planned(choices)), []);
        });
    }

    it("takes every chart from the mirror, at the versions that are set", () => {
        const plan = planned({
            chartMirror: "oci://registry.example/charts",
            chartVersions: { keda: "2.20.0" },
        });
        const sources = Object.values(plan).flatMap((part) =>
            part && "source" in part ? [part.source] : [],
        );
        assert.equal(sources.length, 9);
        for (const source of sources) {
            assert.deepEqual(source, {
                mirror: "oci://registry.example/charts",
                versions: { keda: "2.20.0" },
            });
        }
    });

    it("asks of no kubelet a certificate that the cluster has signed, since on kind none has one", () => {
        const { metricsServer, monitoring } = planned();
        assert.deepEqual([metricsServer.kubeletInsecureTls, monitoring.kubeletInsecureTls], [true, true]);
    });

    it("passes on what is known of the cluster, so that nothing takes an API from its owner", () => {
        const facts = { apiServices: [{ name: "v1beta1.metrics.k8s.io", annotations: {} }] };
        const { metricsServer, adapter, keda } = kindPlan(unset, facts);
        for (const part of [metricsServer, adapter, keda]) assert.equal(part.facts, facts);
    });

    it("passes on intervals and the numbers of the queue", () => {
        const { monitoring, queue } = planned({
            monitoring: { scrapeInterval: "5s", retention: "3d" },
            queue: { maxReplicas: 7 },
        });
        assert.deepEqual([monitoring.scrapeInterval, monitoring.retention], ["5s", "3d"]);
        assert.deepEqual(queue, { maxReplicas: 7 });
    });

    it("keeps podinfo out of a mesh that is not there", () => {
        assert.deepEqual([planned().podinfo.mesh, planned({ mesh: false }).podinfo.mesh], [true, false]);
    });
});

describe("the kind stack", function () {
    // The client that asks the cluster takes a second to load.
    this.timeout(30_000);

    let cluster: FakeCluster;
    before(async () => {
        cluster = await FakeCluster.start("kind-observability", "other");
    });
    after(() => cluster.stop());

    const made = (choices: Choices = {}) =>
        follow(() => kind({ target: "kind", kubeconfig: cluster.kubeconfig, ...unset, ...choices }));

    for (const { choices, components = [], releases = [] } of variants.slice(1)) {
        it(`leaves out ${components.join(" and ")} and nothing else with ${JSON.stringify(choices)}`, async () => {
            const recording = await made(choices);
            assert.deepEqual(
                releasesOf(recording),
                usualReleases.filter((name) => !releases.includes(name)),
            );
            assert.deepEqual(componentsOf(recording), without(usualComponents, components));
        });
    }

    it("says why there is no Kibana without logging, and has all other outputs", async () => {
        const { outputs } = await made({ logging: false });
        await assertOutputs(outputs);
        const why = "logging is switched off in this stack (pulumi-kube-observability:logging)";
        assert.deepEqual([outputs.kibanaUrl, outputs.kibanaUser], [null, null]);
        const others = { hashUrl: noHash, llmUrl: noLlm, lokiUrl: noLoki };
        assert.deepEqual(outputs.notes, { kibanaUrl: why, kibanaUser: why, ...others });
    });

    it("has every host below a domain of one's own", async () => {
        const recording = await made({ domain: "lab.example.com" });
        const hosts = valuesUnder(recording, "host", "hosts").filter((host) => !host.endsWith(".svc"));
        assert.deepEqual(
            hosts,
            ["alertmanager", "gpu", "grafana", "kibana", "podinfo", "producer", "prometheus"].map(
                (name) => `${name}.lab.example.com`,
            ),
        );
    });

    it("has the server that hashes where it is switched on, behind the ingress and scaled by CPU", async () => {
        const plan = planned({ hash: true });
        assert.deepEqual(plan.hash?.ingress, {
            className: "traefik",
            host: "hash.localhost",
            clusterIssuer: "self-signed",
        });
        const recording = await made({ hash: true, mesh: false, logging: false });
        assert.equal(await resolved(recording.outputs.hashUrl), "https://hash.localhost");
        assert.equal("hashUrl" in recording.outputs.notes, false);
        assert.ok(componentsOf(recording).includes("HashServer"));
        assert.ok(namespacesOf(plan).includes("hash"));
        assert.deepEqual(planProblems(planned({ hash: true })), []);
    });

    it("goes to the context that the configuration names", async () => {
        assertProviderOf(await made({ context: "other", mesh: false, logging: false }), "other", cluster.url);
    });

    it("leaves the metrics server to a cluster that has one", async () => {
        cluster.apis = [["v1beta1.metrics.k8s.io", "kube-system/metrics-server"]];
        const recording = await made({ mesh: false, logging: false }).finally(() => {
            cluster.apis = [];
        });
        assert.equal(releasesOf(recording).includes("metrics-server"), false);
        assert.equal(releasesOf(recording).includes("keda"), true);
    });

    describe("as it comes", () => {
        let recording: Followed;
        let asked: readonly string[];
        before(async () => {
            const before = cluster.requests.length;
            recording = await made();
            asked = cluster.requests.slice(before);
        });

        it("installs the charts and the components of the whole platform", () => {
            assert.deepEqual(releasesOf(recording), usualReleases);
            assert.deepEqual(componentsOf(recording), usualComponents);
        });

        it("asks the cluster two things: which APIs and which namespaces it has", () => {
            assert.deepEqual([...asked].sort(), [
                "GET /api/v1/namespaces",
                "GET /apis/apiregistration.k8s.io/v1/apiservices",
            ]);
        });

        it("puts everything onto the cluster of the usual context, by a provider that every object names", () => {
            assertOneProvider(recording, "kind");
            assertProviderOf(recording, "kind-observability", cluster.url);
        });

        it("has the outputs of every stack, and none is missing but what is switched off", async () => {
            const { outputs } = recording;
            await assertOutputs(outputs);
            assert.deepEqual(Object.keys(outputs.notes).sort(), [
                "hashUrl",
                "kibanaPassword",
                "llmUrl",
                "lokiUrl",
            ]);
            const { grafanaPassword: _, notes: __, ...shown } = outputs;
            assert.deepEqual(await resolved(shown), {
                prometheusUrl: "https://prometheus.localhost",
                alertmanagerUrl: "https://alertmanager.localhost",
                grafanaUrl: "https://grafana.localhost",
                grafanaUser: "admin",
                kibanaUrl: "https://kibana.localhost",
                kibanaUser: "elastic",
                producerUrl: "https://producer.localhost",
                podinfoUrl: "https://podinfo.localhost",
                hashUrl: null,
                llmUrl: null,
                gpuUrl: "https://gpu.localhost",
                lokiUrl: null,
            });
        });

        it("tells how to get Kibana's password from the Secret that the operator writes", () => {
            assert.equal(
                recording.outputs.notes.kibanaPassword,
                "kubectl --namespace logging get secret elasticsearch-es-elastic-user " +
                    "--output go-template='{{.data.elastic | base64decode}}'",
            );
        });

        it("serves with one ingress controller and one issuer, those that it installs", () => {
            assert.deepEqual(valuesUnder(recording, "ingressClassName", "className"), ["traefik"]);
            assert.deepEqual(valuesUnder(recording, "cert-manager.io/cluster-issuer"), ["self-signed"]);
            const issuers = recording.resources.filter((resource) => resource.kind === "ClusterIssuer");
            assert.deepEqual(
                issuers.map(({ inputs }) => inputs.metadata.name),
                ["self-signed"],
            );
        });
    });
});

describe("simulated GPUs on kind", function () {
    this.timeout(30_000);

    let cluster: FakeCluster;
    let recording: Followed;
    before(async () => {
        cluster = await FakeCluster.start("kind-observability");
        const small = { mesh: false, logging: false };
        recording = await follow(() =>
            kind({ target: "kind", kubeconfig: cluster.kubeconfig, ...unset, ...small }),
        );
    });
    after(() => cluster.stop());

    // biome-ignore lint/suspicious/noExplicitAny: whatever Kubernetes takes
    const inputs = (kind: string, name: string): any => {
        const found = recording.resources.filter(
            (made) => made.kind === kind && made.inputs.metadata?.name === name,
        );
        assert.equal(found.length, 1, `${kind} ${name}`);
        return found[0]?.inputs;
    };

    it("scale a server as in the talk: 60 % of each GPU, one to three, through prometheus-adapter", () => {
        const { spec } = inputs("HorizontalPodAutoscaler", "gpu-server");
        assert.deepEqual([spec.minReplicas, spec.maxReplicas], [1, 3]);
        assert.equal(spec.metrics[0].object.target.averageValue, "60");
        const [container] = inputs("Deployment", "gpu-server").spec.template.spec.containers;
        assert.equal(container.resources.limits["nvidia.com/gpu"], "1");
        assert.equal(container.image, images.python);
        assert.equal("replicas" in inputs("Deployment", "gpu-server").spec, false);
    });

    it("are scraped as often as the autoscaler is told that they are", () => {
        const { gpuServer } = planned();
        const [signal] = gpuServer?.scaling.signals ?? [];
        const [endpoint] = inputs("ServiceMonitor", "simulated-gpus").spec.endpoints;
        assert.equal(endpoint.interval, `${signal?.scrapeSeconds}s`);
    });

    it("serve on a host of their own, and let the ingress, Prometheus and the exporter in", () => {
        const { spec } = inputs("Ingress", "gpu-server");
        assert.deepEqual([spec.ingressClassName, spec.rules[0].host], ["traefik", "gpu.localhost"]);
        const { backend } = spec.rules[0].http.paths[0];
        assert.deepEqual(backend.service, { name: "gpu-server", port: { name: "http" } });
        assert.deepEqual(inputs("NetworkPolicy", "gpu-server-in").spec.ingress[0].from, undefined);
    });

    it("alert on what they can have, and not on idle ones", () => {
        const [{ rules }] = inputs("PrometheusRule", "gpu-alerts").spec.groups;
        const names = rules.map(({ alert }: { alert: string }) => alert);
        for (const name of ["GpuFailed", "GpuXidError", "GpuHot", "GpuMemoryFull", "GpuBusyWithoutPod"]) {
            assert.ok(names.includes(name), name);
        }
        assert.equal(names.includes("GpuHeldIdle"), false);
    });

    it("are the fake GPU operator's where that is chosen, without a server, since nothing follows its load", async () => {
        const plan = planned({ gpus: "fake-gpu-operator" });
        assert.deepEqual(
            ["fakeGpuOperator", "simulatedGpus", "gpuServer"].map((part) => partsOf(plan).includes(part)),
            [true, false, false],
        );
        assert.ok(namespacesOf(plan).includes("fake-gpu-operator"));
        assert.deepEqual(planProblems(plan), []);
        const made = await follow(() =>
            kind({
                target: "kind",
                kubeconfig: cluster.kubeconfig,
                ...unset,
                gpus: "fake-gpu-operator",
                mesh: false,
                logging: false,
            }),
        );
        assert.ok(releasesOf(made).includes("fake-gpu-operator"));
        assert.equal(made.outputs.gpuUrl, null);
        assert.match(made.outputs.notes.gpuUrl ?? "", /switched off .*:gpuServer\)$/);
    });

    it("have a training on the CPU where it is switched on", () => {
        const { gpuJobs } = planned({ training: { enabled: true, workers: 3 } });
        const { simulated, workers, gpusPerWorker, placement } = gpuJobs?.training ?? {};
        assert.deepEqual([simulated, workers, gpusPerWorker], [true, 3, 1]);
        assert.deepEqual(placement?.nodeSelector, simulatedPoolLabel());
    });
});

describe("Pulumi.kind.yaml", () => {
    it("is a configuration of the kind stack, and its plan has no problems", () => {
        const config = parseConfig(stackConfig("Pulumi.kind.yaml"), {
            env: { KUBECONFIG: "/a/kubeconfig" },
            fileExists: () => true,
            contextsOf: () => ["kind-observability"],
        });
        assert.equal(config.target, "kind");
        const { logging, mesh, gpus, monitoring } = config as KindConfig;
        assert.deepEqual([logging, mesh, gpus], [true, true, "simulated"]);
        assert.deepEqual(monitoring, { scrapeInterval: "5s", retention: "1d" });
        assert.deepEqual(planProblems(kindPlan(config as KindConfig, noFacts)), []);
    });

    it("allows no default provider, which could reach another cluster", () => {
        const { config } = yamlFile("Pulumi.kind.yaml");
        assert.deepEqual(config["pulumi:disable-default-providers"], ["kubernetes"]);
    });
});

describe("the cluster of make kind", () => {
    const cluster = yamlFile("stacks/kind-cluster.yaml");
    // biome-ignore lint/suspicious/noExplicitAny: kind's own format
    const nodes: any[] = cluster.nodes;
    const has = (labels: object | undefined, wanted: object) =>
        Object.entries(wanted).every(
            ([key, value]) => (labels as Record<string, string> | undefined)?.[key] === value,
        );

    it("has the name from which kind makes the context that the stack names", () => {
        assert.equal(`kind-${cluster.name}`, stackConfig("Pulumi.kind.yaml").context);
    });

    it("has one control plane and two workers, all of one image that is pinned by its digest", () => {
        assert.deepEqual(
            nodes.map(({ role }) => role),
            ["control-plane", "worker", "worker"],
        );
        for (const { image } of nodes) {
            assert.match(image, /^kindest\/node:v\d+\.\d+\.\d+@sha256:[0-9a-f]{64}$/);
            assert.equal(image, nodes[0].image);
        }
    });

    it("opens ports 80 and 443 of this machine, and to nobody outside of it", () => {
        const ports = nodes.flatMap(({ extraPortMappings = [] }) => extraPortMappings);
        assert.deepEqual(
            ports.map(({ containerPort, hostPort }) => [containerPort, hostPort]),
            [
                [80, 80],
                [443, 443],
            ],
        );
        for (const { listenAddress } of ports) assert.equal(listenAddress, "127.0.0.1");
    });

    it("lets Traefik onto the node whose ports are forwarded, and onto no other", () => {
        const { traefik } = planned();
        const selector = traefik?.nodeSelector ?? {};
        assert.ok(Object.keys(selector).length > 0);
        const fitting = nodes.filter(({ labels }) => has(labels, selector));
        assert.deepEqual(fitting, [nodes.find(({ extraPortMappings }) => extraPortMappings)]);
        assert.equal(fitting[0].role, "control-plane");
        assert.deepEqual(traefik?.tolerations, [
            { key: "node-role.kubernetes.io/control-plane", operator: "Exists" },
        ]);
        assert.deepEqual(traefik?.exposure, { kind: "host-port" });
    });

    it("has a worker in the pool that gets simulated GPUs", () => {
        const pooled = nodes.filter(({ labels }) => has(labels, simulatedPoolLabel()));
        assert.deepEqual(
            pooled.map(({ role }) => role),
            ["worker"],
        );
        const { simulatedGpus, fakeGpuOperator, gpuNodes } = planned();
        assert.deepEqual([simulatedGpus?.nodeSelector, fakeGpuOperator], [simulatedPoolLabel(), undefined]);
        assert.deepEqual(gpuNodes?.nodes, { kind: "simulated" });
        const other = planned({ gpus: "fake-gpu-operator" });
        assert.equal(other.fakeGpuOperator?.pools, undefined, "the plan has pools of its own");
        assert.deepEqual(other.gpuNodes?.nodes, { kind: "simulated" });
    });

    it("lets autoscalers go to zero, and follow demand within seconds", () => {
        assert.deepEqual(cluster.featureGates, { HPAScaleToZero: true });
        const patches = cluster.kubeadmConfigPatches.map((patch: string) => parse(patch));
        assert.deepEqual(patches, [
            {
                apiVersion: "kubeadm.k8s.io/v1beta4",
                kind: "ClusterConfiguration",
                controllerManager: {
                    extraArgs: [
                        { name: "horizontal-pod-autoscaler-sync-period", value: "5s" },
                        { name: "horizontal-pod-autoscaler-downscale-stabilization", value: "20s" },
                    ],
                },
            },
        ]);
    });
});

describe("readClusterFacts", function () {
    this.timeout(30_000);

    it("tells users, without a stack, that a cluster does not answer, and where it is", async () => {
        const gone = await FakeCluster.start("kind-observability");
        const { url, kubeconfig } = gone;
        await gone.close();
        await assert.rejects(
            async () => kind({ target: "kind", kubeconfig, ...unset }),
            (error: Error) => {
                assert.ok(pulumi.RunError.isInstance(error), `not for users: ${error}`);
                assert.match(error.message, /^context: was given "kind-observability"; allowed: /);
                assert.ok(error.message.includes(url), error.message);
                return true;
            },
        );
        gone.remove();
    });
});
