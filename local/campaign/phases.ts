import { setTimeout as sleep } from "node:timers/promises";
import { isFailure, type LoadPlan, type LoadResult } from "../load";

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
 * closed loop says of a server is what it does to clients that wait for it.
 *
 * @throws Error when none of the requests of a phase is answered, with the reason of the first.
 */
export async function runPhases(campaign: Campaign): Promise<Phase[]> {
    const { clients, seconds } = campaign;
    const closed: Phase[] = [];
    for (const count of clients) {
        const arrivals = { kind: "clients", phases: [{ seconds, clients: count }] } as const;
        closed.push(await onePhase(campaign, `${count} clients`, arrivals));
    }
    const open: Phase[] = [];
    for (const [index, phase] of closed.entries()) {
        const rate = answeredRate(phase);
        const arrivals = { kind: "poisson", phases: [{ seconds, rate }], seed: index + 1 } as const;
        open.push(await onePhase(campaign, `${rate.toFixed(2)} requests/s`, arrivals));
    }
    return [...closed, ...open];
}

async function onePhase(
    { question, seconds, load, log, pauseSeconds = 5 }: Campaign,
    name: string,
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
