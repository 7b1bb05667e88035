import type { Labels } from "../../conventions";
import type { Problem } from "../../problems";
import { checkLabels, checkTaints, gpuTaint, type Taint } from "./taints";

/** Nodes that are there, labelled and tainted by whoever made them. */
export interface ExistingGpuNodes {
    readonly kind: "existing";
    /** Labels that they have. @default { "nvidia.com/gpu.present": "true" }, which GPU feature discovery sets */
    readonly labels?: Labels | undefined;
    /** Taints that they have, or may have. @default `nvidia.com/gpu`, as of the GPU nodes of clouds */
    readonly taints?: readonly Taint[] | undefined;
}

/** The label of every node on which a GPU was found. */
export const discoveredGpu: Labels = { "nvidia.com/gpu.present": "true" };

/** The labels by which pods select the nodes. */
export function existingLabels({ labels }: ExistingGpuNodes): Labels {
    return labels ?? discoveredGpu;
}

/** The nodes' taints. */
export function existingTaints({ taints }: ExistingGpuNodes): readonly Taint[] {
    return taints ?? [gpuTaint];
}

/** Problems with the description of the nodes. */
export function checkExisting(property: string, nodes: ExistingGpuNodes): Problem[] {
    return [
        ...checkLabels(`${property}.labels`, nodes.labels),
        ...(Object.keys(existingLabels(nodes)).length > 0
            ? []
            : [
                  {
                      property: `${property}.labels`,
                      given: nodes.labels,
                      allowed: "at least one label, which only nodes with GPUs have",
                      fix: "name one (kubectl label node NODE key=value), or leave it out for the default",
                  },
              ]),
        ...checkTaints(`${property}.taints`, nodes.taints),
    ];
}
