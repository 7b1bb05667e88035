import { Api } from "../runner/api";
import { helmRecords, removePending } from "../runner/helm-records";
import { readKubeConfig } from "../runner/kubeconfig";

/**
 * Makes a cluster ready for the next `up` or `destroy` after one that was killed: Helm refuses every further
 * operation on a release whose last one never ended, so the records of such operations are removed. Objects stay;
 * the next run takes them over.
 *
 * Waits for nobody: run it while no other Helm works on the cluster.
 */
export async function heal(kubeconfig: string, say: (text: string) => void): Promise<void> {
    const api = new Api(await readKubeConfig(kubeconfig));
    try {
        for (const { namespace, release, revision, status } of await removePending(
            api,
            await helmRecords(api),
        )) {
            say(
                `Removed the record of a killed operation: ${namespace}/${release} revision ${revision}, ${status}.`,
            );
        }
    } finally {
        api.close();
    }
}
