import { setTimeout as sleep } from "node:timers/promises";
import type { Api, Resource } from "./api";
import type { Helm } from "./helm";
import type { Entry, Inventory } from "./inventory";
import { groupOf, label } from "./objects";
import { releaseKind, removeRelease } from "./release";

/** What deletes, and what remembers. */
export interface Remover {
    readonly api: Api;
    readonly helm: Helm;
    readonly inventory: Inventory;
}

export interface RemovalEvents {
    start(entry: Entry): void;
    end(entry: Entry, error?: unknown): void;
}

/**
 * Deletes objects and waits until each is gone: phase by phase, inside a phase in parallel but an object only
 * after those that depend on it. A phase with a failure is the last: what comes after it is needed by what is left.
 */
export async function removeAll(
    { api, helm, inventory }: Remover,
    entries: readonly Entry[],
    events: RemovalEvents,
): Promise<void> {
    for (const phase of removalPhases(entries)) {
        const started = new Map<Entry, Promise<boolean>>();
        const remove = (entry: Entry): Promise<boolean> => {
            const running = started.get(entry) ?? removeAfterDependents(entry);
            started.set(entry, running);
            return running;
        };
        const removeAfterDependents = async (entry: Entry): Promise<boolean> => {
            const dependents = phase.filter(
                (other) =>
                    other !== entry &&
                    [entry.urn, entry.chart].some(
                        (urn) => urn !== undefined && other.dependsOn.includes(urn),
                    ),
            );
            const clear = await Promise.all(dependents.map(remove));
            events.start(entry);
            try {
                if (clear.includes(false)) {
                    throw new Error("not deleted: what depends on it is still there.");
                }
                await removeOne(api, helm, entry);
                await inventory.leave(entry);
                events.end(entry);
                return true;
            } catch (error) {
                events.end(entry, error);
                return false;
            }
        };
        if ((await Promise.all(phase.map(remove))).includes(false)) {
            return;
        }
    }
}

/**
 * The order of deletion. Custom resources go first, while the operators that clear their finalizers run; then
 * what stands between the API server and its clients (an APIService or webhook without its pods blocks the
 * deletion of namespaces); workloads and the rest; namespaces; definitions of kinds last.
 */
export function removalPhases(entries: readonly Entry[]): Entry[][] {
    const phases: Entry[][] = [[], [], [], [], []];
    for (const entry of entries) {
        phases[phaseOf(entry)]?.push(entry);
    }
    return phases.filter((phase) => phase.length > 0);
}

const namespacePhase = 3;
const podSeconds = 60;
/** Until a deletion is given up. */
const deletionSeconds = 300;

/**
 * Waits until no pod of a namespace runs. Kubernetes' namespace controller, finding one that is stopping, comes
 * back only after half its grace period: five minutes for a Prometheus that stops in two seconds. Pods that have
 * ended, such as those of somebody else's Job, go at once.
 */
async function podsGone(api: Api, namespace: string): Promise<void> {
    const deadline = Date.now() + podSeconds * 1000;
    while (Date.now() < deadline) {
        const pods = (await api.send("GET", `/api/v1/namespaces/${namespace}/pods`, {
            query: { limit: "1", fieldSelector: "status.phase!=Succeeded,status.phase!=Failed" },
        })) as { items?: unknown[] } | undefined;
        if (!pods?.items?.length) {
            return;
        }
        await sleep(250);
    }
}

function phaseOf({ apiVersion, kind }: Entry): number {
    const group = groupOf(apiVersion);
    if (group === "apiextensions.k8s.io") {
        return 4;
    }
    if (group === "" && kind === "Namespace") {
        return namespacePhase;
    }
    if (group === "apiregistration.k8s.io" || group === "admissionregistration.k8s.io") {
        return 1;
    }
    // A release holds workloads, and operators that the custom resources above need to the end.
    const builtIn = group === "helm.sh" || !group.includes(".") || group.endsWith(".k8s.io");
    return builtIn ? 2 : 0;
}

async function removeOne(api: Api, helm: Helm, entry: Entry): Promise<void> {
    if (entry.protect) {
        throw new Error(
            'it is protected (resource option "protect"): lift that in the program, run up, then try again.',
        );
    }
    if (entry.kind === releaseKind.kind && entry.apiVersion === releaseKind.apiVersion) {
        return entry.retain ? undefined : removeRelease(api, helm, entry);
    }
    const resource = entry.retain ? undefined : await api.resource(entry.apiVersion, entry.kind);
    if (resource) {
        if (phaseOf(entry) === namespacePhase) {
            await podsGone(api, entry.name);
        }
        await api.remove(resource, entry.namespace, entry.name);
        await waitGone(api, resource, entry.namespace, entry.name, deletionSeconds);
    }
}

/** @throws Error which names the finalizers that hold the object, when the time is over. */
export async function waitGone(
    api: Api,
    resource: Resource,
    namespace: string | undefined,
    name: string,
    seconds: number,
): Promise<void> {
    const deadline = Date.now() + seconds * 1000;
    for (let pause = 50; ; pause = Math.min(pause * 2, 1000)) {
        const object = await api.get(resource, namespace, name);
        // One without deletionTimestamp is another, made anew by someone else.
        if (!object?.metadata.deletionTimestamp) {
            return;
        }
        if (Date.now() > deadline) {
            const finalizers = object.metadata.finalizers?.join(", ");
            const held = finalizers
                ? ` Its finalizers ${finalizers} wait for a controller; is that one running?`
                : "";
            throw new Error(
                `${label({ kind: resource.kind, namespace, name })} is still there after ${seconds} s.${held}`,
            );
        }
        await sleep(pause);
    }
}
