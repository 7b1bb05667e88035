import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, release, totalmem } from "node:os";

/** Where figures were measured: without it a figure cannot be compared. */
export interface Environment {
    /** ISO 8601. */
    date: string;
    cores: number;
    cpu: string;
    /** What this process may use: the machine's memory, or the limit that a container was given. GiB. */
    memoryGiB: number;
    kernel: string;
    /** Of Node, of this repository (git commit), and what the caller adds. */
    versions: Record<string, string>;
}

/** The environment now; `versions` adds what only the caller knows, such as Kubernetes' version. */
export function environment(versions: Record<string, string> = {}): Environment {
    const limit = process.constrainedMemory();
    const bytes = limit ? Math.min(limit, totalmem()) : totalmem();
    return {
        date: new Date().toISOString(),
        cores: availableParallelism(),
        cpu: cpus()[0]?.model.trim() || "unknown",
        memoryGiB: Math.round((bytes / 2 ** 30) * 10) / 10,
        kernel: release(),
        versions: { node: process.versions.node, commit: commit(), ...versions },
    };
}

/** One line for people, for example `2 cores, 23.4 GiB, Linux 6.1.0, 2026-01-31; node 20.20.2, …`. */
export function describeEnvironment(where: Environment): string {
    const versions = Object.entries(where.versions).map(([name, version]) => `${name} ${version}`);
    const machine = `${where.cores} cores, ${where.memoryGiB} GiB, Linux ${where.kernel}`;
    return `${machine}, ${where.date.slice(0, 10)}; ${versions.join(", ")}`;
}

function commit(): string {
    const git = (...args: string[]) =>
        execFileSync("git", args, {
            cwd: __dirname,
            encoding: "utf8",
            stdio: ["ignore", "pipe", "ignore"],
        }).trim();
    try {
        const changed = git("status", "--porcelain", "--untracked-files=no") === "" ? "" : " and changes";
        return git("rev-parse", "--short", "HEAD") + changed;
    } catch {
        // No git, or a copy without its history.
        return "unknown";
    }
}
