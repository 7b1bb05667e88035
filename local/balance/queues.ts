import type { Random } from "../load";

/** A request as it comes: when, and for how long a server has to work on it. Seconds. */
export interface Job {
    readonly at: number;
    readonly seconds: number;
}

/** Ways to give requests to servers with one slot each. Ties are broken by chance. */
export type Way = "random" | "turns" | "two choices" | "least" | "single queue";

/** How long each request waits for its turn, with so many servers that begin empty and serve in order of arrival. */
export function waits(way: Way, jobs: readonly Job[], servers: number, random: Random): number[] {
    return way === "single queue" ? sharedWaits(jobs, servers) : chosenWaits(way, jobs, servers, random);
}

/** One queue: the recursion of Kiefer and Wolfowitz. What it keeps is when each server is free. */
function sharedWaits(jobs: readonly Job[], servers: number): number[] {
    const free = Array<number>(servers).fill(0);
    return jobs.map(({ at, seconds }) => {
        const first = free.indexOf(Math.min(...free));
        const begun = Math.max(at, free[first] ?? 0);
        free[first] = begun + seconds;
        return begun - at;
    });
}

/** A queue at each server: the recursion of Lindley for each, and a count of what is there. */
function chosenWaits(
    way: Exclude<Way, "single queue">,
    jobs: readonly Job[],
    servers: number,
    random: Random,
): number[] {
    const free = Array<number>(servers).fill(0);
    const ends = Array.from({ length: servers }, () => [] as number[]);
    const any = () => Math.floor(random() * servers);
    const shortest = (candidates: readonly number[]) => {
        const lengths = candidates.map((server) => ends[server]?.length ?? 0);
        const best = candidates.filter((_, i) => lengths[i] === Math.min(...lengths));
        return best[Math.floor(random() * best.length)] ?? 0;
    };
    const all = free.map((_, server) => server);
    return jobs.map(({ at, seconds }, i) => {
        for (const own of ends) while ((own[0] ?? Number.POSITIVE_INFINITY) <= at) own.shift();
        const server = {
            random: any,
            turns: () => i % servers,
            // As HAProxy draws: each time among all, so that both may be the same.
            "two choices": () => shortest([any(), any()]),
            least: () => shortest(all),
        }[way]();
        const begun = Math.max(at, free[server] ?? 0);
        free[server] = begun + seconds;
        ends[server]?.push(begun + seconds);
        return begun - at;
    });
}

/** Erlang's C: the share of requests that wait, with so many servers that are busy for this part of the time. */
export function erlangC(servers: number, utilization: number): number {
    const load = servers * utilization;
    let term = 1;
    let sum = 1;
    for (let n = 1; n < servers; n++) {
        term *= load / n;
        sum += term;
    }
    const last = (term * load) / servers / (1 - utilization);
    return last / (sum + last);
}

/** The wait in one queue before so many servers, both exponential (M/M/k), in mean times of service. */
export function queueTheory(servers: number, utilization: number): { mean: number; p99: number } {
    const wait = erlangC(servers, utilization);
    const rate = servers * (1 - utilization);
    return { mean: wait / rate, p99: Math.max(0, Math.log(wait / 0.01) / rate) };
}
