import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";

const program = join(__dirname, "..", "..", "components", "apps", "web", "server.py");

interface App {
    readonly url: string;
    readonly log: () => string;
    readonly signal: (signal: NodeJS.Signals) => void;
    /** Its exit code, once it has ended. */
    readonly ended: Promise<number | null>;
}

describe("web server program", function () {
    this.timeout(20_000);

    // Failed rather than left out: a run that skips the program would look like one that tested it.
    before(() => {
        const python = spawnSync("python3", ["--version"]);
        assert.equal(
            python.status,
            0,
            "python3 is not on the PATH; install it (Debian, Ubuntu: apt-get install python3)",
        );
    });

    let running: ChildProcess[] = [];
    afterEach(() => {
        for (const child of running) child.kill("SIGKILL");
        running = [];
    });

    async function start(env: Record<string, string> = {}): Promise<App> {
        const port = await freePort();
        const child = spawn("python3", ["-S", "-E", "-u", "-B", program], {
            env: {
                PATH: process.env.PATH,
                HOME: process.env.HOME,
                PORT: `${port}`,
                DRAIN_SECONDS: "0",
                ...env,
            },
        });
        running.push(child);
        let log = "";
        for (const stream of [child.stdout, child.stderr]) {
            stream.on("data", (data) => {
                log += data;
            });
        }
        const ended = once(child, "exit").then(([code]) => code as number | null);
        return {
            url: `http://127.0.0.1:${port}`,
            log: () => log,
            signal: (name) => void child.kill(name),
            ended,
        };
    }

    async function started(env: Record<string, string> = {}): Promise<App> {
        const app = await start(env);
        await until(
            async () => (await fetch(`${app.url}/healthz`)).ok,
            () => app.log(),
        );
        return app;
    }

    async function metric(app: App, name: string): Promise<number> {
        const text = await (await fetch(`${app.url}/metrics`)).text();
        return Number(new RegExp(`^${name}(\\{[^}]*\\})? (.+)$`, "m").exec(text)?.[2]);
    }

    async function work(app: App): Promise<{ waited: number; worked: number }> {
        const response = await fetch(`${app.url}/anything`);
        assert.equal(response.status, 200);
        return (await response.json()) as { waited: number; worked: number };
    }

    it("works on as many requests at a time as it has slots, and lets the others wait in turn", async () => {
        const app = await started({ SLOTS: "2", SERVICE_SECONDS: "0.4" });
        const all = Promise.all(Array.from({ length: 5 }, () => work(app)));
        await until(async () => (await metric(app, "http_requests_waiting")) === 3);
        assert.equal(await metric(app, "http_requests_in_flight"), 2);
        assert.equal(await (await fetch(`${app.url}/load`)).text(), "1.0000\n");
        // Counted as they came, and not as they are answered.
        assert.equal(await metric(app, "http_requests_total"), 5);
        assert.equal(await metric(app, "http_responses_total"), 0);
        const waits = (await all).map(({ waited }) => waited).sort();
        assert.ok((waits[1] ?? 9) < 0.2 && (waits[2] ?? 0) > 0.2 && (waits[4] ?? 0) > 0.6, waits.join(" "));
        assert.equal(await metric(app, "http_responses_total"), 5);
        assert.equal(await (await fetch(`${app.url}/load`)).text(), "0.0000\n");
    });

    it("has its counters from the start, and counts neither probes nor scrapes", async () => {
        const app = await started();
        assert.equal(await metric(app, "http_requests_total"), 0);
        assert.equal(await metric(app, "http_responses_total"), 0);
    });

    it("uses so much CPU for a request", async () => {
        const app = await started({ SERVICE_SECONDS: "0", CPU_MILLISECONDS: "150" });
        const { worked } = await work(app);
        assert.ok(worked >= 0.15, `${worked}`);
    });

    for (const distribution of ["exponential", "lognormal"]) {
        it(`spreads the time of requests, ${distribution}, by its mean and to ten times of it at most`, async () => {
            const app = await started({ SLOTS: "200", SERVICE_SECONDS: "0.02", DISTRIBUTION: distribution });
            const seconds = (await Promise.all(Array.from({ length: 60 }, () => work(app)))).map(
                ({ worked }) => worked,
            );
            assert.ok(new Set(seconds.map((value) => value.toFixed(3))).size > 5);
            assert.ok(Math.min(...seconds) < 0.02);
            assert.ok(Math.max(...seconds) < 0.2 + 0.5);
        });
    }

    it("holds as much memory as it is told", async () => {
        const app = await started();
        const post = (n: string) => fetch(`${app.url}/memory/${n}`, { method: "POST" });
        assert.equal(await (await post("30")).text(), "30\n");
        assert.equal(await metric(app, "web_memory_held_bytes"), 30 * 1024 * 1024);
        for (const n of ["-1", "x", "65537", "1.5"]) {
            const response = await post(n);
            assert.equal(response.status, 400);
            assert.match(await response.text(), new RegExp(`^n: was given "${n}"; allowed: .*; do: POST`));
        }
        await post("0");
        assert.equal(await (await fetch(`${app.url}/memory`)).text(), "0\n");
    });

    it("answers everything that it has, and what comes while it drains, before it ends", async () => {
        const app = await started({ SLOTS: "1", SERVICE_SECONDS: "0.3", DRAIN_SECONDS: "0.7" });
        const before = Promise.all([work(app), work(app), work(app)]);
        await until(async () => (await metric(app, "http_requests_total")) === 3);
        app.signal("SIGTERM");
        await new Promise((resolve) => setTimeout(resolve, 200));
        const late = await fetch(`${app.url}/late`);
        assert.equal(late.status, 200);
        assert.equal(late.headers.get("connection"), "close");
        assert.equal((await before).length, 3);
        assert.equal(await app.ended, 0);
        assert.match(app.log(), /stopped after 4 requests/);
        await assert.rejects(fetch(app.url));
    });

    it("takes several requests on one connection, with bodies, and refuses what it does not understand", async () => {
        const app = await started({ SERVICE_SECONDS: "0" });
        for (let i = 0; i < 3; i++)
            assert.equal((await fetch(app.url, { method: "POST", body: "x".repeat(5000) })).status, 200);
        assert.equal(
            (
                await fetch(app.url, { method: "POST", body: "x".repeat(2 << 20) }).catch(() => ({
                    status: 413,
                }))
            ).status,
            413,
        );
    });

    for (const [name, value, allowed] of [
        ["SLOTS", "0", "a whole number from 1 to 1000"],
        ["SERVICE_SECONDS", "soon", "a number from 0 to 600"],
        ["DISTRIBUTION", "normal", "constant, exponential, lognormal"],
    ] as const) {
        it(`does not start with a wrong ${name}`, async () => {
            const app = await start({ [name]: value });
            assert.equal(await app.ended, 2);
            await until(async () => app.log().length > 0);
            assert.equal(
                app.log().trim(),
                `${name}: was given "${value}"; allowed: ${allowed}; do: correct the environment`,
            );
        });
    }
});

async function freePort(): Promise<number> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    return port;
}

/** Waits until something is so; fails after 8 s. */
async function until(check: () => Promise<boolean>, context = () => ""): Promise<void> {
    const deadline = Date.now() + 8000;
    while (Date.now() < deadline) {
        if (await check().catch(() => false)) return;
        await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.fail(`not within 8 s. ${context()}`);
}
