import { basename } from "node:path";
import { artifactPath, artifacts, loadArtifacts, rehearsalArtifacts } from "./build/artifacts";
import type { Builder } from "./build/builder";
import { cacheDir } from "./build/cache";
import { clusterImages } from "./build/images";
import { buildTasks, checkedBuilder, runTasks } from "./build-tasks";
import { ensureCluster, install, nodeArtifacts } from "./cluster";
import { ImageStore } from "./image-store";
import type { Instance } from "./instance";
import type { Ports } from "./node/network";
import { findNode, type NodeRecord } from "./node/node";
import { defaultSettings, type NodeSettings } from "./node/services";
import { choosePorts, installHostPrograms } from "./preflight";

/** What `make cluster` leaves for the steps after it. */
export interface StartedCluster {
    readonly record: NodeRecord;
    readonly builder: Builder;
    readonly images: ImageStore;
    /** False where the node ran before. */
    readonly fresh: boolean;
}

/** What a cluster is asked to be like. Only a new one can be made so; one that runs stays as it is. */
export interface AskedCluster {
    /** Host ports of endpoints. @default free ones, 9090 and so on where they are */
    readonly ports?: Partial<Ports>;
    /** @default `defaultSettings` */
    readonly settings?: Partial<NodeSettings>;
}

/**
 * The embedded cluster, from whatever is there: nothing, a cache, a dead or a
 * running node. Returns when the cluster serves; what the workloads need is
 * still being compiled and loaded, and `images` knows when each is there.
 */
export async function startCluster(instance: Instance, asked: AskedCluster = {}): Promise<StartedCluster> {
    const builder = await checkedBuilder();
    const running = await findNode(instance);
    if (running) refuseOther(running, asked);
    const ports = running?.ports ?? (await choosePorts(asked.ports ?? {}));
    const settings = { ...defaultSettings, ...asked.settings };
    const tools = installHostPrograms();
    builder.start(tools);
    let record = running;
    let images: ImageStore | undefined;
    const parts = [...nodeArtifacts, ...clusterImages.flatMap(({ layers }) => layers), "crds"];
    await runTasks([
        { title: "Programs of this machine", task: () => tools },
        ...buildTasks(builder, "Parts of the cluster", parts),
        {
            title: running ? "Kubernetes node (runs already)" : "Kubernetes node",
            task: async (_, task) => {
                record = await ensureCluster(instance, ports, { settings });
                if (isOutdated(record)) {
                    task.title = "Kubernetes node (runs an older build; `make down && make up` replaces it)";
                }
            },
        },
        {
            title: "Custom resource definitions and name resolution",
            task: async () => {
                images = new ImageStore(instance, record as NodeRecord, builder);
                images.start();
                await images.ready(clusterImages);
                await install(instance, record as NodeRecord);
            },
        },
    ]);
    if (!record || !images) throw new Error("the tasks above ended without a node");
    return { record, builder, images, fresh: !running };
}

/** Waits, with progress, until every image is made and in the node. */
export async function allImages({ builder, images }: StartedCluster): Promise<void> {
    await runTasks([
        ...buildTasks(builder, "Images of the workloads", builder.missing),
        { title: "Images loaded", task: () => images.ready() },
    ]);
}

/** Makes all artifacts, those of simulated clusters and of loads too, and starts nothing. */
export async function buildAll(): Promise<void> {
    const builder = await checkedBuilder([...artifacts, ...rehearsalArtifacts, ...loadArtifacts]);
    const tools = installHostPrograms();
    builder.start(tools);
    await runTasks([
        { title: "Programs of this machine", task: () => tools },
        ...buildTasks(builder, "Parts of the cluster and its images", builder.missing),
        { title: `All parts are in ${cacheDir()}`, task: () => undefined },
    ]);
}

function refuseOther(running: NodeRecord, asked: AskedCluster): void {
    const lines = otherThanAsked(running, asked);
    if (lines.length === 0) return;
    throw new Error(`The cluster runs already: ${lines.join("; ")}. \`make down\` first to have another.`);
}

/** What a running cluster has that is not as asked for, a line each; what nobody asks for may be anything. */
export function otherThanAsked(
    { ports, settings }: Pick<NodeRecord, "ports" | "settings">,
    asked: AskedCluster,
): string[] {
    const names = Object.keys(asked.ports ?? {}) as (keyof Ports)[];
    const otherPorts = names.filter((name) => asked.ports?.[name] !== ports[name]);
    const period = asked.settings?.hpaSyncPeriod;
    return [
        ...otherPorts.map((name) => `${name} is at port ${ports[name]}, not ${asked.ports?.[name]}`),
        ...(period === undefined || period === settings.hpaSyncPeriod
            ? []
            : [`autoscalers are looked at every ${settings.hpaSyncPeriod}, not ${period}`]),
    ];
}

function isOutdated(record: NodeRecord): boolean {
    return record.kubernetes !== basename(artifactPath("kubernetes"));
}
