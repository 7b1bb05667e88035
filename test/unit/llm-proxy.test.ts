import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { queueingProxyFiles } from "../../components/workloads/queueing-proxy";
import { findHaproxy, type Haproxy } from "./support/haproxy";
import { freePort, type Simulator, Simulators, until } from "./support/llm-simulator";

const slots = 2;

/**
 * What LlmServer puts together: the proxy's configuration in a real HAProxy, before two of our simulators. On this machine,
 * without DNS: so the proxy knows of a server that goes only by its connections, the worst case.
 */
describe("the proxy before simulators of Ollama", function () {
    this.timeout(30_000);
    const folder = mkdtempSync(join(tmpdir(), "llm-proxy-"));
    let haproxy: Haproxy;
    let simulators: Simulators;
    let running: ChildProcess | undefined;
    before(function () {
        const found = findHaproxy(folder);
        // Told as pending by mocha. `make test` builds the image first, so there it is found.
        if (!found) this.skip();
        else haproxy = found;
    });
    beforeEach(() => {
        simulators = new Simulators();
    });
    afterEach(() => {
        running?.kill("SIGKILL");
        simulators?.remove();
    });
    after(() => rmSync(folder, { recursive: true }));

    const simulator = (env: Record<string, string> = {}) =>
        simulators.started({
            OLLAMA_NUM_PARALLEL: `${slots}`,
            OLLAMA_MAX_QUEUE: "0",
            DRAIN_SECONDS: "0.5",
            ...env,
        });

    async function start(...servers: readonly Simulator[]): Promise<string> {
        const [http, metrics] = [await freePort(), await freePort()];
        const files = queueingProxyFiles({ namespace: "llm", app: "llm", slots });
        const lines = servers.map(({ port }, i) => `server server${i + 1} 127.0.0.1:${port}`);
        for (const [file, text] of Object.entries(files)) {
            const here = text
                .replaceAll("/etc/haproxy/", `${folder}/`)
                .replace("bind :8080", `bind 127.0.0.1:${http}`)
                .replace("bind :9000", `bind 127.0.0.1:${metrics}`)
                .replace(/^resolvers cluster\n( .*\n)*/m, "")
                .replace(" resolvers cluster resolve-prefer ipv4 init-addr none", "")
                .replace(/server-template .*/, lines.join("\n    "))
                // Other runs of this test are in the same network.
                .replaceAll("abns@", `abns@${http}-`);
            writeFileSync(join(folder, file), here);
        }
        const [command, ...rest] = haproxy;
        running = spawn(command, [...rest, "-db", "-f", join(folder, "haproxy.cfg")], { stdio: "ignore" });
        const url = `http://127.0.0.1:${http}`;
        const active = async () => {
            const text = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
            return /^haproxy_backend_active_servers\{proxy="llm-queue"\} (\d+)/m.exec(text)?.[1];
        };
        await until(async () => (await active()) === `${servers.length}`);
        return url;
    }

    async function generate(url: string, seconds: number, stream = false): Promise<number> {
        const response = await fetch(`${url}/api/generate`, {
            method: "POST",
            body: JSON.stringify({
                model: "qwen2:1.5b",
                prompt: "x",
                stream,
                options: { simulated_seconds: seconds },
            }),
        });
        const last = (await response.text()).trim().split("\n").at(-1) ?? "";
        return response.status === 200 && JSON.parse(last).done === true ? 200 : response.status;
    }

    it("gives each no more than its slots, though many wait: the servers refuse whatever would wait there", async () => {
        const url = await start(await simulator(), await simulator());
        const statuses = await Promise.all(
            Array.from({ length: 30 }, (_, i) => generate(url, 0.1 + (i % 3) / 10, i % 2 === 0)),
        );
        assert.deepEqual(statuses, Array(30).fill(200));
    });

    it("loses no request when a server goes in the middle of the load, nor a stream", async () => {
        const [goes, stays] = [await simulator(), await simulator()];
        const url = await start(goes, stays);
        const all = Array.from({ length: 40 }, (_, i) => generate(url, 0.3, i % 2 === 0));
        await until(async () => (await goes.metric("http_requests_in_flight")) === slots);
        goes.signal("SIGTERM");
        assert.equal(await goes.ended, 0);
        assert.deepEqual(await Promise.all(all), Array(40).fill(200));
        assert.match(goes.log(), /stopped after [1-9]/);
    });
});
