import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, type Simulator, Simulators, until } from "./support/llm-simulator";

const scripts = join(__dirname, "..", "..", "components", "apps", "ollama");
const model = "qwen2:1.5b";

interface Ended {
    readonly code: number | null;
    readonly output: string;
    readonly seconds: number;
}

/** What the component adds to Ollama's image, before our simulator, which speaks its API, and a stand-in for its program. */
describe("the scripts beside Ollama", function () {
    this.timeout(20_000);
    const folder = mkdtempSync(join(tmpdir(), "ollama-scripts-"));
    let simulators: Simulators;
    let running: ChildProcess[] = [];
    before(() => {
        simulators = new Simulators();
    });
    afterEach(() => {
        simulators.stop();
        for (const child of running) child.kill("SIGKILL");
        running = [];
    });
    after(() => {
        simulators.remove();
        rmSync(folder, { recursive: true });
    });

    async function run(script: string, env: Record<string, string>, ...args: string[]): Promise<Ended> {
        const began = Date.now();
        const path = env.PATH ?? process.env.PATH;
        const child = spawn("bash", [join(scripts, script), ...args], {
            env: { MODEL: model, ...env, PATH: path },
        });
        running.push(child);
        let output = "";
        for (const stream of [child.stdout, child.stderr]) {
            stream.on("data", (data) => {
                output += data;
            });
        }
        const [code] = (await once(child, "close")) as [number | null];
        return { code, output, seconds: (Date.now() - began) / 1000 };
    }

    const generate = (simulator: Simulator, seconds: number, host = "127.0.0.1") =>
        fetch(`http://${host}:${simulator.port}/api/generate`, {
            method: "POST",
            body: JSON.stringify({ model, prompt: "x", options: { simulated_seconds: seconds } }),
        }).then((response) => response.text());

    describe("probe.sh", () => {
        const probe = (what: string, { port }: { port: number }, name = model) =>
            run("probe.sh", { PORT: `${port}`, MODEL: name }, what);
        let hanging: Server | undefined;
        afterEach(() => {
            hanging?.closeAllConnections();
            hanging?.close();
            hanging = undefined;
        });

        /** A server that never answers on some paths, and what it was asked. */
        async function hangs(...paths: string[]) {
            const asked: string[] = [];
            const port = await freePort();
            hanging = createServer((request, response) => {
                asked.push(`${request.method} ${request.url}`);
                if (!paths.includes(request.url ?? "")) response.end("{}");
            });
            hanging.listen(port, "127.0.0.1");
            await once(hanging, "listening");
            return { port, asked };
        }

        for (const what of ["start", "ready", "alive"]) {
            it(`${what} is content with a model that is loaded, and asks it nothing`, async () => {
                const simulator = await simulators.started();
                assert.equal((await probe(what, simulator)).code, 0);
                assert.equal(await simulator.metric("http_requests_total"), 0);
            });

            it(`${what} does not wait for a slot of a server that is busy`, async () => {
                const simulator = await simulators.started({ OLLAMA_NUM_PARALLEL: "1" });
                const busy = generate(simulator, 6);
                await until(async () => (await simulator.metric("http_requests_in_flight")) === 1);
                const { code } = await probe(what, simulator);
                assert.equal(code, 0);
                assert.equal(await simulator.metric("http_requests_in_flight"), 1);
                await busy;
            });

            it(`${what} knows a model without a tag as the latest`, async () => {
                const simulator = await simulators.started({ MODEL: "tiny:latest" });
                assert.equal((await probe(what, simulator, "tiny")).code, 0);
                assert.equal(await simulator.metric("http_requests_total"), 0);
            });
        }

        it("start has a model that is not loaded answer, with one token", async () => {
            const simulator = await simulators.started({ LOAD_SECONDS: "3" });
            assert.equal((await probe("start", simulator)).code, 0);
            assert.equal(await simulator.metric("http_requests_total"), 1);
            assert.equal(await simulator.metric("ollama_simulator_tokens_generated_total"), 1);
        });

        it("start goes on trying: a server that does not listen yet is one that starts", async () => {
            const port = await freePort();
            const started = probe("start", { port });
            await new Promise((resolve) => setTimeout(resolve, 1500));
            await simulators.start({ PORT: `${port}` });
            assert.equal((await started).code, 0);
        });

        it("start waits for the load that it has begun, and does not begin another", async () => {
            const server = await hangs("/api/generate");
            const child = spawn("bash", [join(scripts, "probe.sh"), "start"], {
                env: { PORT: `${server.port}`, MODEL: model, PATH: process.env.PATH },
            });
            running.push(child);
            await until(async () => server.asked.length === 2);
            await new Promise((resolve) => setTimeout(resolve, 3000));
            assert.deepEqual(server.asked, ["GET /api/ps", "POST /api/generate"]);
            assert.equal(child.exitCode, null);
        });

        it("ready says no to a server without the model, at once and without loading it, and where there is none", async () => {
            const simulator = await simulators.started({ LOAD_SECONDS: "3600" });
            assert.notEqual((await probe("ready", simulator)).code, 0);
            assert.equal(await simulator.metric("http_requests_total"), 0);
            assert.notEqual((await probe("ready", { port: await freePort() })).code, 0);
        });

        it("ready does not wait for a server that hangs, whatever else answers", async () => {
            const { code, seconds } = await probe("ready", await hangs("/api/ps"));
            assert.notEqual(code, 0);
            assert.ok(seconds >= 5 && seconds < 10, `${seconds}`);
        });

        it("alive has a model loaded that has gone from memory, and asks nothing of it", async () => {
            const simulator = await simulators.started({ LOAD_SECONDS: "3" });
            const { code } = await probe("alive", simulator);
            assert.equal(code, 0);
            assert.equal((await probe("ready", simulator)).code, 0);
            assert.equal(await simulator.metric("ollama_simulator_tokens_generated_total"), 0);
        });

        it("alive leaves a server that says nothing of its models, as it does while one is loaded for a client", async () => {
            const server = await hangs("/api/ps");
            assert.equal((await probe("alive", server)).code, 0);
            assert.deepEqual(server.asked, ["GET /", "GET /api/ps"]);
        });

        it("alive gives a server up that does not answer three times", async () => {
            const server = await hangs("/");
            const { code } = await probe("alive", server);
            assert.equal(code, 1);
            assert.deepEqual(server.asked, ["GET /", "GET /", "GET /"]);
        }).timeout(40_000);

        it("knows nothing else", async () => {
            const { code, output } = await probe("well", { port: 1 });
            assert.deepEqual(
                [code, output],
                [2, 'probe.sh: was given "well"; allowed: start, ready, alive\n'],
            );
        });
    });

    describe("drain.sh", () => {
        const drain = ({ port }: Simulator, seconds = "0") =>
            run("drain.sh", { PORT: `${port}`, DRAIN_SECONDS: seconds });

        it("waits until the server has answered all that came from outside", async () => {
            const simulator = await simulators.started();
            // Another address than the one of the pod's own loopback.
            const answer = generate(simulator, 1.5, "127.0.0.2");
            await until(async () => (await simulator.metric("http_requests_in_flight")) === 1);
            let answered = false;
            answer.then(() => {
                answered = true;
            });
            const { code, seconds } = await drain(simulator);
            assert.deepEqual([code, answered], [0, true]);
            assert.ok(seconds > 1, `${seconds}`);
        });

        it("does not wait for probes from within, nor for connections of others", async () => {
            const [simulator, other] = [await simulators.started(), await simulators.started()];
            const answers = [generate(simulator, 3), generate(other, 3, "127.0.0.2")];
            await until(async () => (await simulator.metric("http_requests_in_flight")) === 1);
            await until(async () => (await other.metric("http_requests_in_flight")) === 1);
            assert.ok((await drain(simulator)).seconds < 2);
            await Promise.all(answers);
        });

        it("waits first until all know that the server goes", async () => {
            const { seconds } = await drain(await simulators.started(), "1");
            assert.ok(seconds >= 1, `${seconds}`);
        });
    });

    describe("pull.sh", () => {
        const calls = join(folder, "calls");
        const asked = join(folder, "asked");
        const listening = join(folder, "listening");
        const program = join(folder, "ollama");
        const called = () => readFileSync(calls, "utf8").trim().split("\n");

        /** Its server does not listen before it was asked in vain. */
        const serve = [
            `trap 'echo ended >> ${calls}; exit' TERM`,
            `until [ -e ${asked} ]; do sleep 0.05; done`,
            `touch ${listening}`,
            "while :; do sleep 0.05; done",
        ].join("\n");
        const list = `[ -e ${listening} ] || { touch ${asked}; exit 1; }; echo list >> ${calls}`;

        /** A program that is called as Ollama's, and writes down how, but for what is asked in vain: nobody knows how often. */
        function standIn(commands: Readonly<Record<string, string>>): void {
            for (const file of [calls, asked, listening]) rmSync(file, { force: true });
            const text = Object.entries({ serve, list, ...commands }).map(
                ([command, does]) => `${command})\n${does}\n;;\n`,
            );
            const noted = `[ "$1" = list ] || echo "$*" >> ${calls}`;
            writeFileSync(program, `#!/bin/bash\n${noted}\ncase $1 in\n${text.join("")}esac\n`);
            chmodSync(program, 0o755);
        }

        const pull = () => run("pull.sh", { PATH: `${folder}:${process.env.PATH}` });

        it("pulls when the server listens and no sooner, and ends it before it is done", async () => {
            standIn({ show: "exit 1", pull: `[ -e ${listening} ]` });
            assert.equal((await pull()).code, 0);
            assert.ok(existsSync(asked));
            assert.deepEqual(called(), ["serve", "list", `show ${model}`, `pull ${model}`, "ended"]);
        });

        it("asks for nothing that is on the volume already", async () => {
            standIn({ show: "exit 0" });
            const { code, output } = await pull();
            assert.equal(code, 0);
            assert.match(output, /qwen2:1\.5b is on the volume/);
            assert.equal(called().filter((call) => call.startsWith("pull")).length, 0);
        });

        it("fails with what to look at where the model cannot be had, and ends the server", async () => {
            standIn({ show: "exit 1", pull: "exit 1" });
            const { code, output } = await pull();
            assert.equal(code, 1);
            assert.match(output, /qwen2:1\.5b cannot be had: is it in the registry, and may pods reach that/);
            assert.equal(called().at(-1), "ended");
        });

        it("fails where the server does not come up", async () => {
            standIn({ serve: "exit 1" });
            const { code, output } = await pull();
            assert.equal(code, 1);
            assert.match(output, /Ollama ended before it listened/);
        });
    });
});
