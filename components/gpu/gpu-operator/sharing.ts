import { stringify } from "yaml";
import { contentHash } from "../../content-hash";
import { checkWhole, type Problem } from "../../problems";
import { sharedGpuEnv } from "../shared-gpus";
import type { GpuMig } from "./mig";

/**
 * One GPU for several pods, in one of two ways. Nodes with the label `nvidia.com/device-plugin.config=exclusive`
 * keep theirs for one pod at a time. The exporter of each node then sees all its processes (`hostPID`) and may read the
 * pods of the cluster, to tell which pod uses how much.
 */
export interface GpuSharing {
    /** Pods take turns; each sees all memory, and may take it all. */
    readonly timeSlicing?: TimeSlicing | undefined;
    /** Pods run at once through NVIDIA's Multi-Process Service, each with its part of memory. Experimental upstream. */
    readonly mps?: Mps | undefined;
}

export interface Mps {
    /** Pods that share a GPU, 2 to 48. */
    readonly replicas: number;
    /** Whether pods ask for `nvidia.com/gpu.shared` instead, and so know what they get. @default false */
    readonly renameByDefault?: boolean | undefined;
}

export interface TimeSlicing {
    /** Pods that share a GPU, 2 to 100. */
    readonly replicas: number;
    /** Whether pods ask for `nvidia.com/gpu.shared` instead, and so know what they get. @default false */
    readonly renameByDefault?: boolean | undefined;
    /**
     * Whether a pod that asks for two is refused. It would get no more time than one that asks for one, perhaps
     * of the same GPU twice. @default true
     */
    readonly failRequestsGreaterThanOne?: boolean | undefined;
    /** What is shared: whole GPUs, or MIG instances of a size, with the strategy `mixed`. @default ["nvidia.com/gpu"] */
    readonly resources?: readonly string[] | undefined;
}

const gpu = "nvidia.com/gpu";

/** The chart's values for sharing: the configurations of the device plugin, and an exporter that knows of it. */
export function sharingValues(sharing: GpuSharing | undefined, mig: GpuMig | undefined) {
    if (sharing === undefined) return {};
    const config = { version: "v1", flags: { migStrategy: mig?.strategy ?? "single" } };
    // The chart puts them into a ConfigMap as they are: each is a text, no map.
    const data = {
        shared: stringify({ ...config, sharing: pluginSharing(sharing) }),
        exclusive: stringify(config),
    };
    return {
        devicePlugin: {
            config: {
                create: true,
                // The plugin starts anew for another name, and not for another content.
                name: `device-plugin-configs-${contentHash(JSON.stringify(data))}`,
                default: "shared",
                data,
            },
        },
        // Else a shared GPU has one series, of any of its pods, and not one for each with its own part.
        dcgmExporter: { env: sharedGpuEnv, hostPID: true, enablePodUID: true },
    };
}

function pluginSharing({ timeSlicing, mps }: GpuSharing) {
    if (timeSlicing !== undefined) {
        const { replicas, renameByDefault = false, failRequestsGreaterThanOne = true } = timeSlicing;
        const names = timeSlicing.resources ?? [gpu];
        const resources = names.map((name) => ({ name, replicas }));
        return { timeSlicing: { renameByDefault, failRequestsGreaterThanOne, resources } };
    }
    const { replicas, renameByDefault = false } = mps ?? { replicas: 1 };
    return { mps: { renameByDefault, resources: [{ name: gpu, replicas }] } };
}

/** What a pod asks for to get a GPU, or its share of one. */
export function gpuResource(sharing: GpuSharing | undefined): string {
    const renamed = (sharing?.timeSlicing ?? sharing?.mps)?.renameByDefault ?? false;
    return renamed ? `${gpu}.shared` : gpu;
}

/** Problems with sharing: not one way of the two, numbers out of range, and what MIG does not go with. */
export function checkSharing(
    property: string,
    sharing: GpuSharing | undefined,
    mig: GpuMig | undefined,
): Problem[] {
    if (sharing === undefined) return [];
    const { timeSlicing, mps } = sharing;
    return [
        ...((timeSlicing === undefined) !== (mps === undefined)
            ? []
            : [
                  {
                      property,
                      given: sharing,
                      allowed: "either timeSlicing or mps",
                      fix: "choose one of them; a GPU cannot be shared in both ways",
                  },
              ]),
        ...(timeSlicing ? checkWhole(`${property}.timeSlicing.replicas`, timeSlicing.replicas, 2, 100) : []),
        ...(mps ? checkWhole(`${property}.mps.replicas`, mps.replicas, 2, 48) : []),
        ...(mps === undefined || mig === undefined || mig.strategy === "none"
            ? []
            : [
                  {
                      property: `${property}.mps`,
                      given: mps,
                      allowed: "whole GPUs: the Multi-Process Service does not go with MIG",
                      fix: "use timeSlicing, or leave mig out",
                  },
              ]),
        ...checkShared(`${property}.timeSlicing.resources`, timeSlicing?.resources, mig),
    ];
}

function checkShared(
    property: string,
    names: readonly string[] | undefined,
    mig: GpuMig | undefined,
): Problem[] {
    if (names === undefined) return [];
    const mixed = mig?.strategy === "mixed";
    const known = (name: string) =>
        name === gpu || (mixed && /^nvidia\.com\/mig-[1-7]g\.\d+gb(\.[a-z]+)*$/.test(name));
    const wrong = names.filter((name, i) => !known(name) || names.indexOf(name) !== i);
    return names.length > 0 && wrong.length === 0
        ? []
        : [
              {
                  property,
                  given: names,
                  allowed: mixed
                      ? `${gpu} and nvidia.com/mig-1g.10gb, …, each once`
                      : `${gpu}, without mixed MIG`,
                  fix: "correct the names, or leave them out",
              },
          ];
}
