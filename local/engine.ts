import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { checkout, type Instance } from "./instance";

/**
 * How the Pulumi CLI is called for an instance. State, passphrase and a copy of
 * the stack file live with the cluster and go with it: what they describe is
 * gone then too. Variables that the user has set win.
 */
export async function engineEnvironment(instance: Instance, env: NodeJS.ProcessEnv = process.env) {
    const home = join(instance.dir, "pulumi");
    await mkdir(home, { recursive: true, mode: 0o700 });
    const passphrase = join(home, "passphrase");
    if (!existsSync(passphrase))
        await writeFile(passphrase, randomBytes(24).toString("base64"), { mode: 0o600 });
    // A copy, because the CLI writes the encryption salt of this state into it.
    const stackFile = join(home, "Pulumi.dev.yaml");
    if (!existsSync(stackFile)) await copyFile(join(checkout, "Pulumi.dev.yaml"), stackFile);
    return {
        stackFile,
        env: {
            PULUMI_BACKEND_URL: env.PULUMI_BACKEND_URL ?? `file://${home}`,
            ...(env.PULUMI_CONFIG_PASSPHRASE === undefined && {
                PULUMI_CONFIG_PASSPHRASE_FILE: env.PULUMI_CONFIG_PASSPHRASE_FILE ?? passphrase,
            }),
            PULUMI_SKIP_UPDATE_CHECK: "true",
            KUBECONFIG: instance.kubeconfig,
        },
    };
}

/** Runs the Pulumi CLI on the dev stack with the user's terminal. */
export async function engine(instance: Instance, command: "up" | "preview" | "destroy"): Promise<void> {
    const { env, stackFile } = await engineEnvironment(instance);
    const pulumi = (args: string[]) =>
        execa("pulumi", [...args, "--config-file", stackFile], { cwd: checkout, env, stdio: "inherit" });
    await pulumi(["stack", "select", "--create", "dev"]);
    await pulumi([command, "--stack", "dev", ...(command === "preview" ? [] : ["--yes", "--skip-preview"])]);
}

/** Stack outputs as the Pulumi CLI prints them. */
export async function engineOutputs(
    instance: Instance,
    showSecrets: boolean,
): Promise<Record<string, unknown>> {
    const { env, stackFile } = await engineEnvironment(instance);
    const args = ["stack", "output", "--json", "--stack", "dev", "--config-file", stackFile];
    const printed = await execa("pulumi", showSecrets ? [...args, "--show-secrets"] : args, {
        cwd: checkout,
        env,
    });
    return JSON.parse(printed.stdout) as Record<string, unknown>;
}
