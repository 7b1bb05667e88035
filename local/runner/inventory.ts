import { createHash } from "node:crypto";
import { type Api, fieldManager, type Resource } from "./api";
import { groupOf, type KubernetesObject } from "./objects";
import { waitGone } from "./removal";

/** An object that the stack has made, or is about to make. */
export interface Entry {
    readonly urn: string;
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace?: string;
    readonly name: string;
    /** URNs of the resources it was declared to depend on. */
    readonly dependsOn: readonly string[];
    readonly retain?: boolean;
    readonly protect?: boolean;
    /** URN of the chart that it was rendered from; what depends on the chart depends on it. */
    readonly chart?: string;
    /** Of a Helm release that is installed: of what. */
    readonly digest?: string;
}

export const runnerNamespace = "pulumi-kube-observability";

const namespaces: Resource = { apiVersion: "v1", kind: "Namespace", plural: "namespaces", namespaced: false };
const configMaps: Resource = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true };
export const secrets: Resource = { apiVersion: "v1", kind: "Secret", plural: "secrets", namespaced: true };

/**
 * What a stack has made, kept in the cluster: a ConfigMap with one key per object, and a Secret with the stack
 * outputs. An object is entered before it is created and leaves after it is gone, so that whenever a run is
 * killed, nothing that exists is missing here.
 */
export class Inventory {
    private entries = new Map<string, Entry>();
    private readonly declared = new Set<string>();
    private created: Promise<void> | undefined;
    private queue: Record<string, string | null> = {};
    private next: Promise<void> | undefined;
    private last: Promise<void> = Promise.resolve();
    private readonly name: string;
    private readonly labels: Record<string, string>;

    constructor(
        private readonly api: Api,
        project: string,
        stack: string,
        private readonly preview: boolean,
    ) {
        this.name = `${project}.${stack}`.toLowerCase().replaceAll(/[^a-z0-9.-]/g, "-");
        this.labels = {
            "app.kubernetes.io/managed-by": fieldManager,
            "pulumi-kube-observability/stack": this.name,
        };
    }

    async load(): Promise<void> {
        const object = await this.api.get(configMaps, runnerNamespace, this.name);
        this.created = object && !object.metadata.deletionTimestamp ? Promise.resolve() : undefined;
        const data = (object?.data ?? {}) as Record<string, string>;
        this.entries = new Map(Object.entries(data).map(([key, text]) => [key, JSON.parse(text) as Entry]));
    }

    all(): Entry[] {
        return [...this.entries.values()];
    }

    /** An entry as an earlier run, or this one, left it. */
    find(entry: Entry): Entry | undefined {
        return this.entries.get(entryKey(entry));
    }

    /** What earlier runs made and this run has not declared. */
    stale(): Entry[] {
        return this.all().filter((entry) => !this.declared.has(entryKey(entry)));
    }

    /** Resolves when the cluster has the entry; at once where it already had it. A preview writes nothing. */
    async enter(entry: Entry): Promise<void> {
        const key = entryKey(entry);
        const text = JSON.stringify(entry);
        this.declared.add(key);
        if (!this.preview && JSON.stringify(this.entries.get(key)) !== text) {
            await this.write({ [key]: text });
            this.entries.set(key, entry);
        }
    }

    async leave(entry: Entry): Promise<void> {
        await this.write({ [entryKey(entry)]: null });
        this.entries.delete(entryKey(entry));
    }

    async readOutputs(): Promise<Record<string, unknown> | undefined> {
        const object = await this.api.get(secrets, runnerNamespace, `${this.name}.outputs`);
        const text = (object?.data as { outputs?: string } | undefined)?.outputs;
        return text === undefined ? undefined : JSON.parse(Buffer.from(text, "base64").toString());
    }

    async writeOutputs(outputs: Record<string, unknown>): Promise<void> {
        await this.create();
        const data = { outputs: Buffer.from(JSON.stringify(outputs)).toString("base64") };
        await this.api.apply(secrets, this.record("Secret", `${this.name}.outputs`, { data }), {
            force: true,
        });
    }

    /** Removes the stack's own records, and the runner's namespace with the last stack. */
    async destroy(): Promise<void> {
        await this.api.remove(secrets, runnerNamespace, `${this.name}.outputs`);
        await this.api.remove(configMaps, runnerNamespace, this.name);
        const { items } = await this.api.send<{ items: unknown[] }>(
            "GET",
            `/api/v1/namespaces/${runnerNamespace}/configmaps`,
            { query: { labelSelector: `app.kubernetes.io/managed-by=${fieldManager}` } },
        );
        if (items.length === 0) {
            await this.api.remove(namespaces, undefined, runnerNamespace);
            await waitGone(this.api, namespaces, undefined, runnerNamespace, 60);
        }
        this.created = undefined;
    }

    /** What is written while a request is under way goes together with the next one. */
    private write(changes: Record<string, string | null>): Promise<void> {
        Object.assign(this.queue, changes);
        this.next ??= this.last.then(async () => {
            await this.create();
            const data = this.queue;
            this.queue = {};
            this.next = undefined;
            await this.api.send("PATCH", `/api/v1/namespaces/${runnerNamespace}/configmaps/${this.name}`, {
                query: { fieldManager },
                body: { data },
                contentType: "application/merge-patch+json",
            });
        });
        this.last = this.next.catch(() => undefined);
        return this.next;
    }

    private create(): Promise<void> {
        this.created ??= (async () => {
            const space = await this.api.get(namespaces, undefined, runnerNamespace);
            if (space?.metadata.deletionTimestamp) {
                await waitGone(this.api, namespaces, undefined, runnerNamespace, 60);
            }
            await this.api.apply(namespaces, this.record("Namespace", runnerNamespace), { force: true });
            await this.api.apply(configMaps, this.record("ConfigMap", this.name), { force: true });
        })();
        return this.created;
    }

    private record(kind: string, name: string, fields: object = {}): KubernetesObject {
        const namespace = kind === "Namespace" ? {} : { namespace: runnerNamespace };
        return { apiVersion: "v1", kind, metadata: { name, ...namespace, labels: this.labels }, ...fields };
    }
}

/** Identity of an object, whatever version it is written in and whichever resource declares it. */
export function identity(object: Pick<Entry, "apiVersion" | "kind" | "namespace" | "name">): string {
    return [groupOf(object.apiVersion), object.kind, object.namespace ?? "", object.name].join("/");
}

/** A ConfigMap key for an identity: readable, and unique where names hold characters that keys must not. */
export function entryKey(entry: Entry): string {
    const readable = [entry.kind, entry.namespace, entry.name].filter(Boolean).join(".");
    const hash = createHash("sha256").update(identity(entry)).digest("hex").slice(0, 8);
    return `${readable.replaceAll(/[^-._a-zA-Z0-9]/g, "_").slice(0, 200)}.${hash}`;
}
