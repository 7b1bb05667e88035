import { groupOf, type KubernetesObject } from "./objects";
import { type Condition, describe, parseWaitFor, unmet } from "./wait-for";

export interface Readiness {
    readonly ready: boolean;
    readonly reason: string;
    /** It will not become ready by waiting. */
    readonly failed?: boolean;
}

/** The fields that the rules read; an object has only those of its kind. */
interface Awaited {
    metadata: { generation?: number };
    spec?: {
        replicas?: number;
        paused?: boolean;
        suspend?: boolean;
        type?: string;
        updateStrategy?: { type?: string; rollingUpdate?: { partition?: number } };
    };
    status?: {
        observedGeneration?: number;
        replicas?: number;
        updatedReplicas?: number;
        availableReplicas?: number;
        readyReplicas?: number;
        currentRevision?: string;
        updateRevision?: string;
        desiredNumberScheduled?: number;
        updatedNumberScheduled?: number;
        numberAvailable?: number;
        phase?: string;
        message?: string;
        conditions?: Condition[];
        loadBalancer?: { ingress?: unknown[] };
    };
}

const ready: Readiness = { ready: true, reason: "" };
const waiting = (reason: string): Readiness => ({ ready: false, reason });
const failed = (reason: string): Readiness => ({ ready: false, reason, failed: true });

/**
 * Whether an object has become what it declares. Annotations as in the Kubernetes provider:
 * `pulumi.com/skipAwait` wins, then `pulumi.com/waitFor`, then the rule of the kind; other kinds are ready.
 *
 * @param bindsLate - for a PersistentVolumeClaim: its class binds only when a pod uses it.
 */
export function readiness(object: KubernetesObject, bindsLate = false): Readiness {
    const annotations = object.metadata.annotations ?? {};
    if (annotations["pulumi.com/skipAwait"] === "true") {
        return ready;
    }
    if (annotations["pulumi.com/waitFor"]) {
        const missing = parseWaitFor(annotations["pulumi.com/waitFor"]).map((demand) =>
            unmet(demand, object),
        );
        const reason = missing.filter(Boolean).join("; ");
        return reason ? waiting(reason) : ready;
    }
    const rule = rules[`${groupOf(object.apiVersion)}/${object.kind}`];
    return rule && !(bindsLate && object.kind === "PersistentVolumeClaim") ? rule(object as Awaited) : ready;
}

/** Seconds to wait for an object: its resource option, its annotation, or the provider's default of ten minutes. */
export function awaitSeconds(object: KubernetesObject, optionSeconds?: number): number {
    return optionSeconds || Number(object.metadata.annotations?.["pulumi.com/timeoutSeconds"]) || 600;
}

const rules: Record<string, (object: Awaited) => Readiness> = {
    "apps/Deployment": deployment,
    "apps/StatefulSet": statefulSet,
    "apps/DaemonSet": daemonSet,
    "batch/Job": job,
    "/Pod": pod,
    "/Service": ({ spec, status }) =>
        spec?.type !== "LoadBalancer" || status?.loadBalancer?.ingress?.length
            ? ready
            : waiting("no load balancer address"),
    "/Namespace": phase("Active"),
    "/PersistentVolumeClaim": phase("Bound"),
    "apiextensions.k8s.io/CustomResourceDefinition": condition("Established"),
};

function phase(wanted: string) {
    return ({ status }: Awaited) =>
        status?.phase === wanted ? ready : waiting(`phase is ${status?.phase ?? "not set"}`);
}

function condition(type: string) {
    return (object: Awaited) => {
        const found = find(object, type);
        return found?.status === "True"
            ? ready
            : waiting(`${type} is ${found ? describe(found) : "not set"}`);
    };
}

function deployment(object: Awaited): Readiness {
    const { metadata, spec = {}, status = {} } = object;
    const progressing = find(object, "Progressing");
    const { replicas: all = 0, updatedReplicas: updated = 0, availableReplicas: available = 0 } = status;
    const wanted = spec.replicas ?? 1;
    if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
        return waiting("not seen by its controller yet");
    }
    if (progressing?.reason === "ProgressDeadlineExceeded") {
        return failed(progressing.message ?? progressing.reason);
    }
    if (updated < wanted && !spec.paused) {
        return waiting(`${updated} of ${wanted} replicas are of the new version`);
    }
    if (all > updated && !spec.paused) {
        return waiting(`${all - updated} old replicas have not ended yet`);
    }
    return available < wanted ? waiting(`${available} of ${wanted} replicas are available`) : ready;
}

function statefulSet({ metadata, spec = {}, status = {} }: Awaited): Readiness {
    const wanted = spec.replicas ?? 1;
    const { updatedReplicas: updated = 0, readyReplicas = 0 } = status;
    const partition = spec.updateStrategy?.rollingUpdate?.partition ?? 0;
    if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
        return waiting("not seen by its controller yet");
    }
    if (readyReplicas < wanted) {
        return waiting(`${readyReplicas} of ${wanted} replicas are ready`);
    }
    if (spec.updateStrategy?.type === "OnDelete" || status.currentRevision === status.updateRevision) {
        return ready;
    }
    return updated < wanted - partition
        ? waiting(`${updated} of ${wanted} replicas are of the new version`)
        : ready;
}

function daemonSet({ metadata, spec = {}, status = {} }: Awaited): Readiness {
    const { desiredNumberScheduled: wanted = 0, updatedNumberScheduled = 0, numberAvailable = 0 } = status;
    if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
        return waiting("not seen by its controller yet");
    }
    if (updatedNumberScheduled < wanted && spec.updateStrategy?.type !== "OnDelete") {
        return waiting(`${updatedNumberScheduled} of ${wanted} pods are of the new version`);
    }
    return numberAvailable < wanted ? waiting(`${numberAvailable} of ${wanted} pods are available`) : ready;
}

function job(object: Awaited): Readiness {
    const failure = find(object, "Failed");
    if (failure?.status === "True") {
        return failed(describe(failure));
    }
    return find(object, "Complete")?.status === "True" || object.spec?.suspend
        ? ready
        : waiting("not complete");
}

function pod(object: Awaited): Readiness {
    const { phase, message } = object.status ?? {};
    if (phase === "Failed") {
        return failed(message ?? "the pod failed");
    }
    const conditions = [find(object, "Ready"), find(object, "PodScheduled")];
    const explained = conditions.find((c) => c && c.status !== "True" && c.message);
    return phase === "Succeeded" || conditions[0]?.status === "True"
        ? ready
        : waiting(explained ? describe(explained) : `phase is ${phase ?? "not set"}`);
}

function find(object: Awaited, type: string): Condition | undefined {
    return object.status?.conditions?.find((c) => c.type === type);
}
