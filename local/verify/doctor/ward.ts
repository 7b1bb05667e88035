import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "../../../doctor/read/kubeconfig";
import { ask, type Findings } from "../../../doctor/run";
import type { Instance } from "../../instance";
import { type Api, objectPath } from "../../runner/api";
import { isMissing } from "../../runner/api-error";
import { deployAutoscalers } from "./deploy";
import { hurryReloader, leaveReloader, nudge } from "./hurry";
import { healthyWard, type Manifest, ward } from "./objects";
import { doctorUser, roleObjects } from "./role";

/** Where an object is: `kind/name` of the ward, or `kind/namespace/name`; `kind//name` is in no namespace. */
export type Place = string;

// biome-ignore lint/suspicious/noExplicitAny: an object as the API server has it, to be put back as it was.
type Stored = any;

const kinds: Readonly<Record<string, readonly [apiVersion: string, kind: string]>> = {
    apiservice: ["apiregistration.k8s.io/v1", "APIService"],
    configmap: ["v1", "ConfigMap"],
    deployment: ["apps/v1", "Deployment"],
    hpa: ["autoscaling/v2", "HorizontalPodAutoscaler"],
    limitrange: ["v1", "LimitRange"],
    node: ["v1", "Node"],
    pdb: ["policy/v1", "PodDisruptionBudget"],
    podmonitor: ["monitoring.coreos.com/v1", "PodMonitor"],
    prometheus: ["monitoring.coreos.com/v1", "Prometheus"],
    quota: ["v1", "ResourceQuota"],
    rule: ["monitoring.coreos.com/v1", "PrometheusRule"],
    scaledobject: ["keda.sh/v1alpha1", "ScaledObject"],
    secret: ["v1", "Secret"],
    service: ["v1", "Service"],
    servicemonitor: ["monitoring.coreos.com/v1", "ServiceMonitor"],
    statefulset: ["apps/v1", "StatefulSet"],
    triggerauth: ["keda.sh/v1alpha1", "TriggerAuthentication"],
};

/** The objects that are made ill, and the means to do so; remembers what they were, to put it back. */
export class Ward {
    private readonly before = new Map<Place, Stored | undefined>();

    private constructor(
        readonly api: Api,
        private readonly kubeconfig: string,
    ) {}

    /** Makes the ward in an instance's dev stack, in good health. */
    static async open(instance: Instance, api: Api): Promise<Ward> {
        const opened = new Ward(api, instance.kubeconfig);
        for (const object of [...healthyWard(), ...roleObjects()]) await opened.apply(object);
        await deployAutoscalers(instance);
        await hurryReloader(opened);
        return opened;
    }

    async close(): Promise<void> {
        await leaveReloader(this);
        await this.api.send("DELETE", `/api/v1/namespaces/${ward}`, { body: {} });
        for (const { apiVersion, kind, metadata } of roleObjects()) {
            const resource = await this.api.resource(apiVersion, kind);
            if (resource) await this.api.remove(resource, undefined, metadata.name);
        }
    }

    /** Merges a change into an object. */
    async patch(place: Place, change: object): Promise<void> {
        await this.remember(place);
        const contentType = "application/merge-patch+json";
        await this.api.send("PATCH", await this.path(place), { body: change, contentType });
    }

    /** Changes an object in code, where a merge would lose a list. */
    async edit(place: Place, change: (object: Stored) => void): Promise<void> {
        await this.remember(place);
        await this.replace(place, (object) => {
            change(object);
            return object;
        });
    }

    async remove(place: Place): Promise<void> {
        await this.remember(place);
        await this.api.send("DELETE", await this.path(place), { body: { propagationPolicy: "Background" } });
    }

    /** Makes an object that was not there. */
    async create(place: Place, fields: object): Promise<void> {
        const { apiVersion, kind, name, namespace } = parts(place);
        this.before.set(place, undefined);
        await this.apply({
            apiVersion,
            kind,
            metadata: { name, ...(namespace && { namespace }) },
            ...fields,
        });
    }

    /** Puts back everything that was changed since the last time. */
    async restore(): Promise<void> {
        for (const [place, object] of [...this.before].reverse()) {
            await this.putBack(place, object);
            this.before.delete(place);
        }
    }

    async get(place: Place): Promise<Stored | undefined> {
        return this.api
            .send("GET", await this.path(place))
            .catch((error) => (isMissing(error) ? undefined : Promise.reject(error)));
    }

