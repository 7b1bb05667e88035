import type { Labels } from "../../conventions";
import { checkBytes, checkWhole, type Problem } from "../../problems";
import type { Taint } from "./taints";

/** What the cluster autoscaler has to know of a MachineDeployment. */
export interface MachineAutoscaling {
    /** Nodes at least, 0 to 1000. */
    readonly min: number;
    /** Nodes at most, 1 to 1000. */
    readonly max: number;
    /**
     * What one node has. The autoscaler needs it to start from no node, unless the infrastructure provider says it
     * in its template. @default none
     */
    readonly node?:
        | {
              /** Cores, 1 to 1024. */
              readonly cpu: number;
              /** Bytes, e.g. `512Gi`. */
              readonly memory: string;
              /** GPUs, 1 to 64. */
              readonly gpus: number;
          }
        | undefined;
}

/** Its bounds, and what it would get if there were a node. */
export function autoscalerAnnotations(
    { min, max, node }: MachineAutoscaling,
    labels: Labels,
    taints: readonly Taint[],
): Labels {
    const group = "cluster.x-k8s.io/cluster-api-autoscaler-node-group";
    const capacity = "capacity.cluster-autoscaler.kubernetes.io";
    const labelTexts = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
    const taintTexts = taints.map(
        ({ key, value, effect }) => `${value === undefined ? key : `${key}=${value}`}:${effect}`,
    );
    return {
        [`${group}-min-size`]: String(min),
        [`${group}-max-size`]: String(max),
        [`${capacity}/labels`]: labelTexts.join(","),
        ...(taints.length > 0 && { [`${capacity}/taints`]: taintTexts.join(",") }),
        ...(node && {
            [`${capacity}/cpu`]: String(node.cpu),
            [`${capacity}/memory`]: node.memory,
            [`${capacity}/gpu-count`]: String(node.gpus),
            [`${capacity}/gpu-type`]: "nvidia.com/gpu",
        }),
    };
}

/** Problems with the bounds and with what a node has. */
export function checkAutoscaling(property: string, { min, max, node }: MachineAutoscaling): Problem[] {
    return [
        ...checkWhole(`${property}.min`, min, 0, 1000),
        ...checkWhole(`${property}.max`, max, Math.max(1, min), 1000),
        ...(node
            ? [
                  ...checkWhole(`${property}.node.cpu`, node.cpu, 1, 1024),
                  ...checkBytes(`${property}.node.memory`, node.memory),
                  ...checkWhole(`${property}.node.gpus`, node.gpus, 1, 64),
              ]
            : []),
    ];
}
