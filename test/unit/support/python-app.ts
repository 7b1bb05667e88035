import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, until } from "./llm-simulator";

/** A program that runs. */
export interface PythonApp {
    readonly url: string;
    readonly log: () => string;
    readonly signal: (signal: NodeJS.Signals) => void;
    /** Its exit code, once it has ended. */
    readonly ended: Promise<number | null>;
}

/** Starts a program of the library from the files that its component ships, on this machine, and ends it. */
export class PythonApps {
    private readonly folder = mkdtempSync(join(tmpdir(), "python-app-"));
    private readonly running = new Set<ChildProcess>();

    /** @throws where there is no Python: a run that skips the program would look like one that tested it. */
    constructor(
        files: Readonly<Record<string, string>>,
        private readonly program: string,
    ) {
        const python = spawnSync("python3", ["--version"]);
        const wanted = "python3 is not on the PATH; install it (Debian: apt-get install python3)";
        assert.equal(python.status, 0, wanted);
        for (const [file, text] of Object.entries(files)) writeFileSync(join(this.folder, file), text);
    }

    /** Starts it, whether or not it then serves. */
    async start(env: Readonly<Record<string, string>> = {}): Promise<PythonApp> {
        const port = await freePort();
        const child = spawn("python3", ["-S", "-E", "-u", "-B", join(this.folder, this.program)], {
            env: { PATH: process.env.PATH, PORT: `${port}`, DRAIN_SECONDS: "0", ...env },
        });
        this.running.add(child);
        let log = "";
        for (const stream of [child.stdout, child.stderr]) {
            stream.on("data", (data) => {
                log += data;
            });
        }
        // With its output closed, so that the log is whole.
        const ended = once(child, "close").then(([code]) => {
            this.running.delete(child);
            return code as number | null;
        });
        const url = `http://127.0.0.1:${port}`;
        return { url, log: () => log, signal: (name) => void child.kill(name), ended };
    }

    /** Starts it, and waits until it serves. */
    async started(env: Readonly<Record<string, string>> = {}): Promise<PythonApp> {
        const app = await this.start(env);
        await until(
            async () => (await fetch(`${app.url}/healthz`)).ok,
            () => app.log(),
        );
        return app;
    }

    stop(): void {
        for (const child of this.running) child.kill("SIGKILL");
    }

    remove(): void {
        this.stop();
        rmSync(this.folder, { recursive: true });
    }
}

/** A number of an application's metrics; NaN where it has none of that name. */
export async function metricOf(app: PythonApp, name: string): Promise<number> {
    const text = await (await fetch(`${app.url}/metrics`)).text();
    return Number(new RegExp(`^${name}(\\{[^}]*\\})? (.+)$`, "m").exec(text)?.[2]);
}
