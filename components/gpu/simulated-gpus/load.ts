import type { Labels } from "../../conventions";

/** The annotation of a pod that says how busy its simulated GPUs are. */
export const loadAnnotation = "pulumi-kube-observability/simulated-gpu-load";

/** A percentage that stays, or where the pod answers a GET with the share that is busy, 0 to 1, as text. */
export type SimulatedGpuLoad = number | { readonly port: number; readonly path: string };

/** The annotation that tells `SimulatedGpus` how busy a pod's GPUs are. */
export function simulatedGpuLoad(load: SimulatedGpuLoad): Labels {
    return { [loadAnnotation]: typeof load === "number" ? `${load}` : `${load.port}/${load.path}` };
}
