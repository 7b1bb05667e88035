/** The next number from 0 up to, and without, 1. */
export type Random = () => number;

/** Marsaglia's xorshift with 32 bits, started by a seed: the same numbers again wherever it runs. */
export function seeded(seed: number): Random {
    // The seed itself would start seeds that are near each other alike, and zero never moves.
    let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) || 1;
    const next = () => {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return (state >>> 0) / 2 ** 32;
    };
    for (let i = 0; i < 16; i++) next();
    return next;
}

/** A number from the exponential distribution with this mean. */
export function exponential(random: Random, mean: number): number {
    return -mean * Math.log(1 - random());
}
