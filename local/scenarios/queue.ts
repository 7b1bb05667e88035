import { plotSvg } from "../demo/plot";
import { expectedReplicas, isExact, type QueueRun } from "../demo/queue-result";
import { runBurst } from "../demo/queue-run";
import { queueView } from "../demo/queue-view";
import { describeCounts } from "../demo/report";
import type { Figure, Scenario, Stage } from "./scenario";
import { type RunningSettings, runningSettings } from "./settings";

/** The burst of docs/demo.md: nothing of it is lost, and nothing done twice. */
export const queue: Scenario = {
    name: "queue",
    title: "A burst of messages through a redis list: from zero to many consumers and back",
    shows:
        "A burst of messages wakes a workload that is at zero: a consumer for every 20 messages, as it is set unless " +
        "Pulumi.dev.yaml says otherwise, until the list is empty. " +
        "Every message is processed exactly once.",
    needs: "producerUrl",
    async run(stage) {
        // First: where it is not there, this says so.
        const producerUrl = stage.url("producerUrl");
        const settings = await runningSettings(stage.kubectl, target);
        const run = await burst(producerUrl, settings, stage);
        if (run.recorded?.problem) stage.say(`The picture has no recorded series: ${run.recorded.problem}.`);
        return {
            startedAt: run.sentTime,
            figures: queueFigures(run, secondsPerMessage(settings)),
            picture: (subtitle) => plotSvg(run, [describeCounts(run), ...subtitle]),
            data: run,
        };
    },
};

const target = { namespace: "queue", name: "consumer" };

function secondsPerMessage({ environment }: RunningSettings): number {
    return Number(environment.PER_MESSAGE_SECONDS);
}

/** What a burst has to know of the consumers: how many are due, and how long they may take. */
export function burstSettings(settings: RunningSettings, messages: number) {
    const { maxReplicas, cooldownSeconds, trigger } = settings;
    const perReplica = Number(trigger.listLength);
    const work = messages * secondsPerMessage(settings);
    return {
        perReplica,
        maxReplicas,
        idleTimeoutSeconds: 170 + cooldownSeconds,
        timeoutSeconds: 270 + cooldownSeconds + work / expectedReplicas(messages, perReplica, maxReplicas),
    };
}

async function burst(producerUrl: string, settings: RunningSettings, stage: Stage): Promise<QueueRun> {
    const { kubeconfig, prometheusUrl, messages, draw, say } = stage;
    say(`A burst of ${messages} messages to ${producerUrl}`);
    const view = draw(queueView);
    let drawn = false;
    try {
        return await runBurst({
            ...burstSettings(settings, messages),
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

/** Work for less is done before as many consumers have come as are due. */
const leastSecondsPerMessage = 1;

/** The figures of a burst; a moment that did not come is never. */
export function queueFigures(run: QueueRun, secondsPerMessage: number): Figure[] {
    const shown = (seconds: number | null) => (seconds === null ? "never" : `${seconds.toFixed(2)} s`);
    const moment = (what: string, seconds: number | null): Figure => ({ what, measured: shown(seconds) });
    const came = (what: string, seconds: number | null): Figure => ({
        ...moment(what, seconds),
        wanted: "it comes",
        met: seconds !== null,
    });
    const allReady = secondsPerMessage < leastSecondsPerMessage ? moment : came;
    return [
        {
            what: "messages published, and processed exactly once",
            wanted: `${run.requested}, none lost, none doubled`,
            measured: describeCounts(run),
            met: isExact(run),
        },
        moment("first consumer Ready", run.firstReadySeconds),
        allReady(
            `all ${run.expectedReplicas} Ready at once (peak ${run.peakReady ?? "unknown"})`,
            run.allReadySeconds,
        ),
        moment(`first message done (${secondsPerMessage} s of work)`, run.firstProcessedSeconds),
        moment("queue empty", run.drainedSeconds),
        moment("last message done", run.processedSeconds),
        came("back at zero replicas", run.backToZeroSeconds),
    ];
}
