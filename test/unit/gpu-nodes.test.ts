import assert from "node:assert/strict";
import type { CustomResourceArgs } from "@pulumi/kubernetes/apiextensions";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import { simulatedPoolLabel } from "../../components/gpu/fake-gpu-operator/pools";
import {
    GpuNodes,
    type GpuNodesArgs,
    type GpuPodPlacement,
    gpuPodPlacement,
    validateGpuNodes,
} from "../../components/gpu/gpu-nodes";
import type { ClusterApiGpuNodes } from "../../components/gpu/gpu-nodes/cluster-api";
import type { KarpenterGpuNodes } from "../../components/gpu/gpu-nodes/karpenter";
import { type GpuNodeSource, nodesObject } from "../../components/gpu/gpu-nodes/source";
import type { Taint } from "../../components/gpu/gpu-nodes/taints";
import { simulatedNodes } from "../../local/node/simulation";
import { inOrder, object, record } from "./support/mocks";

const nodeClass = { group: "karpenter.k8s.aws", kind: "EC2NodeClass", name: "gpu" };
const karpenter: KarpenterGpuNodes = { kind: "karpenter", nodeClass, maxGpus: 16 };
const infrastructure = {
    apiGroup: "infrastructure.cluster.x-k8s.io",
    kind: "AWSMachineTemplate",
    name: "gpu",
};
const bootstrap = { apiGroup: "bootstrap.cluster.x-k8s.io", kind: "KubeadmConfigTemplate", name: "gpu" };
const clusterApi: ClusterApiGpuNodes = {
    kind: "cluster-api",
    namespace: "clusters",
    cluster: "prod",
    infrastructure,
    bootstrap,
};

interface Node {
    readonly labels: Readonly<Record<string, string>>;
    readonly taints: readonly Taint[];
}

/** Whether the scheduler would let the pod onto the node, as far as labels and taints go. */
function lands({ pod }: GpuPodPlacement, { labels, taints }: Node): boolean {
    const selected = Object.entries(pod.nodeSelector).every(([key, value]) => labels[key] === value);
    const tolerated = taints.every((taint) =>
        pod.tolerations.some(
            ({ key, operator, value, effect }) =>
                (key === undefined || key === taint.key) &&
                (effect === undefined || effect === taint.effect) &&
                (operator === "Exists" || value === (taint.value ?? "")),
        ),
    );
    return selected && tolerated;
}

/** A node as Karpenter makes it from our NodePool. */
function karpenterNode(nodes: KarpenterGpuNodes): Node {
    const { metadata, spec } = nodesObject(nodes) ?? { spec: {} };
    const { template } = spec;
    const pool = { "karpenter.sh/nodepool": String((metadata as { name: string }).name) };
    return { labels: { ...template.metadata?.labels, ...pool }, taints: template.spec.taints };
}

/** A node as Cluster API makes it from our MachineDeployment: with the labels that it hands on. */
function clusterApiNode(nodes: ClusterApiGpuNodes, taintsOfBootstrap: readonly Taint[]): Node {
    const { template } = nodesObject(nodes)?.spec ?? {};
    const handedOn = Object.entries(template.metadata.labels as Record<string, string>).filter(([key]) =>
        /^(node-role\.kubernetes\.io|([^/]+\.)?node\.cluster\.x-k8s\.io|([^/]+\.)?node-restriction\.kubernetes\.io)\//.test(
            key,
        ),
    );
    return {
        labels: Object.fromEntries(handedOn),
        taints: [...taintsOfBootstrap, ...(template.spec.taints ?? [])],
    };
}