    /** Pods of one of the ward's apps. */
    async pods(app: string, namespace = ward): Promise<Stored[]> {
        const query = { labelSelector: `app.kubernetes.io/name=${app}` };
        const { items } = await this.api.send<{ items: Stored[] }>(
            "GET",
            `/api/v1/namespaces/${namespace}/pods`,
            { query },
        );
        return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    }

    /** Tells every Ready pod of an app something, such as `set/30`. */
    async tell(app: string, what: string): Promise<void> {
        const ready = await until(60, async () => {
            const pods = (await this.pods(app)).filter(isReady);
            return pods.length > 0 ? pods : undefined;
        });
        if (!ready) throw new Error(`no pod of ${app} is Ready to be told ${what}`);
        for (const { metadata } of ready) {
            await this.api.send("GET", `/api/v1/namespaces/${ward}/pods/${metadata.name}:8000/proxy/${what}`);
        }
    }

    /** The doctor's findings on an autoscaler, with the rights of the role in its documentation. */
    async diagnose(autoscaler: string): Promise<Findings> {
        const [namespace, name] = autoscaler.split("/");
        return ask(await connect({ kubeconfig: this.kubeconfig, as: doctorUser }), { namespace, name });
    }

    /** Looks until there is something to return, and has Prometheus told of changes meanwhile. */
    async until<T>(seconds: number, look: () => Promise<T | undefined>): Promise<T | undefined> {
        let last = 0;
        return until(seconds, async () => {
            if (Date.now() - last > 4000) {
                last = Date.now();
                await nudge(this);
            }
            return look();
        });
    }

    private async putBack(place: Place, object: Stored | undefined): Promise<void> {
        const path = await this.path(place);
        const there = await this.get(place);
        if (object === undefined) {
            if (there) await this.api.send("DELETE", path, { body: {} });
            return;
        }
        const { resourceVersion: _, uid: _uid, creationTimestamp: _at, ...metadata } = object.metadata;
        const body = { ...object, metadata, status: undefined };
        if (there && there.metadata.deletionTimestamp === undefined) {
            await this.replace(place, ({ metadata: { resourceVersion } }) => ({
                ...body,
                metadata: { ...metadata, resourceVersion },
            }));
            return;
        }
        // What is still on its way out has to be gone before it can be made again.
        await until(60, async () => ((await this.get(place)) === undefined ? true : undefined));
        await this.api.send("POST", path.replace(/\/[^/]+$/, ""), { body });
    }

    /** Writes an object anew, and once more where somebody else wrote it in between. */
    private async replace(place: Place, change: (object: Stored) => Stored): Promise<void> {
        for (let left = 5; ; left--) {
            try {
                await this.api.send("PUT", await this.path(place), { body: change(await this.get(place)) });
                return;
            } catch (error) {
                if (left === 0 || !/the object has been modified/.test(String(error))) throw error;
            }
        }
    }

    private async remember(place: Place): Promise<Stored> {
        const object = await this.get(place);
        if (object === undefined) throw new Error(`${place} is not there to be changed`);
        if (!this.before.has(place)) this.before.set(place, structuredClone(object));
        return object;
    }

    private async apply(object: Manifest): Promise<void> {
        const resource = await this.api.resource(object.apiVersion, object.kind);
        if (!resource) throw new Error(`the cluster has no ${object.kind}`);
        await this.api.apply(resource, object as Parameters<Api["apply"]>[1], { force: true });
    }

    private async path(place: Place): Promise<string> {
        const { apiVersion, kind, namespace, name } = parts(place);
        const resource = await this.api.resource(apiVersion, kind);
        if (!resource) throw new Error(`the cluster has no ${kind}`);
        return objectPath(resource, namespace, name);
    }
}

function parts(place: Place) {
    const words = place.split("/");
    const [alias = "", ...rest] = words;
    const [apiVersion, kind] = kinds[alias] ?? [];
    if (!apiVersion || !kind)
        throw new Error(`"${place}" begins with none of ${Object.keys(kinds).join(", ")}`);
    const [namespace, name = ""] = rest.length === 1 ? [ward, rest[0]] : [rest[0] || undefined, rest[1]];
    return { apiVersion, kind, namespace, name };
}

export function isReady(pod: Stored): boolean {
    return (
        pod.status?.conditions?.some(
            (condition: Stored) => condition.type === "Ready" && condition.status === "True",
        ) ?? false
    );
}

/** Looks until there is something to return, at most so many seconds; then undefined. */
export async function until<T>(seconds: number, look: () => Promise<T | undefined>): Promise<T | undefined> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
        const found = await look().catch(() => undefined);
        if (found !== undefined || Date.now() > deadline) return found;
        await sleep(1000);
    }
}
