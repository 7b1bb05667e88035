import { percentile } from "../bench/spread";
import { backAt, type Course, desiredBetween, readyAt, settledAt } from "./course";
import { type Answer, isFailure, latency } from "./load";
import type { LoadScenario } from "./load-scenario";
import type { Figure } from "./scenario";
import { shownSeconds } from "./view";

/** Of the requests, how many the generator may send late: it shares the machine with all that it asks. */
const lateShare = 0.05;

/** What is asked of every load on a workload. */
export function courseFigures(what: LoadScenario, course: Course): Figure[] {
    const { steady, within, replicas } = what;
    const { changes, loadEnd } = course;
    const settled = settledAt(changes, steady, loadEnd);
    const held = desiredBetween(changes, loadEnd - steady.seconds, loadEnd);
    const back = backAt(changes, replicas.min, loadEnd);
    const wanted = range(steady.from, steady.to);
    return [
        ...requestFigures(course),
        {
            what: `replicas wanted in the last ${steady.seconds} s of the load`,
            wanted,
            measured: held.length === 0 ? "unknown" : range(Math.min(...held), Math.max(...held)),
            met: held.length > 0 && held.every((one) => one >= steady.from && one <= steady.to),
        },
        withinSeconds(
            `from the start of the load until ${wanted} are wanted for good`,
            settled,
            within.settleSeconds,
        ),
        { what: `until ${steady.from} are Ready`, measured: shown(readyAt(changes, steady.from)) },
        {
            what: "most replicas wanted at any time",
            wanted: `at most ${replicas.max}`,
            ...atMost(Math.max(...changes.map(({ desired }) => desired)), replicas.max),
        },
        ...latencyFigures(course, steady.seconds),
        ...(replicas.min === 0 ? [heldFigure(course)] : []),
        withinSeconds(
            `from the end of the load until it is back at ${replicas.min}`,
            back === null ? null : back - loadEnd,
            within.backSeconds,
        ),
    ];
}

function requestFigures({ answers, planned, late }: Course): Figure[] {
    const failures = answers.filter(isFailure);
    const [first] = failures;
    const why = first === undefined ? "" : `, the first with ${first.error ?? `HTTP ${first.status}`}`;
    const lost = planned - answers.length;
    return [
        {
            what: "requests that failed",
            wanted: "0",
            measured: `${failures.length + lost} of ${planned}${why}`,
            met: failures.length + lost === 0 && planned > 0,
        },
        {
            what: "requests that the generator sent late, by more than 50 ms",
            wanted: `at most ${100 * lateShare} %`,
            measured: `${late} of ${planned}`,
            met: late <= lateShare * planned,
        },
    ];
}

/** With the requests that met too few replicas, and without. */
function latencyFigures({ answers, loadEnd }: Course, steadySeconds: number): Figure[] {
    const answered = answers.filter((answer) => !isFailure(answer));
    const steady = answered.filter(({ due }) => due >= loadEnd - steadySeconds);
    return [
        { what: "latency of all requests, p50 / p95", measured: percentiles(answered) },
        {
            what: `of those of the last ${steadySeconds} s of the load, p50 / p95`,
            measured: percentiles(steady),
        },
    ];
}

/** Of a workload that begins at zero: what became of those that came before anything was there. */
function heldFigure({ answers, changes }: Course): Figure {
    const first = readyAt(changes, 1) ?? Number.POSITIVE_INFINITY;
    const early = answers.filter(({ due }) => due < first);
    const failed = early.filter(isFailure).length;
    const longest = Math.max(...early.map(latency));
    return {
        what: "requests that came before any replica was Ready: held, and answered",
        wanted: "at least 1, none failed",
        measured:
            early.length === 0
                ? "none came"
                : `${early.length}, ${failed} failed, the longest took ${shownSeconds(longest)}`,
        met: early.length > 0 && failed === 0,
    };
}

function percentiles(answers: readonly Answer[]): string {
    if (answers.length === 0) return "no answers";
    const all = answers.map(latency);
    return `${shownSeconds(percentile(all, 0.5))} / ${shownSeconds(percentile(all, 0.95))}`;
}

function withinSeconds(what: string, seconds: number | null, most: number): Figure {
    return {
        what,
        wanted: `at most ${most} s`,
        measured: shown(seconds),
        met: seconds !== null && seconds <= most,
    };
}

function atMost(measured: number, most: number): Pick<Figure, "measured" | "met"> {
    return { measured: `${measured}`, met: measured <= most };
}

function shown(seconds: number | null): string {
    return seconds === null ? "never" : `${seconds.toFixed(1)} s`;
}

function range(from: number, to: number): string {
    return from === to ? `${from}` : `${from} to ${to}`;
}
