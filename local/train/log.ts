/** What train.py says, line by line, with the time at which it was read. */

export interface LogLine {
    readonly text: string;
    /** Milliseconds since the epoch. */
    readonly at: number;
}

/** A step that something was done at, and when. */
export interface Moment {
    readonly step: number;
    readonly at: number;
}

export interface Step extends Moment {
    readonly loss: number;
    /** Examples a second, of all processes. */
    readonly rate: number;
}

/** A log as figures. */
export interface TrainingLog {
    /** Operating system's numbers of its processes, in the order in which they were started. */
    readonly processes: readonly number[];
    readonly steps: readonly Step[];
    readonly checkpoints: readonly Moment[];
    /** From which steps it went on. */
    readonly resumed: readonly Moment[];
    /** How it ended, if it did: the last step, and which share of examples that it had not seen it reads. */
    readonly finished: { readonly step: number; readonly share: number } | undefined;
}

/** Reads a log; lines of others, such as torchrun's, say nothing. */
export function readLog(lines: readonly LogLine[]): TrainingLog {
    const all = (pattern: RegExp) =>
        lines.flatMap(({ text, at }) => {
            const found = pattern.exec(text);
            return found ? [{ words: found.slice(1).map(Number), at }] : [];
        });
    const moments = (pattern: RegExp) => all(pattern).map(({ words: [step = 0], at }) => ({ step, at }));
    const steps = all(/^step (\d+) of \d+: loss ([\d.]+|nan|inf), (\d+) examples\/s$/).map(
        ({ words, at }) => {
            const [step = 0, loss = 0, rate = 0] = words;
            return { step, loss, rate, at };
        },
    );
    const [end] = all(/^finished: step (\d+), ([\d.]+) of \d+ other examples are right$/).slice(-1);
    return {
        processes: all(/^process \d+ of \d+: .*, id (\d+), /).map(({ words: [id = 0] }) => id),
        steps,
        checkpoints: moments(/^checkpoint: step (\d+) in /),
        resumed: moments(/^resumed: at step (\d+) from /),
        finished: end && { step: end.words[0] ?? 0, share: end.words[1] ?? 0 },
    };
}
