import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Clock ticks per second in /proc: fixed at 100 for programs on every Linux that Node runs on. */
export const TICKS_PER_SECOND = 100;

/** CPU time of one process since it started, in clock ticks. */
export interface ProcessTimes {
    pid: number;
    parent: number;
    /** When it started, in ticks since boot: tells it from a later process with the same id. */
    started: number;
    own: number;
    /** Of its children that have ended and that it has waited for, and of theirs. */
    children: number;
}

/** Reads /proc/<pid>/stat. The name in it, in brackets, may itself contain spaces and brackets. */
export function parseStat(text: string): ProcessTimes {
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    // Numbered as in proc(5), where the state, first behind the name, is field 3.
    const field = (number: number) => Number(fields[number - 3]);
    return {
        pid: Number.parseInt(text, 10),
        parent: field(4),
        started: field(22),
        own: field(14) + field(15),
        children: field(16) + field(17),
    };
}

/** "Pss" of /proc/<pid>/smaps_rollup in bytes: resident memory, shared pages divided among their users. */
export function parsePss(text: string): number | null {
    const match = /^Pss:\s+(\d+) kB$/m.exec(text);
    return match ? Number(match[1]) * 1024 : null;
}

export async function readTimes(pids: readonly number[], proc = "/proc"): Promise<ProcessTimes[]> {
    const texts = await Promise.all(pids.map((pid) => readIfThere(join(proc, String(pid), "stat"))));
    return texts.flatMap((text) => (text === null ? [] : [parseStat(text)]));
}

/** Memory of all these processes together, bytes; null where not one could be read. */
export async function readPss(pids: readonly number[], proc = "/proc"): Promise<number | null> {
    const texts = await Promise.all(pids.map((pid) => readIfThere(join(proc, String(pid), "smaps_rollup"))));
    const sizes = texts.flatMap((text) => (text === null ? [] : (parsePss(text) ?? [])));
    return sizes.length === 0 ? null : sizes.reduce((sum, size) => sum + size, 0);
}

/**
 * CPU time that the processes used between the first and the last snapshot, in clock ticks.
 *
 * A process that starts and ends between two snapshots is in none of them, but its parent inherits its
 * time; so the times of waited-for children are added too, less what was already counted of children
 * that were seen themselves. What a process that nobody waits for did after its last snapshot is missed.
 * @param begin when the window began, in ticks since boot: a process older than this, which was listed
 *   only later, counts from there
 */
export function cpuTicks(snapshots: readonly (readonly ProcessTimes[])[], begin: number): number {
    const key = (one: ProcessTimes) => `${one.pid} ${one.started}`;
    const first = new Map<string, ProcessTimes>();
    const last = new Map<string, ProcessTimes>();
    const parents = new Map<string, string>();
    snapshots.forEach((snapshot, index) => {
        const keys = new Map(snapshot.map((one) => [one.pid, key(one)]));
        for (const one of snapshot) {
            const isNew = index > 0 && one.started >= begin;
            const base = isNew ? { ...one, own: 0, children: 0 } : one;
            first.set(key(one), first.get(key(one)) ?? base);
            last.set(key(one), one);
            const parent = keys.get(one.parent);
            if (parent !== undefined) {
                parents.set(key(one), parent);
            }
        }
    });

    const alive = new Set(snapshots.at(-1)?.map(key));
    const countedTwice = new Map<string, number>();
    for (const [name, end] of last) {
        const parent = parents.get(name);
        if (!alive.has(name) && parent !== undefined) {
            countedTwice.set(parent, (countedTwice.get(parent) ?? 0) + end.own + end.children);
        }
    }
    let ticks = 0;
    for (const [name, end] of last) {
        const start = first.get(name) ?? end;
        const inherited = end.children - start.children - (countedTwice.get(name) ?? 0);
        ticks += end.own - start.own + Math.max(0, inherited);
    }
    return ticks;
}

/** Ticks since boot. */
export async function uptimeTicks(proc = "/proc"): Promise<number> {
    return Number.parseFloat(await readFile(join(proc, "uptime"), "utf8")) * TICKS_PER_SECOND;
}

/** null for a process that has ended: ENOENT, or ESRCH where it ends during the reading. */
async function readIfThere(path: string): Promise<string | null> {
    try {
        return await readFile(path, "utf8");
    } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "ENOENT" || code === "ESRCH") {
            return null;
        }
        throw error;
    }
}
