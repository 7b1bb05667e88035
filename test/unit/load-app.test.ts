import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { loadFiles } from "../../components/workloads/load-generator";
import { until } from "./support/llm-simulator";
import { PythonApps } from "./support/python-app";

interface Result {
    readonly planned: number;
    readonly sent: number;
    readonly late: number;
    readonly unsent: number;
    readonly answered: Record<string, number>;
    readonly failed: Record<string, number>;
    readonly seconds: number;
    readonly latency: Record<"mean" | "p50" | "p90" | "p99" | "max", number | null>;
}

describe("load generator program", function () {
    this.timeout(20_000);

    let apps: PythonApps;
    before(() => {
        apps = new PythonApps(loadFiles(), "load.py");
    });
    let servers: Server[] = [];
    afterEach(() => {
        apps.stop();
        for (const server of servers) {
            server.closeAllConnections();
            server.close();
        }
        servers = [];
    });
    after(() => apps.remove());

    async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void) {
        const server = createServer(answer).listen(0, "127.0.0.1");
        servers.push(server);
        await once(server, "listening");
        return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    }

    async function load(env: Record<string, string>): Promise<Result> {
        const app = await apps.start(env);
        assert.equal(await app.ended, 0, app.log());
        return JSON.parse(app.log().trim().split("\n").at(-1) as string);
    }

    it("sends so many requests, one after the other by the clock, and says how they were answered", async () => {
        const seen: { at: number; method?: string; url?: string; connection?: string }[] = [];
        const url = await serve(({ method, url, headers }, response) => {
            seen.push({ at: Date.now(), method, url, connection: headers.connection } as (typeof seen)[0]);
            response.writeHead(seen.length === 1 ? 503 : 200).end("ok");
        });
        const result = await load({ URL: `${url}/a?b=c`, RATE: "20", SECONDS: "1", METHOD: "POST" });
        assert.deepEqual([result.planned, result.sent, seen.length], [20, 20, 20]);
        assert.deepEqual(result.answered, { "200": 19, "503": 1 });
        assert.deepEqual(result.failed, {});
        assert.deepEqual(
            [...new Set(seen.map(({ method, url, connection }) => `${method} ${url} ${connection}`))],
            ["POST /a?b=c close"],
        );
        const took = (seen.at(-1)?.at ?? 0) - (seen[0]?.at ?? 0);
        // 19 times 50 ms.
        assert.ok(took > 850 && took < 1500, `${took}`);
    });

    it("does not wait for answers before it sends more", async () => {
        let most = 0;
        let under = 0;
        const url = await serve((_, response) => {
            most = Math.max(most, ++under);
            setTimeout(() => {
                under--;
                response.end();
            }, 500);
        });
        const result = await load({ URL: url, RATE: "20", SECONDS: "1" });
        assert.ok(most >= 8, `${most}`);
        assert.equal(result.late, 0);
        assert.ok((result.latency.p50 ?? 0) >= 0.5 && (result.latency.max ?? 9) < 1, `${result.latency.max}`);
    });

    it("counts from when a request was to be sent, and says how many were late", async () => {
        const url = await serve((_, response) => void setTimeout(() => response.end(), 200));
        const one = await load({ URL: url, RATE: "20", SECONDS: "1", CONNECTIONS: "1" });
        // One at a time takes 4 s for what was to be sent within 1 s: the last one waits 3 s.
        assert.deepEqual([one.sent, one.unsent], [20, 0]);
        assert.ok(one.late >= 18, `${one.late}`);
        assert.ok((one.latency.max ?? 0) > 2.5, `${one.latency.max}`);
        assert.ok((one.latency.p50 ?? 0) > 1, `${one.latency.p50}`);
    });

    it("ends when its time is over though the server is too slow, and says how many it has not sent", async () => {
        const url = await serve((_, response) => void setTimeout(() => response.end(), 300));
        const result = await load({
            URL: url,
            RATE: "20",
            SECONDS: "1",
            CONNECTIONS: "1",
            TIMEOUT_SECONDS: "0.6",
        });
        // All would take 6 s. The last is sent before 1.6 s are over.
        assert.ok(result.sent >= 2 && result.sent <= 6, `${result.sent}`);
        assert.equal(result.unsent, 20 - result.sent);
        assert.deepEqual([result.answered, result.failed], [{ "200": result.sent }, {}]);
        assert.ok(result.seconds > 1 && result.seconds < 3.5, `${result.seconds}`);
    });

    it("ends when its time is over though an answer goes on for ever", async () => {
        const url = await serve((_, response) => {
            const bit = setInterval(() => response.write("."), 20);
            response.on("close", () => clearInterval(bit));
        });
        const result = await load({ URL: url, RATE: "2", SECONDS: "1", TIMEOUT_SECONDS: "1.5" });
        assert.deepEqual([result.sent, result.unsent, result.answered, result.failed], [2, 0, {}, {}]);
        // 1 s, twice its timeout, and one more to say so.
        assert.ok(result.seconds >= 5 && result.seconds < 8, `${result.seconds}`);
    });

    it("tells of requests that fail, by what they fail of, and goes on", async () => {
        const url = await serve((request, response) => {
            if (request.url === "/") request.socket.destroy();
            else response.end();
        });
        const broken = await load({ URL: url, RATE: "10", SECONDS: "1" });
        assert.equal(broken.sent, 10);
        assert.deepEqual(broken.answered, {});
        assert.equal(
            Object.values(broken.failed).reduce((sum, n) => sum + n, 0),
            10,
        );
        assert.deepEqual(broken.latency.p99, null);
        const slow = await serve(() => undefined);
        const timedOut = await load({ URL: slow, RATE: "2", SECONDS: "1", TIMEOUT_SECONDS: "0.3" });
        assert.deepEqual(timedOut.failed, { TimeoutError: 2 });
    });

    it("ends when it is told to, with what it has", async () => {
        let seen = 0;
        const url = await serve((_, response) => {
            seen++;
            response.end();
        });
        const app = await apps.start({ URL: url, RATE: "10", SECONDS: "600" });
        await until(async () => seen >= 3);
        app.signal("SIGTERM");
        assert.equal(await app.ended, 0);
        const result = JSON.parse(app.log().trim()) as Result;
        assert.equal(result.planned, 6000);
        assert.ok(result.sent >= 3 && result.sent < 100, `${result.sent}`);
        assert.equal(result.unsent, 6000 - result.sent);
    });

    for (const [env, told] of [
        [{}, 'URL: was given ""; allowed: an address such as http://podinfo.podinfo.svc:9898/'],
        [
            { URL: "https://a.b" },
            'URL: was given "https://a.b"; allowed: an address such as http://podinfo.podinfo.svc:9898/',
        ],
        [{ URL: "http://a", METHOD: "PUT" }, 'METHOD: was given "PUT"; allowed: GET, POST'],
        [{ URL: "http://a", RATE: "501" }, 'RATE: was given "501"; allowed: a number from 0.01 to 500'],
        [
            { URL: "http://a", RATE: "500", SECONDS: "3000" },
            'SECONDS: was given "3000"; allowed: at most 2000 with RATE 500: a million requests',
        ],
    ] as const) {
        it(`sends nothing with ${JSON.stringify(env)}`, async () => {
            const app = await apps.start(env);
            assert.equal(await app.ended, 2);
            assert.equal(app.log().trim(), `${told}; do: correct the environment`);
        });
    }
});
