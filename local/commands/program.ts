import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { devStack, engine, engineOutputs } from "../engine";
import { checkout, type Instance } from "../instance";
import { findNode } from "../node/node";
import { onPath } from "../preflight";

/** What the runner needs to know to act on an instance's stack. */
export function runnerOptions(instance: Instance) {
    // The recipe asks the environment for the cluster, as it does under the CLI.
    process.env.KUBECONFIG = instance.kubeconfig;
    return { directory: checkout, stack: "dev", kubeconfig: instance.kubeconfig };
}

/** True where the Pulumi CLI runs the program. */
export async function usesEngine(runner: boolean): Promise<boolean> {
    return !runner && (await onPath("pulumi"));
}

export async function preview(instance: Instance, runner: boolean): Promise<void> {
    await mustRun(instance);
    if (await usesEngine(runner)) return engine(devStack(instance), "preview");
    const commands = await import("../runner/commands");
    process.exitCode = await commands.preview(runnerOptions(instance));
}

export async function destroy(instance: Instance, runner: boolean): Promise<void> {
    await mustRun(instance);
    if (await usesEngine(runner)) return engine(devStack(instance), "destroy");
    const commands = await import("../runner/commands");
    process.exitCode = await commands.destroy(runnerOptions(instance));
}

/** Which of the two has deployed the stack, for `outputs` to ask that one. */
export function rememberEngine(instance: Instance, engine: "cli" | "runner"): void {
    writeFileSync(join(instance.dir, "deployed-by"), engine);
}

function deployedBy(instance: Instance): string {
    const file = join(instance.dir, "deployed-by");
    return existsSync(file) ? readFileSync(file, "utf8") : "runner";
}

/** Stack outputs by name, secrets as `[secret]` unless asked for. */
export async function outputs(instance: Instance, showSecrets: boolean): Promise<Record<string, unknown>> {
    await mustRun(instance);
    if (deployedBy(instance) === "cli") return engineOutputs(devStack(instance), showSecrets);
    const { readOutputs } = await import("../runner/commands");
    return readOutputs({ ...runnerOptions(instance), showSecrets });
}

export async function mustRun(instance: Instance): Promise<void> {
    if (!(await findNode(instance))) {
        throw new Error(`No cluster "${instance.name}" runs in this checkout. Start one with \`make up\`.`);
    }
}
