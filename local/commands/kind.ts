import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import pc from "picocolors";
import { type EngineStack, engine, engineOutputs } from "../engine";
import { checkout } from "../instance";
import { heal } from "./heal";

const clusterFile = join(checkout, "stacks/kind-cluster.yaml");
/** As `clusterFile` names it; kind calls the context `kind-<name>`. */
export const kindCluster = "observability";
const home = join(checkout, ".cluster/kind");
export const kindStack: EngineStack = {
    name: "kind",
    home: join(home, "pulumi"),
    kubeconfig: join(home, "kubeconfig"),
};

/** A program that `make kind` needs, how to see that it works, and where to get it. */
interface Tool {
    readonly name: string;
    readonly command: readonly [string, ...string[]];
    /** What to do where the command fails. */
    readonly remedy: string;
    /** Oldest version that will do, found in the command's output. */
    readonly atLeast?: readonly [number, number];
}

export const tools: readonly Tool[] = [
    {
        name: "Docker",
        command: ["docker", "info", "--format", "{{.ServerVersion}}"],
        remedy: "install Docker (docs.docker.com/get-docker) and start its daemon",
    },
    {
        name: "kind",
        command: ["kind", "version"],
        // Before that, kind cannot configure Kubernetes 1.36 (kubeadm v1beta4).
        atLeast: [0, 32],
        remedy: "install kind 0.32 or later (kind.sigs.k8s.io)",
    },
    {
        name: "the Pulumi CLI",
        command: ["pulumi", "version"],
        remedy: "install it (pulumi.com/docs/install)",
    },
];

/** Everything that is missing, each with what to do about it; none where `make kind` can run. */
export async function missingTools(wanted: readonly Tool[] = tools): Promise<string[]> {
    const found = await Promise.all(wanted.map(problemOf));
    return found.flatMap((problem) => problem ?? []);
}

async function requireTools(wanted: readonly Tool[], what: string): Promise<void> {
    const missing = await missingTools(wanted);
    if (missing.length > 0) {
        throw new Error(`${what}:\n${missing.map((line) => `- ${line}`).join("\n")}`);
    }
}

async function problemOf({ name, command, remedy, atLeast }: Tool): Promise<string | undefined> {
    const [program, ...args] = command;
    const result = await execa(program, args, { reject: false, timeout: 20_000 });
    if (result.failed) {
        const why =
            result.code === "ENOENT"
                ? "is not installed"
                : `does not answer (${result.stderr || result.shortMessage})`;
        return `${name} ${why}: ${remedy}.`;
    }
    const [, major = 0, minor = 0] = (result.stdout.match(/v?(\d+)\.(\d+)/) ?? []).map(Number);
    const old = atLeast !== undefined && (major < atLeast[0] || (major === atLeast[0] && minor < atLeast[1]));
    return old ? `${name} is ${major}.${minor}: ${remedy}.` : undefined;
}

/** The whole of `make kind`: a cluster if there is none, the stack on it, its outputs. */
export async function kindUp(): Promise<void> {
    await requireTools(tools, "The kind stack cannot run here");
    await ensureKindCluster();
    await heal(kindStack.kubeconfig, console.log);
    await engine(kindStack, "up");
    const outputs = Object.entries(await engineOutputs(kindStack, false));
    for (const [name, value] of outputs) {
        console.log(
            `  ${pc.bold(name.padEnd(20))} ${typeof value === "string" ? value : JSON.stringify(value)}`,
        );
    }
}

async function ensureKindCluster(): Promise<void> {
    await mkdir(home, { recursive: true, mode: 0o700 });
    const { stdout } = await execa("kind", ["get", "clusters"]);
    if (stdout.split("\n").includes(kindCluster)) {
        await execa("kind", [
            "export",
            "kubeconfig",
            "--name",
            kindCluster,
            "--kubeconfig",
            kindStack.kubeconfig,
        ]);
        return;
    }
    // State of a cluster that is gone describes nothing.
    await rm(kindStack.home, { recursive: true, force: true });
    const where = ["--config", clusterFile, "--kubeconfig", kindStack.kubeconfig, "--wait", "120s"];
    await execa("kind", ["create", "cluster", ...where], { stdio: "inherit" });
}

/** Removes the cluster with all that is on it, and the state that describes it. */
export async function kindDown(): Promise<void> {
    await requireTools(tools.slice(0, 2), "No kind cluster can be removed here");
    const where = ["--name", kindCluster, "--kubeconfig", kindStack.kubeconfig];
    await execa("kind", ["delete", "cluster", ...where], { stdio: "inherit" });
    await rm(home, { recursive: true, force: true });
}
