import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { checkout, type Instance } from "./instance";

/** What the program consists of, beside the two files of the project that are copied. */
const program = [
    "index.ts",
    "components",
    "stacks",
    "local",
    "package.json",
    "tsconfig.json",
    "node_modules",
];

/** A stack as the Pulumi CLI is to see it. */
export interface EngineStack {
    readonly name: string;
    /** Folder of its state, its passphrase and the project as the CLI sees it. */
    readonly home: string;
    readonly kubeconfig: string;
    /** The stack file's text. @default that of `Pulumi.<name>.yaml` in the checkout */
    readonly settings?: string;
    /** Another program than the checkout's, below it. */
    readonly main?: string;
}

/** The dev stack of an embedded cluster, whose state goes with the cluster. */
export function devStack({ dir, kubeconfig }: Instance): EngineStack {
    return { name: "dev", home: join(dir, "pulumi"), kubeconfig };
}

/** Variables with which the Pulumi CLI finds a stack's cluster and state. Those that the user has set win. */
export async function engineEnvironment(
    { home, kubeconfig }: Pick<EngineStack, "home" | "kubeconfig">,
    env: NodeJS.ProcessEnv = process.env,
) {
    await mkdir(home, { recursive: true, mode: 0o700 });
    const passphrase = join(home, "passphrase");
    if (!existsSync(passphrase))
        await writeFile(passphrase, randomBytes(24).toString("base64"), { mode: 0o600 });
    return {
        KUBECONFIG: kubeconfig,
        PULUMI_BACKEND_URL: env.PULUMI_BACKEND_URL ?? `file://${home}`,
        ...(env.PULUMI_CONFIG_PASSPHRASE === undefined && {
            PULUMI_CONFIG_PASSPHRASE_FILE: env.PULUMI_CONFIG_PASSPHRASE_FILE ?? passphrase,
        }),
    };
}

/** Runs the Pulumi CLI on a stack with the user's terminal. */
export async function engine(stack: EngineStack, command: "up" | "preview" | "destroy"): Promise<void> {
    const unattended = command === "preview" ? [] : ["--yes", "--skip-preview"];
    await pulumi(stack, command, unattended);
}

/** Runs any command of the Pulumi CLI on a stack, which is made if need be, with the user's terminal. */
export async function pulumi(
    stack: EngineStack,
    command: string,
    flags: readonly string[] = [],
): Promise<void> {
    const options = { ...(await engineOptions(stack)), stdio: "inherit" } as const;
    await execa("pulumi", ["stack", "select", "--create", stack.name], options);
    if (command !== "preview" && process.env.PULUMI_BACKEND_URL === undefined) {
        // A run that was killed leaves its lock on the state. This state is ours alone, and our own lock is taken.
        await execa("pulumi", ["cancel", "--yes", "--stack", stack.name], {
            ...options,
            stdio: "ignore",
            reject: false,
        });
    }
    await execa("pulumi", [command, "--stack", stack.name, ...flags], options);
}

/** Stack outputs as the Pulumi CLI prints them. */
export async function engineOutputs(
    stack: EngineStack,
    showSecrets: boolean,
): Promise<Record<string, unknown>> {
    const secrets = showSecrets ? ["--show-secrets"] : [];
    const args = ["stack", "output", "--json", "--stack", stack.name, ...secrets];
    const printed = await execa("pulumi", args, await engineOptions(stack));
    return JSON.parse(printed.stdout) as Record<string, unknown>;
}

async function engineOptions(stack: EngineStack) {
    const env = { ...(await engineEnvironment(stack)), PULUMI_SKIP_UPDATE_CHECK: "true" };
    return { cwd: await writeProject(stack), env };
}

/**
 * The project as the CLI sees it: the checkout's files by link, its two YAML
 * files by copy. The CLI writes the salt of its state into the stack file, and
 * state and salt are to go with the cluster that they describe.
 */
async function writeProject({ name, home, settings, main }: EngineStack): Promise<string> {
    const project = join(home, "project");
    const stackFile = `Pulumi.${name}.yaml`;
    await mkdir(project, { recursive: true });
    for (const part of program) {
        await rm(join(project, part), { force: true });
        await symlink(join(checkout, part), join(project, part));
    }
    const projectFile = await readFile(join(checkout, "Pulumi.yaml"), "utf8");
    const chosen = main === undefined ? projectFile : projectFile.replace(/^main: .*$/m, `main: ${main}`);
    await writeFile(join(project, "Pulumi.yaml"), chosen);
    const before = await readFile(join(project, stackFile), "utf8").catch(() => "");
    const salt = before.match(/^encryptionsalt:.*\n/m)?.[0] ?? "";
    const text = settings ?? (await readFile(join(checkout, stackFile), "utf8"));
    await writeFile(join(project, stackFile), salt + text);
    return project;
}
