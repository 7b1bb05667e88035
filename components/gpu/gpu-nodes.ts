import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import * as pulumi from "@pulumi/pulumi";
import type { Labels } from "../conventions";
import { checkName, checkWhole, type Problem, reject, renderProblems } from "../problems";
import { checkNodes, type GpuNodeSource, nodeLabels, nodesObject, nodeTaints } from "./gpu-nodes/source";
import { type Toleration, tolerationsOf } from "./gpu-nodes/taints";

export type { GpuNodeSource } from "./gpu-nodes/source";
export type { Taint, Toleration } from "./gpu-nodes/taints";

export interface GpuNodesArgs {
    /** Where the nodes come from: `existing`, `karpenter`, `cluster-api` or `simulated`. */
    readonly nodes: GpuNodeSource;
    /**
     * What pods ask for: `nvidia.com/gpu`, a share of one (`nvidia.com/gpu.shared`), or a MIG instance
     * (`nvidia.com/mig-1g.10gb`). GpuOperator's `resource` says what it offers. @default "nvidia.com/gpu"
     */
    readonly resource?: string | undefined;
    /** Class of containers that see GPUs, e.g. `nvidia`, where that is not the nodes' default. @default none */
    readonly runtimeClassName?: string | undefined;
}

/** What a pod needs to get GPUs, and to land where they are. */
export interface GpuPodPlacement {
    /** For the spec of the pod. */
    readonly pod: {
        readonly nodeSelector: Labels;
        readonly tolerations: Toleration[];
        readonly runtimeClassName?: string;
    };
    /** For `resources.limits` of the container that uses them, beside its memory. */
    readonly limits: Labels;
}

/**
 * Nodes with GPUs: made by Karpenter or Cluster API, there already, or simulated. Pods ask for GPUs through it,
 * and land on these nodes wherever they come from.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range.
 */
export class GpuNodes extends pulumi.ComponentResource {
    /** Labels that the nodes have. */
    public readonly nodeSelector: Labels;
    /** Tolerations of their taints: what GpuOperator and DcgmExporter need, too. */
    public readonly tolerations: readonly Toleration[];
    private readonly args: GpuNodesArgs;

    constructor(name: string, args: GpuNodesArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:GpuNodes", name, {}, opts);
        reject(this, validateGpuNodes(args));

        const object = nodesObject(args.nodes);
        if (object !== undefined) {
            new CustomResource(`${name}-nodes`, object, {
                parent: this,
                dependsOn: opts?.dependsOn ?? [],
                // With it go its nodes, and before each its pods.
                customTimeouts: { delete: "30m" },
            });
        }

        this.args = args;
        this.nodeSelector = nodeLabels(args.nodes);
        this.tolerations = tolerationsOf(nodeTaints(args.nodes));
        this.registerOutputs({ nodeSelector: this.nodeSelector, tolerations: this.tolerations });
    }

    /**
     * What a pod needs for that many GPUs, 1 to 64.
     *
     * @throws pulumi.RunError when the number is out of range.
     */
    podPlacement(count = 1): GpuPodPlacement {
        return gpuPodPlacement(this.args, count);
    }
}

/**
 * What a pod needs for `count` GPUs of these nodes, 1 to 64.
 *
 * @throws pulumi.RunError when the number is out of range.
 */
export function gpuPodPlacement(args: GpuNodesArgs, count = 1): GpuPodPlacement {
    const problems = checkWhole("count", count, 1, 64);
    if (problems.length > 0) throw new pulumi.RunError(renderProblems(problems));
    const { nodes, resource = "nvidia.com/gpu", runtimeClassName } = args;
    return {
        pod: {
            nodeSelector: nodeLabels(nodes),
            tolerations: tolerationsOf(nodeTaints(nodes)),
            ...(runtimeClassName !== undefined && { runtimeClassName }),
        },
        limits: { [resource]: String(count) },
    };
}

/** Problems with the arguments. */
export function validateGpuNodes(args: GpuNodesArgs): Problem[] {
    return [
        ...checkNodes("nodes", args.nodes),
        ...checkGpuResource("resource", args.resource),
        ...checkName("runtimeClassName", args.runtimeClassName),
    ];
}

function checkGpuResource(property: string, given: string | undefined): Problem[] {
    const pattern = /^nvidia\.com\/(gpu|mig-([1-7]c\.)?[1-7]g\.\d+gb(\.[a-z]+)*)(\.shared)?$/;
    return given === undefined || pattern.test(given)
        ? []
        : [
              {
                  property,
                  given,
                  allowed:
                      "nvidia.com/gpu, nvidia.com/mig-1g.10gb and the like, each also with .shared at its end",
                  fix: "take it from the node: kubectl get node NODE -o jsonpath={.status.allocatable}",
              },
          ];
}
