import {
    AppsV1Api,
    CoreV1Api,
    KubeConfig,
    type KubernetesObject,
    ListWatch,
    type V1Deployment,
    type V1Pod,
    Watch,
} from "@kubernetes/client-node";
import {
    type ConsumerPod,
    type ConsumerPods,
    parseStats,
    type Replicas,
    type WorkloadEvent,
} from "./workload";

export interface WatchTarget {
    /** Path of the cluster's kubeconfig. */
    kubeconfig: string;
    /** For example `http://127.0.0.1:8080`. */
    producerUrl: string;
    namespace: string;
    /** Label selector of the consumer pods. */
    selector: string;
    /** Name of the consumer Deployment. */
    deployment: string;
    /** Time between two readings of `/stats`, milliseconds. */
    pollMilliseconds: number;
}

/** Seconds on this machine's monotonic clock: no step of the wall clock can change a measured time. */
export const now = (): number => performance.now() / 1000;

/** The address of a path below a base URL, which may have a path of its own. */
export const endpoint = (base: string, path: string): URL => new URL(base.replace(/\/+$/, "") + path);

const READ_TIMEOUT_MILLISECONDS = 2_000;
const RECONNECT_MILLISECONDS = 100;

/** Follows the workload until `signal` is aborted; each event carries its moment of arrival here. */
export function watchWorkload(
    target: WatchTarget,
    emit: (event: WorkloadEvent) => void,
    signal: AbortSignal,
): void {
    const config = new KubeConfig();
    config.loadFromFile(target.kubeconfig);
    const { namespace, selector, deployment } = target;

    const core = config.makeApiClient(CoreV1Api);
    follow<V1Pod>(
        new ListWatch(
            `/api/v1/namespaces/${namespace}/pods`,
            new Watch(config),
            () => core.listNamespacedPod({ namespace, labelSelector: selector }),
            false,
            selector,
        ),
        (objects, at, problem) =>
            emit({ kind: "pods", at, pods: objects && consumerPods(objects), ...problem }),
        signal,
    );

    const apps = config.makeApiClient(AppsV1Api);
    const field = `metadata.name=${deployment}`;
    const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
    const list = () => apps.listNamespacedDeployment({ namespace, fieldSelector: field });
    follow<V1Deployment>(
        new ListWatch(deployments, new Watch(config), list, false, undefined, field),
        (objects, at, problem) =>
            emit({ kind: "replicas", at, replicas: objects && replicasOf(objects[0]), ...problem }),
        signal,
    );

    void pollStats(target, emit, signal);
}

/**
 * Reports all objects of an informer after each change, and null while its connection is broken.
 * Changes that arrive together are reported once, so that the half-applied state in the middle of a
 * new list is never seen.
 */
function follow<T extends KubernetesObject>(
    informer: ListWatch<T>,
    report: (objects: readonly T[] | null, at: number, problem?: { problem: string }) => void,
    signal: AbortSignal,
): void {
    let broken = false;
    let reporting = false;
    const reportSoon = () => {
        if (reporting) {
            return;
        }
        reporting = true;
        const at = now();
        queueMicrotask(() => {
            reporting = false;
            if (!signal.aborted) {
                report(informer.list(), at);
            }
        });
    };
    const connect = async () => {
        if (signal.aborted) {
            return;
        }
        broken = false;
        await informer.start();
        if (signal.aborted) {
            await informer.stop();
        } else if (!broken) {
            // Tells an empty list, which changes nothing, from one that was never read.
            reportSoon();
        }
    };
    informer.on("change", reportSoon);
    informer.on("error", (error: unknown) => {
        broken = true;
        if (!signal.aborted) {
            report(null, now(), { problem: reason(error) });
            setTimeout(() => void connect(), RECONNECT_MILLISECONDS);
        }
    });
    signal.addEventListener("abort", () => void informer.stop(), { once: true });
    void connect();
}

async function pollStats(
    { producerUrl, pollMilliseconds }: WatchTarget,
    emit: (event: WorkloadEvent) => void,
    signal: AbortSignal,
): Promise<void> {
    const url = endpoint(producerUrl, "/stats");
    while (!signal.aborted) {
        const askedAt = now();
        try {
            const timeout = AbortSignal.timeout(READ_TIMEOUT_MILLISECONDS);
            const answer = await fetch(url, { signal: AbortSignal.any([signal, timeout]) });
            if (!answer.ok) {
                await answer.body?.cancel();
                throw new Error(`${url} answered HTTP ${answer.status}`);
            }
            const stats = parseStats(await answer.json());
            emit({ kind: "stats", at: now(), askedAt, stats });
        } catch (error) {
            if (!signal.aborted) {
                emit({ kind: "stats", at: now(), askedAt, stats: null, problem: reason(error) });
            }
        }
        const rest = pollMilliseconds - (now() - askedAt) * 1000;
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, rest)));
    }
}

/** Splits pods into those that serve (or will) and those on their way out. */
export function consumerPods(pods: readonly V1Pod[]): ConsumerPods {
    const staying = pods.filter((pod) => pod.metadata?.deletionTimestamp === undefined);
    return { serving: staying.map(consumerPod), terminating: pods.length - staying.length };
}

function consumerPod(pod: V1Pod): ConsumerPod {
    const condition = (type: string) =>
        pod.status?.conditions?.find((one) => one.type === type && one.status === "True");
    const ready = condition("Ready");
    return {
        name: pod.metadata?.name ?? "",
        ready: ready !== undefined,
        createdAt: iso(pod.metadata?.creationTimestamp),
        scheduledAt: iso(condition("PodScheduled")?.lastTransitionTime),
        readyAt: iso(ready?.lastTransitionTime),
    };
}

/** Replicas of a Deployment; null where there is none. The API server leaves `status.replicas` out at 0. */
export function replicasOf(deployment: V1Deployment | undefined): Replicas | null {
    const desired = deployment?.spec?.replicas;
    return desired === undefined ? null : { desired, current: deployment?.status?.replicas ?? 0 };
}

/** A listed object carries Dates, a watched one the JSON text as it came. */
function iso(time: Date | string | undefined): string | null {
    return time === undefined ? null : new Date(time).toISOString();
}

/** What an error says, with the cause behind it. */
export function reason(error: unknown): string {
    if (!(error instanceof Error)) {
        return String(error);
    }
    // fetch puts "connect ECONNREFUSED …" into the cause and says only "fetch failed" itself.
    return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
