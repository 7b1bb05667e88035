import { setTimeout as sleep } from "node:timers/promises";
import { percentile } from "../bench/spread";
import type { Reading } from "../demo/chart";
import { type LogLine, queryLines } from "../loki";
import { tidied } from "../tidied";
import { type LinesPlan, linesJob, linesNamespace, plannedLines } from "./logs-job";
import { logsView } from "./logs-view";
import type { Stage } from "./scenario";

/** One look; null where nothing could be read, or nothing was found lately. */
export interface LogsReading extends Reading {
    /** Lines, as the kubelet has them. */
    readonly written: number | null;
    /** Lines, as a search of the store has them. */
    readonly found: number;
    /** Of the lines found in the last seconds: seconds from when half, and 95 of 100, were written until then. */
    readonly p50: number | null;
    readonly p95: number | null;
}

/** What became of the lines. */
export interface LogsRun {
    /** ISO 8601. */
    readonly startedAt: string;
    readonly plan: LinesPlan;
    /** Lines of each pod, as the kubelet has them; null where it could not be asked. */
    readonly written: Readonly<Record<string, readonly string[]>> | null;
    /** Lines of each of these pods, as searches by its name have them in the end. */
    readonly stored: Readonly<Record<string, readonly string[]>>;
    /** Seconds from when a line was written until a search had it, for each that one had while they were followed. */
    readonly delays: readonly number[];
    /** Seconds that each search took. */
    readonly searches: readonly number[];
    readonly readings: readonly LogsReading[];
}

const searchMilliseconds = 250;
const countMilliseconds = 1000;

/** How far back is searched for new lines: what comes later is found in the end alone, and late. */
export const searchedSeconds = 15;

/** Over which delays are taken for the chart. */
const windowSeconds = 5;

/** Writes the lines, and searches the store for them until all are there. */
export async function followLines(
    name: string,
    plan: LinesPlan,
    stage: Pick<Stage, "kubectl" | "draw"> & { readonly lokiUrl: string },
    patienceSeconds = 60,
): Promise<LogsRun> {
    const { kubectl, lokiUrl } = stage;
    // Of a run that was killed; that of one which has just ended may be on its way out.
    await kubectl(["delete", "namespace", linesNamespace, "--ignore-not-found"]);
    await kubectl(["create", "namespace", linesNamespace]);
    const begun = Date.now();
    const now = () => (Date.now() - begun) / 1000;
    const seen = new Map<string, { readonly at: number; readonly delay: number }>();
    const searches: number[] = [];
    const readings: LogsReading[] = [];
    let written: LogsRun["written"] = null;
    const ended = new AbortController();
    const every = async (milliseconds: number, look: () => Promise<void>) => {
        while (!ended.signal.aborted) {
            const asked = Date.now();
            await look();
            const rest = Math.max(0, milliseconds - (Date.now() - asked));
            await sleep(rest, undefined, { signal: ended.signal }).catch(() => undefined);
        }
    };
    const view = stage.draw(logsView);
    const counting = every(countMilliseconds, async () => {
        written = await writtenLines(name, kubectl);
    });
    const searching = every(searchMilliseconds, async () => {
        const asked = Date.now();
        const lines = await search(lokiUrl, `${name}-.*`, asked - 1000 * searchedSeconds).catch(() => []);
        const answered = Date.now();
        searches.push((answered - asked) / 1000);
        for (const { time, labels, text } of lines) {
            const line = `${labels.pod} ${text}`;
            if (seen.has(line)) continue;
            seen.set(line, { at: (answered - begun) / 1000, delay: answered / 1000 - Number(time) / 1e9 });
        }
        const reading = {
            t: now(),
            written: countLines(written),
            found: seen.size,
            ...recent([...seen.values()], now()),
        };
        readings.push(reading);
        view.add(reading);
    });
    const work = async (): Promise<LogsRun> => {
        await kubectl(["create", "--filename=-"], JSON.stringify(linesJob(name, plan)));
        const all = plannedLines(plan);
        const over = () => countLines(written) === all && seen.size >= all;
        while (!over() && now() < plan.seconds + patienceSeconds) await sleep(searchMilliseconds);
        // What comes twice comes later.
        await sleep(2 * countMilliseconds);
        written = await writtenLines(name, kubectl);
        return {
            startedAt: new Date(begun).toISOString(),
            plan,
            written,
            stored: await storedLines(lokiUrl, Object.keys(written ?? {}), begun),
            delays: [...seen.values()].map(({ delay }) => delay),
            searches,
            readings,
        };
    };
    return tidied(work, async () => {
        ended.abort();
        await Promise.all([counting, searching]);
        view.end();
        await kubectl(["delete", "namespace", linesNamespace, "--wait=false"]);
    });
}

function search(lokiUrl: string, pod: string, from: number, to?: number): Promise<LogLine[]> {
    const query = `{namespace="${linesNamespace}",pod=~"${pod}"}`;
    return queryLines(lokiUrl, { query, from, limit: 5000, ...(to !== undefined && { to }) });
}

/** By pod; null while none has written, or where they cannot be read. */
async function writtenLines(job: string, kubectl: Stage["kubectl"]): Promise<LogsRun["written"]> {
    const pods = ["--namespace", linesNamespace, "logs", `--selector=job-name=${job}`];
    return kubectl([...pods, "--prefix", "--tail=-1"]).then(byPod, () => null);
}

/** Of lines such as `[pod/a/writer] line 000001`. */
export function byPod(text: string): Record<string, string[]> {
    const found: Record<string, string[]> = {};
    for (const [, pod = "", line = ""] of text.matchAll(/^\[pod\/([^/]+)\/[^\]]+\] (.*)$/gm)) {
        found[pod] = [...(found[pod] ?? []), line];
    }
    return found;
}

/** By pod, in pieces: an answer has five thousand lines at most. */
async function storedLines(
    lokiUrl: string,
    pods: readonly string[],
    begun: number,
): Promise<LogsRun["stored"]> {
    const stored: Record<string, string[]> = {};
    for (const pod of pods) {
        const lines: string[] = [];
        for (let from = begun; from < Date.now(); from += 10_000)
            lines.push(...(await search(lokiUrl, pod, from, from + 10_000)).map(({ text }) => text));
        stored[pod] = lines;
    }
    return stored;
}

/** How many lines the pods have written, as far as it is known. */
export function countLines(written: LogsRun["written"]): number | null {
    return written === null ? null : Object.values(written).reduce((sum, lines) => sum + lines.length, 0);
}

function recent(
    seen: readonly { readonly at: number; readonly delay: number }[],
    t: number,
): Pick<LogsReading, "p50" | "p95"> {
    const delays = seen.filter(({ at }) => at > t - windowSeconds).map(({ delay }) => delay);
    if (delays.length === 0) return { p50: null, p95: null };
    return { p50: percentile(delays, 0.5), p95: percentile(delays, 0.95) };
}
