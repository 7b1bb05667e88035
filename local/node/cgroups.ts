import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const mount = "/sys/fs/cgroup";

/** True on cgroup v2, where one hierarchy has all controllers. */
function unified(): boolean {
    return existsSync(join(mount, "cgroup.controllers"));
}

/** One place on v2; one per hierarchy on v1, with a v2 mount among them on hybrid machines. */
function hierarchies(): string[] {
    if (unified()) return [mount];
    return readdirSync(mount)
        .map((name) => join(mount, name))
        .filter((path) => existsSync(join(path, "cgroup.procs")));
}

/** Makes the node's control group with a leaf for its own programs; the kubelet puts pods beside the leaf. */
export async function createCgroup(id: string): Promise<void> {
    for (const hierarchy of hierarchies()) {
        for (const path of [join(hierarchy, id), join(hierarchy, id, "supervisor")]) {
            await mkdir(path, { recursive: true });
            // cpuset (v1) starts empty, and nothing can run in an empty one.
            for (const file of ["cpuset.cpus", "cpuset.mems"]) {
                const own = join(path, file);
                if (!unified() && existsSync(own))
                    await writeFile(own, await readFile(join(path, "..", file)));
            }
        }
        if (unified()) await delegate(join(hierarchy, id));
    }
}

async function delegate(path: string): Promise<void> {
    for (const parent of [mount, path]) {
        const controllers = (await readFile(join(parent, "cgroup.controllers"), "utf8")).trim().split(" ");
        await writeFile(
            join(parent, "cgroup.subtree_control"),
            controllers.map((name) => `+${name}`).join(" "),
        );
    }
}

/** Paths of the node's control group that are there: none after `removeCgroup`. */
export function cgroupPaths(id: string): string[] {
    return hierarchies()
        .map((hierarchy) => join(hierarchy, id))
        .filter((path) => existsSync(path));
}

/** Files that put whoever's number is written to them among the node's own programs. */
export function supervisorProcs(id: string): string[] {
    return cgroupPaths(id)
        .map((path) => join(path, "supervisor/cgroup.procs"))
        .filter(existsSync);
}

/** Every process in the node's control group, as the host numbers them. */
export function cgroupProcesses(id: string): number[] {
    const pids = new Set<number>();
    for (const path of cgroupPaths(id).flatMap(tree)) {
        for (const line of read(join(path, "cgroup.procs")).split("\n")) {
            if (Number(line) > 0) pids.add(Number(line));
        }
    }
    return [...pids];
}

/** Removes the node's control group; its processes must be ending (the kernel lets go of a group late). */
export async function removeCgroup(id: string, timeoutMs = 10_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
        for (const path of cgroupPaths(id).flatMap(tree)) await rmdir(path).catch(() => undefined);
        const left = cgroupPaths(id);
        if (left.length === 0) return;
        if (Date.now() > deadline)
            throw new Error(`control groups still in use after ${timeoutMs} ms: ${left.join(", ")}`);
        await sleep(50);
    }
}

/** A group and all below it, deepest first: the order in which they can be removed. */
function tree(path: string): string[] {
    let below: string[] = [];
    try {
        below = readdirSync(path, { withFileTypes: true })
            .filter((entry) => entry.isDirectory())
            .flatMap((entry) => tree(join(path, entry.name)));
    } catch {
        return []; // gone since it was listed
    }
    return [...below, path];
}

function read(path: string): string {
    try {
        return readFileSync(path, "utf8");
    } catch {
        return ""; // gone since it was listed
    }
}
