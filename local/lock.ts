import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Instance } from "./instance";

/**
 * Runs `work` while no other process works on the instance: two at once would
 * undo each other's steps. The lock of a process that has ended counts for nothing.
 *
 * @throws Error which names the process that has it.
 */
export async function locked<T>(instance: Instance, work: () => Promise<T>): Promise<T> {
    // Beside the instance's folder, because `down` removes that.
    const file = `${instance.dir}.lock`;
    mkdirSync(dirname(file), { recursive: true });
    take(file, instance.name);
    try {
        return await work();
    } finally {
        rmSync(file, { force: true });
    }
}

function take(file: string, name: string): void {
    const own = `${file}.${process.pid}`;
    writeFileSync(own, String(process.pid));
    try {
        linkSync(own, file); // all at once, with its content, and only where there is none
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
        const holder = Number(readFileSync(file, "utf8"));
        if (works(holder)) {
            throw new Error(
                `Another command works on the cluster "${name}": process ${holder}. Wait for it, or end it with \`kill ${holder}\`.`,
            );
        }
        rmSync(file);
        linkSync(own, file);
    } finally {
        rmSync(own, { force: true });
    }
}

/** The number alone may be another program's by now. */
function works(pid: number): boolean {
    try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("local/cli.ts");
    } catch {
        return false;
    }
}
