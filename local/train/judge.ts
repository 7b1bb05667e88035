import type { Findings } from "../verify/verdict";
import type { TrainingLog } from "./log";

/** A training of which a worker was lost on the way. */
export interface Trained {
    /** What worker 0 said. */
    readonly log: TrainingLog;
    readonly total: number;
    /** When the worker was killed, in milliseconds since the epoch. */
    readonly killedAt: number;
    /** How each worker that was not killed ended: status, or a signal's name. */
    readonly ends: readonly (number | string)[];
    /** What a worker said that was started once more when all was over. */
    readonly after: { readonly end: number | string; readonly said: readonly string[] };
    /** Another training, of which worker 0 was lost. */
    readonly keeper: {
        /** The last checkpoint before that. */
        readonly kept: number;
        /** What the new worker 0 said, and the other one all the time. */
        readonly log: TrainingLog;
        readonly other: TrainingLog;
        /** How the two ended. */
        readonly ends: readonly (number | string)[];
    };
    /** A training on files in MNIST's format. */
    readonly mnist: { readonly end: number | string; readonly log: TrainingLog };
}

interface Check {
    readonly what: string;
    readonly found: string;
    readonly right: boolean;
}

/** Lines of the log whose mean is compared: a single one may be lucky. */
const compared = 5;

/** What was found, each with whether it is as it should be. */
export function checks({ log, total, killedAt, ends, after, keeper, mnist }: Trained): Check[] {
    const before = log.steps.filter(({ at }) => at <= killedAt);
    const reached = before.at(-1)?.step ?? 0;
    const [resumed] = log.resumed.filter(({ at }) => at > killedAt);
    const kept = log.checkpoints.filter(({ at }) => resumed !== undefined && at < resumed.at).at(-1);
    const again = log.steps.find(({ at }) => resumed !== undefined && at > resumed.at);
    const [first, last] = [mean(before.slice(0, compared)), mean(log.steps.slice(-compared))];
    const share = log.finished?.share ?? 0;
    return [
        {
            what: "the loss falls",
            found: `from ${first.toFixed(2)} to ${last.toFixed(2)}`,
            right: last < first / 2,
        },
        {
            what: "after a worker is killed the others go on from the last checkpoint",
            found: resumed
                ? `killed after step ${reached}, resumed at step ${resumed.step}`
                : `killed after step ${reached}, never resumed`,
            right: resumed !== undefined && resumed.step === kept?.step,
        },
        {
            what: "from the kill to the next line of the log",
            found: again ? `${((again.at - killedAt) / 1000).toFixed(1)} s` : "none",
            right: again !== undefined,
        },
        keeperCheck(keeper),
        {
            what: "all steps are done, and every worker ends well",
            found: `step ${log.finished?.step ?? "-"} of ${total}, ends ${ends.join(", ")}`,
            right: log.finished?.step === total && ends.every((end) => end === 0),
        },
        {
            what: "examples that it has not seen are read, where chance reads 10 %",
            found: `${(100 * share).toFixed(1)} %`,
            right: share > 0.5,
        },
        {
            what: "a worker that comes back when all is over does nothing",
            found: after.said.at(-1) ?? "nothing",
            right: after.end === 0 && after.said.some((text) => /nothing is left to do/.test(text)),
        },
        {
            what: "torchvision's loader reads files in MNIST's format",
            found: mnist.log.finished
                ? `${(100 * mnist.log.finished.share).toFixed(1)} % read`
                : "not finished",
            right: mnist.end === 0 && (mnist.log.finished?.share ?? 0) > 0.5,
        },
    ];
}

/** Without worker 0 the other begins again in its own pod: an end of it would be a failure that counts. */
function keeperCheck({ kept, log, other, ends }: Trained["keeper"]): Check {
    const from = log.resumed[0]?.step;
    const begun = other.processes.length;
    return {
        what: "after worker 0 is killed the other begins again in its pod, and both end well",
        found: `resumed at step ${from ?? "-"} of a checkpoint at ${kept}, begun ${begun} times, ends ${ends.join(", ")}`,
        right: kept > 0 && from === kept && begun >= 2 && ends.every((end) => end === 0),
    };
}

function mean(steps: readonly { readonly loss: number }[]): number {
    return steps.reduce((sum, { loss }) => sum + loss, 0) / steps.length;
}

/** The checks as a table, and below it the pace and where this was. */
export function trainingFindings(trained: Trained, where: string): Findings {
    const rows = checks(trained);
    const rates = trained.log.steps.map(({ rate }) => rate).sort((a, b) => a - b);
    const table = [
        "| what is tried | found | as it should be |",
        "| --- | --- | --- |",
        ...rows.map(({ what, found, right }) => `| ${what} | ${found} | ${right ? "yes" : "**no**"} |`),
        "",
        `${rates[Math.floor(rates.length / 2)] ?? 0} examples/s at the median. Reproduce with \`make train\`. ${where}`,
    ].join("\n");
    return { table, total: rows.length, failed: rows.filter(({ right }) => !right).length };
}
