import { readFileSync } from "node:fs";
import type { Instance } from "../../instance";
import { cgroupProcesses } from "../../node/cgroups";

/** A process of an embedded cluster, as the host numbers it. */
export interface Process {
    readonly pid: number;
    /** Its command line, words apart by spaces. */
    readonly command: string;
    /** Uid of its pod; undefined for the node's own programs. */
    readonly pod: string | undefined;
}

/** Every process of an instance's cluster. */
export function processesOf({ id }: Instance): Process[] {
    return cgroupProcesses(id).flatMap((pid) => {
        try {
            const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
            return [{ pid, command, pod: podOf(readFileSync(`/proc/${pid}/cgroup`, "utf8")) }];
        } catch {
            return []; // It has ended since it was listed.
        }
    });
}

/** Uid of the pod to which a control group belongs. */
export function podOf(cgroup: string): string | undefined {
    return /\/pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12})\//
        .exec(cgroup)?.[1]
        ?.replaceAll("_", "-");
}
