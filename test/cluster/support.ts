import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { execa } from "execa";
import { checkout, instance } from "../../local/instance";

/** The suite's own cluster, beside whatever runs in this checkout. */
export const underTest = instance("test");

/** `make …` on the suite's cluster, as a user would call it. */
export function local(...args: string[]) {
    const cli = [
        "--require",
        "ts-node/register",
        "local/cli.ts",
        "--instance",
        underTest.name,
    ];
    return execa("node", [...cli, ...args], { cwd: checkout, all: true, stdin: "ignore" });
}

/** What a cluster could leave on a machine, one line each. */
export function traces(): string[] {
    const namespaces = new Set<string>();
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
        for (const kind of ["net", "mnt", "pid"]) {
            try {
                namespaces.add(readlinkSync(`/proc/${pid}/ns/${kind}`));
            } catch {
                // The process has ended since it was listed.
            }
        }
    }
    const mounts = readFileSync("/proc/self/mountinfo", "utf8").trim().split("\n");
    const interfaces = readdirSync("/sys/class/net").map((name) => `interface ${name}`);
    return [...namespaces, ...mounts, ...interfaces];
}
