import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { type Figure, singleFigure } from "./figures";

export interface ColdBench {
    /** Wall time of the clone's `make up`, packages of npm and all. */
    totalSeconds: number;
    /** Until Prometheus first answered. */
    firstEndpointSeconds: number | null;
    /** Go builds, one after the other, and what they download; the rest is npm, unpacking, and the cluster itself. */
    compileSeconds: number;
    /** Seconds per artifact. */
    artifacts: Record<string, number>;
}

/**
 * `make up` in a fresh clone with nothing cached: no Go modules, no build
 * cache, no npm cache, no artifacts. Takes what a new user's first run takes,
 * and removes all of it afterwards.
 *
 * @param checkout - of which a fresh clone is tried: what is not committed does not count.
 */
export async function benchCold(checkout: string): Promise<ColdBench> {
    const dir = await mkdtemp(join(checkout, "..", "cold-"));
    const clone = join(dir, "clone");
    const env = {
        XDG_CACHE_HOME: join(dir, "cache"),
        GOCACHE: join(dir, "go-build"),
        GOMODCACHE: join(dir, "go-mod"),
        npm_config_cache: join(dir, "npm"),
    };
    try {
        await execa("git", ["clone", "--quiet", checkout, clone]);
        const begin = performance.now();
        const seconds = () => (performance.now() - begin) / 1000;
        let firstEndpointSeconds: number | null = null;
        const stamp = function* (line: unknown) {
            yield `${seconds().toFixed(0).padStart(5)} s  ${line}`;
        };
        const output: ["inherit", typeof stamp] = ["inherit", stamp];
        const running = execa("make", ["up"], {
            cwd: clone,
            env,
            stdin: "ignore",
            stdout: output,
            stderr: output,
        });
        const watching = firstAnswer(clone, running).then((answered) => {
            firstEndpointSeconds = answered ? seconds() : null;
        });
        await running;
        const totalSeconds = seconds();
        await watching;
        const artifacts = buildTimes(
            await readFile(join(env.XDG_CACHE_HOME, "pulumi-kube-observability/build.log"), "utf8"),
        );
        const { artifacts: table } = await import("../build/artifacts");
        const compiled = table
            .filter(({ lane }) => lane === "compile")
            .map(({ title }) => artifacts[title] ?? 0);
        return {
            totalSeconds,
            firstEndpointSeconds,
            compileSeconds: compiled.reduce((sum, one) => sum + one, 0),
            artifacts,
        };
    } finally {
        await execa("make", ["down"], { cwd: clone, env, reject: false });
        // The module cache is read-only by intent.
        await execa("chmod", ["--recursive", "u+w", dir], { reject: false });
        await rm(dir, { recursive: true, force: true });
    }
}

/** Resolves when the clone's Prometheus answers, or with false when `make up` has ended without. */
export async function firstAnswer(
    clone: string,
    running: { exitCode?: number | null | undefined },
): Promise<boolean> {
    for (;;) {
        const port = await prometheusPort(join(clone, ".cluster/dev/node.json"));
        if (port && (await answers(`http://127.0.0.1:${port}/-/ready`))) return true;
        if (running.exitCode !== undefined && running.exitCode !== null) return false;
        await sleep(500);
    }
}

/** A connection that is forwarded to nothing may never be answered, so each try has its end. */
async function answers(url: string): Promise<boolean> {
    return fetch(url, { signal: AbortSignal.timeout(2000) }).then(
        async (answer) => {
            await answer.text();
            return answer.ok;
        },
        () => false,
    );
}

/** Undefined where the record is not there yet, or is being written at this moment. */
async function prometheusPort(file: string): Promise<number | undefined> {
    try {
        const record = JSON.parse(await readFile(file, "utf8")) as { ports?: { prometheus?: number } };
        return record.ports?.prometheus;
    } catch {
        return undefined;
    }
}

/** Lines `== title: 12 s` of the build log. */
export function buildTimes(log: string): Record<string, number> {
    return Object.fromEntries(
        [...log.matchAll(/^== (.+): (\d+) s$/gm)].map(([, title, seconds]) => [title, Number(seconds)]),
    );
}

export function coldFigures(cold: ColdBench): Figure[] {
    const minutes = (seconds: number | null) => (seconds === null ? null : seconds / 60);
    return [
        singleFigure("cold `make up`, nothing cached", minutes(cold.totalSeconds), "min", 25),
        singleFigure(
            "cold, first endpoint (Prometheus) reachable",
            minutes(cold.firstEndpointSeconds),
            "min",
            14,
        ),
        singleFigure(
            "cold, while nothing compiles (total minus the Go builds, which download their modules as they go)",
            minutes(cold.totalSeconds - cold.compileSeconds),
            "min",
            3,
        ),
    ];
}
