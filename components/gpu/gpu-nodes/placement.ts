import type { core } from "@pulumi/kubernetes/types/input";
import type { GpuPodPlacement } from "../gpu-nodes";

/**
 * What a pod with `count` GPUs has in its spec, and in the limits of its container; without GPUs nothing. Where no
 * placement is given it lands on any node that offers them, also on those that keep others out.
 */
export function gpuPlacement(
    count: number,
    placement: GpuPodPlacement["pod"] | undefined,
): { placement: Partial<core.v1.PodSpec>; limits: Record<string, string> } {
    const limits: Record<string, string> = count > 0 ? { "nvidia.com/gpu": `${count}` } : {};
    // Nodes whose GPUs are real have this taint as a rule.
    const anywhere = { tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }] };
    if (placement !== undefined) {
        return { placement: { ...placement, tolerations: [...placement.tolerations] }, limits };
    }
    return { placement: count > 0 ? anywhere : {}, limits };
}
