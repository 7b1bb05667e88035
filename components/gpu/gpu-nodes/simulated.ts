import type { Labels } from "../../conventions";
import type { Problem } from "../../problems";
import { simulatedPoolLabel } from "../fake-gpu-operator/pools";
import { discoveredGpu } from "./existing";
import { checkLabelValue, checkTaints, gpuTaint, type Taint } from "./taints";

/**
 * Nodes without GPUs that offer some. They are not made here: what a node offers is in its status, which is the
 * kubelet's to write. FakeGpuOperator does it on nodes with a label, and SimulatedGpus where its `nodeSelector` is that
 * label; the embedded cluster starts KWOK's nodes so.
 */
export interface SimulatedGpuNodes {
    readonly kind: "simulated";
    /**
     * What simulates: FakeGpuOperator (or SimulatedGpus) the GPUs, on nodes that were labelled; or KWOK the whole nodes, as
     * those of the simulated mode of the embedded cluster. @default "fake-gpu-operator"
     */
    readonly by?: "fake-gpu-operator" | "kwok" | undefined;
    /** Pool of FakeGpuOperator. @default "default" */
    readonly pool?: string | undefined;
    /** Taints that they have. @default none; with KWOK `nvidia.com/gpu` */
    readonly taints?: readonly Taint[] | undefined;
}

/** The labels by which pods select the nodes. */
export function simulatedLabels({ by, pool }: SimulatedGpuNodes): Labels {
    return by === "kwok" ? { type: "kwok", ...discoveredGpu } : simulatedPoolLabel(pool);
}

/** The nodes' taints. */
export function simulatedTaints({ by, taints }: SimulatedGpuNodes): readonly Taint[] {
    return taints ?? (by === "kwok" ? [gpuTaint] : []);
}

/** Problems with the description of the nodes. */
export function checkSimulated(property: string, nodes: SimulatedGpuNodes): Problem[] {
    const { by = "fake-gpu-operator", pool } = nodes;
    return [
        ...(["fake-gpu-operator", "kwok"].includes(by)
            ? []
            : [
                  {
                      property: `${property}.by`,
                      given: by,
                      allowed: "fake-gpu-operator, kwok",
                      fix: "choose one of these",
                  },
              ]),
        ...(by === "kwok" && pool !== undefined
            ? [
                  {
                      property: `${property}.pool`,
                      given: pool,
                      allowed: "nothing, with KWOK: only FakeGpuOperator has pools",
                      fix: "leave pool out, or by",
                  },
              ]
            : checkLabelValue(`${property}.pool`, pool)),
        ...checkTaints(`${property}.taints`, nodes.taints),
    ];
}
