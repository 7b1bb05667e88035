import type { Labels } from "../../conventions";
import { checkWhole, type Problem } from "../../problems";
import { checkLabelValue } from "../gpu-nodes/taints";

/** Nodes that get the same fake GPUs, known by one label. */
export interface FakeGpuPool {
    /** Model of the GPUs, as the node's label `nvidia.com/gpu.product` has it. */
    readonly product: string;
    /** GPUs of each node, 1 to 64. */
    readonly gpus: number;
    /** Memory of each GPU in MiB, 1 to 1000000. */
    readonly memoryMiB: number;
}

/** The key of the label that names a node's pool. */
export const poolKey = "run.ai/simulated-gpu-node-pool";

/** The annotation of a pod that says how busy its fake GPUs are, in percent, e.g. `10-30`. */
export const simulatedUtilizationAnnotation = "run.ai/simulated-gpu-utilization";

const usualPools: Readonly<Record<string, FakeGpuPool>> = {
    default: { product: "NVIDIA-A100-SXM4-80GB", gpus: 8, memoryMiB: 81920 },
};

/** The label of nodes that get the fake GPUs of a pool. */
export function simulatedPoolLabel(pool = "default"): Labels {
    return { [poolKey]: pool };
}

/** Pools as the chart takes them. */
export function topologyPools(pools = usualPools): Record<string, unknown> {
    const given = Object.entries(pools).map(([name, { product, gpus, memoryMiB }]) => [
        name,
        { gpuProduct: product, gpuCount: gpus, gpuMemory: memoryMiB },
    ]);
    // The chart has a pool of that name, which would be there beside those given.
    return { default: null, ...Object.fromEntries(given) };
}

/** Problems with pools: none at all, names and products that no label can have, numbers out of range. */
export function checkPools(
    property: string,
    pools: Readonly<Record<string, FakeGpuPool>> | undefined,
): Problem[] {
    if (pools === undefined) return [];
    const none = {
        property,
        given: pools,
        allowed: "at least one pool",
        fix: `leave ${property} out for one`,
    };
    return [
        ...(Object.keys(pools).length > 0 ? [] : [none]),
        ...Object.entries(pools).flatMap(([name, { product, gpus, memoryMiB }]) => [
            ...checkLabelValue(`${property}.${name}`, name),
            ...checkLabelValue(`${property}.${name}.product`, product),
            ...(product === ""
                ? [
                      {
                          property: `${property}.${name}.product`,
                          given: product,
                          allowed: "a model such as NVIDIA-A100-SXM4-80GB",
                          fix: "name one",
                      },
                  ]
                : []),
            ...checkWhole(`${property}.${name}.gpus`, gpus, 1, 64),
            ...checkWhole(`${property}.${name}.memoryMiB`, memoryMiB, 1, 1_000_000),
        ]),
    ];
}
