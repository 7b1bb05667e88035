import { setTimeout as sleep } from "node:timers/promises";
import { readCgroup } from "./cgroup";
import { type Figure, singleFigure, spreadFigure } from "./figures";
import { cpuTicks, type ProcessTimes, readPss, readTimes, TICKS_PER_SECOND, uptimeTicks } from "./processes";
import { type Spread, spread } from "./spread";

/** What to measure: either or both. */
export interface IdleSource {
    /** All processes of the cluster as of now; asked again at every reading. */
    pids?: () => number[] | Promise<number[]>;
    /** Cgroups, none below another, for example `["/kubepods"]`; paths below `cgroupRoot`. */
    cgroups?: string[];
    /** Default `/sys/fs/cgroup`. */
    cgroupRoot?: string;
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
    /** GiB, at each reading. */
    memory: Spread;
}

export interface IdleBench {
    seconds: number;
    /** Of the processes: memory is Pss. */
    processes: (IdleUsage & { count: number }) | null;
    /** Of the cgroups: memory is anonymous memory. */
    cgroups: IdleUsage | null;
}

const GIB = 2 ** 30;

/** CPU and memory of a cluster that nobody asks anything of. */
export async function benchIdle(options: IdleOptions): Promise<IdleBench> {
    const { idleSource, seconds = 60, cpuEverySeconds = 1, memoryEverySeconds = 10, signal } = options;
    const { pids, cgroups } = idleSource;
    if (!pids && !cgroups?.length) {
        throw new Error("Nothing to measure was given: neither processes nor cgroups.");
    }
    const snapshots: ProcessTimes[][] = [];
    const pss: (number | null)[] = [];
    const groupMemory: number[] = [];
    const readMemory = async (ids: number[]) => {
        if (pids) {
            const bytes = await readPss(ids);
            pss.push(bytes === null ? null : bytes / GIB);
        }
        if (cgroups) {
            groupMemory.push((await readCgroups(idleSource)).memoryBytes / GIB);
        }
    };
    const list = async () => (pids ? await pids() : []);

    await readMemory(await list());
    const beginTicks = await uptimeTicks();
    const begin = performance.now();
    const elapsed = () => (performance.now() - begin) / 1000;
    snapshots.push(await readTimes(await list()));
    const groupsBegin = cgroups ? (await readCgroups(idleSource)).cpuSeconds : 0;
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
    const groupsEnd = cgroups ? (await readCgroups(idleSource)).cpuSeconds : 0;
    const window = elapsed();
    const last = snapshots.at(-1) ?? [];
    if (pids && last.length === 0) {
        throw new Error("Not one process of the cluster is left to measure: is it running?");
    }
    const cores = cpuTicks(snapshots, beginTicks) / TICKS_PER_SECOND / window;
    return {
        seconds: window,
        processes: pids ? { cores, memory: spread(pss), count: last.length } : null,
        cgroups: cgroups ? { cores: (groupsEnd - groupsBegin) / window, memory: spread(groupMemory) } : null,
    };
}

/** Against the targets for the whole embedded cluster with the dev stack. */
export function idleFigures(bench: IdleBench): Figure[] {
    const figures = (usage: IdleUsage | null, what: string, memory: string): Figure[] =>
        usage === null
            ? []
            : [
                  singleFigure(
                      `idle, ${what}: CPU over ${Math.round(bench.seconds)} s`,
                      usage.cores,
                      "cores",
                      0.4,
                  ),
                  spreadFigure(`idle, ${what}: memory (${memory})`, usage.memory, "GiB", { max: 2.2 }),
              ];
    return [
        ...figures(bench.processes, `all ${bench.processes?.count ?? 0} processes`, "Pss"),
        ...figures(bench.cgroups, "cgroups", "anonymous"),
    ];
}

async function readCgroups({ cgroups = [], cgroupRoot }: IdleSource) {
    const all = await Promise.all(cgroups.map((path) => readCgroup(path, cgroupRoot)));
    return {
        cpuSeconds: all.reduce((sum, one) => sum + one.cpuSeconds, 0),
        memoryBytes: all.reduce((sum, one) => sum + one.memoryBytes, 0),
    };
}
