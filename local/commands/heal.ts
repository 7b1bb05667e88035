import { Api } from "../runner/api";
import { type HelmRecord, helmRecords, removePending } from "../runner/helm-records";
import { readKubeConfig } from "../runner/kubeconfig";

/** The releases that the library installs, `namespace/name`, where its arguments do not say otherwise. */
const ourReleases = new Set([
    "cert-manager/cert-manager",
    "elastic-system/eck-operator-crds",
    "fake-gpu-operator/fake-gpu-operator",
    "gpu-operator/gpu-operator",
    "istio-system/istio-base",
    "istio-system/istio-istiod",
    "keda/keda",
    "monitoring/prometheus-operator-crds",
]);

/** Whether a record is of a release that the library installs; those of others are none of our business. */
export function isOurs({ namespace, release }: Pick<HelmRecord, "namespace" | "release">): boolean {
    return ourReleases.has(`${namespace}/${release}`);
}

/**
 * Makes a cluster ready for the next `up` or `destroy` after one that was killed: Helm refuses every further
 * operation on a release whose last one never ended, so the records of such operations are removed. Objects stay;
 * the next run takes them over.
 *
 * An operation that is still running looks the same: run it while nobody else installs the same releases there.
 *
 * @param context - @default the kubeconfig's current one
 */
export async function heal(kubeconfig: string, say: (text: string) => void, context?: string): Promise<void> {
    const api = new Api(await readKubeConfig(kubeconfig, context));
    try {
        const removed = await removePending(api, (await helmRecords(api)).filter(isOurs));
        for (const { namespace, release, revision, status } of removed) {
            say(
                `Removed the record of a killed operation: ${namespace}/${release} revision ${revision}, ${status}.`,
            );
        }
    } finally {
        api.close();
    }
}
