import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { checkout, instance } from "../../local/instance";

/** The suite's own cluster, beside whatever runs in this checkout. */
export const underTest = instance("test");

/** `make …` on the suite's cluster, as a user would call it. */
export function local(...args: string[]) {
    const cli = ["--require", "ts-node/register", "local/cli.ts", "--instance", underTest.name];
    return execa("node", [...cli, ...args], { cwd: checkout, all: true, stdin: "ignore" });
}

/** The machine before the suite, for the last file to compare with. */
export const before: { traces?: string[] } = {};

/** Polls until `look` returns something, at most `seconds`. */
export async function until<T>(
    what: string,
    seconds: number,
    look: () => Promise<T | undefined>,
): Promise<T> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
        const found = await look();
        if (found !== undefined) return found;
        if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s`);
        await sleep(250);
    }
}

/** What a cluster could leave on a machine, one line each; what another one of the project's has is not ours to judge. */
export function traces(): string[] {
    const namespaces = new Set<string>();
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
        try {
            const cgroup = readFileSync(`/proc/${pid}/cgroup`, "utf8");
            if (cgroup.includes("/kube-observability-") && !cgroup.includes(`/${underTest.id}/`)) continue;
            for (const kind of ["net", "mnt", "pid"]) namespaces.add(readlinkSync(`/proc/${pid}/ns/${kind}`));
        } catch {
            // The process has ended since it was listed.
        }
    }
    const mounts = readFileSync("/proc/self/mountinfo", "utf8").trim().split("\n");
    const interfaces = readdirSync("/sys/class/net").map((name) => `interface ${name}`);
    return [...namespaces, ...mounts, ...interfaces];
}

/** Command lines that name a path, this process's and its children's own left out. */
export function processesNaming(path: string): string[] {
    const found: string[] = [];
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
        try {
            const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
            if (command.includes(path) && Number(pid) !== process.pid) found.push(command);
        } catch {
            // The process has ended since it was listed.
        }
    }
    return found;
}
