import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";

interface Change {
    type: "ADDED" | "MODIFIED" | "DELETED";
    object: { metadata: { name: string; namespace: string; resourceVersion: string } };
}

/** One kind of object as an API server serves it: a list, and a watch that resumes where it was cut. */
export class FakeResource {
    readonly #objects = new Map<string, Change["object"]>();
    readonly #changes: Change[] = [];
    readonly #watchers = new Set<ServerResponse>();

    constructor(private readonly namespace: string) {}

    get watchers(): number {
        return this.#watchers.size;
    }

    set(name: string, object: object, metadata: object = {}): void {
        const type = this.#objects.has(name) ? "MODIFIED" : "ADDED";
        this.#send(type, {
            ...object,
            metadata: { name, namespace: this.namespace, ...metadata, resourceVersion: "" },
        });
    }

    delete(name: string): void {
        const object = this.#objects.get(name);
        assert.ok(object);
        this.#send("DELETED", object);
    }

    serve(url: URL, response: ServerResponse): void {
        response.writeHead(200, { "content-type": "application/json" });
        if (url.searchParams.get("watch") !== "true") {
            const metadata = { resourceVersion: String(this.#changes.length) };
            response.end(JSON.stringify({ metadata, items: [...this.#objects.values()] }));
            return;
        }
        response.flushHeaders();
        for (const change of this.#changes.slice(Number(url.searchParams.get("resourceVersion")))) {
            response.write(`${JSON.stringify(change)}\n`);
        }
        this.#watchers.add(response);
        response.on("close", () => this.#watchers.delete(response));
    }

    /** As a network does it: no end of the answer, no reason. */
    cut(): void {
        for (const watcher of this.#watchers) {
            watcher.destroy();
        }
    }

    #send(type: Change["type"], object: Change["object"]): void {
        const version = String(this.#changes.length + 1);
        const changed = { ...object, metadata: { ...object.metadata, resourceVersion: version } };
        type === "DELETED"
            ? this.#objects.delete(object.metadata.name)
            : this.#objects.set(object.metadata.name, changed);
        this.#changes.push({ type, object: changed });
        for (const watcher of this.#watchers) {
            watcher.write(`${JSON.stringify({ type, object: changed })}\n`);
        }
    }
}
