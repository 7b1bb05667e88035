import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeEnvironment, type Environment } from "../bench/environment";
import { plotSvg } from "./plot";
import type { QueueResult, QueueRun } from "./queue-result";

export interface ReportFiles {
    svg: string;
    json: string;
}

/** Writes a run as a picture and as data, `demo-<time>.svg` and `.json`; the folder is made if need be. */
export async function writeReport(run: QueueRun, where: Environment, folder: string): Promise<ReportFiles> {
    await mkdir(folder, { recursive: true });
    const name = join(folder, `demo-${fileTime(run.sentTime)}`);
    const files = { svg: `${name}.svg`, json: `${name}.json` };
    const subtitle = [describeCounts(run), describeEnvironment(where)];
    await writeFile(files.json, `${JSON.stringify({ environment: where, result: run }, null, 2)}\n`);
    await writeFile(files.svg, await plotSvg(run, subtitle));
    return files;
}

/** What became of the messages, for example `200 of 200 processed, 0 lost, 0 doubled`. */
export function describeCounts({ published, processed, lost, doubled }: QueueResult): string {
    const show = (value: number | null) => value ?? "unknown";
    return `${show(processed)} of ${show(published)} processed, ${show(lost)} lost, ${show(doubled)} doubled`;
}

/** The figures of a run as lines of text. */
export function describeRun(run: QueueResult): string[] {
    const show = (seconds: number | null) =>
        seconds === null ? "     never" : `${seconds.toFixed(2).padStart(8)} s`;
    return [
        `${show(run.firstReadySeconds)}  first consumer Ready`,
        `${show(run.allReadySeconds)}  all ${run.expectedReplicas} Ready at once (peak ${run.peakReady ?? "unknown"})`,
        `${show(run.firstProcessedSeconds)}  first message done (1 s of work)`,
        `${show(run.drainedSeconds)}  queue empty`,
        `${show(run.processedSeconds)}  last message done`,
        `${show(run.backToZeroSeconds)}  back at zero replicas`,
        `            ${describeCounts(run)}`,
    ];
}

/** A time as part of a file name, in UTC: `2026-01-31T12-00-00`. */
export function fileTime(iso: string): string {
    return iso.slice(0, 19).replaceAll(":", "-");
}
