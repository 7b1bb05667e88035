import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KubernetesObject } from "../../../local/runner/objects";

const kinds: Record<string, [kind: string, plural: string, namespaced: boolean][]> = {
    "/api/v1": [
        ["Namespace", "namespaces", false],
        ["ConfigMap", "configmaps", true],
        ["Secret", "secrets", true],
        ["Service", "services", true],
        ["Pod", "pods", true],
    ],
    "/apis/apps/v1": [["Deployment", "deployments", true]],
    "/apis/example.com/v1": [["Widget", "widgets", true]],
};

interface Answer {
    status: number;
    body: object;
}

/**
 * As much of an API server as the runner meets: discovery, server-side apply (an object is what was last applied,
 * its status, and what the server adds), dry runs, merge patches, deletes. It keeps no field managers.
 */
export class FakeApiServer {
    readonly objects = new Map<string, KubernetesObject>();
    /** Every request but reads, as `PATCH /api/v1/...`; dry runs are marked. */
    readonly writes: string[] = [];
    /** Decides about a request before the server does. */
    intercept: (method: string, path: string, body: KubernetesObject | undefined) => Answer | undefined =
        () => undefined;
    /** Reads of a Deployment until it is available. */
    readsUntilReady = 1;
    kubeconfig = "";
    private version = 100;
    private readonly reads = new Map<string, number>();
    private readonly server: Server = createServer((request, response) => this.serve(request, response));

    static async start(): Promise<FakeApiServer> {
        const fake = new FakeApiServer();
        fake.server.listen(0, "127.0.0.1");
        await once(fake.server, "listening");
        const url = `http://127.0.0.1:${(fake.server.address() as AddressInfo).port}`;
        fake.kubeconfig = join(mkdtempSync(join(tmpdir(), "runner-")), "kubeconfig");
        const config = {
            "current-context": "c",
            contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
            clusters: [{ name: "c", cluster: { server: url } }],
            users: [{ name: "u", user: { token: "t" } }],
        };
        writeFileSync(fake.kubeconfig, JSON.stringify(config));
        fake.put("/api/v1/namespaces/default", {
            apiVersion: "v1",
            kind: "Namespace",
            metadata: { name: "default" },
        });
        return fake;
    }

    async stop(): Promise<void> {
        this.server.closeAllConnections();
        this.server.close();
        await once(this.server, "close");
    }

    /** Names of the objects of a kind, sorted. */
    names(kind: string): string[] {
        const found = [...this.objects.values()].filter((object) => object.kind === kind);
        return found.map(({ metadata }) => metadata.name).sort();
    }

    object(kind: string, name: string): KubernetesObject | undefined {
        return [...this.objects.values()].find(
            (object) => object.kind === kind && object.metadata.name === name,
        );
    }

    private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk);
        const text = Buffer.concat(chunks).toString();
        const body = text === "" ? undefined : (JSON.parse(text) as KubernetesObject);
        const url = new URL(request.url ?? "/", "http://fake");
        const method = request.method ?? "";
        const dryRun = url.searchParams.has("dryRun");
        if (method !== "GET") this.writes.push(`${method} ${url.pathname}${dryRun ? " (dry run)" : ""}`);
        const answer =
            this.intercept(method, url.pathname, body) ??
            this.answer(
                method,
                url.pathname,
                body,
                dryRun,
                /merge/.test(request.headers["content-type"] ?? ""),
            );
        response.writeHead(answer.status, { "content-type": "application/json" });
        response.end(JSON.stringify(answer.body));
    }

    private answer(
        method: string,
        path: string,
        body: KubernetesObject | undefined,
        dryRun: boolean,
        merge: boolean,
    ): Answer {
        if (path === "/version") return { status: 200, body: { gitVersion: "v1.36.0-fake" } };
        const group = kinds[path];
        if (group) {
            return {
                status: 200,
                body: { resources: group.map(([kind, name, namespaced]) => ({ kind, name, namespaced })) },
            };
        }
        const isList = Object.values(kinds)
            .flat()
            .some(([, plural]) => path.endsWith(`/${plural}`));
        if (isList) {
            const items = [...this.objects.entries()]
                .filter(([key]) => key.startsWith(`${path}/`))
                .map(([, value]) => value);
            return { status: 200, body: { items: items.filter((item) => item.metadata.labels) } };
        }
        const live = this.objects.get(path);
        if (method === "DELETE") {
            this.objects.delete(path);
            return live ? { status: 200, body: live } : notFound(`${path} not found`);
        }
        if (method === "PATCH" && body) {
            const namespace = /\/namespaces\/([^/]+)\/.+/.exec(path)?.[1];
            if (namespace && !this.objects.has(`/api/v1/namespaces/${namespace}`)) {
                return notFound(`namespaces "${namespace}" not found`);
            }
            const next = merge && live ? merged(live, body) : this.completed(body, live);
            return { status: live ? 200 : 201, body: dryRun ? next : this.put(path, next) };
        }
        if (live?.kind === "Deployment") this.progress(path, live);
        return live ? { status: 200, body: live } : notFound(`${path} not found`);
    }

    private completed(body: KubernetesObject, live: KubernetesObject | undefined): KubernetesObject {
        const { uid = `uid-${this.version}`, resourceVersion = "0" } = live?.metadata ?? {};
        const clusterIP =
            (live?.spec as { clusterIP?: string } | undefined)?.clusterIP ?? `10.0.0.${this.version % 250}`;
        return {
            ...body,
            metadata: { ...body.metadata, uid, resourceVersion, generation: 1 },
            ...(body.kind === "Service" && { spec: { ...(body.spec as object), clusterIP } }),
            ...(body.kind === "Namespace" && { status: { phase: "Active" } }),
            ...(body.kind === "Deployment" && { status: live?.status ?? {} }),
        };
    }

    private progress(path: string, live: KubernetesObject): void {
        const reads = (this.reads.get(path) ?? 0) + 1;
        this.reads.set(path, reads);
        if (reads > this.readsUntilReady) {
            live.status = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 };
        }
    }

    private put(path: string, object: KubernetesObject): KubernetesObject {
        const live = this.objects.get(path);
        if (JSON.stringify(live) !== JSON.stringify(object)) {
            object.metadata = { ...object.metadata, resourceVersion: String(++this.version) };
            this.objects.set(path, object);
        }
        return this.objects.get(path) ?? object;
    }
}

function merged(live: KubernetesObject, patch: KubernetesObject): KubernetesObject {
    const data = Object.entries({ ...(live.data as object), ...(patch.data as object) });
    return { ...live, data: Object.fromEntries(data.filter(([, value]) => value !== null)) };
}

function notFound(message: string): Answer {
    return { status: 404, body: { kind: "Status", message, reason: "NotFound" } };
}

export function refused(status: number, message: string): Answer {
    return { status, body: { kind: "Status", message } };
}
