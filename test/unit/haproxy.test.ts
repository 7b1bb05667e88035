import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, type Server } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { queueingProxyFiles } from "../../components/workloads/queueing-proxy";
import { findHaproxy, type Haproxy } from "./support/haproxy";

const args = { namespace: "scale", app: "llm", slots: 2, retryAfterSeconds: 4 };

/** The proxy's configuration in a real HAProxy; on this machine, with one server that comes and goes, without DNS. */
describe("haproxy.cfg in HAProxy", function () {
    this.timeout(20_000);
    const folder = mkdtempSync(join(tmpdir(), "haproxy-"));
    let haproxy: Haproxy;
    let running: ChildProcess | undefined;
    let server: Server | undefined;
    before(function () {
        const found = findHaproxy(folder);
        // Told as pending by mocha. `make test` builds the image first, so there it is found.
        if (!found) this.skip();
        else haproxy = found;
    });
    afterEach(() => {
        running?.kill("SIGKILL");
        server?.closeAllConnections();
        server?.close();
    });
    after(() => rmSync(folder, { recursive: true }));

    function write(change: (cfg: string) => string, maxQueue = 100): string {
        for (const [file, text] of Object.entries(queueingProxyFiles({ ...args, maxQueue }))) {
            const here = text.replaceAll("/etc/haproxy/", `${folder}/`);
            writeFileSync(join(folder, file), file === "haproxy.cfg" ? change(here) : here);
        }
        return join(folder, "haproxy.cfg");
    }

    async function start(maxQueue?: number) {
        const [http, metrics, port] = [await freePort(), await freePort(), await freePort()];
        const change = (cfg: string) =>
            cfg
                .replace("bind :8080", `bind 127.0.0.1:${http}`)
                .replace("bind :9000", `bind 127.0.0.1:${metrics}`)
                .replace(/^resolvers cluster\n( .*\n)*/m, "")
                .replace(" resolvers cluster resolve-prefer ipv4 init-addr none", "")
                .replace(/server-template .*/, `server server1 127.0.0.1:${port}`)
                // Other runs of this test are in the same network.
                .replaceAll("abns@", `abns@${http}-`);
        const [command, ...rest] = haproxy;
        running = spawn(command, [...rest, "-db", "-f", write(change, maxQueue)], { stdio: "ignore" });
        const series = async (name: string, proxy: string) => {
            const text = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
            return Number(new RegExp(`^${name}\\{proxy="${proxy}"\\} (\\d+)`, "m").exec(text)?.[1]);
        };
        await until(async () => (await series("haproxy_backend_active_servers", "llm-queue")) === 0);
        return { url: `http://127.0.0.1:${http}`, drain: `http://127.0.0.1:${metrics}/drain`, port, series };
    }

    function serve(port: number) {
        const seen = { now: 0, most: 0 };
        server = createHttpServer((_, response) => {
            seen.most = Math.max(seen.most, ++seen.now);
            setTimeout(() => {
                seen.now--;
                response.end("done");
            }, 100);
        }).listen(port, "127.0.0.1");
        return seen;
    }

    it("is valid as it is", () => {
        const [command, ...rest] = haproxy;
        const checked = spawnSync(command, [...rest, "-c", "-f", write((cfg) => cfg)], { encoding: "utf8" });
        assert.equal(checked.status, 0, checked.stderr);
        assert.doesNotMatch(checked.stderr, /WARNING/);
    });

    it("holds requests while there is no server, counts them, and answers them when there is one", async () => {
        const { url, port, series } = await start();
        const abort = new AbortController();
        const left = fetch(url, { signal: abort.signal }).catch(() => "left");
        const waiting = Array.from({ length: 6 }, () => fetch(url));
        const queue = () => series("haproxy_backend_current_queue", "llm-queue");
        await until(async () => (await queue()) === 7);
        assert.equal(await series("haproxy_backend_current_sessions", "llm"), 7);
        abort.abort();
        await until(async () => (await queue()) === 6);
        assert.equal(await left, "left");
        serve(port);
        const statuses = (await Promise.all(waiting)).map(({ status }) => status);
        assert.deepEqual(statuses, Array(6).fill(200));
        assert.equal(await queue(), 0);
        assert.equal(await series("haproxy_frontend_http_requests_total", "llm"), 7);
    });

    it("waits again when the only server goes", async () => {
        const { url, port, series } = await start();
        serve(port);
        assert.equal((await fetch(url)).status, 200);
        server?.closeAllConnections();
        server?.close();
        await new Promise((resolve) => setTimeout(resolve, 100));
        const held = fetch(url);
        await until(async () => (await series("haproxy_backend_current_queue", "llm-queue")) === 1);
        serve(port);
        assert.equal((await held).status, 200);
    });

    it("sends a server no more than it has slots", async () => {
        const { url, port, series } = await start();
        const seen = serve(port);
        await until(async () => (await series("haproxy_backend_active_servers", "llm-queue")) === 1);
        await Promise.all(Array.from({ length: 12 }, () => fetch(url)));
        assert.equal(seen.most, 2);
    });

    it("refuses what is more than may wait, and says when to come again", async () => {
        const { url, series } = await start(3);
        const all = Array.from({ length: 3 }, () => fetch(url).catch(() => undefined));
        await until(async () => (await series("haproxy_backend_current_queue", "llm-queue")) === 3);
        const refused = await fetch(url);
        assert.equal(refused.status, 503);
        assert.equal(refused.headers.get("retry-after"), "4");
        running?.kill("SIGKILL");
        await Promise.all(all);
    });

    it("drains: it goes on with what waits, tells clients to close, and says when all is done", async () => {
        const { url, drain, port, series } = await start();
        const held = fetch(url);
        await until(async () => (await series("haproxy_backend_current_queue", "llm-queue")) === 1);
        let drained = false;
        const draining = fetch(drain).then(() => {
            drained = true;
        });
        await new Promise((resolve) => setTimeout(resolve, 4500));
        assert.equal(drained, false);
        serve(port);
        const answer = await held;
        assert.equal(answer.status, 200);
        assert.equal(answer.headers.get("connection"), "close");
        await draining;
    });
});

async function freePort(): Promise<number> {
    const listener = createServer().listen(0, "127.0.0.1");
    await once(listener, "listening");
    const { port } = listener.address() as AddressInfo;
    listener.close();
    await once(listener, "close");
    return port;
}

/** Waits until something is so; fails after 8 s. */
async function until(check: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 8000;
    while (Date.now() < deadline) {
        if (await check().catch(() => false)) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.fail("not within 8 s");
}
