import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiError, apiError, isMissing, isTransient } from "./api-error";
import type { Cluster } from "./kubeconfig";
import type { KubernetesObject, Metadata } from "./objects";

export const fieldManager = "pulumi-kube-observability";

/** A kind as the API server serves it. */
export interface Resource {
    readonly apiVersion: string;
    readonly kind: string;
    readonly plural: string;
    readonly namespaced: boolean;
}

/** What the API server says of itself: groups, their versions, preferred ones first, and the kinds of each. */
export interface DiscoveredGroup {
    /** Without a name, the core group. */
    readonly metadata: { readonly name?: string };
    readonly versions: readonly {
        readonly version: string;
        readonly resources?: readonly {
            readonly resource: string;
            readonly responseKind?: { readonly kind: string };
            readonly verbs: readonly string[];
        }[];
    }[];
}

interface Options {
    query?: Record<string, string>;
    body?: unknown;
    contentType?: string;
    /** What form of answer is wanted. @default JSON */
    accept?: string;
    /** Wait for what another resource of the same run is about to bring: a namespace, a kind. */
    expectOthers?: boolean;
    /** @default that of the Api */
    patienceSeconds?: number;
}

/** The few verbs that the runner needs, over kept-alive connections whose number bounds the parallel requests. */
export class Api {
    private readonly agent: HttpAgent;
    private readonly resources = new Map<string, Promise<Resource[]>>();

    constructor(
        readonly cluster: Cluster,
        private readonly patienceSeconds = 60,
        parallel = 12,
    ) {
        const options = { keepAlive: true, maxSockets: parallel };
        this.agent = cluster.server.startsWith("https:")
            ? new HttpsAgent({ ...options, ...cluster.tls })
            : new HttpAgent(options);
    }

    close(): void {
        this.agent.destroy();
    }

    /**
     * Finds how a kind is served. Discovery is read once per group and version, and again for a kind not there.
     *
     * @param onWait - called where a kind is waited for, such as that of a CRD just made; without it, none is.
     */
    async resource(apiVersion: string, kind: string, onWait?: (reason: string) => void) {
        const deadline = Date.now() + (onWait ? this.patienceSeconds * 1000 : 0);
        for (;;) {
            const known = this.resources.get(apiVersion) ?? this.discover(apiVersion);
            this.resources.set(apiVersion, known);
            const found = (await known).find((resource) => resource.kind === kind);
            if (found || Date.now() >= deadline) {
                return found;
            }
            onWait?.(`${apiVersion} has no ${kind} yet`);
            await sleep(500);
            if (this.resources.get(apiVersion) === known) {
                this.resources.delete(apiVersion);
            }
        }
    }

    async get(
        resource: Resource,
        namespace: string | undefined,
        name: string,
    ): Promise<KubernetesObject | undefined> {
        try {
            return await this.send<KubernetesObject>("GET", objectPath(resource, namespace, name));
        } catch (error) {
            if (isMissing(error)) {
                return undefined;
            }
            throw error;
        }
    }

    /** Server-side apply. `force` takes over fields that another manager owns. */
    apply(
        resource: Resource,
        object: KubernetesObject,
        options: { force?: boolean; dryRun?: boolean } = {},
    ): Promise<KubernetesObject> {
        const { namespace, name } = object.metadata;
        return this.send("PATCH", objectPath(resource, namespace, name), {
            query: {
                fieldManager,
                fieldValidation: "Strict",
                force: String(!!options.force),
                ...(options.dryRun && { dryRun: "All" }),
            },
            body: object,
            contentType: "application/apply-patch+yaml",
            expectOthers: !options.dryRun,
        });
    }

    /** Deletes. A workload is gone only after its pods; for other kinds the garbage collector would take seconds. */
    async remove(resource: Resource, namespace: string | undefined, name: string): Promise<void> {
        const propagationPolicy = /^(apps|batch)\//.test(resource.apiVersion) ? "Foreground" : "Background";
        const body = { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy };
        await this.send("DELETE", objectPath(resource, namespace, name), { body }).catch((error) =>
            isMissing(error) ? undefined : Promise.reject(error),
        );
    }

    /** One request; what may pass by itself is asked again, with growing pauses, until patience ends. */
    async send<T>(method: string, path: string, options: Options = {}): Promise<T> {
        const deadline = Date.now() + (options.patienceSeconds ?? this.patienceSeconds) * 1000;
        for (let pause = 100; ; pause = Math.min(pause * 2, 3000)) {
            try {
                return (await this.once(method, path, options)) as T;
            } catch (error) {
                const wait = (error instanceof ApiError && (error.retryAfterSeconds ?? 0) * 1000) || pause;
                if (!isTransient(error, options.expectOthers) || Date.now() + wait > deadline) {
                    throw error;
                }
                await sleep(wait);
            }
        }
    }

    /** Everything that is served at this moment. */
    async groups(): Promise<DiscoveredGroup[]> {
        const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
        const lists = await Promise.all(
            ["/api", "/apis"].map((path) => this.send<{ items: DiscoveredGroup[] }>("GET", path, { accept })),
        );
        return lists.flatMap(({ items }) => items);
    }

    /** The metadata of what is at a path, without the rest, which may be large. */
    async listMetadata(path: string, query: Record<string, string> = {}): Promise<Metadata[]> {
        const accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
        const { items } = await this.send<{ items: { metadata: Metadata }[] | null }>("GET", path, {
            query,
            accept,
        });
        return (items ?? []).map(({ metadata }) => metadata);
    }

    private async discover(apiVersion: string): Promise<Resource[]> {
        const list = await this.send<{ resources: { name: string; kind: string; namespaced: boolean }[] }>(
            "GET",
            groupPath(apiVersion),
        ).catch((error) => (isMissing(error) ? { resources: [] } : Promise.reject(error)));
        return list.resources
            .filter(({ name }) => !name.includes("/"))
            .map(({ name, kind, namespaced }) => ({ apiVersion, kind, plural: name, namespaced }));
    }

    private once(method: string, path: string, options: Options): Promise<unknown> {
        const url = `${this.cluster.server}${path}?${new URLSearchParams(options.query)}`;
        const body = options.body === undefined ? undefined : JSON.stringify(options.body);
        const headers = {
            ...this.cluster.headers,
            accept: options.accept ?? "application/json, */*",
            ...(body && {
                "content-type": options.contentType ?? "application/json",
                "content-length": Buffer.byteLength(body),
            }),
        };
        return new Promise((resolve, reject) => {
            const send = url.startsWith("https:") ? httpsRequest : httpRequest;
            const request = send(url, { method, headers, agent: this.agent, timeout: 30_000 }, (response) => {
                const chunks: Buffer[] = [];
                response.on("data", (chunk) => chunks.push(chunk));
                response.on("error", reject);
                response.on("end", () => {
                    const text = Buffer.concat(chunks).toString();
                    const status = response.statusCode ?? 0;
                    if (status >= 400) {
                        reject(apiError(status, text, response.headers["retry-after"]));
                    } else {
                        resolve(
                            /json/.test(response.headers["content-type"] ?? "") ? JSON.parse(text) : text,
                        );
                    }
                });
            });
            request.on("timeout", () => request.destroy(new Error("no answer in 30 s")));
            request.on("error", reject);
            request.end(body);
        });
    }
}

export function groupPath(apiVersion: string): string {
    return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

export function objectPath(resource: Resource, namespace: string | undefined, name: string): string {
    const scope = resource.namespaced ? `/namespaces/${namespace}` : "";
    return `${groupPath(resource.apiVersion)}${scope}/${resource.plural}/${encodeURIComponent(name)}`;
}
