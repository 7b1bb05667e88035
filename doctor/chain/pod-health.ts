import type { Condition, ContainerStatus, Pod, Workload } from "../read/objects";
import type { Event } from "../read/objects-around";
import { age } from "./quantity";

/**
 * What keeps a pod from being Ready. `pending`: it could not even start where it was to (no node, no image, no
 * volume), which stops it and not its siblings; `failing`: it started, and its program is at fault.
 */
export interface Trouble {
    readonly pod: string;
    readonly kind: "pending" | "failing";
    /** What is the matter, for a sentence that begins with the pod's name. */
    readonly text: string;
    readonly fix: string;
}

/** Seconds that a container may take until it is Ready, unless its probes allow it longer. */
const startSeconds = 20;

/** Seconds for which a pod may be without a node, an image or a volume. */
const pendingSeconds = 5;

const pulling = /^(ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull|RegistryUnavailable)$/;
const creating = /^(CreateContainerConfigError|CreateContainerError|RunContainerError)$/;

/** What keeps a pod from being Ready; undefined where it is, or may still become it in time. */
export function troubleOf(pod: Pod, now: number, events: readonly Event[] = []): Trouble | undefined {
    const { name, deletionTimestamp } = pod.metadata;
    if (deletionTimestamp !== undefined || pod.status?.phase === "Succeeded") return undefined;
    const killed = livenessOf(pod, now, events);
    if (killed) return { pod: name, ...killed };
    if (isReady(pod) || pod.status?.phase === "Succeeded") return undefined;
    const trouble = unplaced(pod, now) ?? waiting(pod, now, events) ?? notReady(pod, now, events);
    return trouble && { pod: name, ...trouble };
}

/** A pod that its liveness probe has killed more than once is Ready now and then, and of no use. */
function livenessOf(pod: Pod, now: number, events: readonly Event[]): Found {
    const restarts = Math.max(
        0,
        ...(pod.status?.containerStatuses ?? []).map(({ restartCount }) => restartCount),
    );
    const probe = events.find(
        (event) =>
            isOf(event, pod) &&
            /Liveness probe failed/.test(event.message ?? "") &&
            now - when(event) < 60_000,
    );
    if (restarts < 1 || !probe) return undefined;
    const fix = "Correct its liveness probe, or give the program what it needs to answer in time.";
    return { kind: "failing", text: `is killed again and again (${restarts} times): ${probe.message}`, fix };
}

export function isReady(pod: Pod): boolean {
    return conditionOf(pod.status?.conditions, "Ready")?.status === "True";
}

export function conditionOf(
    conditions: readonly Condition[] | undefined,
    type: string,
): Condition | undefined {
    return conditions?.find((condition) => condition.type === type);
}

/** Seconds since a time; infinite where it is not known. */
export function secondsSince(time: string | null | undefined, now: number): number {
    const at = Date.parse(time ?? "");
    return Number.isFinite(at) ? (now - at) / 1000 : Number.POSITIVE_INFINITY;
}

type Found = Omit<Trouble, "pod"> | undefined;

function unplaced(pod: Pod, now: number): Found {
    const scheduled = conditionOf(pod.status?.conditions, "PodScheduled");
    const since = secondsSince(scheduled?.lastTransitionTime ?? pod.metadata.creationTimestamp, now);
    if (scheduled?.status !== "False" || since < pendingSeconds) return undefined;
    const text = `finds no node: ${scheduled.message ?? scheduled.reason}`;
    const fix =
        "Lower the pods' requests, or add nodes that their requests, selectors and tolerations fit; " +
        `\`kubectl -n ${pod.metadata.namespace} describe pod ${pod.metadata.name}\` has the scheduler's words.`;
    return { kind: "pending", text, fix };
}

function waiting(pod: Pod, now: number, events: readonly Event[]): Found {
    const { namespace, name } = pod.metadata;
    const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
    for (const status of statuses) {
        const { reason = "", message } = status.state?.waiting ?? {};
        const image = pod.spec.containers.find((container) => container.name === status.name)?.image;
        if (pulling.test(reason)) {
            const text = `cannot get the image ${image ?? `of ${status.name}`} (${reason})`;
            return {
                kind: "pending",
                text,
                fix: "Correct the image's name and tag, or give the pods a pull secret.",
            };
        }
        if (creating.test(reason)) {
            const text = `cannot start ${status.name}: ${message ?? reason}`;
            return { kind: "failing", text, fix: "Create the ConfigMap, Secret or command that it misses." };
        }
        const crash = crashOf(status);
        if (crash) {
            const fix = `\`kubectl -n ${namespace} logs ${name} -c ${status.name} --previous\` says why it ends.`;
            return { kind: "failing", text: crash, fix };
        }
    }
    const held = events.find(
        (event) =>
            isOf(event, pod) && /^Failed(Mount|AttachVolume|CreatePodSandBox)$/.test(event.reason ?? ""),
    );
    const since = secondsSince(pod.status?.startTime ?? pod.metadata.creationTimestamp, now);
    if (held && statuses.every(({ started }) => !started) && since > pendingSeconds) {
        const text = `cannot start: ${held.message ?? held.reason}`;
        return {
            kind: "pending",
            text,
            fix: "Provide the volume, or what else the node misses to start it.",
        };
    }
    return undefined;
}

