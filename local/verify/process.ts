import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { checkout, type Instance } from "../instance";
import type { StepOptions } from "./step";

/** A command in a process group of its own; with `killAfter`, ended then. Resolves to the seconds that it took. */
export async function runProcess(
    instance: Instance,
    command: "up" | "destroy",
    { charts, stack, previous }: StepOptions,
    killAfter?: number,
): Promise<number> {
    const started = performance.now();
    const flags = ["--charts", charts, "--stack", stack, ...(previous ? ["--previous"] : [])];
    const cli = ["--require", "ts-node/register", "local/cli.ts", "--instance", instance.name];
    const child = spawn(process.execPath, [...cli, "verify-step", ...flags, command], {
        cwd: checkout,
        detached: true,
        stdio: ["ignore", "ignore", "pipe"],
    });
    let errors = "";
    child.stderr.on("data", (chunk) => {
        errors += chunk;
    });
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    if (killAfter !== undefined) {
        await Promise.race([ended, sleep(killAfter * 1000)]);
        if (child.exitCode === null && child.pid) process.kill(-child.pid, "SIGKILL");
    }
    const status = await ended;
    if (status !== 0 && killAfter === undefined) {
        throw new Error(`${command} of ${stack} failed:\n${errors}`);
    }
    return (performance.now() - started) / 1000;
}
