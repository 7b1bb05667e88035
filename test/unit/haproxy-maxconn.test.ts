import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findHaproxy, type Haproxy } from "./support/haproxy";
import { freePort, type Simulator, Simulators, until } from "./support/llm-simulator";

const slots = 2;
const clients = 12;
/** More than this HAProxy takes no connections: the rest waits in the kernel, where no metric sees it. */
const frontendLimit = 8;

/**
 * The trap of the original demo (`server ollama_server localhost:11434 check`): HAProxy queues only before servers that
 * have a limit. In a real HAProxy, before our simulator with two slots, under six times as many requests.
 */
describe("HAProxy's maxconn of a server", function () {
    this.timeout(20_000);
    const folder = mkdtempSync(join(tmpdir(), "haproxy-maxconn-"));
    let haproxy: Haproxy;
    let simulators: Simulators;
    let simulator: Simulator;
    let running: ChildProcess | undefined;
    before(function () {
        const found = findHaproxy(folder);
        // Told as pending by mocha. `make test` builds the image first, so there it is found.
        if (!found) this.skip();
        else haproxy = found;
    });
    beforeEach(async () => {
        simulators = new Simulators();
        simulator = await simulators.started({ OLLAMA_NUM_PARALLEL: `${slots}` });
    });
    afterEach(() => {
        running?.kill("SIGKILL");
        simulators?.remove();
    });
    after(() => rmSync(folder, { recursive: true }));

    /** Starts HAProxy with that server line's end, puts it under load, and looks when nothing moves any more. */
    async function overloaded(server: string) {
        const [http, metrics] = [await freePort(), await freePort()];
        const cfg = `global
    maxconn 100
defaults
    mode http
    option abortonclose
    timeout connect 2s
    timeout client 1h
    timeout server 1h
    timeout queue 1m
frontend metrics
    bind 127.0.0.1:${metrics}
    http-request use-service prometheus-exporter
frontend llm
    bind 127.0.0.1:${http}
    maxconn ${frontendLimit}
    default_backend llm
backend llm
    server one 127.0.0.1:${simulator.port} ${server}
`;
        const file = join(folder, "haproxy.cfg");
        writeFileSync(file, cfg);
        const [command, ...rest] = haproxy;
        running = spawn(command, [...rest, "-db", "-f", file], { stdio: "ignore" });
        const series = async (name: string) => {
            const text = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
            return Number(new RegExp(`^${name}\\{proxy="llm"\\} (\\d+)`, "m").exec(text)?.[1]);
        };
        await until(async () => (await series("haproxy_backend_active_servers")) === 1);
        const ask = () =>
            fetch(`http://127.0.0.1:${http}/api/generate`, {
                method: "POST",
                body: JSON.stringify({
                    model: "qwen2:1.5b",
                    prompt: "x",
                    stream: false,
                    options: { simulated_seconds: 30 },
                }),
            }).catch(() => undefined);
        for (let i = 0; i < clients; i++) ask();
        await until(async () => (await series("haproxy_frontend_current_sessions")) === frontendLimit);
        await until(async () => (await simulator.metric("http_requests_in_flight")) === slots);
        // Time for what is not to come.
        await new Promise((resolve) => setTimeout(resolve, 300));
        return {
            queue: await series("haproxy_backend_current_queue"),
            sessions: await series("haproxy_frontend_current_sessions"),
            inServer: await simulator.metric("http_requests_waiting"),
        };
    }

    it("left out, the backend's queue reads zero under overload: requests wait in the server, and unseen", async () => {
        const { queue, sessions, inServer } = await overloaded("check");
        assert.equal(queue, 0);
        assert.equal(inServer, frontendLimit - slots);
        // All that can be seen: it stands still at the limit, and the clients beyond it are nowhere.
        assert.equal(sessions, frontendLimit);
    });

    it("equal to the slots, the queue counts what waits, and nothing waits in the server", async () => {
        const { queue, inServer } = await overloaded(`check maxconn ${slots}`);
        assert.equal(queue, frontendLimit - slots);
        assert.equal(inServer, 0);
    });
});
