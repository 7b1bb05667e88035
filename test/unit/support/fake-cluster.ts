import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** An API by its name, and `namespace/name` of the Service behind it; without one the API server serves it. */
export type FakeApi = readonly [name: string, service?: string];

/** As much of an API server as a recipe asks before it declares anything: the list of APIs, and a kubeconfig to it. */
export class FakeCluster {
    /** The APIs that it lists. */
    apis: readonly FakeApi[] = [];
    /** The namespaces that it lists, beside kube-system. */
    namespaces: readonly { metadata: { name: string; annotations?: Record<string, string> } }[] = [];
    /** Every request, as `GET /path`. */
    readonly requests: string[] = [];
    kubeconfig = "";
    /** Its address. */
    url = "";
    private readonly server: Server;

    private constructor() {
        this.server = createServer((request, response) => {
            this.requests.push(`${request.method} ${request.url}`);
            const lists: Record<string, readonly object[]> = {
                "/apis/apiregistration.k8s.io/v1/apiservices": this.apis.map(registered),
                "/api/v1/namespaces": [
                    { metadata: { name: "kube-system", uid: "uid-of-the-cluster" } },
                    ...this.namespaces,
                ],
            };
            const items = lists[request.url ?? ""];
            response.writeHead(items ? 200 : 404, { "content-type": "application/json" });
            response.end(JSON.stringify(items ? { items } : { message: "?" }));
        });
    }

    /** Starts one whose kubeconfig has the contexts. */
    static async start(...contexts: string[]): Promise<FakeCluster> {
        const fake = new FakeCluster();
        fake.server.listen(0, "127.0.0.1");
        await once(fake.server, "listening");
        fake.url = `http://127.0.0.1:${(fake.server.address() as AddressInfo).port}`;
        fake.kubeconfig = join(mkdtempSync(join(tmpdir(), "fake-cluster-")), "kubeconfig");
        // The client speaks plain HTTP only where it is told not to look at certificates.
        const cluster = { server: fake.url, "insecure-skip-tls-verify": true };
        const config = {
            "current-context": contexts[0],
            contexts: contexts.map((name) => ({ name, context: { cluster: "c", user: "u" } })),
            clusters: [{ name: "c", cluster }],
            users: [{ name: "u", user: { token: "t" } }],
        };
        writeFileSync(fake.kubeconfig, JSON.stringify(config));
        return fake;
    }

    async stop(): Promise<void> {
        await this.close();
        this.remove();
    }

    /** Answers no more; the kubeconfig stays. */
    async close(): Promise<void> {
        this.server.closeAllConnections();
        this.server.close();
        await once(this.server, "close");
    }

    /** Removes the kubeconfig. */
    remove(): void {
        rmSync(dirname(this.kubeconfig), { recursive: true });
    }
}

function registered([name, service]: FakeApi) {
    const [namespace, serviceName] = service?.split("/") ?? [];
    return {
        metadata: { name },
        spec: service === undefined ? {} : { service: { namespace, name: serviceName } },
    };
}