const gpuTaint: Taint = { key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" };
const mlTaint: Taint = { key: "dedicated", value: "ml", effect: "NoExecute" };
const [plainKwokNode, gpuKwokNode] = simulatedNodes({ cpu: 1, gpu: 1 }).map((node): Node => {
    const { metadata, spec } = node as unknown as { metadata: Node; spec: { taints?: Taint[] } };
    return { labels: metadata.labels, taints: spec.taints ?? [] };
});

const worker: Node = { labels: { "kubernetes.io/os": "linux" }, taints: [] };

/** For each origin: the nodes, one of them as it would be in the cluster, and others where pods must not land. */
const origins: [name: string, nodes: GpuNodeSource, node: Node | undefined, others: (Node | undefined)[]][] =
    [
        [
            "nodes that are there",
            { kind: "existing" },
            { labels: { "nvidia.com/gpu.present": "true" }, taints: [gpuTaint] },
            [worker, { labels: { "nvidia.com/gpu.present": "true" }, taints: [gpuTaint, mlTaint] }],
        ],
        [
            "nodes that are there, with labels and taints of their own",
            { kind: "existing", labels: { gpu: "a100", team: "ml" }, taints: [mlTaint] },
            { labels: { gpu: "a100", team: "ml", zone: "b" }, taints: [mlTaint] },
            [
                { labels: { gpu: "a100" }, taints: [] },
                { labels: { gpu: "a100", team: "ml" }, taints: [{ ...mlTaint, value: "web" }] },
            ],
        ],
        [
            "nodes of Karpenter",
            karpenter,
            karpenterNode(karpenter),
            [worker, karpenterNode({ ...karpenter, name: "b" })],
        ],
        [
            "nodes of Karpenter with labels and taints",
            { ...karpenter, labels: { team: "ml" }, taints: [gpuTaint, mlTaint] },
            karpenterNode({ ...karpenter, labels: { team: "ml" }, taints: [gpuTaint, mlTaint] }),
            [karpenterNode(karpenter)],
        ],
        [
            "nodes of Cluster API, tainted by their bootstrap template",
            clusterApi,
            clusterApiNode(clusterApi, [gpuTaint]),
            [worker, clusterApiNode({ ...clusterApi, name: "b" }, [])],
        ],
        [
            "nodes of Cluster API, tainted by itself",
            {
                ...clusterApi,
                taintedBy: "cluster-api",
                taints: [mlTaint],
                labels: { "node-role.kubernetes.io/gpu": "" },
            },
            clusterApiNode(
                {
                    ...clusterApi,
                    taintedBy: "cluster-api",
                    taints: [mlTaint],
                    labels: { "node-role.kubernetes.io/gpu": "" },
                },
                [],
            ),
            [worker],
        ],
        [
            "nodes with fake GPUs",
            { kind: "simulated", pool: "small" },
            { labels: { ...worker.labels, ...simulatedPoolLabel("small") }, taints: [] },
            [worker, { labels: simulatedPoolLabel("large"), taints: [] }],
        ],
        [
            "nodes of the simulated cluster",
            { kind: "simulated", by: "kwok" },
            gpuKwokNode,
            [plainKwokNode, worker],
        ],
    ];

describe("GpuNodes", () => {
    for (const [name, nodes, node, others] of origins) {
        it(`puts pods onto ${name}, and onto no others`, async () => {
            const placements: GpuPodPlacement[] = [];
            await record(() => {
                placements.push(new GpuNodes("gpus", { nodes }).podPlacement(2));
            });
            const [placement] = placements;
            assert.ok(placement && node);
            assert.ok(lands(placement, node), JSON.stringify({ placement, node }));
            for (const other of others) {
                assert.ok(other && !lands(placement, other), JSON.stringify({ placement, other }));
            }
            assert.deepEqual(placement.limits, { "nvidia.com/gpu": "2" });
        });
    }

    it("asks for one GPU unless told otherwise, by the name that it is told", () => {
        const nodes = { kind: "existing" } as const;
        assert.deepEqual(gpuPodPlacement({ nodes }).limits, { "nvidia.com/gpu": "1" });
        const resource = "nvidia.com/mig-1g.10gb";
        assert.deepEqual(gpuPodPlacement({ nodes, resource }, 3).limits, { [resource]: "3" });
    });

    it("names a runtime class only where told to", () => {
        const nodes = { kind: "existing" } as const;
        assert.ok(!("runtimeClassName" in gpuPodPlacement({ nodes }).pod));
        assert.equal(gpuPodPlacement({ nodes, runtimeClassName: "nvidia" }).pod.runtimeClassName, "nvidia");
    });

    it("refuses to place a pod with no GPU, a part of one, or more than a node has", () => {
        for (const count of [0, 0.5, 65]) {
            assert.throws(() => gpuPodPlacement({ nodes: { kind: "existing" } }, count), /count: was given/);
        }
    });

    it("makes nothing where the nodes are there or simulated", async () => {
        for (const nodes of [
            { kind: "existing" },
            { kind: "simulated" },
            { kind: "simulated", by: "kwok" },
        ] as const) {
            const { resources } = await record(() => new GpuNodes("gpus", { nodes }));
            assert.deepEqual(
                resources.map(({ kind }) => kind),
                ["pulumi-kube-observability:index:GpuNodes"],
            );
        }
    });

    it("makes a NodePool that buys and sells within bounds", async () => {
        const requirements = [
            { key: "karpenter.k8s.aws/instance-gpu-name", operator: "In", values: ["a100", "h100"] },
        ] as const;
        const nodes: GpuNodeSource = { ...karpenter, requirements, consolidateAfter: "30s" };
        const recording = await record(() => new GpuNodes("gpus", { nodes }));
        assert.equal(recording.resources.length, 2);
        const { kind, apiVersion, spec } = object(recording, "NodePool", "gpu").inputs;
        assert.deepEqual([kind, apiVersion], ["NodePool", "karpenter.sh/v1"]);
        assert.deepEqual(spec, {
            template: {
                spec: {
                    nodeClassRef: nodeClass,
                    requirements,
                    taints: [{ key: "nvidia.com/gpu", effect: "NoSchedule" }],
                    expireAfter: "720h",
                },
            },
            limits: { "nvidia.com/gpu": "16" },
            disruption: { consolidationPolicy: "WhenEmpty", consolidateAfter: "30s" },
        });
    });

    it("makes a MachineDeployment of a fixed size", async () => {
        const nodes: GpuNodeSource = { ...clusterApi, replicas: 3, version: "v1.36.3" };
        const recording = await record(() => new GpuNodes("gpus", { nodes }));
        assert.equal(recording.resources.length, 2);
        const { apiVersion, metadata, spec } = object(recording, "MachineDeployment", "gpu").inputs;
        const own = { "cluster.x-k8s.io/cluster-name": "prod", "cluster.x-k8s.io/deployment-name": "gpu" };
        assert.equal(apiVersion, "cluster.x-k8s.io/v1beta2");
        assert.deepEqual(metadata, {
            name: "gpu",
            namespace: "clusters",
            labels: { "cluster.x-k8s.io/cluster-name": "prod" },
        });
        assert.deepEqual(spec, {
            clusterName: "prod",
            replicas: 3,
            selector: { matchLabels: own },
            template: {
                metadata: { labels: { ...own, "node.cluster.x-k8s.io/gpu-nodes": "gpu" } },
                spec: {
                    clusterName: "prod",
                    version: "v1.36.3",
                    bootstrap: { configRef: bootstrap },
                    infrastructureRef: infrastructure,
                },
            },
        });
    });

    it("leaves the size of a MachineDeployment to the autoscaler, and tells it what a node is", () => {
        const autoscaling = { min: 0, max: 4, node: { cpu: 96, memory: "1152Gi", gpus: 8 } };
        const { metadata, spec } = nodesObject({
            ...clusterApi,
            taints: [gpuTaint, mlTaint],
            autoscaling,
        }) as CustomResourceArgs;
        assert.ok(!("replicas" in spec));
        const capacity = "capacity.cluster-autoscaler.kubernetes.io";
        assert.deepEqual((metadata as { annotations: object }).annotations, {
            "cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size": "0",
            "cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size": "4",
            [`${capacity}/labels`]: "node.cluster.x-k8s.io/gpu-nodes=gpu",
            [`${capacity}/taints`]: "nvidia.com/gpu=present:NoSchedule,dedicated=ml:NoExecute",
            [`${capacity}/cpu`]: "96",
            [`${capacity}/memory`]: "1152Gi",
            [`${capacity}/gpu-count`]: "8",
            [`${capacity}/gpu-type`]: "nvidia.com/gpu",
        });
    });

    it("has Cluster API taint the nodes only where told to: its feature gate is off by default", () => {
        const taintsOf = (nodes: ClusterApiGpuNodes) => nodesObject(nodes)?.spec.template.spec.taints;
        assert.equal(taintsOf(clusterApi), undefined);
        assert.deepEqual(taintsOf({ ...clusterApi, taintedBy: "cluster-api" }), [
            { key: "nvidia.com/gpu", effect: "NoSchedule", propagation: "Always" },
        ]);
    });

    it("waits for what it depends on", async () => {
        const recording = await record(
            () => {
                const before = new ConfigMap("before");
                new GpuNodes("gpus", { nodes: karpenter }, { dependsOn: [before] });
            },
            ({ kind }) => kind === "ConfigMap",
        );
        assert.ok(inOrder(recording, "ConfigMap before", "NodePool gpus-nodes"));
    });
});

describe("GpuNodes refuses", () => {
    const properties = (args: GpuNodesArgs) => validateGpuNodes(args).map(({ property }) => property);
    const ofNodes = (nodes: unknown) => properties({ nodes: nodes as GpuNodeSource });
    const cases: [why: string, nodes: unknown, properties: string[]][] = [
        ["no origin", undefined, ["nodes.kind"]],
        ["an unknown origin", { kind: "cloud" }, ["nodes.kind"]],
        ["nothing of nodes that are there", { kind: "existing" }, []],
        ["to select every node", { kind: "existing", labels: {} }, ["nodes.labels"]],
        [
            "labels and taints that Kubernetes would refuse",
            {
                kind: "existing",
                labels: { "gpu pool": "a", gpu: "two words" },
                taints: [
                    { key: "-gpu", value: "a b", effect: "Never" },
                    gpuTaint,
                    { ...gpuTaint, value: "other" },
                ],
            },
            [
                "nodes.labels.gpu pool",
                "nodes.labels.gpu",
                "nodes.taints[0].key",
                "nodes.taints[0].value",
                "nodes.taints[0].effect",
                "nodes.taints[2]",
            ],
        ],
        ["nothing of Karpenter's as it should be", karpenter, []],
        [
            "a NodePool without a class and without a bound",
            { kind: "karpenter", nodeClass: { group: "", kind: "EC2NodeClass" } },
            ["nodes.nodeClass.group", "nodes.nodeClass.name", "nodes.maxGpus"],
        ],
        [
            "labels that are Karpenter's own",
            { ...karpenter, labels: { "karpenter.sh/nodepool": "x", "kubernetes.io/hostname": "y" } },
            ["nodes.labels.karpenter.sh/nodepool", "nodes.labels.kubernetes.io/hostname"],
        ],
        [
            "demands on machines that make no sense",
            {
                ...karpenter,
                requirements: [
                    { key: "a", operator: "In" },
                    { key: "b", operator: "Exists", values: ["x"] },
                    { key: "c", operator: "Gt", values: ["many"] },
                    { key: "c d", operator: "DoesNotExist" },
                ],
            },
            [
                "nodes.requirements[0].values",
                "nodes.requirements[1].values",
                "nodes.requirements[2].values",
                "nodes.requirements[3].key",
            ],
        ],
        [
            "times that are none",
            { ...karpenter, consolidateAfter: "5 minutes", expireAfter: "30d" },
            ["nodes.consolidateAfter", "nodes.expireAfter"],
        ],
        ["nothing of Cluster API's as it should be", clusterApi, []],
        [
            "a MachineDeployment of nothing",
            { kind: "cluster-api", infrastructure: { kind: "X" } },
            ["nodes.namespace", "nodes.cluster", "nodes.infrastructure", "nodes.bootstrap"],
        ],
        [
            "a size and an autoscaler",
            { ...clusterApi, replicas: 2, autoscaling: { min: 1, max: 2 } },
            ["nodes.replicas"],
        ],
        [
            "an autoscaler without room",
            { ...clusterApi, autoscaling: { min: 3, max: 2, node: { cpu: 0, memory: "much", gpus: 0 } } },
            [
                "nodes.autoscaling.max",
                "nodes.autoscaling.node.cpu",
                "nodes.autoscaling.node.memory",
                "nodes.autoscaling.node.gpus",
            ],
        ],
        [
            "labels that do not reach the nodes",
            { ...clusterApi, labels: { team: "ml" } },
            ["nodes.labels.team"],
        ],
        ["no label to select by", { ...clusterApi, labels: {} }, ["nodes.labels"]],
        [
            "taints that are Kubernetes' own",
            {
                ...clusterApi,
                taintedBy: "cluster-api",
                taints: [{ key: "node.kubernetes.io/gpu", effect: "NoSchedule" }],
            },
            ["nodes.taints"],
        ],
        ["a version without its v", { ...clusterApi, version: "1.36.3" }, ["nodes.version"]],
        ["an unknown simulator", { kind: "simulated", by: "magic" }, ["nodes.by"]],
        ["a pool of KWOK", { kind: "simulated", by: "kwok", pool: "small" }, ["nodes.pool"]],
        ["a pool that no label can name", { kind: "simulated", pool: "big ones" }, ["nodes.pool"]],
    ];
    for (const [why, nodes, expected] of cases) {
        it(why, () => assert.deepEqual(ofNodes(nodes), expected));
    }

    it("what pods cannot ask for", () => {
        const nodes = { kind: "existing" } as const;
        assert.deepEqual(properties({ nodes, resource: "nvidia.com/gpu.shared" }), []);
        assert.deepEqual(properties({ nodes, resource: "nvidia.com/mig-3g.40gb" }), []);
        assert.deepEqual(properties({ nodes, resource: "gpu", runtimeClassName: "NVIDIA" }), [
            "resource",
            "runtimeClassName",
        ]);
    });

    it("all at once, before it makes anything", async () => {
        let text = "";
        const { resources } = await record(() => {
            try {
                new GpuNodes("gpus", { nodes: { ...karpenter, maxGpus: 0 }, resource: "gpu" });
            } catch (error) {
                text = String(error);
            }
        });
        assert.match(text, /nodes\.maxGpus: .*\n.*resource: /);
        assert.deepEqual(
            resources.map(({ kind }) => kind),
            ["pulumi-kube-observability:index:GpuNodes"],
        );
    });
});
