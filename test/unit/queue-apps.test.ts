import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeRedis } from "./support/fake-redis";

const sources = join(__dirname, "..", "..", "components", "apps", "queue");
const python = spawnSync("python3", ["--version"], { encoding: "utf8" });

/** A running program of the queue. */
interface App {
    readonly url: string;
    readonly log: () => string;
    readonly signal: (signal: NodeJS.Signals) => void;
    /** Its exit code, once it has ended. */
    readonly ended: Promise<number | null>;
}

describe("queue programs", () => {
    // Failed rather than left out: a run that skips the programs would look like one that tested them.
    before(() => {
        const missing = "python3 is not on the PATH; install it (Debian, Ubuntu: apt-get install python3)";
        assert.equal(python.status, 0, missing);
    });

    let redis: FakeRedis;
    let running: ChildProcess[] = [];
    let folder: string;
    let passwordFile: string;
    beforeEach(async () => {
        redis = await FakeRedis.start("secret");
        folder = mkdtempSync(join(tmpdir(), "queue-apps-"));
        passwordFile = join(folder, "password");
        writeFileSync(passwordFile, "secret");
    });
    afterEach(async () => {
        for (const child of running) child.kill("SIGKILL");
        running = [];
        await redis.stop();
        rmSync(folder, { recursive: true });
    });

    async function start(file: string, env: Record<string, string> = {}): Promise<App> {
        const port = await freePort();
        // As pythonPod() starts them, but for -B: the container cannot write caches, this checkout should not.
        const child = spawn("python3", ["-S", "-E", "-u", "-B", join(sources, file)], {
            env: {
                PATH: process.env.PATH,
                HOME: process.env.HOME,
                REDIS_PORT: `${redis.port}`,
                REDIS_PASSWORD_FILE: passwordFile,
                PORT: `${port}`,
                PER_MESSAGE_SECONDS: "0.2",
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
        const signal = (name: NodeJS.Signals) => void child.kill(name);
        return { url: `http://127.0.0.1:${port}`, log: () => log, signal, ended };
    }

    async function started(file: string, env: Record<string, string> = {}): Promise<App> {
        const app = await start(file, env);
        await until(
            async () => (await fetch(`${app.url}/healthz`)).ok,
            () => app.log(),
        );
        return app;
    }

    async function post(app: App, path: string): Promise<[number, { error?: string; queued?: number }]> {
        const response = await fetch(`${app.url}${path}`, { method: "POST" });
        return [response.status, (await response.json()) as { error?: string; queued?: number }];
    }

    describe("producer", () => {
        it("publishes one message, or as many as asked for, and counts them", async () => {
            const app = await started("producer.py");
            assert.deepEqual(await post(app, "/publish"), [200, { published: 1, queued: 1 }]);
            assert.deepEqual(await post(app, "/publish/41"), [200, { published: 41, queued: 42 }]);
            assert.equal(redis.list.length, 42);
            assert.equal(new Set(redis.list).size, 42);
            assert.equal(redis.counters.get("padok:published"), 42);
            const metrics = await (await fetch(`${app.url}/metrics`)).text();
            assert.match(metrics, /^producer_messages_published_total 42$/m);
        });

        it("publishes and counts in one transaction", async () => {
            const app = await started("producer.py");
            await post(app, "/publish/2");
            assert.deepEqual(redis.commands, ["AUTH", "MULTI", "RPUSH", "INCRBY", "EXEC"]);
        });

        it("refuses any other number with the reason", async () => {
            const app = await started("producer.py");
            for (const n of ["0", "10001", "-1", "1.5", "many", "1000000000000"]) {
                const error = `n: was given "${n}"; allowed: a whole number from 1 to 10000; do: POST /publish/{n} with such a number`;
                assert.deepEqual(await post(app, `/publish/${n}`), [400, { error }]);
            }
            assert.equal(redis.list.length, 0);
        });

        it("publishes the most that is allowed", async () => {
            const app = await started("producer.py");
            assert.equal((await post(app, "/publish/10000"))[0], 200);
            assert.equal(redis.list.length, 10000);
        });

        it("says which requests there are", async () => {
            const app = await started("producer.py");
            assert.equal((await post(app, "/other"))[0], 404);
            assert.equal((await fetch(`${app.url}/other`)).status, 404);
            assert.equal((await fetch(`${app.url}/publish`)).status, 405);
        });

        it("stays up and says so while redis is away, and counts nothing", async () => {
            writeFileSync(passwordFile, "wrong");
            const app = await started("producer.py");
            const [status, { error }] = await post(app, "/publish");
            assert.equal(status, 503);
            assert.equal(error, "redis did not take the messages: WRONGPASS invalid password");
            assert.equal((await fetch(`${app.url}/healthz`)).status, 200);
            const metrics = await (await fetch(`${app.url}/metrics`)).text();
            assert.match(metrics, /^producer_messages_published_total 0$/m);
        });

        it("ends with 0 when it is told to", async () => {
            const app = await started("producer.py");
            app.signal("SIGTERM");
            assert.equal(await app.ended, 0);
        });
    });

    describe("consumer", () => {
        it("works every message once and says so in redis", async () => {
            for (const message of ["a", "b", "c"]) redis.push(message);
            const app = await started("consumer.py", { PER_MESSAGE_SECONDS: "0.01" });
            await until(async () => redis.counters.get("padok:consumed") === 3);
            assert.equal(redis.list.length, 0);
            const metrics = await (await fetch(`${app.url}/metrics`)).text();
            assert.match(metrics, /^consumer_messages_consumed_total 3$/m);
            assert.equal((await fetch(`${app.url}/other`)).status, 404);
        });

        it("finishes the message that it has when it is told to stop, and takes no other", async () => {
            for (const message of ["a", "b", "c"]) redis.push(message);
            const app = await started("consumer.py", { PER_MESSAGE_SECONDS: "0.4" });
            await until(async () => redis.list.length === 2);
            app.signal("SIGTERM");
            assert.equal(await app.ended, 0);
            assert.equal(redis.counters.get("padok:consumed"), 1);
            assert.deepEqual(redis.list, ["b", "c"]);
        });

        it("finishes a message that redis hands over after it was told to stop", async () => {
            const app = await started("consumer.py");
            await until(async () => redis.commands.includes("BLPOP"));
            app.signal("SIGTERM");
            await new Promise((resolve) => setTimeout(resolve, 100));
            redis.push("late");
            assert.equal(await app.ended, 0);
            assert.equal(redis.counters.get("padok:consumed"), 1);
            assert.equal(redis.list.length, 0);
        });

        it("ends within about a second when it has nothing to do", async () => {
            const app = await started("consumer.py");
            await until(async () => redis.commands.includes("BLPOP"));
            const before = Date.now();
            app.signal("SIGTERM");
            assert.equal(await app.ended, 0);
            assert.ok(Date.now() - before < 3000);
            assert.equal(redis.counters.get("padok:consumed"), undefined);
        });

        it("is healthy before redis is there and works as soon as it is", async () => {
            const { port } = redis;
            await redis.stop();
            const app = await started("consumer.py", { REDIS_PORT: `${port}` });
            await until(async () => /cannot take a message/.test(app.log()));
            redis = await FakeRedis.start("secret", port);
            redis.push("a");
            await until(async () => redis.counters.get("padok:consumed") === 1);
        });

        it("comes back after redis was away", async () => {
            redis.push("a");
            await started("consumer.py", { PER_MESSAGE_SECONDS: "0.01" });
            await until(async () => redis.counters.get("padok:consumed") === 1);
            const { port } = redis;
            await redis.stop();
            redis = await FakeRedis.start("secret", port);
            redis.push("b");
            await until(async () => redis.counters.get("padok:consumed") === 1);
        });

        it("counts a message that was finished while redis was away", async () => {
            redis.push("a");
            const { port } = redis;
            await started("consumer.py", { PER_MESSAGE_SECONDS: "0.3", REDIS_PORT: `${port}` });
            await until(async () => redis.list.length === 0);
            await redis.stop();
            redis = await FakeRedis.start("secret", port);
            await until(async () => redis.counters.get("padok:consumed") === 1);
        });

        it("says why when redis refuses the password, and goes on trying", async () => {
            writeFileSync(passwordFile, "wrong");
            const app = await started("consumer.py");
            await until(async () => redis.commands.filter((name) => name === "AUTH").length > 2);
            assert.match(app.log(), /WRONGPASS invalid password/);
            app.signal("SIGTERM");
            assert.equal(await app.ended, 0);
        });

        it("reads the password for every connection, with or without an end of line", async () => {
            rmSync(passwordFile);
            const app = await started("consumer.py");
            await until(async () => /cannot take a message.*No such file/.test(app.log()));
            writeFileSync(passwordFile, "wrong");
            await until(async () => /WRONGPASS/.test(app.log()));
            writeFileSync(passwordFile, "secret\n");
            redis.push("a");
            await until(async () => redis.counters.get("padok:consumed") === 1);
        });

        it("does not start with a time for a message that is none", async () => {
            const app = await start("consumer.py", { PER_MESSAGE_SECONDS: "soon" });
            assert.equal(await app.ended, 2);
            await until(async () => app.log().length > 0);
            assert.equal(
                app.log().trim(),
                'PER_MESSAGE_SECONDS: was given "soon"; allowed: a number from 0 to 3600; do: correct the environment',
            );
        });
    });
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
