import assert from "node:assert/strict";
import { parseConfig, type StackConfig } from "../../stacks/config";
import { gpuCloud, gpuCloudPlan } from "../../stacks/gpu-cloud";
import { planProblems } from "../../stacks/plan";
import type { GpuCloudConfig } from "../../stacks/schema";
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

type Choices = Partial<Omit<GpuCloudConfig, "target" | "kubeconfig" | "context">>;

const domain = "gpu.example.com";
const unset = { domain, monitoring: {}, logging: {}, queue: {}, gpu: {}, nodes: {}, chartVersions: {} };
const noFacts = { apiServices: [] };
const planned = (choices: Choices = {}) => gpuCloudPlan({ ...unset, ...choices }, noFacts);
const around = {
    env: { KUBECONFIG: "/a/kubeconfig" },
    fileExists: () => true,
    contextsOf: () => ["my-gpu-cluster"],
};

const usualParts = [
    "adapter",
    "certManager",
    "deadMansSwitch",
    "gpuNodes",
    "gpuOperator",
    "keda",
    "logging",
    "metricsServer",
    "monitoring",
    "podinfo",
    "podinfoScaling",
    "queue",
    "traefik",
];
const usualReleases = [
    "cert-manager",
    "eck-operator-crds",
    "elastic-operator",
    "fluent-bit",
    "gpu-operator",
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
    "CertManager",
    "Dashboards",
    "DeadMansSwitch",
    "GpuAlerts",
    "GpuNodes",
    "GpuOperator",
    "Keda",
    "KubePrometheusStack",
    "Logging",
    "MetricsServer",
    "Podinfo",
    "PrometheusAdapter",
    "RedisQueue",
    "Traefik",
];

interface Difference {
    readonly parts: readonly string[];
    readonly components: readonly string[];
    readonly releases: readonly string[];
}
const none: Difference = { parts: [], components: [], releases: [] };

/** What each choice leaves out and brings, and nothing else. */
const variants: readonly { choices: Choices; without?: Difference; with?: Difference }[] = [
    { choices: {} },
    {
        choices: { mesh: true },
        with: {
            parts: ["mesh"],
            components: ["Istio"],
            releases: ["istio-base", "istio-cni", "istio-istiod"],
        },
    },
    {
        choices: { logging: { enabled: false } },
        without: {
            parts: ["logging"],
            components: ["Logging"],
            releases: ["eck-operator-crds", "elastic-operator", "fluent-bit", "logging"],
        },
    },
    {
        choices: { logging: { collector: "fluentd" } },
        without: { ...none, releases: ["fluent-bit"] },
        with: { ...none, releases: ["fluentd"] },
    },
    {
        choices: { ingressClass: "nginx" },
        without: { parts: ["traefik"], components: ["Traefik"], releases: ["traefik"] },
    },
    {
        choices: { gpu: { software: "preinstalled" } },
        without: { parts: ["gpuOperator"], components: ["GpuOperator"], releases: ["gpu-operator"] },
        with: { parts: ["dcgmExporter"], components: ["DcgmExporter"], releases: ["dcgm-exporter"] },
    },
    { choices: { acmeEmail: "ops@example.com" } },
    { choices: { monitoring: { objectStorageSecret: { name: "thanos", key: "s3.yaml" } } } },
];

const changed = (usual: readonly string[], variant: (typeof variants)[number], part: keyof Difference) =>
    [
        ...usual.filter((name) => !(variant.without ?? none)[part].includes(name)),
        ...(variant.with ?? none)[part],
    ].sort();

