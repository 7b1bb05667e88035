import { percentile } from "../bench/spread";
import { metricsServerSeconds, pollingSeconds, type Subject, scrapeSeconds } from "./subjects";

/** Reaction times that periods alone would give. */
export interface Modelled {
    readonly p50: number;
    readonly p95: number;
}

/** Seconds between two evaluations of the rule that records demand. */
const ruleSeconds = 1;

/**
 * The time from a step in demand to a new number of replicas, as the sum of waits for things that happen at intervals, each
 * uniform and independent of the others: the scrape, the rule, the part of a rate's window that the step needs to fill
 * before more is wanted, and the look of the HPA, or of KEDA at zero. No time for the work itself.
 */
export function modelled(subject: Subject, syncSeconds: number, draws = 20_000): Modelled {
    const times = Array.from({ length: draws }, () => draw(subject, syncSeconds));
    return { p50: percentile(times, 0.5), p95: percentile(times, 0.95) };
}

function draw(subject: Subject, syncSeconds: number): number {
    const wait = (period: number) => Math.random() * period;
    const atZero = subject.base === 0 && subject.backend === "keda";
    const look = wait(atZero ? pollingSeconds[subject.settings] : syncSeconds);
    if (subject.workload.cpu) return filling(subject) + wait(metricsServerSeconds) + look;
    if (subject.direct) return look;
    // A GPU's exporter measures as often as it is scraped.
    const measure = subject.workload.gpu ? wait(scrapeSeconds[subject.settings]) : 0;
    return filling(subject) + measure + wait(scrapeSeconds[subject.settings]) + wait(ruleSeconds) + look;
}

/** Seconds of its window that a rate needs until it passes what the HPA tolerates, a tenth above the target. */
function filling({ from, to, base, windowSeconds, signals: [signal], workload }: Subject): number {
    if (windowSeconds === 0 || signal === undefined) return 0;
    // Of cpu the target is a share; at the step its usage is as many times the target as replicas are the goal's.
    const target = workload.cpu ? (50 * 0.6) / 15 : signal.target;
    const tolerated = 1.1 * target * base;
    return windowSeconds * Math.max(0, (tolerated - from) / (to - from));
}
