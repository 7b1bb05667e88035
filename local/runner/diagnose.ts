import { type Api, groupPath } from "./api";
import type { KubernetesObject } from "./objects";
import { type Condition, describe } from "./wait-for";

interface Event {
    lastTimestamp?: string;
    eventTime?: string;
    type?: string;
    reason?: string;
    message?: string;
    count?: number;
}

interface ContainerStatus {
    name: string;
    ready?: boolean;
    state?: {
        waiting?: { reason?: string; message?: string };
        terminated?: { reason?: string; exitCode?: number };
    };
    lastState?: { terminated?: { reason?: string; exitCode?: number } };
}

interface Owned {
    metadata: {
        uid?: string;
        ownerReferences?: { uid: string; apiVersion: string; kind: string; name: string }[];
    };
}

interface Pod extends Owned {
    metadata: Owned["metadata"] & { name: string; namespace: string };
    status?: {
        phase?: string;
        conditions?: Condition[];
        containerStatuses?: ContainerStatus[];
        initContainerStatuses?: ContainerStatus[];
    };
}

/** What the cluster knows about an object that does not become ready: conditions, events, and its pods' troubles. */
export async function diagnose(api: Api, object: KubernetesObject): Promise<string[]> {
    try {
        const conditions = (object.status as { conditions?: Condition[] } | undefined)?.conditions ?? [];
        const troubled = await troubledPods(api, object);
        return [
            ...conditions
                .filter((c) => c.message)
                .slice(-2)
                .map((c) => `condition ${c.type}: ${describe(c)}`),
            ...(await events(api, object)),
            ...(await Promise.all(troubled.map((pod) => podLines(api, pod)))).flat(),
        ];
    } catch (error) {
        // The diagnosis must not hide what it is about.
        return [`(nothing more could be read: ${(error as Error).message})`];
    }
}

interface Trouble {
    readonly container: string;
    readonly text: string;
    /** Which log holds the end of a crash. */
    readonly log?: "current" | "previous";
}

/** One per container that is not well: why it waits, how it last ended. */
export function troubles(pod: Pod): Trouble[] {
    const { initContainerStatuses = [], containerStatuses = [], conditions = [] } = pod.status ?? {};
    const containers = [...initContainerStatuses, ...containerStatuses].flatMap(
        ({ name, ready, state, lastState }) => {
            const ended = state?.terminated ?? lastState?.terminated;
            const crashed = ended !== undefined && ended.exitCode !== 0;
            const log = state?.terminated ? "current" : "previous";
            const why =
                state?.waiting && [state.waiting.reason, state.waiting.message].filter(Boolean).join(": ");
            const how =
                crashed &&
                `ended with exit code ${ended.exitCode}${ended.reason ? ` (${ended.reason})` : ""}`;
            const text = [why, how].filter(Boolean).join("; ");
            return ready || !text ? [] : [{ container: name, text, ...(crashed && ({ log } as const)) }];
        },
    );
    const unscheduled = conditions.find((c) => c.type === "PodScheduled" && c.status !== "True");
    return unscheduled ? [{ container: "", text: `not scheduled: ${unscheduled.message}` }] : containers;
}

/** Pods that are not well and belong to an object, through whatever stands between (a ReplicaSet, a StatefulSet). */
async function troubledPods(api: Api, object: KubernetesObject): Promise<Pod[]> {
    const { namespace, uid } = object.metadata;
    if (object.kind === "Pod" || !namespace) {
        return object.kind === "Pod" ? [object as unknown as Pod] : [];
    }
    const belongs = async (owned: Owned | undefined, depth: number): Promise<boolean> => {
        const owner = owned?.metadata.ownerReferences?.[0];
        if (!owner || owner.uid === uid || depth === 0) {
            return owner?.uid === uid;
        }
        const resource = await api.resource(owner.apiVersion, owner.kind);
        const next = resource && (await api.get(resource, namespace, owner.name));
        return belongs(next as Owned | undefined, depth - 1);
    };
    const { items } = await api.send<{ items: Pod[] }>(
        "GET",
        `${groupPath("v1")}/namespaces/${namespace}/pods`,
    );
    const troubled: Pod[] = [];
    for (const pod of items) {
        if (troubled.length < 3 && troubles(pod).length > 0 && (await belongs(pod, 3))) {
            troubled.push(pod);
        }
    }
    return troubled;
}

async function podLines(api: Api, pod: Pod): Promise<string[]> {
    const { name, namespace } = pod.metadata;
    const lines = troubles(pod).map(async ({ container, text, log }) => {
        const query = { container, previous: String(log === "previous"), tailLines: "1" };
        const path = `${groupPath("v1")}/namespaces/${namespace}/pods/${name}/log`;
        const line = log ? await api.send<string>("GET", path, { query }).catch(() => "") : "";
        const last = line.trim() ? [`  last log line: ${line.trim()}`] : [];
        return [`pod ${name}${container && `, container ${container}`}: ${text}`, ...last];
    });
    const asWarning = { kind: "Pod", metadata: pod.metadata } as unknown as KubernetesObject;
    return [...(await Promise.all(lines)).flat(), ...(await events(api, asWarning))];
}

/** The latest warnings about an object. */
async function events(api: Api, object: KubernetesObject): Promise<string[]> {
    const { name, namespace = "default" } = object.metadata;
    const fieldSelector = `involvedObject.kind=${object.kind},involvedObject.name=${name},type=Warning`;
    const path = `${groupPath("v1")}/namespaces/${namespace}/events`;
    const { items } = await api.send<{ items: Event[] }>("GET", path, { query: { fieldSelector } });
    const time = (event: Event) => event.lastTimestamp ?? event.eventTime ?? "";
    return items
        .sort((a, b) => time(a).localeCompare(time(b)))
        .slice(-3)
        .map(
            ({ reason, message, count = 1 }) =>
                `event ${reason}${count > 1 ? ` (${count} times)` : ""}: ${message}`,
        );
}
