import { existsSync, readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { artifactPath } from "./build/artifacts";
import { type LocalImage, withImageLayout } from "./build/images";
import type { Instance } from "./instance";
import { addons } from "./node/addons";
import type { Ports } from "./node/network";
import { enterNode, findNode, insideNode, logFile, type NodeRecord, startNode, stopNode } from "./node/node";
import { defaultSettings, type NodeSettings } from "./node/services";

/** Artifacts without which the node does not start. */
export const nodeArtifacts = ["node", "node-root", "kubernetes", "etcd"] as const;

/** The instance's cluster, started if it does not run. What a dead one left is removed first. */
export async function ensureCluster(
    instance: Instance,
    ports: Ports,
    { simulated = false, settings = defaultSettings }: { simulated?: boolean; settings?: NodeSettings } = {},
): Promise<NodeRecord> {
    const record = (await findNode(instance)) ?? (await startAfresh(instance, ports, settings, simulated));
    await apiServerReady(instance);
    return record;
}

async function startAfresh(
    instance: Instance,
    ports: Ports,
    settings: NodeSettings,
    simulated: boolean,
): Promise<NodeRecord> {
    await stopNode(instance);
    const folder = (name: string) => basename(artifactPath(name));
    const parts = {
        node: folder("node"),
        root: folder("node-root"),
        kubernetes: folder("kubernetes"),
        etcd: folder("etcd"),
        ...(simulated && { kwok: folder("kwok") }),
    };
    return startNode(instance, parts, ports, settings);
}

/** Waits until the API server answers, as long as the node lives. */
async function apiServerReady(instance: Instance, timeoutMs = 60_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
        const answer = await kubectl(instance, ["get", "--raw", "/readyz"]).catch(() => "");
        if (answer === "ok") return;
        if (!(await findNode(instance)))
            throw new Error(`the node ended at start; its last words:\n${await lastWords(instance)}`);
        if (Date.now() > deadline) {
            throw new Error(
                `the API server did not become ready in ${timeoutMs / 1000} s; see ${join(instance.dir, "var/log")}`,
            );
        }
        await sleep(200);
    }
}

async function lastWords(instance: Instance): Promise<string> {
    return (await readFile(logFile(instance), "utf8")).trim().split("\n").slice(-10).join("\n");
}

/**
 * What belongs to the cluster and not to the program: the definitions of all
 * custom resources, name resolution, and the addresses of the endpoints.
 */
export async function install(instance: Instance, record: NodeRecord): Promise<void> {
    if (installed(instance)) return;
    const items = addons(record.ports);
    await Promise.all([
        apply(instance, ["--filename=-"], JSON.stringify({ apiVersion: "v1", kind: "List", items })),
        apply(instance, [`--filename=${artifactPath("crds")}`]),
    ]);
    await kubectl(instance, ["wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"]);
    await writeFile(installedFile(instance), artifactPath("crds"));
}

/** True when `install` has finished with the definitions that are wanted now. */
export function installed(instance: Instance): boolean {
    const file = installedFile(instance);
    return existsSync(file) && readFileSync(file, "utf8") === artifactPath("crds");
}

function installedFile(instance: Instance): string {
    return join(instance.dir, "installed");
}

/** Applies manifests, server-side; `--filename=-` reads them from `input`. */
export async function apply(instance: Instance, args: readonly string[], input = ""): Promise<void> {
    const command = ["apply", "--server-side", "--force-conflicts", "--field-manager=embedded-cluster"];
    await kubectl(instance, [...command, ...args], input);
}

/** Hands images to the node's containerd. Loading one again changes nothing. */
export async function loadImages(
    instance: Instance,
    record: NodeRecord,
    images: readonly LocalImage[],
): Promise<void> {
    await withImageLayout(join(instance.dir, "var/tmp"), images, artifactPath, async (layout) => {
        await containerdReady(instance, record);
        const load = enterNode(record, ["ctr", "--namespace=k8s.io", "images", "import", "-"]);
        const pack = ["--create", "--dereference", "--directory", layout, "."];
        await execa("tar", pack, { buffer: false }).pipe("nsenter", load);
    });
}

async function containerdReady(instance: Instance, record: NodeRecord, timeoutMs = 60_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
        const answer = await insideNode(record, ["ctr", "version"]).catch((error: Error) => error);
        if (!(answer instanceof Error)) return;
        if (Date.now() > deadline) {
            const log = join(instance.dir, "var/log/containerd.log");
            throw new Error(
                `containerd did not answer in ${timeoutMs / 1000} s (${answer.message}); see ${log}`,
            );
        }
        await sleep(100);
    }
}

/** The cluster's own kubectl; returns what it prints. */
export async function kubectl(instance: Instance, args: readonly string[], input = ""): Promise<string> {
    const program = join(artifactPath("kubernetes"), "kubectl");
    const env = { KUBECONFIG: instance.kubeconfig };
    return (await execa(program, args, { env, input })).stdout;
}
