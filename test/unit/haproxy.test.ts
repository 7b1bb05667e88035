import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, type Server } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type QueueingProxyArgs, queueingProxyFiles } from "../../components/workloads/queueing-proxy";
import { proxyMemory } from "../../components/workloads/queueing-proxy/pod";
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

    function write(change: (cfg: string) => string, given: Partial<QueueingProxyArgs> = {}): string {
        for (const [file, text] of Object.entries(queueingProxyFiles({ ...args, maxQueue: 100, ...given }))) {
            const here = text.replaceAll("/etc/haproxy/", `${folder}/`);
            writeFileSync(join(folder, file), file === "haproxy.cfg" ? change(here) : here);
        }
        return join(folder, "haproxy.cfg");
    }

    async function start(given?: Partial<QueueingProxyArgs>) {
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
        running = spawn(command, [...rest, "-db", "-f", write(change, given)], { stdio: "ignore" });
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
        // What has come is counted at once by the frontend, and by the backend when it is done.
        assert.equal(await series("haproxy_frontend_http_requests_total", "llm"), 7);
        assert.equal(await series("haproxy_backend_http_requests_total", "llm"), 0);
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
        await sleep(100);
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
        const { url, series } = await start({ maxQueue: 3 });
        const all = Array.from({ length: 3 }, () => fetch(url).catch(() => undefined));
        await until(async () => (await series("haproxy_backend_current_queue", "llm-queue")) === 3);
        const refused = await fetch(url);
        assert.equal(refused.status, 503);
        assert.equal(refused.headers.get("retry-after"), "4");
        running?.kill("SIGKILL");
        await Promise.all(all);
    });

    it("lets requests wait for as long as they may, and one of those without a server for up to twice that", async () => {
        const { url } = await start({ queueTimeout: "1s" });
        const began = performance.now();
        // Takes hold, which it leaves to the next one when its time is over: that one waits there once more.
        const seconds = await Promise.all(
            [0, 0.5, 0.6].map(async (at) => {
                await sleep(1000 * at);
                const { status } = await fetch(url);
                assert.equal(status, 503);
                return (performance.now() - began) / 1000 - at;
            }),
        );
        const [first, second, third] = seconds.map((waited) => Math.floor(10 * waited) / 10);
        assert.ok(within(first, 1, 1.4), `the first waited for ${first} s`);
        assert.ok(within(second, 1.4, 2), `the second waited for ${second} s`);
        assert.ok(within(third, 1, 1.4), `the third waited for ${third} s`);
    });

    it("has memory for as many as it lets in, though each brings much", async () => {
        const count = 200;
        const { url, series } = await start({ maxQueue: count });
        const before = memoryMiB(running?.pid);
        const body = "x".repeat(100_000);
        const all = Array.from({ length: count }, () =>
            fetch(url, { method: "POST", body }).catch(() => undefined),
        );
        await until(async () => (await series("haproxy_backend_current_queue", "llm-queue")) === count);
        await sleep(300);
        const each = (memoryMiB(running?.pid) - before) / count;
        // As much again, and more, is for what the kernel holds.
        const allowed = (miB(proxyMemory(20_000)) - miB(proxyMemory(0))) / 20_000;
        assert.ok(each > 0.01 && each < allowed / 2, `${each} MiB each, of ${allowed}`);
        assert.ok(before < miB(proxyMemory(0)) / 2, `${before} MiB without any`);
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
        await sleep(4500);
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

const miB = (amount: string) => Number(/^(\d+)Mi$/.exec(amount)?.[1]);

function memoryMiB(pid = 0): number {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

function within(value: number | undefined, least: number, most: number): boolean {
    return value !== undefined && value >= least && value <= most;
}

/** Waits until something is so; fails after 8 s. */
async function until(check: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 8000;
    while (Date.now() < deadline) {
        if (await check().catch(() => false)) return;
        await sleep(20);
    }
    assert.fail("not within 8 s");
}
