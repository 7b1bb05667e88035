import { plotSvg } from "../demo/plot";
import { isExact, type QueueRun } from "../demo/queue-result";
import { runBurst } from "../demo/queue-run";
import { queueView } from "../demo/queue-view";
import { describeCounts } from "../demo/report";
import type { Figure, Scenario, Stage } from "./scenario";

/** The burst of docs/demo.md: nothing of it is lost, and nothing done twice. */
export const queue: Scenario = {
    name: "queue",
    title: "A burst of messages through a redis list: from zero to many consumers and back",
    shows:
        "A burst of messages wakes a workload that is at zero: a consumer for every 20 messages, until the list is empty. " +
        "Every message is processed exactly once.",
    needs: "producerUrl",
    async run(stage) {
        const run = await burst(stage);
        if (run.recorded?.problem) stage.say(`The picture has no recorded series: ${run.recorded.problem}.`);
        return {
            startedAt: run.sentTime,
            figures: queueFigures(run),
            picture: (subtitle) => plotSvg(run, [describeCounts(run), ...subtitle]),
            data: run,
        };
    },
};

async function burst({ kubeconfig, prometheusUrl, url, messages, draw, say }: Stage): Promise<QueueRun> {
    const producerUrl = url("producerUrl");
    say(`A burst of ${messages} messages to ${producerUrl}`);
    const view = draw(queueView);
    let drawn = false;
    try {
        return await runBurst({
            messages,
            producerUrl,
            prometheusUrl,
            kubeconfig,
            onWait: (what) => say(`Waiting for the workload to come to rest: ${what}.`),
            onSample: (sample) => {
                drawn = true;
                view.add(sample);
            },
        });
    } finally {
        // Also where the run failed: what was seen until then is what explains it.
        if (drawn) view.end();
    }
}

/** The figures of a burst; a moment that did not come is never. */
export function queueFigures(run: QueueRun): Figure[] {
    const shown = (seconds: number | null) => (seconds === null ? "never" : `${seconds.toFixed(2)} s`);
    const moment = (what: string, seconds: number | null): Figure => ({ what, measured: shown(seconds) });
    const came = (what: string, seconds: number | null): Figure => ({
        what,
        wanted: "it comes",
        measured: shown(seconds),
        met: seconds !== null,
    });
    return [
        {
            what: "messages published, and processed exactly once",
            wanted: `${run.requested}, none lost, none doubled`,
            measured: describeCounts(run),
            met: isExact(run),
        },
        moment("first consumer Ready", run.firstReadySeconds),
        came(
            `all ${run.expectedReplicas} Ready at once (peak ${run.peakReady ?? "unknown"})`,
            run.allReadySeconds,
        ),
        moment("first message done (1 s of work)", run.firstProcessedSeconds),
        moment("queue empty", run.drainedSeconds),
        moment("last message done", run.processedSeconds),
        came("back at zero replicas", run.backToZeroSeconds),
    ];
}