function crashOf({ name, state, lastState, restartCount, ready }: ContainerStatus): string | undefined {
    const ended = state?.terminated ?? lastState?.terminated;
    const looping = state?.waiting?.reason === "CrashLoopBackOff";
    const again = restartCount >= 1 && !ready && ended !== undefined && ended.exitCode !== 0;
    const now = state?.terminated !== undefined && state.terminated.exitCode !== 0;
    if (!looping && !again && !now) return undefined;
    const how = ended ? ` (${ended.reason ?? "Error"}, exit status ${ended.exitCode})` : "";
    return `crashes: ${name} ended ${Math.max(1, restartCount)} times${how}`;
}

function notReady(pod: Pod, now: number, events: readonly Event[]): Found {
    const ready = conditionOf(pod.status?.conditions, "Ready");
    const logs = `\`kubectl -n ${pod.metadata.namespace} logs ${pod.metadata.name}\``;
    if (ready?.status === "Unknown" || ready?.reason === "NodeLost") {
        const text = `is on a node that does not report (${pod.spec.nodeName})`;
        return { kind: "failing", text, fix: `See \`kubectl describe node ${pod.spec.nodeName}\`.` };
    }
    if (pod.status?.phase === "Failed") {
        const text = `has failed: ${pod.status.message ?? pod.status.reason ?? "no reason given"}`;
        return { kind: "failing", text, fix: `${logs} may say more.` };
    }
    const since = secondsSince(pod.status?.startTime ?? pod.metadata.creationTimestamp, now);
    const failures = events.filter((event) => isOf(event, pod) && event.reason === "Unhealthy");
    const probed = failures.sort((a, b) => when(b) - when(a))[0]?.message;
    if (since < Math.max(startSeconds, allowance(pod))) return undefined;
    const why = probed ?? ready?.message ?? "no reason given";
    const fix = `See what its readiness probe asks for, and ${logs}.`;
    return { kind: "failing", text: `runs for ${age(since)} and is not Ready: ${why}`, fix };
}

/** Seconds that a pod's own probes allow it to start in. */
function allowance({ spec }: Pod): number {
    return Math.max(
        0,
        ...spec.containers.map(({ startupProbe, readinessProbe }) => {
            const startup = startupProbe
                ? (startupProbe.initialDelaySeconds ?? 0) +
                  (startupProbe.periodSeconds ?? 10) * (startupProbe.failureThreshold ?? 3)
                : 0;
            const readiness = readinessProbe
                ? (readinessProbe.initialDelaySeconds ?? 0) + (readinessProbe.periodSeconds ?? 10)
                : 0;
            return startup + readiness;
        }),
    );
}

export function isOf(event: Event, { metadata }: { metadata: Pod["metadata"] }): boolean {
    const { uid, name } = event.involvedObject;
    return uid !== undefined && metadata.uid !== undefined ? uid === metadata.uid : name === metadata.name;
}

/** When an event was last seen, in milliseconds since 1970. */
export function when(event: Event): number {
    const time =
        event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.firstTimestamp;
    return Date.parse(time ?? event.metadata.creationTimestamp ?? "") || 0;
}

/** Pods of the revision that the target is to run now, and those of others. */
export function byRevision(
    target: Workload,
    replicaSets: readonly Workload[],
    pods: readonly Pod[],
): { current: Pod[]; others: Pod[] } {
    const revision = "deployment.kubernetes.io/revision";
    const own = replicaSets.filter(({ metadata }) =>
        metadata.ownerReferences?.some(({ uid }) => uid === target.metadata.uid),
    );
    const newest = own.find(
        ({ metadata }) => metadata.annotations?.[revision] === target.metadata.annotations?.[revision],
    );
    const hash = target.status?.updateRevision;
    const isCurrent = ({ metadata }: Pod) => {
        if (newest) return metadata.ownerReferences?.some(({ uid }) => uid === newest.metadata.uid) ?? false;
        return hash === undefined || metadata.labels?.["controller-revision-hash"] === hash;
    };
    return { current: pods.filter(isCurrent), others: pods.filter((pod) => !isCurrent(pod)) };
}
