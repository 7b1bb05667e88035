import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { checkout } from "../instance";
import { type LogLine, readLog, type TrainingLog } from "./log";
import { torchEnvironment } from "./torch";

/** What the component gives to a pod, here to a process. */
export interface WorkerOptions {
    /** Debian's files, see `torchFolder`. */
    readonly root: string;
    /** What outlives a worker: checkpoints, data. */
    readonly state: string;
    readonly index: number;
    readonly workers: number;
    readonly run: string;
    /** Port of worker 0. */
    readonly port: number;
    /** Arguments of train.py. */
    readonly args: readonly string[];
}

/** The programs of the component, as its pods have them. */
const programs = join(checkout, "components/apps/training");

/** A worker of a training, started as its pod would start it, torchrun and all. */
export class Worker {
    readonly lines: LogLine[] = [];
    /** Exit status; a signal's name where one ended it. */
    readonly ended: Promise<number | string>;
    private readonly child: ChildProcess;
    private over = false;

    constructor(options: WorkerOptions) {
        const command = ["/usr/bin/python3", "-u", "/app/worker.py", ...options.args];
        const enter = join(__dirname, "enter.sh");
        const inside = [enter, options.root, programs, options.state, ...command];
        this.child = spawn("unshare", ["--mount", "--uts", "sh", ...inside], {
            // A group of its own, to be killed as a whole.
            detached: true,
            stdio: ["ignore", "pipe", "pipe"],
            env: { ...torchEnvironment, PATH: `${process.env.PATH}`, ...workerEnvironment(options) },
        });
        for (const stream of [this.child.stdout, this.child.stderr]) {
            if (!stream) continue;
            createInterface(stream).on("line", (text) => this.lines.push({ text, at: Date.now() }));
        }
        this.ended = new Promise((resolve, reject) => {
            this.child.once("error", reject);
            this.child.once("close", (status, signal) => resolve(signal ?? status ?? -1));
        });
        const end = () => {
            this.over = true;
        };
        this.ended.then(end, end); // a failure is reported to whoever awaits it
    }

    get log(): TrainingLog {
        return readLog(this.lines);
    }

    /** Ends it as a lost node would: torchrun and its process at once, without a word. */
    kill(): void {
        // Its numbers may be those of others by now.
        if (this.over) return;
        // torchrun's process may be in a group of its own, so it is named; what is gone is gone.
        for (const id of [...this.log.processes.slice(-1), ...(this.child.pid ? [-this.child.pid] : [])]) {
            try {
                process.kill(id, "SIGKILL");
            } catch (error) {
                if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
            }
        }
    }

    /** Waits until its log shows something. @throws Error with the end of the log when it ends before that, or in `seconds`. */
    async until(what: string, shown: (log: TrainingLog) => boolean, seconds: number): Promise<void> {
        const deadline = Date.now() + seconds * 1000;
        while (!shown(this.log)) {
            if (this.over || Date.now() > deadline) {
                const last = this.lines.slice(-20).map(({ text }) => text);
                throw new Error(
                    `${what}: not ${this.over ? "before the worker ended" : `within ${seconds} s`}; it said:\n${last.join("\n")}`,
                );
            }
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
    }
}

/** The environment that the component gives to a worker, and what this machine needs besides. */
export function workerEnvironment({
    index,
    workers,
    run,
    port,
}: Omit<WorkerOptions, "root" | "state" | "args">) {
    return {
        WORKERS: `${workers}`,
        JOB_COMPLETION_INDEX: `${index}`,
        RENDEZVOUS: `localhost:${port}`,
        RUN: run,
        // One core each, and no other address than this machine's own.
        OMP_NUM_THREADS: "1",
        GLOO_SOCKET_IFNAME: "lo",
    };
}
