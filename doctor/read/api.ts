import { request as httpRequest, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { type Answer, type Failure, failed, found } from "./answer";

/** How to reach the API server: its address, and what shows who asks. */
export interface Connection {
    readonly server: string;
    /** TLS material, agent and headers, asked for before each request: tokens expire under `--watch`. */
    readonly credentials: () => Promise<RequestOptions>;
}

/** Milliseconds that one look may take. A diagnosis is a few looks deep, and has 10 s. */
export const patienceMs = 2500;

/**
 * Reads from the API server, with GET alone. What was asked once is not asked again: every autoscaler of a run is
 * judged by the same state of the cluster.
 */
export class Reads {
    private readonly answers = new Map<string, Promise<Answer<string>>>();

    constructor(
        private readonly connection: Connection,
        private readonly patience = patienceMs,
    ) {}

    /** A JSON document. */
    async json<T>(path: string): Promise<Answer<T>> {
        const answer = await this.text(path);
        if (!answer.ok) return answer;
        try {
            return found(JSON.parse(answer.value) as T);
        } catch {
            const message = `no JSON: ${answer.value.slice(0, 80)}`;
            return failed({ kind: "error", message, path });
        }
    }

    /** The items of a list. */
    async list<T>(path: string): Promise<Answer<T[]>> {
        const answer = await this.json<{ items?: T[] | null }>(path);
        return answer.ok ? found(answer.value.items ?? []) : answer;
    }

    text(path: string): Promise<Answer<string>> {
        const known = this.answers.get(path) ?? this.once(path);
        this.answers.set(path, known);
        return known;
    }

    private async once(path: string): Promise<Answer<string>> {
        try {
            const options = await this.connection.credentials();
            return await get(`${this.connection.server}${path}`, path, options, this.patience);
        } catch (error) {
            return failed({ kind: "unreachable", message: (error as Error).message, path });
        }
    }
}

/** One GET, bounded in time and in size. */
export function get(
    url: string,
    path: string,
    options: RequestOptions,
    patience = patienceMs,
): Promise<Answer<string>> {
    return new Promise((resolve) => {
        const fail = (kind: Failure["kind"], message: string) => resolve(failed({ kind, message, path }));
        const send = url.startsWith("https:") ? httpsRequest : httpRequest;
        const headers = { ...(options.headers as Record<string, string>), accept: "application/json, */*" };
        const request = send(url, { ...options, method: "GET", headers }, (response) => {
            const chunks: Buffer[] = [];
            response.on("data", (chunk) => chunks.push(chunk));
            response.on("error", (error) => fail("unreachable", error.message));
            response.on("end", () => {
                clearTimeout(timer);
                const text = Buffer.concat(chunks).toString();
                const status = response.statusCode ?? 0;
                resolve(status < 300 ? found(text) : failed(refusal(status, text, path)));
            });
        });
        const timer = setTimeout(() => {
            fail("timeout", `no answer in ${patience / 1000} s`);
            request.destroy();
        }, patience);
        request.on("error", (error: NodeJS.ErrnoException) => {
            clearTimeout(timer);
            fail("unreachable", error.message || error.code || "no connection");
        });
        request.end();
    });
}

/** What an answer that is not a success means. */
export function refusal(status: number, text: string, path: string): Failure {
    let message = text.trim().slice(0, 400);
    let reason = "";
    try {
        const body = JSON.parse(text) as { message?: string; reason?: string; error?: string };
        message = body.message ?? body.error ?? message;
        reason = body.reason ?? "";
    } catch {
        // A proxied server answers as it likes.
    }
    const kind = kindOf(status, reason, path);
    return { kind, message: message || `HTTP ${status}`, path, status };
}

function kindOf(status: number, reason: string, path: string): Failure["kind"] {
    const proxied = path.includes("/proxy/");
    // What a proxied server refuses is its own affair; what the API server refuses carries a reason.
    if (status === 401 || status === 403) return proxied && reason === "" ? "error" : "forbidden";
    if (status === 404) return proxied && reason === "" ? "error" : "missing";
    return status === 504 || reason === "Timeout" ? "timeout" : "error";
}

/** The right that a refused path needs, as the docs' role states it: `get pods/proxy in namespace shop`. */
export function rightFor(path: string): string {
    const [bare = path] = path.split("?");
    const pattern =
        /^\/(?:api|apis\/([^/]+))\/[^/]+(?:\/namespaces\/([^/]+)(?=\/.))?\/([^/]+)(?:\/([^/]+))?(?:\/(\w+))?/;
    const [, group, namespace, resource, name, sub] = pattern.exec(bare) ?? [];
    if (!resource) return `get ${bare}`;
    const what = sub ? `${resource}/${sub}` : resource;
    return [
        `${name ? "get" : "list"} ${group ? `${what}.${group}` : what}`,
        ...(namespace ? [`in namespace ${namespace}`] : []),
    ].join(" ");
}
