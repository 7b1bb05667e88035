import type { core } from "@pulumi/kubernetes/types/input";
import { appLabel } from "../../conventions";

/** The volume with the checkpoint. */
export interface TrainingStorage {
    /** Its size. @default "1Gi" */
    readonly size?: string | undefined;
    /** Its StorageClass. @default the cluster's default */
    readonly storageClass?: string | undefined;
    /**
     * Whether pods of many nodes can mount it (ReadWriteMany), as those of a file server. Otherwise all workers are put
     * on one node. @default false
     */
    readonly shared?: boolean | undefined;
}

/** The claim of the volume. */
export function claimSpec(storage: TrainingStorage = {}): core.v1.PersistentVolumeClaimSpec {
    return {
        accessModes: [storage.shared ? "ReadWriteMany" : "ReadWriteOnce"],
        ...(storage.storageClass !== undefined && { storageClassName: storage.storageClass }),
        resources: { requests: { storage: storage.size ?? "1Gi" } },
    };
}

/** What keeps workers together that have to mount one node's volume; else a pod elsewhere would wait for it forever. */
export function together(app: string, storage: TrainingStorage = {}): Partial<core.v1.PodSpec> {
    if (storage.shared) return {};
    const term = { labelSelector: { matchLabels: appLabel(app) }, topologyKey: "kubernetes.io/hostname" };
    return { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } };
}
