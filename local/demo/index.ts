import pc from "picocolors";
import { environment } from "../bench/environment";
import { liveView } from "./live";
import { isExact, type QueueRun } from "./queue-result";
import { type BurstOptions, runBurst } from "./queue-run";
import { describeRun, type ReportFiles, writeReport } from "./report";

export interface DemoOptions extends Omit<BurstOptions, "onSample" | "onWait"> {
    /** Where the picture and the data go; made if need be. */
    reportsDir: string;
    /** What to name beside Node's version and the commit, for example `{ kubernetes: "v1.36.3" }`. */
    versions?: Record<string, string>;
    /** Where to draw. Default standard output. */
    stream?: NodeJS.WriteStream;
}

export interface DemoResult {
    run: QueueRun;
    files: ReportFiles;
    /** Everything published, and everything processed once. */
    exact: boolean;
}

/**
 * Publishes a burst, draws the workload until it is back at zero, then writes the run to `reportsDir`.
 * @throws Error as `runBurst` does
 */
export async function demo(options: DemoOptions): Promise<DemoResult> {
    const { stream = process.stdout, reportsDir, versions, ...burst } = options;
    const write = (line: string) => stream.write(`${line}\n`);
    const view = liveView(stream, pc.isColorSupported);
    let drawn = false;
    write(pc.bold(`A burst of ${options.messages} messages to ${options.producerUrl}`));
    let run: QueueRun;
    try {
        run = await runBurst({
            ...burst,
            onWait: (what) => write(`Waiting for the workload to come to rest: ${what}.`),
            onSample: (sample) => {
                drawn = true;
                view.add(sample);
            },
        });
    } finally {
        // Also where the run failed: what was seen until then is what explains it.
        if (drawn) {
            view.end();
        }
    }
    const files = await writeReport(run, environment(versions), reportsDir);
    const exact = isExact(run);
    write("");
    for (const line of describeRun(run)) {
        write(line);
    }
    if (!exact) {
        write(
            pc.red(
                `Not every one of the ${run.requested} messages was published and processed exactly once.`,
            ),
        );
    }
    if (run.recorded?.problem) {
        write(pc.yellow(`The picture has no recorded series: ${run.recorded.problem}.`));
    }
    write(`\nPicture  ${files.svg}\nData     ${files.json}`);
    return { run, files, exact };
}
