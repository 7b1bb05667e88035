import type { GpuNodesArgs } from "../components/gpu/gpu-nodes";
import type { Problem } from "../components/problems";
import type { GpuCloudConfig } from "./schema";

type Nodes = GpuCloudConfig["nodes"];
type Source = NonNullable<Nodes["source"]>;

/** The keys that a source needs, and those that it can have. */
const keys: Readonly<Record<Source, { needs: readonly (keyof Nodes)[]; takes: readonly (keyof Nodes)[] }>> = {
    existing: { needs: [], takes: [] },
    karpenter: { needs: ["nodeClass", "maxGpus"], takes: ["instanceTypes"] },
    "cluster-api": {
        needs: ["cluster", "namespace", "infrastructure", "bootstrap"],
        takes: ["minNodes", "maxNodes"],
    },
};

/**
 * Keys that are missing for the source of nodes, or belong to another, and bounds that contradict each other. It goes
 * by the keys that are there, so that it has its say whatever their values are; unknown keys and sources, the schema
 * has told already.
 */
export function nodeProblems(nodes: Nodes): Problem[] {
    const source = nodes.source ?? "existing";
    if (!Object.hasOwn(keys, source)) return [];
    const { needs, takes } = keys[source];
    const own = [...needs, ...takes];
    const all = Object.values(keys).flatMap((one) => [...one.needs, ...one.takes]);
    const missing = needs.filter((key) => nodes[key] === undefined);
    const foreign = all.filter((key) => nodes[key] !== undefined && !own.includes(key));
    return [
        ...missing.map((key) => ({
            property: `nodes.${key}`,
            given: undefined,
            allowed: `a value: nodes.source "${source}" needs ${needs.join(", ")}`,
            fix: `add it under pulumi-kube-observability:nodes`,
        })),
        ...foreign.map((key) => ({
            property: `nodes.${key}`,
            given: nodes[key],
            allowed: `with nodes.source "${source}": ${own.join(", ") || "no other key"}`,
            fix: "remove it, or choose the source that it belongs to",
        })),
        ...(own.includes("minNodes") ? boundProblems(nodes) : []),
    ];
}

/** Without an upper bound nothing scales, and the lower one would be ignored. */
function boundProblems({ minNodes, maxNodes }: Nodes): Problem[] {
    const numbers = typeof minNodes === "number" && ["number", "undefined"].includes(typeof maxNodes);
    if (!numbers || (maxNodes !== undefined && minNodes <= maxNodes)) return [];
    return [
        {
            property: "nodes.minNodes",
            given: minNodes,
            allowed:
                maxNodes === undefined
                    ? "a number together with nodes.maxNodes"
                    : `at most nodes.maxNodes, which is ${maxNodes}`,
            fix: "correct one of the two, or leave both out for one node",
        },
    ];
}

/** The argument of GpuNodes; the configuration has no problems. */
export function gpuNodeSource(nodes: Nodes): GpuNodesArgs["nodes"] {
    switch (nodes.source ?? "existing") {
        case "karpenter":
            return {
                kind: "karpenter",
                nodeClass: nodes.nodeClass as NonNullable<Nodes["nodeClass"]>,
                maxGpus: nodes.maxGpus as number,
                ...(nodes.instanceTypes && {
                    requirements: [
                        {
                            key: "node.kubernetes.io/instance-type",
                            operator: "In",
                            values: nodes.instanceTypes,
                        },
                    ],
                }),
            };
        case "cluster-api":
            return {
                kind: "cluster-api",
                cluster: nodes.cluster as string,
                namespace: nodes.namespace as string,
                infrastructure: nodes.infrastructure as NonNullable<Nodes["infrastructure"]>,
                bootstrap: nodes.bootstrap as NonNullable<Nodes["bootstrap"]>,
                ...(nodes.maxNodes !== undefined && {
                    autoscaling: { min: nodes.minNodes ?? 0, max: nodes.maxNodes },
                }),
            };
        default:
            return { kind: "existing" };
    }
}
