import type { Instance } from "./instance";
import { findNode, stopNode } from "./node/node";
import { tidied } from "./tidied";

/**
 * Starts a cluster, does work on it, and leaves it as it was found: one that did not run before ends with the work, one
 * that did goes on. A start that fails leaves what there is, for its logs end with the cluster.
 */
export async function leftAsFound<T>(
    instance: Instance,
    start: () => Promise<unknown>,
    work: () => Promise<T>,
): Promise<T> {
    const ranBefore = (await findNode(instance)) !== undefined;
    await start();
    return tidied(work, async () => {
        if (!ranBefore) await stopNode(instance);
    });
}
