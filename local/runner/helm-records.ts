import { type Api, objectPath } from "./api";
import { secrets } from "./inventory";
import type { Metadata } from "./objects";

/** Helm's record of one revision of a release: a Secret in the release's namespace. */
export interface HelmRecord {
    readonly secret: string;
    readonly namespace: string;
    readonly release: string;
    readonly revision: number;
    /** `deployed`, `superseded`, `failed`, `pending-install`, `pending-upgrade`, `uninstalling` … */
    readonly status: string;
}

/** The records of a namespace, or of all, oldest first. */
export async function helmRecords(api: Api, namespace?: string, release?: string): Promise<HelmRecord[]> {
    const path = namespace === undefined ? "/api/v1/secrets" : `/api/v1/namespaces/${namespace}/secrets`;
    const labelSelector = ["owner=helm", ...(release ? [`name=${release}`] : [])].join(",");
    // Only metadata: the records hold whole charts.
    const records = (await api.listMetadata(path, { labelSelector })).map(recordOf);
    return records.sort((a, b) => a.revision - b.revision);
}

/**
 * Removes the records of operations that were killed, without which Helm refuses every further one on the
 * release. Objects stay: the next install takes them over.
 *
 * @returns what was removed.
 */
export async function removePending(api: Api, records: readonly HelmRecord[]): Promise<HelmRecord[]> {
    const pending = records.filter(({ status }) => status.startsWith("pending-"));
    for (const record of pending) {
        await removeRecord(api, record);
    }
    return pending;
}

export async function removeRecord(api: Api, { namespace, secret }: HelmRecord): Promise<void> {
    await api.send("DELETE", objectPath(secrets, namespace, secret));
}

function recordOf({ name, namespace = "", labels = {} }: Metadata): HelmRecord {
    return {
        secret: name,
        namespace,
        release: labels.name ?? "",
        revision: Number(labels.version),
        status: labels.status ?? "",
    };
}
