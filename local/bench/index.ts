import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { waitForRest } from "../demo/queue-run";
import { fileTime } from "../demo/report";
import { type Environment, environment } from "./environment";
import type { Figure } from "./figures";
import { benchIdle, type IdleBench, type IdleSource, idleFigures } from "./idle";
import { benchQueue, type QueueBench, queueFigures } from "./queue";
import { figuresMarkdown, writeSection } from "./report";
import { benchTiming, type Timing, type TimingCase, timingFigure } from "./timing";

export interface BenchOptions {
    /**
     * `queue` needs `kubeconfig` and `producerUrl`, `idle` needs `idleSource`, `timing` needs `timings`. With
     * `kubeconfig` and `producerUrl`, `idle` waits until the queue workload is at rest.
     */
    parts: ("queue" | "idle" | "timing")[];
    kubeconfig?: string;
    producerUrl?: string;
    prometheusUrl?: string;
    /** Messages in each burst, and bursts. Default 200 and 10. */
    messages?: number;
    runs?: number;
    idleSource?: IdleSource;
    /** Default 60. */
    idleSeconds?: number;
    timings?: TimingCase[];
    /** Where the timed commands run. Default the current directory. */
    cwd?: string;
    /** Where the data goes, as `bench-<time>.json`; made if need be. */
    reportsDir: string;
    /** Usually `docs/benchmarks.md`; without it no document is changed. */
    docsFile?: string;
    /** The command that measures a section again, by section. Default `make bench`. */
    reproduce?: Record<string, string>;
    /** What to name beside Node's version and the commit, for example `{ kubernetes: "v1.36.3" }`. */
    versions?: Record<string, string>;
    log?: (line: string) => void;
    signal?: AbortSignal;
}

export interface BenchResult {
    environment: Environment;
    queue?: QueueBench;
    idle?: IdleBench;
    timings: Timing[];
    /** Rows by section of the document. */
    figures: Record<string, Figure[]>;
    /** The file with all of this. */
    json: string;
}

/** Runs the parts that are asked for, in the order idle, queue, timing, and writes each when it is done. */
export async function bench(options: BenchOptions): Promise<BenchResult> {
    const { parts, reportsDir, messages = 200, log = () => {}, signal } = options;
    const where = environment(options.versions);
    await mkdir(reportsDir, { recursive: true });
    const json = join(reportsDir, `bench-${fileTime(where.date)}.json`);
    const result: BenchResult = { environment: where, timings: [], figures: {}, json };
    const common = { log, ...(signal ? { signal } : {}) };
    // After each part, so that a later one that fails does not take the earlier ones with it.
    const write = async (section: string, figures: Figure[]) => {
        result.figures[section] = figures;
        await writeFile(json, `${JSON.stringify(result, null, 2)}\n`);
        const table = figuresMarkdown(figures, options.reproduce?.[section] ?? "make bench", where);
        log(`\n${table}\n`);
        if (options.docsFile) {
            await writeSection(options.docsFile, section, table);
        }
    };

    // Before the bursts, which leave work behind them for a while.
    if (parts.includes("idle")) {
        const idleSource = needed(options.idleSource, "idleSource");
        const seconds = options.idleSeconds ?? 60;
        const { kubeconfig, producerUrl } = options;
        if (kubeconfig && producerUrl) {
            // A stack that was just made still works on the messages that showed its loop.
            const onWait = (what: string) => log(`waiting for the queue workload to come to rest: ${what}`);
            const rest = { kubeconfig, producerUrl, onWait, ...(signal ? { signal } : {}) };
            await waitForRest(rest, "the idle measurement");
        }
        log(`measuring the idle cluster for ${seconds} s`);
        result.idle = await benchIdle({ ...common, idleSource, seconds });
        await write("idle", idleFigures(result.idle));
    }
    if (parts.includes("queue")) {
        result.queue = await benchQueue({
            ...common,
            messages,
            kubeconfig: needed(options.kubeconfig, "kubeconfig"),
            producerUrl: needed(options.producerUrl, "producerUrl"),
            ...(options.prometheusUrl ? { prometheusUrl: options.prometheusUrl } : {}),
            ...(options.runs ? { runs: options.runs } : {}),
        });
        await write("queue", queueFigures(result.queue, messages));
    }
    if (parts.includes("timing")) {
        for (const one of needed(options.timings, "timings")) {
            const timing = await benchTiming(one, {
                ...common,
                ...(options.cwd ? { cwd: options.cwd } : {}),
            });
            result.timings.push(timing);
            const section = one.section ?? "timing";
            await write(section, [...(result.figures[section] ?? []), timingFigure(one, timing)]);
        }
    }
    return result;
}

function needed<T>(value: T | undefined, name: string): T {
    if (value === undefined) {
        throw new Error(`The benchmark needs "${name}" for what was asked of it.`);
    }
    return value;
}
