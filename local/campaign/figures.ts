import { percentile } from "../bench/spread";
import { type Answer, isFailure, latency } from "../load";
import { answeredRate, type Phase } from "./phases";

/** Seconds at three percentiles. */
export interface Percentiles {
    readonly p50: number;
    readonly p95: number;
    readonly p99: number;
}

/** The figures of one phase. */
export interface PhaseFigures {
    readonly name: string;
    readonly requests: number;
    /** Requests a second that were answered within its time. */
    readonly rate: number;
    /** From when a request was due until it was answered. */
    readonly latency: Percentiles;
    /** Without the time that the model took; undefined where the server does not tell it. */
    readonly wait: Percentiles | undefined;
    readonly failed: number;
    readonly late: number;
}

export function phaseFigures(phase: Phase): PhaseFigures {
    const { answers, failed, late, planned } = phase.result;
    const good = answers.filter((answer) => !isFailure(answer));
    const waits = good.flatMap((answer) => waitOf(answer) ?? []);
    return {
        name: phase.name,
        requests: planned,
        rate: answeredRate(phase),
        latency: percentilesOf(good.map(latency)),
        wait: waits.length > 0 ? percentilesOf(waits) : undefined,
        failed,
        late,
    };
}

/** Of Ollama's answers: the time of the prompt and of the answer, in nanoseconds. What is left of the latency is the wait. */
export const workFields = ["prompt_eval_duration", "eval_duration"] as const;

/** Seconds for which a request waited, in any queue; undefined where its server does not tell how long it worked. */
export function waitOf(answer: Answer): number | undefined {
    return answer.value === undefined ? undefined : Math.max(0, latency(answer) - answer.value / 1e9);
}

function percentilesOf(values: readonly number[]): Percentiles {
    return { p50: percentile(values, 0.5), p95: percentile(values, 0.95), p99: percentile(values, 0.99) };
}

/** What happened in some seconds of a campaign. */
export interface Window {
    /** Its beginning, in seconds from the start of the campaign. */
    readonly t: number;
    /** A second. */
    readonly sent: number;
    readonly answered: number;
    /** Of requests that were due in it; undefined where there was none. */
    readonly p50: number | undefined;
    readonly p95: number | undefined;
}

/** When a campaign started, milliseconds since 1970. */
export function startOf(phases: readonly Phase[]): number {
    return phases[0]?.result.startedAt ?? 0;
}

/** Windows of all phases on one time axis. Percentiles are of the wait, or of the latency where waits are not known. */
export function windowsOf(phases: readonly Phase[], windowSeconds: number): Window[] {
    const start = startOf(phases);
    const all = phases.flatMap(({ result }) => {
        const offset = (result.startedAt - start) / 1000;
        return result.answers.map((answer) => ({
            due: offset + answer.due,
            ended: offset + answer.ended,
            seconds: isFailure(answer) ? undefined : (waitOf(answer) ?? latency(answer)),
        }));
    });
    const end = all.reduce((last, { ended }) => Math.max(last, ended), 0);
    return Array.from({ length: Math.ceil(end / windowSeconds) }, (_, i) => {
        const [from, until] = [i * windowSeconds, (i + 1) * windowSeconds];
        const within = (time: number) => time >= from && time < until;
        const due = all.filter((one) => within(one.due));
        const seconds = due.flatMap((one) => one.seconds ?? []);
        const part = (share: number) => (seconds.length > 0 ? percentile(seconds, share) : undefined);
        return {
            t: from,
            sent: due.length / windowSeconds,
            answered: all.filter((one) => within(one.ended)).length / windowSeconds,
            p50: part(0.5),
            p95: part(0.95),
        };
    });
}
