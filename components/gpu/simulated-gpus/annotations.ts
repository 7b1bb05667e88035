import * as pulumi from "@pulumi/pulumi";
import type { Labels } from "../../conventions";
import { checkWhole, renderProblems } from "../../problems";

/** How each annotation begins that says what simulated GPUs do: of a pod those that it holds, of a node all. */
export const annotationPrefix = "pulumi-kube-observability/simulated-gpu-";

/** A percentage that stays, or where the pod answers a GET with the share that is busy, 0 to 1, as text. */
export type SimulatedGpuLoad = number | { readonly port: number; readonly path: string };

/** What else simulated GPUs can be told to do. */
export interface SimulatedGpuState {
    /** How much of their memory is in use, 0 to 100 percent. @default 60 of those that a pod holds, 0 of others */
    readonly memoryPercent?: number | undefined;
    /** How hot they are, 0 to 150 degrees Celsius. @default from how busy they are, 32 to 72 */
    readonly temperatureCelsius?: number | undefined;
    /** The driver's last error, 0 (none) to 999. @default 0 */
    readonly xid?: number | undefined;
}

/** The annotation that tells `SimulatedGpus` how busy a pod's GPUs are; with a percentage a node's, too. */
export function simulatedGpuLoad(load: SimulatedGpuLoad): Labels {
    return {
        [`${annotationPrefix}load`]: typeof load === "number" ? `${load}` : `${load.port}/${load.path}`,
    };
}

/**
 * The annotations that tell `SimulatedGpus` what is wrong with a pod's GPUs, or with a node's: to rehearse alerts.
 *
 * @throws pulumi.RunError listing every number that is out of range.
 */
export function simulatedGpuState(state: SimulatedGpuState): Labels {
    const { memoryPercent, temperatureCelsius, xid } = state;
    const problems = [
        ...checkWhole("memoryPercent", memoryPercent, 0, 100),
        ...checkWhole("temperatureCelsius", temperatureCelsius, 0, 150),
        ...checkWhole("xid", xid, 0, 999),
    ];
    if (problems.length > 0) throw new pulumi.RunError(renderProblems(problems));
    const values = { memory: memoryPercent, temperature: temperatureCelsius, xid };
    return Object.fromEntries(
        Object.entries(values)
            .filter(([, value]) => value !== undefined)
            .map(([name, value]) => [`${annotationPrefix}${name}`, `${value}`]),
    );
}
