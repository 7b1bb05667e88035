import { setTimeout as sleep } from "node:timers/promises";
import { isExact, type QueueRun } from "../demo/queue-result";
import { type BurstOptions, runBurst } from "../demo/queue-run";
import { describeCounts } from "../demo/report";
import { type Figure, type Limits, spreadFigure } from "./figures";
import { type Spread, spread } from "./spread";

export interface QueueBenchOptions extends Omit<BurstOptions, "onSample" | "onWait"> {
    /** How many bursts. Default 10. */
    runs?: number;
    /**
     * Longest pause before a burst, seconds; each is drawn at random up to it. Default 5.
     * A workload comes to zero in step with the autoscaler's polling, so bursts that follow at once would
     * all meet the same phase of it. Take at least the polling interval.
     */
    maxPauseSeconds?: number;
    log?: (line: string) => void;
}

/** A run that came to its end, or why it did not. */
export type BenchedRun = QueueRun | { problem: string };

export interface QueueBench {
    runs: BenchedRun[];
    /** Seconds since the burst was sent. */
    firstReady: Spread;
    allReady: Spread;
    firstProcessed: Spread;
    drained: Spread;
    backToZero: Spread;
    /** Runs in which everything asked for was published and processed exactly once. */
    exact: number;
}

/** Several bursts one after the other. A run that fails is kept as failed, and the next one follows. */
export async function benchQueue(options: QueueBenchOptions): Promise<QueueBench> {
    const { runs = 10, maxPauseSeconds = 5, log = () => {}, ...burst } = options;
    const done: BenchedRun[] = [];
    while (done.length < runs) {
        await sleep(
            Math.random() * maxPauseSeconds * 1000,
            undefined,
            options.signal && { signal: options.signal },
        );
        const title = `burst ${done.length + 1} of ${runs}`;
        try {
            const run = await runBurst(burst);
            done.push(run);
            const ready = `first Ready ${show(run.firstReadySeconds)}, all Ready ${show(run.allReadySeconds)}`;
            const work = `first message done ${show(run.firstProcessedSeconds)}`;
            log(
                `${title}: ${ready}, ${work}, back to zero ${show(run.backToZeroSeconds)}, ${describeCounts(run)}`,
            );
        } catch (error) {
            options.signal?.throwIfAborted();
            const problem = error instanceof Error ? error.message : String(error);
            done.push({ problem });
            log(`${title}: ${problem}`);
        }
    }
    return summarizeQueue(done);
}

/** What the runs say together; a failed run counts as one in which nothing ever came. */
export function summarizeQueue(runs: BenchedRun[]): QueueBench {
    const of = (pick: (run: QueueRun) => number | null) =>
        spread(runs.map((run) => ("problem" in run ? null : pick(run))));
    return {
        runs,
        firstReady: of((run) => run.firstReadySeconds),
        allReady: of((run) => run.allReadySeconds),
        firstProcessed: of((run) => run.firstProcessedSeconds),
        drained: of((run) => run.drainedSeconds),
        backToZero: of((run) => run.backToZeroSeconds),
        exact: runs.filter((run) => !("problem" in run) && isExact(run)).length,
    };
}

/** The targets are for bursts of this size; others are measured without. */
const TARGET_MESSAGES = 200;

export function queueFigures(bench: QueueBench, messages: number): Figure[] {
    const burst = `${messages} messages at zero replicas`;
    const limits = (some: Limits) => (messages === TARGET_MESSAGES ? some : {});
    return [
        spreadFigure(`${burst}: first consumer Ready`, bench.firstReady, "s", limits({ median: 2, max: 3 })),
        spreadFigure(`${burst}: all replicas asked for Ready`, bench.allReady, "s", limits({ max: 10 })),
        // Without a target: it is here because Ready alone says only that a container was started.
        spreadFigure(`${burst}: first message done (1 s of work)`, bench.firstProcessed, "s"),
        {
            figure: `${burst}: published and processed exactly once`,
            target: `${messages} of ${messages} in every run`,
            measured: processedInRuns(bench, messages),
            met: bench.runs.length === 0 ? null : bench.exact === bench.runs.length,
        },
        spreadFigure(`${burst}: queue drained`, bench.drained, "s"),
        spreadFigure(`${burst}: back to zero replicas`, bench.backToZero, "s"),
    ];
}

/** For example `200 of 200 in 10 of 10 runs`, followed by each run where it was otherwise. */
function processedInRuns({ runs, exact }: QueueBench, messages: number): string {
    const others = runs.flatMap((run, index) => {
        if (!("problem" in run) && isExact(run)) {
            return [];
        }
        return [`run ${index + 1}: ${"problem" in run ? "did not end" : describeCounts(run)}`];
    });
    return [`${messages} of ${messages} in ${exact} of ${runs.length} runs`, ...others].join("; ");
}

function show(seconds: number | null): string {
    return seconds === null ? "never" : `${seconds.toFixed(2)} s`;
}
