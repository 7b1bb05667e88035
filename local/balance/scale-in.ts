import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, isFailure, type LoadResult, latency } from "../load";

/** What became of requests while the servers behind the single queue became fewer, none, and as many again. */
export interface ScaleIn {
    readonly requests: number;
    readonly failed: number;
    /** Requests that came while there was no server, and were answered. */
    readonly held: number;
    readonly longestHeldSeconds: number;
    /** In words, such as "4, 2, 4, 0, 4". */
    readonly replicas: string;
}

/** What the part needs of a cluster; tests bring their own. */
export interface Servers {
    readonly scale: (replicas: number) => Promise<void>;
    /** Resolves when no pod is left. */
    readonly gone: () => Promise<void>;
    /** Resolves when that many are Ready. */
    readonly ready: (replicas: number) => Promise<void>;
}

/** Milliseconds since 1970 between which there was no server. */
export interface Without {
    readonly from: number;
    readonly until: number;
}

/** Seconds of load: the changes, and time for what has waited. */
export const loadSeconds = 150;

/** Under load: to half, back, to none, and back. */
export async function changeReplicas(
    { scale, gone, ready }: Servers,
    replicas: number,
    pauseSeconds = 20,
): Promise<Without> {
    const pause = () => sleep(pauseSeconds * 1000);
    await pause();
    await scale(replicas / 2);
    await pause();
    await scale(replicas);
    await ready(replicas);
    await pause();
    await scale(0);
    await gone();
    const from = Date.now();
    await pause();
    const until = Date.now();
    await scale(replicas);
    await ready(replicas);
    return { from, until };
}

/** The figures, of answers and of the time without servers. */
export function scaleInFigures(
    { answers, startedAt, failed }: Pick<LoadResult, "answers" | "startedAt" | "failed">,
    { from, until }: Without,
    replicas: number,
): ScaleIn {
    const arrived = ({ due }: Answer) => startedAt + 1000 * due;
    const held = answers.filter(
        (answer) => arrived(answer) >= from && arrived(answer) < until && !isFailure(answer),
    );
    return {
        requests: answers.length,
        failed,
        held: held.length,
        longestHeldSeconds: Math.max(0, ...held.map(latency)),
        replicas: [replicas, replicas / 2, replicas, 0, replicas].join(", "),
    };
}
