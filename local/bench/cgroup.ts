import { access, readFile } from "node:fs/promises";
import { join } from "node:path";

export interface CgroupUsage {
    /** Since the cgroup was made, including processes that have ended. */
    cpuSeconds: number;
    /** Anonymous memory of all processes below. Mapped files, such as program text, are not in it. */
    memoryBytes: number;
}

/**
 * Reads a cgroup and everything below it, version 1 or 2.
 * @param path below the root, for example `/kubepods`
 * @param root where cgroups are mounted
 */
export async function readCgroup(path: string, root = "/sys/fs/cgroup"): Promise<CgroupUsage> {
    if (await exists(join(root, "cgroup.controllers"))) {
        const [cpu, memory] = await Promise.all([
            readFile(join(root, path, "cpu.stat"), "utf8"),
            readFile(join(root, path, "memory.stat"), "utf8"),
        ]);
        return { cpuSeconds: entry(cpu, "usage_usec") / 1e6, memoryBytes: entry(memory, "anon") };
    }
    const [cpu, memory] = await Promise.all([
        readFile(join(root, "cpuacct", path, "cpuacct.usage"), "utf8"),
        readFile(join(root, "memory", path, "memory.stat"), "utf8"),
    ]);
    // The plain "rss" is of this one cgroup, "total_rss" of all below it too.
    return { cpuSeconds: Number(cpu) / 1e9, memoryBytes: entry(memory, "total_rss") };
}

/** The number of one line of a `name number` file. */
function entry(text: string, name: string): number {
    const match = new RegExp(`^${name} (\\d+)$`, "m").exec(text);
    if (!match) {
        throw new Error(`There is no "${name}" in ${JSON.stringify(text.slice(0, 80))}.`);
    }
    return Number(match[1]);
}

async function exists(path: string): Promise<boolean> {
    return access(path).then(
        () => true,
        () => false,
    );
}