describe("the plan for a cluster with GPUs", () => {
    for (const variant of variants) {
        const { choices } = variant;
        it(`has the parts that belong to ${JSON.stringify(choices)}, and no problems`, () => {
            const plan = planned(choices);
            assert.deepEqual(partsOf(plan).sort(), changed(usualParts, variant, "parts"));
            assert.deepEqual(planProblems(plan), []);
        });
    }

    it("takes every chart from the mirror, at the versions that are set", () => {
        const source = { chartMirror: "https://charts.example", chartVersions: { gpuOperator: "v26.6.0" } };
        const parts = [
            ...Object.values(planned({ ...source, mesh: true })),
            planned({ ...source, gpu: { software: "preinstalled" } }).dcgmExporter,
        ];
        const sources = parts.flatMap((part) => (part && "source" in part ? [part.source] : []));
        assert.equal(sources.length, 11);
        for (const given of sources) {
            assert.deepEqual(given, {
                mirror: "https://charts.example",
                versions: { gpuOperator: "v26.6.0" },
            });
        }
    });

    it("asks every kubelet for a certificate that the cluster has signed", () => {
        const { metricsServer, monitoring } = planned();
        assert.equal(metricsServer.kubeletInsecureTls, undefined);
        assert.equal(monitoring.kubeletInsecureTls, undefined);
    });

    it("passes on what is known of the cluster, so that nothing takes an API from its owner", () => {
        const facts = { apiServices: [{ name: "v1beta1.metrics.k8s.io", annotations: {} }] };
        const { metricsServer, adapter, keda } = gpuCloudPlan(unset, facts);
        for (const part of [metricsServer, adapter, keda]) assert.equal(part.facts, facts);
    });

    it("runs several of each, so that a node may go", () => {
        const plan = planned({ mesh: true });
        const { metricsServer, adapter, keda, certManager, traefik, mesh, logging } = plan;
        for (const part of [metricsServer, adapter, keda, certManager, traefik, mesh]) {
            assert.equal(part?.replicas, 2);
        }
        assert.deepEqual(plan.monitoring.replicas, { prometheus: 2, alertmanager: 2 });
        assert.equal(logging?.elasticsearch?.nodes, 2);
        assert.deepEqual(planned({ monitoring: { replicas: 3 } }).monitoring.replicas, {
            prometheus: 3,
            alertmanager: 3,
        });
    });

    it("keeps data on volumes of one class, for as long as it is told", () => {
        const { monitoring, logging } = planned({
            storageClass: "fast.ssd",
            monitoring: { storageSize: "50Gi", retention: "30d" },
            logging: { storageSize: "1Ti", retentionDays: 90, nodes: 5 },
        });
        assert.deepEqual(monitoring.storage, {
            prometheus: "50Gi",
            alertmanager: "2Gi",
            grafana: "5Gi",
            storageClass: "fast.ssd",
        });
        assert.equal(monitoring.retention, "30d");
        assert.equal(logging?.retentionDays, 90);
        const { nodes, storage, storageClass, keepData } = logging?.elasticsearch ?? {};
        assert.deepEqual([nodes, storage, storageClass, keepData], [5, "1Ti", "fast.ssd", true]);
    });

    it("leaves the class of volumes to the cluster when none is named", () => {
        const { monitoring, logging } = planned();
        assert.equal(monitoring.storage?.storageClass, undefined);
        assert.equal(logging?.elasticsearch?.storageClass, undefined);
    });

    it("hands the object store's Secret on to Thanos, and nothing without one", () => {
        const objectStorageSecret = { name: "thanos", key: "s3.yaml" };
        const { monitoring } = planned({ monitoring: { objectStorageSecret } });
        assert.deepEqual(monitoring.objectStorage, { secretName: "thanos", key: "s3.yaml" });
        assert.equal(planned().monitoring.objectStorage, undefined);
    });

    it("signs certificates itself, or lets an ACME server sign them through the ingress controller", () => {
        assert.deepEqual(planned().certManager.issuer, { kind: "self-signed" });
        const email = "ops@example.com";
        for (const ingressClass of [undefined, "nginx"]) {
            const { certManager } = planned({ acmeEmail: email, ...(ingressClass && { ingressClass }) });
            assert.deepEqual(certManager.issuer, {
                kind: "acme",
                email,
                ingressClass: ingressClass ?? "traefik",
            });
        }
    });

    it("shows nobody outside a server without a login", () => {
        const { exposure } = planned().monitoring;
        assert.equal(exposure?.kind, "ingress");
        assert.deepEqual(exposure.servers, ["grafana"]);
    });

    it("passes on to the GPU operator who brings what, and how GPUs are shared", () => {
        const { gpuOperator } = planned({
            gpu: { software: "operator", driver: false, toolkit: false, timeSlices: 4, mig: "mixed" },
        });
        const { source: _, ...told } = gpuOperator ?? {};
        assert.deepEqual(told, {
            driver: false,
            toolkit: false,
            sharing: { timeSlicing: { replicas: 4 } },
            mig: { strategy: "mixed" },
            monitored: true,
        });
        assert.equal(planned().gpuOperator?.sharing, undefined);
        assert.equal(planned().gpuOperator?.mig, undefined);
    });

    const nodeClass = { group: "karpenter.k8s.aws", kind: "EC2NodeClass", name: "gpu" };
    const infrastructure = {
        apiGroup: "infrastructure.cluster.x-k8s.io",
        kind: "AWSMachineTemplate",
        name: "gpu",
    };
    const bootstrap = { apiGroup: "bootstrap.cluster.x-k8s.io", kind: "KubeadmConfigTemplate", name: "gpu" };
    const clusterApi = { cluster: "production", namespace: "clusters", infrastructure, bootstrap };
    const sources: readonly [GpuCloudConfig["nodes"], object][] = [
        [{}, { kind: "existing" }],
        [{ source: "existing" }, { kind: "existing" }],
        [
            { source: "karpenter", nodeClass, maxGpus: 16 },
            { kind: "karpenter", nodeClass, maxGpus: 16 },
        ],
        [
            { source: "karpenter", nodeClass, maxGpus: 16, instanceTypes: ["p5.48xlarge"] },
            {
                kind: "karpenter",
                nodeClass,
                maxGpus: 16,
                requirements: [
                    { key: "node.kubernetes.io/instance-type", operator: "In", values: ["p5.48xlarge"] },
                ],
            },
        ],
        [
            { source: "cluster-api", ...clusterApi },
            { kind: "cluster-api", ...clusterApi },
        ],
        [
            { source: "cluster-api", ...clusterApi, maxNodes: 8 },
            { kind: "cluster-api", ...clusterApi, autoscaling: { min: 0, max: 8 } },
        ],
        [
            { source: "cluster-api", ...clusterApi, minNodes: 8, maxNodes: 8 },
            { kind: "cluster-api", ...clusterApi, autoscaling: { min: 8, max: 8 } },
        ],
    ];
    for (const [nodes, expected] of sources) {
        it(`gets nodes as ${Object.keys(nodes).join(", ") || "nothing"} of nodes says`, () => {
            const plan = planned({ nodes });
            assert.deepEqual(plan.gpuNodes?.nodes, expected);
            assert.deepEqual(planProblems(plan), []);
            const raw = { target: "gpu-cloud", context: "my-gpu-cluster", domain };
            const config = parseConfig({ ...raw, nodes: JSON.stringify(nodes) }, around) as GpuCloudConfig;
            assert.deepEqual(config.nodes, nodes);
        });
    }

    it("has no problems with whatever the schema lets through, at its very limits", () => {
        const label = "a".repeat(63);
        const longest = [label, label, label, "a".repeat(48)].join(".");
        assert.equal(longest.length, 240);
        const dotted = "a.b-c.d";
        const sections = {
            monitoring: {
                scrapeInterval: "1ms",
                retention: "9y",
                storageSize: "1.5Ti",
                replicas: 10,
                objectStorageSecret: { name: dotted, key: "_.Key-" },
            },
            logging: { nodes: 50, storageSize: "1k", retentionDays: 3650, collector: "fluentd" },
            gpu: { timeSlices: 64, mig: "mixed", driver: false },
            queue: {
                maxReplicas: 1000,
                itemsPerReplica: 1000000,
                cooldownSeconds: 0,
                pollingSeconds: 3600,
                secondsPerMessage: 20,
            },
            nodes: { source: "cluster-api", ...clusterApi, minNodes: 1000, maxNodes: 1000 },
            chartVersions: { keda: "v2.0.0-rc.1" },
        };
        const config = parseConfig(
            {
                target: "gpu-cloud",
                context: "my-gpu-cluster",
                domain: longest,
                ingressClass: dotted,
                storageClass: dotted,
                acmeEmail: "a@b.c",
                mesh: "true",
                ...Object.fromEntries(
                    Object.entries(sections).map(([key, value]) => [key, JSON.stringify(value)]),
                ),
            },
            around,
        ) as GpuCloudConfig;
        assert.deepEqual(planProblems(gpuCloudPlan(config, noFacts)), []);
        assert.deepEqual(config.queue, sections.queue);
    });
});

