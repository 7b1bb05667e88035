import type { CustomResourceArgs } from "@pulumi/kubernetes/apiextensions";
import type { Labels } from "../../conventions";
import type { Problem } from "../../problems";
import {
    type ClusterApiGpuNodes,
    checkClusterApi,
    clusterApiLabels,
    clusterApiTaints,
    machineDeployment,
} from "./cluster-api";
import { checkExisting, type ExistingGpuNodes, existingLabels, existingTaints } from "./existing";
import {
    checkKarpenter,
    type KarpenterGpuNodes,
    karpenterLabels,
    karpenterTaints,
    nodePool,
} from "./karpenter";
import { checkSimulated, type SimulatedGpuNodes, simulatedLabels, simulatedTaints } from "./simulated";
import type { Taint } from "./taints";

/** Where GPU nodes come from, told apart by `kind`. */
export type GpuNodeSource = ExistingGpuNodes | KarpenterGpuNodes | ClusterApiGpuNodes | SimulatedGpuNodes;

/** The object that makes the nodes; undefined where they are there without. */
export function nodesObject(nodes: GpuNodeSource): CustomResourceArgs | undefined {
    switch (nodes.kind) {
        case "karpenter":
            return nodePool(nodes);
        case "cluster-api":
            return machineDeployment(nodes);
        default:
            return undefined;
    }
}

/** Labels that these nodes have, and no others of the cluster. */
export function nodeLabels(nodes: GpuNodeSource): Labels {
    switch (nodes.kind) {
        case "existing":
            return existingLabels(nodes);
        case "karpenter":
            return karpenterLabels(nodes);
        case "cluster-api":
            return clusterApiLabels(nodes);
        case "simulated":
            return simulatedLabels(nodes);
    }
}

/** Taints that the nodes have, or may have. */
export function nodeTaints(nodes: GpuNodeSource): readonly Taint[] {
    switch (nodes.kind) {
        case "existing":
            return existingTaints(nodes);
        case "karpenter":
            return karpenterTaints(nodes);
        case "cluster-api":
            return clusterApiTaints(nodes);
        case "simulated":
            return simulatedTaints(nodes);
    }
}

/** Problems with where the nodes come from. */
export function checkNodes(property: string, nodes: GpuNodeSource): Problem[] {
    switch (nodes?.kind) {
        case "existing":
            return checkExisting(property, nodes);
        case "karpenter":
            return checkKarpenter(property, nodes);
        case "cluster-api":
            return checkClusterApi(property, nodes);
        case "simulated":
            return checkSimulated(property, nodes);
        default:
            return [
                {
                    property: `${property}.kind`,
                    given: (nodes as { kind?: unknown } | undefined)?.kind,
                    allowed: "existing, karpenter, cluster-api, simulated",
                    fix: "choose one of these",
                },
            ];
    }
}
