import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { describe, it } from "mocha";
import { benchIdle, idleFigures } from "../../local/bench/idle";
import {
    cpuTicks,
    type ProcessTimes,
    parsePss,
    parseStat,
    readPss,
    readTimes,
} from "../../local/bench/processes";
import { spread } from "../../local/bench/spread";

const one = (pid: number, own: number, children = 0, parent = 1, started = 10): ProcessTimes => ({
    pid,
    parent,
    started,
    own,
    children,
});
/** The window began at tick 1000. */
const ticks = (...snapshots: ProcessTimes[][]) => cpuTicks(snapshots, 1000);

describe("the CPU time of a set of processes", () => {
    it("is what each used since the first snapshot", () => {
        assert.equal(
            ticks([one(5, 100), one(6, 70)], [one(5, 103), one(6, 70)], [one(5, 110), one(6, 75)]),
            15,
        );
    });

    it("has all of a process that started in the window", () => {
        assert.equal(ticks([one(5, 100)], [one(5, 100), one(7, 9, 2, 5, 1500)]), 11);
    });

    it("has an older process only from when it was first listed", () => {
        assert.equal(ticks([one(5, 100)], [one(5, 100), one(7, 900)], [one(5, 100), one(7, 904)]), 4);
    });

    it("keeps what a process used that has ended", () => {
        assert.equal(ticks([one(5, 100), one(6, 10)], [one(5, 100), one(6, 18)], [one(5, 101)]), 9);
    });

    it("does not take a later process with the same id for the same", () => {
        assert.equal(ticks([one(5, 500)], [one(5, 3, 0, 1, 2000)]), 3);
    });

    it("has what children used that lived between two snapshots", () => {
        assert.equal(ticks([one(5, 100, 40)], [one(5, 101, 47)]), 8);
    });

    it("does not count a child twice whose parent has waited for it", () => {
        const child = (own: number) => one(6, own, 0, 5, 1500);
        // 12 ticks in all: 10 were seen, 2 came before its end. The parent itself used 1.
        assert.equal(ticks([one(5, 100)], [one(5, 100), child(10)], [one(5, 101, 12)]), 13);
    });

    it("counts a child that is older than the window from its beginning", () => {
        const child = (own: number) => one(6, own, 0, 5);
        assert.equal(ticks([one(5, 0), child(500)], [one(5, 0), child(503)], [one(5, 0, 504)]), 4);
    });

    it("does not fall where nobody waited for the child", () => {
        assert.equal(ticks([one(5, 0), one(6, 50, 0, 5)], [one(5, 2)]), 2);
    });

    it("is nothing without a snapshot", () => {
        assert.equal(ticks(), 0);
    });
});

describe("the /proc files", () => {
    it("are read where a name has spaces and brackets", () => {
        const fields = ["S", 7, 1, 1, 0, -1, 4194560, 1, 1, 0, 0, 11, 22, 33, 44, 20, 0, 8, 0, 5555, 1];
        assert.deepEqual(parseStat(`42 (tmux: (a) b) ${fields.join(" ")}\n`), {
            pid: 42,
            parent: 7,
            started: 5555,
            own: 33,
            children: 77,
        });
    });

    it("give the proportional memory, or nothing", () => {
        assert.equal(parsePss("Rss:  900 kB\nPss:                 512 kB\nPss_Anon:  100 kB\n"), 512 * 1024);
        assert.equal(parsePss(""), null);
    });

    it("of this process are there, of an ended one not, and that is no error", async () => {
        const ended = 2 ** 22 + 1;
        const [times, ...others] = await readTimes([process.pid, ended]);
        assert.equal(times?.pid, process.pid);
        assert.equal(times?.parent, process.ppid);
        assert.equal(others.length, 0);
        assert.ok(((await readPss([process.pid, ended])) ?? 0) > 2 ** 20);
        assert.equal(await readPss([ended]), null);
    });
});

describe("the idle measurement", () => {
    it("finds a process that is not idle", async () => {
        const busy = spawn("sh", ["-c", "while :; do :; done"], { stdio: "ignore" });
        try {
            const result = await benchIdle({
                idleSource: { pids: () => [busy.pid ?? 0] },
                seconds: 0.6,
                cpuEverySeconds: 0.2,
                memoryEverySeconds: 0.3,
            });
            const cores = result.processes.cores;
            assert.ok(cores > 0.1 && cores < 1.2, `${cores} cores`);
            assert.equal(result.processes.count, 1);
            assert.ok(result.processes.memory.runs >= 2);
            assert.ok((result.processes.memory.max ?? 0) > 0);
        } finally {
            busy.kill("SIGKILL");
        }
    });

    it("of nothing is an error, not a cluster that costs nothing", async () => {
        await assert.rejects(benchIdle({ idleSource: { pids: () => [] }, seconds: 0.05 }), /is it running/);
    });

    it("is held against the targets", () => {
        const usage = (cores: number, gib: number) => ({
            seconds: 60,
            processes: { cores, memory: spread([gib]), count: 40 },
        });
        const met = (cores: number, gib: number) =>
            idleFigures(usage(cores, gib)).map((figure) => figure.met);
        assert.deepEqual(met(0.2, 1.9), [true, true]);
        assert.deepEqual(met(0.4, 2.3), [false, false]);
        assert.match(idleFigures(usage(0.2, 1.9))[0]?.figure ?? "", /all 40 processes: CPU over 60 s/);
    });
});