describe("the gpu-cloud stack", function () {
    // The client that asks the cluster takes a second to load.
    this.timeout(30_000);

    const context = "my-gpu-cluster";
    let cluster: FakeCluster;
    before(async () => {
        cluster = await FakeCluster.start("another", context);
    });
    after(() => cluster.stop());

    const made = (choices: Choices = {}) =>
        follow(() =>
            gpuCloud({ target: "gpu-cloud", kubeconfig: cluster.kubeconfig, context, ...unset, ...choices }),
        );

    for (const variant of variants.slice(1)) {
        it(`installs what belongs to ${JSON.stringify(variant.choices)}`, async () => {
            const recording = await made(variant.choices);
            assert.deepEqual(releasesOf(recording), changed(usualReleases, variant, "releases"));
            assert.deepEqual(componentsOf(recording), changed(usualComponents, variant, "components"));
        });
    }

    it("says why there is no Kibana without logging, and has all other outputs", async () => {
        const { outputs } = await made({ logging: { enabled: false } });
        await assertOutputs(outputs);
        const why = "logging is switched off in this stack (pulumi-kube-observability:logging.enabled)";
        assert.deepEqual([outputs.kibanaUrl, outputs.kibanaUser], [null, null]);
        assert.deepEqual([outputs.notes.kibanaUrl, outputs.notes.kibanaUser], [why, why]);
        assert.equal("kibanaPassword" in outputs.notes, false);
    });

    it("serves through the cluster's own ingress controller, with certificates of the ACME server", async () => {
        const recording = await made({ ingressClass: "nginx", acmeEmail: "ops@example.com" });
        assert.deepEqual(valuesUnder(recording, "ingressClassName", "className"), ["nginx"]);
        assert.deepEqual(valuesUnder(recording, "cert-manager.io/cluster-issuer"), ["acme"]);
        const issuers = recording.resources.filter(({ kind }) => kind === "ClusterIssuer");
        assert.deepEqual(
            issuers.map(({ inputs }) => [inputs.metadata.name, inputs.spec.acme.email]),
            [["acme", "ops@example.com"]],
        );
    });

    it("makes the object that makes the nodes", async () => {
        const nodeClass = { group: "karpenter.k8s.aws", kind: "EC2NodeClass", name: "gpu" };
        const { resources } = await made({ nodes: { source: "karpenter", nodeClass, maxGpus: 16 } });
        const [pool] = resources.filter(({ kind }) => kind === "NodePool");
        assert.deepEqual(pool?.inputs.spec.limits, { "nvidia.com/gpu": "16" });
    });

    describe("as it comes", () => {
        let recording: Followed;
        before(async () => {
            recording = await made();
        });

        it("installs the charts and the components of the whole platform", () => {
            assert.deepEqual(releasesOf(recording), usualReleases);
            assert.deepEqual(componentsOf(recording), usualComponents);
        });

        it("puts everything onto the cluster of its context, by a provider that every object names", () => {
            assertOneProvider(recording, "gpu-cloud");
            assertProviderOf(recording, context, cluster.url);
        });

        it("has the outputs of every stack, below its domain where a login guards them", async () => {
            const { outputs } = recording;
            await assertOutputs(outputs);
            const { grafanaPassword: _, notes: __, ...shown } = outputs;
            assert.deepEqual(await resolved(shown), {
                prometheusUrl: null,
                alertmanagerUrl: null,
                grafanaUrl: `https://grafana.${domain}`,
                grafanaUser: "admin",
                kibanaUrl: `https://kibana.${domain}`,
                kibanaUser: "elastic",
                producerUrl: null,
                podinfoUrl: null,
                hashUrl: null,
                llmUrl: null,
                gpuUrl: null,
                lokiUrl: null,
            });
        });

        it("tells how to reach what has no address", () => {
            const { notes } = recording.outputs;
            assert.deepEqual(Object.keys(notes).sort(), [
                "alertmanagerUrl",
                "gpuUrl",
                "hashUrl",
                "kibanaPassword",
                "llmUrl",
                "lokiUrl",
                "podinfoUrl",
                "producerUrl",
                "prometheusUrl",
            ]);
            assert.match(
                notes.prometheusUrl ?? "",
                /kubectl --namespace monitoring port-forward service\/monitoring-prometheus 9090$/,
            );
            assert.match(
                notes.alertmanagerUrl ?? "",
                /kubectl --namespace monitoring port-forward service\/monitoring-alertmanager 9093$/,
            );
        });

        it("gives podinfo, the producer and the server that hashes, which have no login, hosts only where asked", async () => {
            const { podinfo, producerIngress, hash } = planned({ demo: true, hash: true });
            assert.equal(podinfo.ingress?.host, `podinfo.${domain}`);
            assert.equal(producerIngress?.host, `producer.${domain}`);
            assert.equal(hash?.ingress?.host, `hash.${domain}`);
            assert.equal(planned({ hash: true }).hash?.ingress, undefined);
            assert.equal(planned({ demo: true }).hash, undefined);
            const { notes } = (await made({ hash: true })).outputs;
            // Not to port 80 of this machine, which is root's.
            assert.match(notes.hashUrl ?? "", /port-forward service\/hash 8000:80$/);
        });

        it("refuses a cluster where a namespace of its own is somebody else's, and changes nothing", () => {
            const plan = planned();
            const theirs = planProblems(plan, {
                namespaces: { monitoring: false, keda: true, other: false },
            });
            assert.deepEqual(
                theirs.map(({ given }) => given),
                ["a cluster with the namespace monitoring"],
            );
        });

        it("serves with one ingress controller and one issuer, those that it installs", () => {
            assert.deepEqual(valuesUnder(recording, "ingressClassName", "className"), ["traefik"]);
            assert.deepEqual(valuesUnder(recording, "cert-manager.io/cluster-issuer"), ["self-signed"]);
            const issuers = recording.resources.filter(({ kind }) => kind === "ClusterIssuer");
            assert.deepEqual(
                issuers.map(({ inputs }) => inputs.metadata.name),
                ["self-signed"],
            );
        });

        it("gives every server a host below the domain", () => {
            const hosts = valuesUnder(recording, "host", "hosts").filter((host) => !host.endsWith(".svc"));
            assert.deepEqual(
                hosts,
                // Only what has a login.
                ["grafana", "kibana"].map((name) => `${name}.${domain}`),
            );
        });
    });
});

