import { execa } from "execa";
import { type Figure, spreadFigure } from "./figures";
import { type Spread, spread } from "./spread";

/** A command whose wall time is a figure. */
export interface TimingCase {
    /** What the figure is called, for example `warm make up`. */
    name: string;
    /** Program and arguments; no shell. */
    command: [string, ...string[]];
    /** Run before each run, not timed: what brings the machine to the state that the figure starts from. */
    prepare?: [string, ...string[]];
    /** How many runs. Default 3. */
    runs?: number;
    /** The most seconds that any run may take; without it the figure has no target. */
    maxSeconds?: number;
    /** Section of docs/benchmarks.md. Default `timing`; cases of one section are written together. */
    section?: string;
}

export interface TimingOptions {
    /** Where the commands run. Default the current directory. */
    cwd?: string;
    log?: (line: string) => void;
    signal?: AbortSignal;
}

export interface Timing {
    name: string;
    command: string;
    /** Of each run. */
    seconds: number[];
    spread: Spread;
}

/**
 * Runs a command several times.
 * @throws Error with the end of its output where a run fails: its time would mean nothing
 */
export async function benchTiming(one: TimingCase, options: TimingOptions = {}): Promise<Timing> {
    const { log = () => {} } = options;
    const { runs = 3 } = one;
    const seconds: number[] = [];
    while (seconds.length < runs) {
        if (one.prepare) {
            await run(one.prepare, options);
        }
        const begin = performance.now();
        await run(one.command, options);
        seconds.push((performance.now() - begin) / 1000);
        log(`${one.name}, run ${seconds.length} of ${runs}: ${seconds.at(-1)?.toFixed(2)} s`);
    }
    return { name: one.name, command: one.command.join(" "), seconds, spread: spread(seconds) };
}

export function timingFigure(one: TimingCase, timing: Timing): Figure {
    const limits = one.maxSeconds === undefined ? {} : { max: one.maxSeconds };
    return spreadFigure(`${one.name} (\`${timing.command}\`)`, timing.spread, "s", limits);
}

async function run([program, ...args]: [string, ...string[]], { cwd, signal }: TimingOptions): Promise<void> {
    const result = await execa(program, args, {
        all: true,
        reject: false,
        stdin: "ignore",
        ...(cwd === undefined ? {} : { cwd }),
        ...(signal ? { cancelSignal: signal } : {}),
    });
    signal?.throwIfAborted();
    if (result.failed) {
        const how = result.exitCode === undefined ? result.shortMessage : `ended with ${result.exitCode}`;
        const output = (result.all ?? "").split("\n").slice(-15).join("\n");
        throw new Error(`${[program, ...args].join(" ")}: ${how}.\n${output}`);
    }
}
