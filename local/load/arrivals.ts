import type { Arrivals, RatePhase } from "./plan";
import { exponential, type Random, seeded } from "./random";

/** The times of an open loop in seconds from its start, ascending: the same for the same seed. */
export function arrivalTimes(arrivals: Exclude<Arrivals, { kind: "clients" }>): readonly number[] {
    if (arrivals.kind === "trace") return arrivals.at;
    const { kind, phases, seed } = arrivals;
    const random = seeded(seed);
    let begin = 0;
    return phases.flatMap((phase) => {
        const from = begin;
        begin += phase.seconds;
        const times = kind === "even" ? evenTimes(phase) : poissonTimes(phase, random);
        return times.map((time) => from + time);
    });
}

/** The first one at once. */
function evenTimes({ seconds, rate }: RatePhase): number[] {
    return Array.from({ length: Math.round(seconds * rate) }, (_, i) => i / rate);
}

/** Independent users: the pauses between them are exponential, whatever has been before. */
function poissonTimes({ seconds, rate }: RatePhase, random: Random): number[] {
    const times: number[] = [];
    if (rate === 0) return times;
    for (let time = exponential(random, 1 / rate); time < seconds; time += exponential(random, 1 / rate))
        times.push(time);
    return times;
}
