import { percentile } from "../bench/spread";
import { pictureSpec, svgOf } from "../demo/picture";
import { countLines, followLines, type LogsRun, searchedSeconds } from "./logs-follow";
import { type LinesPlan, plannedLines } from "./logs-job";
import { logsPicture } from "./logs-view";
import type { Figure, Scenario } from "./scenario";
import { shownSeconds } from "./view";

/** Seconds within which 95 of 100 lines are to be found. */
const wantedSeconds = 5;

/** Known lines, and a search for them while they are written. */
export const logs: Scenario = {
    name: "logs",
    title: "Lines of pods, found by namespace and pod seconds after they were written",
    shows:
        "Three pods write numbered lines, and meanwhile the store of logs is searched for them by namespace and pod. Every " +
        "line is found, once, and soon.",
    needs: "lokiUrl",
    async run(stage) {
        const lokiUrl = stage.url("lokiUrl");
        const plan: LinesPlan = { pods: 3, perSecond: 20, seconds: stage.short ? 10 : 20 };
        const run = await followLines(`lines-${Date.now().toString(36)}`, plan, { ...stage, lokiUrl });
        return {
            startedAt: run.startedAt,
            figures: logsFigures(run),
            picture: (subtitle) => svgOf(pictureSpec(logsPicture(logs.title, run, subtitle))),
            data: run,
        };
    },
};

/** What is asked of the lines. */
export function logsFigures(run: LogsRun): Figure[] {
    const { plan, written, stored, searches } = run;
    const planned = plannedLines(plan);
    const kept = countLines(written);
    const pods = Object.keys(written ?? {});
    const lost = pods.flatMap((pod) => written?.[pod]?.filter((line) => !stored[pod]?.includes(line)) ?? []);
    const found = pods.map((pod) => stored[pod] ?? []);
    const once = found.reduce((sum, lines) => sum + new Set(lines).size, 0);
    const twice = found.reduce((sum, { length }) => sum + length, 0) - once;
    const delays = [
        ...run.delays,
        ...Array(Math.max(0, planned - run.delays.length)).fill(Number.POSITIVE_INFINITY),
    ];
    const [p50, p95, most] = [0.5, 0.95, 1].map((part) => percentile(delays, part)) as [
        number,
        number,
        number,
    ];
    return [
        {
            what: `lines that ${plan.pods} pods have written, as the kubelet has them`,
            wanted: `${planned}, by ${plan.pods} pods`,
            measured: kept === null ? "unknown" : `${kept}, by ${pods.length} pods`,
            met: kept === planned && pods.length === plan.pods,
        },
        {
            what: "of these found by namespace and pod",
            wanted: `${planned}, 0 lost, 0 twice`,
            measured: `${once}, ${lost.length} lost, ${twice} twice`,
            met: once === planned && lost.length === 0 && twice === 0,
        },
        {
            what: "from when a line was written until a search has it, p50 / p95",
            wanted: `p95 at most ${wantedSeconds} s`,
            measured: `${delay(p50)} / ${delay(p95)}`,
            met: p95 <= wantedSeconds,
        },
        { what: "the slowest line", measured: delay(most) },
        {
            what: "time that a search takes, p50 / p95",
            measured:
                searches.length === 0
                    ? "none"
                    : [0.5, 0.95].map((part) => shownSeconds(percentile(searches, part))).join(" / "),
        },
    ];
}

function delay(seconds: number): string {
    return Number.isFinite(seconds) ? shownSeconds(seconds) : `not within ${searchedSeconds} s`;
}
