import { leftAsFound } from "./as-found";
import { artifact, rehearsalArtifacts } from "./build/artifacts";
import { buildTasks, checkedBuilder, runTasks } from "./build-tasks";
import { apply, ensureCluster, kubectl, nodeArtifacts } from "./cluster";
import type { Instance } from "./instance";
import { findNode, type NodeRecord } from "./node/node";
import { type SimulatedNodes, simulatedNodes, simulatedStorageClass } from "./node/simulation";
import { choosePorts, installHostPrograms } from "./preflight";

/** As many nodes as the largest stack asks for, with room to see that it does not need them all. */
export const usualNodes: SimulatedNodes = { cpu: 4, gpu: 2 };

/** Does work on a simulated cluster. One that was started for it ends with it; one that ran before goes on. */
export async function withSimulatedCluster<T>(instance: Instance, work: () => Promise<T>): Promise<T> {
    return leftAsFound(instance, () => startSimulatedCluster(instance), work);
}

/**
 * The second mode of the embedded cluster: its real control plane, nodes and pods simulated by KWOK. Pods become
 * Ready without images, so what charts declare can be seen to be accepted and to settle.
 */
export async function startSimulatedCluster(
    instance: Instance,
    nodes: SimulatedNodes = usualNodes,
): Promise<NodeRecord> {
    const parts = [...nodeArtifacts.map(artifact), ...rehearsalArtifacts];
    const builder = await checkedBuilder(parts);
    const ports = (await findNode(instance))?.ports ?? (await choosePorts({}));
    const tools = installHostPrograms();
    builder.start(tools);
    let record: NodeRecord | undefined;
    await runTasks([
        { title: "Programs of this machine", task: () => tools },
        ...buildTasks(
            builder,
            "Parts of the cluster",
            parts.map(({ name }) => name),
        ),
        {
            title: `Kubernetes with ${nodes.cpu + nodes.gpu} simulated nodes`,
            task: async () => {
                record = await ensureCluster(instance, ports, { simulated: true });
                const items = [simulatedStorageClass, ...simulatedNodes(nodes)];
                await apply(
                    instance,
                    ["--filename=-"],
                    JSON.stringify({ apiVersion: "v1", kind: "List", items }),
                );
                await kubectl(instance, ["wait", "--for=condition=Ready", "nodes", "--all", "--timeout=60s"]);
            },
        },
    ]);
    if (!record) throw new Error("the tasks above ended without a cluster");
    return record;
}
