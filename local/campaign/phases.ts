import { setTimeout as sleep } from "node:timers/promises";
import { isFailure, type LoadPlan, type LoadResult, latency } from "../load";

/** One part of a campaign, and what became of its requests. */
export interface Phase {
    /** In words, such as "8 clients". */
    readonly name: string;
    readonly seconds: number;
    readonly result: LoadResult;
}

/** What is asked, without when. */
export type Question = Omit<LoadPlan, "arrivals">;

export interface Campaign {
    readonly question: Question;
    /** Clients at a time, for each phase of the closed loop. */
    readonly clients: readonly number[];
    /** Seconds of each phase. */
    readonly seconds: number;
    readonly load: (plan: LoadPlan) => Promise<LoadResult>;
    readonly log: (line: string) => void;
    /** Between two phases. @default 5 */
    readonly pauseSeconds?: number;
}

/**
 * First clients that ask again as soon as they are answered, then as many requests a second from independent users: what a
 * closed loop says of a server is what it does to clients that wait for it. Each phase is handed out as soon as it is over,
 * so that what was measured is not lost with one that fails.
 *
 * @throws Error when none of the requests of a phase is answered, with the reason of the first, or none in its time.
 */
export async function* runPhases(campaign: Campaign): AsyncGenerator<Phase> {
    const { clients, seconds } = campaign;
    // Servers that were scaled to zero are started before anything is measured: that takes as long as their model is large.
    await onePhase(campaign, "warm-up", 1, { kind: "clients", phases: [{ seconds: 1, clients: 1 }] });
    const closed: Phase[] = [];
    for (const count of clients) {
        const arrivals = { kind: "clients", phases: [{ seconds, clients: count }] } as const;
        const phase = await onePhase(campaign, `${count} clients`, seconds, arrivals);
        closed.push(phase);
        yield phase;
    }
    for (const [index, phase] of closed.entries()) {
        const rate = answeredRate(phase);
        if (rate === 0) throw new Error(tooShort(campaign, phase));
        const arrivals = { kind: "poisson", phases: [{ seconds, rate }], seed: index + 1 } as const;
        yield await onePhase(campaign, `${rate.toFixed(2)} requests/s`, seconds, arrivals);
    }
}

function tooShort({ question, seconds }: Campaign, { name, result }: Phase): string {
    const soonest = Math.min(...result.answers.filter((answer) => !isFailure(answer)).map(latency));
    return (
        `${question.url} answered none of the requests of the phase "${name}" within its ${seconds} s (the first took ` +
        `${soonest.toFixed(1)} s), so there is no rate to send again: give phases of several times as many seconds.`
    );
}

async function onePhase(
    { question, load, log, pauseSeconds = 5 }: Campaign,
    name: string,
    seconds: number,
    arrivals: LoadPlan["arrivals"],
): Promise<Phase> {
    log(`${name}, ${seconds} s`);
    const result = await load({ ...question, arrivals });
    const { answers, failed } = result;
    if (answers.length === failed) {
        const [first] = answers;
        const why = first === undefined ? "nothing was sent" : `${first.status} ${first.error ?? ""}`.trim();
        throw new Error(`${question.url} answered none of the requests of the phase "${name}": ${why}`);
    }
    await sleep(pauseSeconds * 1000);
    return { name, seconds, result };
}

/** Requests a second that were answered within the time of a phase, rounded so that it can be said and sent. */
export function answeredRate({ seconds, result }: Phase): number {
    const answered = result.answers.filter((answer) => !isFailure(answer) && answer.ended <= seconds);
    return Math.round((100 * answered.length) / seconds) / 100;
}
