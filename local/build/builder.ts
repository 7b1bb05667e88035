import { createWriteStream, existsSync, mkdirSync, type WriteStream } from "node:fs";
import { dirname } from "node:path";
import { type Artifact, artifacts } from "./artifacts";
import { artifactDir, cached } from "./cache";

/** How far one artifact is; `part` runs from 0 to 1. */
export interface Progress {
    readonly state: "cached" | "waiting" | "making" | "made" | "failed";
    readonly part: number;
    readonly seconds: number;
}

/**
 * Makes the artifacts in the order of their table, each as soon as its lane is
 * free: compilers use every core and share a cache, so they go one by one;
 * what downloads and unpacks goes beside them. Whoever needs one awaits it.
 */
export class Builder {
    private readonly progress = new Map<string, Progress>();
    private readonly done = new Map<string, Promise<void>>();
    private readonly startedAt = Date.now();
    private log: WriteStream | undefined;

    constructor(
        readonly logFile: string,
        private readonly wanted: readonly Artifact[] = artifacts,
    ) {
        for (const { name, hash } of wanted) {
            const there = existsSync(artifactDir(name, hash()));
            this.progress.set(name, { state: there ? "cached" : "waiting", part: there ? 1 : 0, seconds: 0 });
            if (there) this.done.set(name, Promise.resolve());
        }
    }

    /** Names of what is not cached. */
    get missing(): string[] {
        return this.queue.map(({ name }) => name);
    }

    private get queue(): Artifact[] {
        return this.wanted.filter(({ name }) => this.of(name).state !== "cached");
    }

    /** @param tools - resolves when programs that unpacking needs are installed; compilers do not wait for it. */
    start(tools: Promise<void> = Promise.resolve()): void {
        if (this.missing.length === 0) return;
        mkdirSync(dirname(this.logFile), { recursive: true });
        this.log = createWriteStream(this.logFile, { flags: "a" });
        const lanes: Record<Artifact["lane"], Promise<void>> = {
            compile: Promise.resolve(),
            unpack: tools.catch(() => undefined), // reported by whoever installs them
        };
        for (const wanted of this.queue) {
            const { name, lane } = wanted;
            const made = lanes[lane].then(() => this.make(wanted));
            // The lane goes on after a failure: each artifact reports its own.
            lanes[lane] = made.catch(() => undefined);
            made.catch(() => undefined); // reported to whoever awaits `ready`
            this.done.set(name, made);
        }
    }

    /** Resolves when all named artifacts are there; rejects with the first that could not be made. */
    async ready(...names: readonly string[]): Promise<void> {
        await Promise.all(names.map((name) => this.done.get(name)));
    }

    of(name: string): Progress {
        return this.progress.get(name) ?? { state: "waiting", part: 0, seconds: 0 };
    }

    /** Seconds until the named artifacts are made, judged by the machine's pace so far. */
    secondsLeft(names: readonly string[] = this.missing): number {
        const last = Math.max(...names.map((name) => this.missing.indexOf(name)));
        const compiled = this.queue.slice(0, last + 1).filter(({ lane }) => lane === "compile");
        return secondsLeft(
            compiled.map(({ name, seconds }) => ({ seconds, part: this.of(name).part })),
            (Date.now() - this.startedAt) / 1000,
        );
    }

    private async make(wanted: Artifact): Promise<void> {
        const started = Date.now();
        const set = (state: Progress["state"], part: number) =>
            this.progress.set(wanted.name, { state, part, seconds: (Date.now() - started) / 1000 });
        set("making", 0);
        this.log?.write(`== ${wanted.title}\n`);
        const last: string[] = [];
        const log = (line: string) => {
            this.log?.write(`${line}\n`);
            if (last.push(line) > 8) last.shift();
        };
        try {
            const { name, hash, make } = wanted;
            await cached(name, hash(), (dir) => make(dir, log, (part) => set("making", part)));
            set("made", 1);
            this.log?.write(`== ${wanted.title}: ${Math.round((Date.now() - started) / 1000)} s\n`);
        } catch (error) {
            set("failed", 0);
            this.log?.write(`${error}\n`);
            throw new Error(
                `${wanted.title} could not be made: ${reason(error)}\nLast lines of ${this.logFile}:\n${last.join("\n")}`,
                { cause: error },
            );
        }
    }
}

/** The first line is what happened; the rest repeats the output. */
function reason(error: unknown): string {
    return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}

/** Estimate from the table's seconds, scaled by how much longer or shorter the finished part took. */
export function secondsLeft(
    queue: readonly { readonly seconds: number; readonly part: number }[],
    elapsedSeconds: number,
): number {
    const finished = queue.reduce((sum, { seconds, part }) => sum + seconds * part, 0);
    const all = queue.reduce((sum, { seconds }) => sum + seconds, 0);
    // Too little to judge the pace by at first: trust the table.
    const pace = finished < 20 ? 1 : elapsedSeconds / finished;
    return Math.max(0, (all - finished) * pace);
}
