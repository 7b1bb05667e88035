import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { simulatorFiles } from "../../../components/workloads/llm-server/simulator";

/** A simulator of Ollama that runs. */
export interface Simulator {
    readonly url: string;
    readonly port: number;
    readonly log: () => string;
    readonly signal: (signal: NodeJS.Signals) => void;
    /** Its exit code, once it has ended. */
    readonly ended: Promise<number | null>;
    /** A number of its metrics. */
    readonly metric: (name: string) => Promise<number>;
}

/** Starts simulators from the files that the component ships, on this machine, and ends them. */
export class Simulators {
    private readonly folder = mkdtempSync(join(tmpdir(), "llm-simulator-"));
    private running: ChildProcess[] = [];

    /** @throws where there is no Python: a run that skips the program would look like one that tested it. */
    constructor() {
        const python = spawnSync("python3", ["--version"]);
        assert.equal(
            python.status,
            0,
            "python3 is not on the PATH; install it (Debian: apt-get install python3)",
        );
        for (const [file, text] of Object.entries(simulatorFiles()))
            writeFileSync(join(this.folder, file), text);
    }

    async start(env: Record<string, string> = {}): Promise<Simulator> {
        const port = await freePort();
        const program = join(this.folder, "simulator.py");
        const child = spawn("python3", ["-S", "-E", "-u", "-B", program], {
            env: { PATH: process.env.PATH, PORT: `${port}`, DRAIN_SECONDS: "0", ...env },
        });
        this.running.push(child);
        let log = "";
        for (const stream of [child.stdout, child.stderr]) {
            stream.on("data", (data) => {
                log += data;
            });
        }
        const url = `http://127.0.0.1:${port}`;
        const metric = async (name: string) => {
            const text = await (await fetch(`${url}/metrics`)).text();
            return Number(new RegExp(`^${name}(\\{[^}]*\\})? (.+)$`, "m").exec(text)?.[2]);
        };
        const ended = once(child, "exit").then(([code]) => code as number | null);
        return { url, port, log: () => log, signal: (name) => void child.kill(name), ended, metric };
    }

    async started(env: Record<string, string> = {}): Promise<Simulator> {
        const simulator = await this.start(env);
        await until(
            async () => (await fetch(`${simulator.url}/healthz`)).ok,
            () => simulator.log(),
        );
        return simulator;
    }

    stop(): void {
        for (const child of this.running) child.kill("SIGKILL");
        this.running = [];
    }

    remove(): void {
        this.stop();
        rmSync(this.folder, { recursive: true });
    }
}

export async function freePort(): Promise<number> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    return port;
}

/** Waits until something is so; fails after 8 s. */
export async function until(check: () => Promise<boolean>, context = () => ""): Promise<void> {
    const deadline = Date.now() + 8000;
    while (Date.now() < deadline) {
        if (await check().catch(() => false)) return;
        await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.fail(`not within 8 s. ${context()}`);
}
