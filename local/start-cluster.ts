import { join } from "node:path";
import { Listr, type ListrTask } from "listr2";
import { artifact } from "./build/artifacts";
import { Builder } from "./build/builder";
import { cacheDir, removeUnfinished } from "./build/cache";
import { ensureCluster, install, nodeArtifacts } from "./cluster";
import type { Instance } from "./instance";
import { ImageStore } from "./node/image-store";
import type { Ports } from "./node/network";
import { findNode, type NodeRecord } from "./node/node";
import { choosePorts, installHostPrograms, machineProblems, readMachine } from "./preflight";
import { buildLine } from "./progress";

/** What `make cluster` leaves for the steps after it. */
export interface StartedCluster {
    readonly record: NodeRecord;
    readonly builder: Builder;
    readonly images: ImageStore;
    /** False where the node ran before. */
    readonly fresh: boolean;
}

/**
 * The embedded cluster, from whatever is there: nothing, a cache, a dead or a
 * running node. Returns when the cluster serves; what the workloads need is
 * still being compiled and loaded, and `images` knows when each is there.
 */
export async function startCluster(instance: Instance, asked: Partial<Ports> = {}): Promise<StartedCluster> {
    await removeUnfinished();
    const builder = new Builder(join(cacheDir(), "build.log"));
    const running = await findNode(instance);
    const problems = machineProblems(await readMachine(builder.missing.length === 0));
    if (problems.length > 0)
        throw new Error(
            `The embedded cluster cannot run here:\n${problems.map((line) => `- ${line}`).join("\n")}`,
        );
    const ports = running?.ports ?? (await choosePorts(asked));
    const tools = installHostPrograms();
    builder.start(tools);
    let record = running;
    let images: ImageStore | undefined;
    const missing = [...nodeArtifacts, "crds"].filter((name) => builder.missing.includes(name));
    const tasks: ListrTask[] = [
        {
            title: "Programs of this machine",
            task: () => tools,
        },
        {
            title: `Parts of the cluster (log: ${builder.logFile})`,
            enabled: () => missing.length > 0,
            task: (_, task) =>
                task.newListr(
                    missing.map((name) => partTask(builder, name)),
                    { concurrent: true },
                ),
        },
        {
            title: running ? "Kubernetes node (runs already)" : "Kubernetes node",
            task: async () => {
                record = await ensureCluster(instance, ports);
            },
        },
        {
            title: "Custom resource definitions and name resolution",
            task: async () => {
                images = new ImageStore(instance, record as NodeRecord, builder);
                images.start();
                await install(instance, record as NodeRecord);
            },
        },
    ];
    await new Listr(tasks, {
        rendererOptions: { collapseSubtasks: false },
        fallbackRenderer: "simple",
    }).run();
    if (!record || !images) throw new Error("the tasks above ended without a node");
    return { record, builder, images, fresh: !running };
}

function partTask(builder: Builder, name: string): ListrTask {
    return {
        title: artifact(name).title,
        task: async (_, task) => {
            // Rarely where the output is a log: one line per half minute is progress enough there.
            const timer = setInterval(
                () => {
                    task.output = buildLine(builder, name);
                },
                process.stdout.isTTY ? 500 : 30_000,
            );
            await builder.ready(name).finally(() => clearInterval(timer));
            task.title = `${artifact(name).title} ${Math.round(builder.of(name).seconds)} s`;
        },
    };
}
