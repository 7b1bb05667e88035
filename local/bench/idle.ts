import { setTimeout as sleep } from "node:timers/promises";
import { type Figure, singleFigure, spreadFigure } from "./figures";
import { cpuTicks, type ProcessTimes, readPss, readTimes, TICKS_PER_SECOND, uptimeTicks } from "./processes";
import { type Spread, spread } from "./spread";

/** What to measure. */
export interface IdleSource {
    /** All processes of the cluster as of now; asked again at every reading. */
    pids: () => number[] | Promise<number[]>;
}

export interface IdleOptions {
    idleSource: IdleSource;
    /** Length of the window. Default 60. */
    seconds?: number;
    /** Between two readings of CPU times (default 1) and of memory, which costs more (default 10). */
    cpuEverySeconds?: number;
    memoryEverySeconds?: number;
    signal?: AbortSignal;
}

export interface IdleUsage {
    /** CPU seconds per second, over the whole window. */
    cores: number;
    /** GiB of Pss, at each reading. */
    memory: Spread;
    /** Processes at the last reading. */
    count: number;
}

export interface IdleBench {
    seconds: number;
    processes: IdleUsage;
}

const GIB = 2 ** 30;

/** CPU and memory of a cluster that nobody asks anything of. */
export async function benchIdle(options: IdleOptions): Promise<IdleBench> {
    const { idleSource, seconds = 60, cpuEverySeconds = 1, memoryEverySeconds = 10, signal } = options;
    const list = async () => await idleSource.pids();
    const snapshots: ProcessTimes[][] = [];
    const pss: (number | null)[] = [];
    const readMemory = async (ids: number[]) => {
        const bytes = await readPss(ids);
        pss.push(bytes === null ? null : bytes / GIB);
    };

    await readMemory(await list());
    const beginTicks = await uptimeTicks();
    const begin = performance.now();
    const elapsed = () => (performance.now() - begin) / 1000;
    snapshots.push(await readTimes(await list()));
    let memoryAt = memoryEverySeconds;
    while (elapsed() < seconds) {
        const rest = Math.min(cpuEverySeconds, seconds - elapsed());
        await sleep(Math.max(1, rest * 1000), undefined, signal && { signal });
        const ids = await list();
        snapshots.push(await readTimes(ids));
        if (elapsed() >= memoryAt) {
            memoryAt += memoryEverySeconds;
            await readMemory(ids);
        }
    }
    const window = elapsed();
    const last = snapshots.at(-1) ?? [];
    if (last.length === 0) {
        throw new Error("Not one process of the cluster is left to measure: is it running?");
    }
    const cores = cpuTicks(snapshots, beginTicks) / TICKS_PER_SECOND / window;
    return { seconds: window, processes: { cores, memory: spread(pss), count: last.length } };
}

/** Against the targets for the whole embedded cluster with the dev stack. */
export function idleFigures({ seconds, processes }: IdleBench): Figure[] {
    const what = `idle, all ${processes.count} processes`;
    return [
        singleFigure(`${what}: CPU over ${Math.round(seconds)} s`, processes.cores, "cores", 0.4),
        spreadFigure(`${what}: memory (Pss)`, processes.memory, "GiB", { max: 2.2 }),
    ];
}
