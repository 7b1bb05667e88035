import { setTimeout as sleep } from "node:timers/promises";
import type { Api, Resource } from "./api";
import { diagnose } from "./diagnose";
import { type KubernetesObject, label } from "./objects";
import { awaitSeconds, readiness } from "./readiness";

/**
 * Waits until an object is ready, or says at length why it is not. An object that is ready already costs no
 * request. Polled, not watched: a stack waits for a dozen objects at most, and a poll survives an API server restart.
 */
export async function awaitReady(
    api: Api,
    resource: Resource,
    object: KubernetesObject,
    optionSeconds: number | undefined,
    onReason: (reason: string) => void,
): Promise<KubernetesObject> {
    const { name, namespace } = object.metadata;
    const seconds = awaitSeconds(object, optionSeconds);
    const deadline = Date.now() + seconds * 1000;
    const bindsLate = object.kind === "PersistentVolumeClaim" && (await bindsOnFirstUse(api, object));
    let current: KubernetesObject | undefined = object;
    for (let pause = 100; ; pause = Math.min(pause * 1.3, 1000)) {
        if (!current) {
            throw new Error("it was deleted by someone else while the runner waited for it.");
        }
        const { ready, reason, failed } = readiness(current, bindsLate);
        if (ready) {
            return current;
        }
        if (failed || Date.now() > deadline) {
            const verdict = failed ? "it failed" : `not ready after ${seconds} s`;
            throw new Error([`${verdict}: ${reason}`, ...(await diagnose(api, current))].join("\n"));
        }
        onReason(reason);
        await sleep(pause);
        current = await api.get(resource, namespace, name);
    }
}

/** Waits until an object that something else makes, such as an operator, exists. */
export async function awaitExistence(
    api: Api,
    resource: Resource,
    namespace: string | undefined,
    name: string,
    seconds: number,
): Promise<KubernetesObject> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
        const object = await api.get(resource, namespace, name);
        if (object) {
            return object;
        }
        if (Date.now() > deadline) {
            throw new Error(
                `${label({ kind: resource.kind, namespace, name })} does not exist, after ${seconds} s.`,
            );
        }
        await sleep(250);
    }
}

/** Whether a claim's storage class binds volumes only when a pod uses them: waiting for it would wait for ever. */
async function bindsOnFirstUse(api: Api, claim: KubernetesObject): Promise<boolean> {
    const name = (claim.spec as { storageClassName?: string } | undefined)?.storageClassName;
    const resource = name ? await api.resource("storage.k8s.io/v1", "StorageClass") : undefined;
    const storageClass = resource && name ? await api.get(resource, undefined, name) : undefined;
    return storageClass?.volumeBindingMode === "WaitForFirstConsumer";
}
