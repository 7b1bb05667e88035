import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { checkout, type Instance } from "./instance";

/** What the program consists of, beside the two files of the project that are copied. */
const program = ["index.ts", "components", "stacks", "package.json", "tsconfig.json", "node_modules"];
const stackFile = "Pulumi.dev.yaml";

/** Variables with which the Pulumi CLI finds an instance's cluster and state. Those that the user has set win. */
export async function engineEnvironment(instance: Instance, env: NodeJS.ProcessEnv = process.env) {
    const home = engineHome(instance);
    await mkdir(home, { recursive: true, mode: 0o700 });
    const passphrase = join(home, "passphrase");
    if (!existsSync(passphrase))
        await writeFile(passphrase, randomBytes(24).toString("base64"), { mode: 0o600 });
    return {
        KUBECONFIG: instance.kubeconfig,
        PULUMI_BACKEND_URL: env.PULUMI_BACKEND_URL ?? `file://${home}`,
        ...(env.PULUMI_CONFIG_PASSPHRASE === undefined && {
            PULUMI_CONFIG_PASSPHRASE_FILE: env.PULUMI_CONFIG_PASSPHRASE_FILE ?? passphrase,
        }),
    };
}

/** Runs the Pulumi CLI on the dev stack with the user's terminal. */
export async function engine(instance: Instance, command: "up" | "preview" | "destroy"): Promise<void> {
    const options = { ...(await engineOptions(instance)), stdio: "inherit" } as const;
    await execa("pulumi", ["stack", "select", "--create", "dev"], options);
    const unattended = command === "preview" ? [] : ["--yes", "--skip-preview"];
    await execa("pulumi", [command, "--stack", "dev", ...unattended], options);
}

/** Stack outputs as the Pulumi CLI prints them. */
export async function engineOutputs(
    instance: Instance,
    showSecrets: boolean,
): Promise<Record<string, unknown>> {
    const args = ["stack", "output", "--json", "--stack", "dev", ...(showSecrets ? ["--show-secrets"] : [])];
    const printed = await execa("pulumi", args, await engineOptions(instance));
    return JSON.parse(printed.stdout) as Record<string, unknown>;
}

async function engineOptions(instance: Instance) {
    const env = { ...(await engineEnvironment(instance)), PULUMI_SKIP_UPDATE_CHECK: "true" };
    return { cwd: await writeProject(instance), env };
}

/**
 * The project as the CLI sees it: the checkout's files by link, its two YAML
 * files by copy. The CLI writes the salt of its state into the stack file, and
 * state and salt are to go with the cluster that they describe.
 */
async function writeProject(instance: Instance): Promise<string> {
    const project = join(engineHome(instance), "project");
    await mkdir(project, { recursive: true });
    for (const name of program) {
        await rm(join(project, name), { force: true });
        await symlink(join(checkout, name), join(project, name));
    }
    await writeFile(join(project, "Pulumi.yaml"), await readFile(join(checkout, "Pulumi.yaml")));
    const before = await readFile(join(project, stackFile), "utf8").catch(() => "");
    const salt = before.match(/^encryptionsalt:.*\n/m)?.[0] ?? "";
    await writeFile(join(project, stackFile), salt + (await readFile(join(checkout, stackFile), "utf8")));
    return project;
}

function engineHome(instance: Instance): string {
    return join(instance.dir, "pulumi");
}
