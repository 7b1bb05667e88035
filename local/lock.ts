import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
    const holder = heldBy(file);
    if (holder !== undefined) {
        throw new Error(
            `Another command works on the cluster "${instance.name}": process ${holder}. Wait for it, or end it with \`kill ${holder}\`.`,
        );
    }
    writeFileSync(file, String(process.pid));
    try {
        return await work();
    } finally {
        rmSync(file, { force: true });
    }
}

function heldBy(file: string): number | undefined {
    try {
        const pid = Number(readFileSync(file, "utf8"));
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        return command.includes("local/cli.ts") && pid !== process.pid ? pid : undefined;
    } catch {
        return undefined; // no lock, or a dead one
    }
}