describe("Pulumi.gpu-cloud.yaml", () => {
    const parsed = (): StackConfig => parseConfig(stackConfig("Pulumi.gpu-cloud.yaml"), around);

    it("is a configuration of the gpu-cloud stack, and its plan has no problems", () => {
        const config = parsed() as GpuCloudConfig;
        assert.equal(config.target, "gpu-cloud");
        assert.deepEqual([config.context, config.domain], ["my-gpu-cluster", "observability.example.com"]);
        assert.deepEqual(config.monitoring, { retention: "15d", storageSize: "100Gi", replicas: 2 });
        assert.deepEqual(config.logging, { nodes: 2, storageSize: "200Gi", retentionDays: 14 });
        assert.deepEqual([config.gpu, config.nodes], [{ software: "operator" }, { source: "existing" }]);
        assert.deepEqual(planProblems(gpuCloudPlan(config, noFacts)), []);
    });

    it("writes out defaults only, but for what has to be one's own", () => {
        const config = parsed() as GpuCloudConfig;
        const bare = parseConfig(
            { target: "gpu-cloud", context: config.context, domain: config.domain },
            around,
        ) as GpuCloudConfig;
        assert.deepEqual(gpuCloudPlan(config, noFacts), gpuCloudPlan(bare, noFacts));
    });

    it("allows no default provider, which could reach another cluster", () => {
        const { config } = yamlFile("Pulumi.gpu-cloud.yaml");
        assert.deepEqual(config["pulumi:disable-default-providers"], ["kubernetes"]);
    });
});
