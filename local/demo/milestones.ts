import type { QueueResult } from "./queue-result";

export interface Milestone {
    /** Seconds since the burst. */
    t: number;
    label: string;
}

/** A milestone with the row of its label in the strip above a plot; 0 is the lowest. */
export interface PlacedMilestone extends Milestone {
    row: number;
}

/** The moments of a run that came, in their order, with their time in the label. */
export function milestones(result: QueueResult): Milestone[] {
    const { expectedReplicas } = result;
    const all: [string, number | null][] = [
        ["first Ready", result.firstReadySeconds],
        // Where one replica is all that the burst asks for, the first is all.
        [`all ${expectedReplicas} Ready`, expectedReplicas === 1 ? null : result.allReadySeconds],
        ["drained", result.drainedSeconds],
        ["back to zero", result.backToZeroSeconds],
    ];
    return all
        .flatMap(([name, t]) => (t === null ? [] : [{ t, label: `${name} ${t.toFixed(1)} s` }]))
        .sort((a, b) => a.t - b.t);
}

/**
 * Gives each label, which stands right of its mark's line, a row where nothing crosses it: later labels
 * come lower, so that the line of a later mark, which ends at its own label, stays below earlier ones.
 * @param width of the plot, pixels
 * @param end of the time axis, seconds
 * @param charWidth an average character, pixels
 */
export function placeLabels(
    marks: readonly Milestone[],
    width: number,
    end: number,
    charWidth: number,
): PlacedMilestone[] {
    const gap = 10;
    const placed: (PlacedMilestone & { x: number })[] = [];
    for (const mark of marks.toReversed()) {
        const x = (mark.t / end) * width;
        const until = x + mark.label.length * charWidth + gap;
        const crossing = placed.filter((later) => later.x < until).map((later) => later.row);
        placed.push({ ...mark, x, row: Math.max(-1, ...crossing) + 1 });
    }
    return placed.reverse().map(({ x: _, ...mark }) => mark);
}
