import { setTimeout as sleep } from "node:timers/promises";
import type { Expected, Fault } from "./fault";
import type { Change, Recorder, SeenAlert } from "./record";
import { atRest, isBlind, type Means, patience, setDemand, until } from "./rest";
import { retried } from "./stage";
import { subjects } from "./subjects";

/** What happened in and after one fault. Seconds count from its beginning. */
export interface Trial {
    readonly fault: string;
    readonly expected: readonly Expected[];
    readonly changes: readonly Change[];
    readonly alerts: readonly SeenAlert[];
    /** When it was taken away. */
    readonly endedAt: number;
    /** For how long replicas were watched. */
    readonly watchedFor: number;
    /** Seconds from its end until every autoscaler had followed a larger demand; undefined: some did not. */
    readonly followsAfter?: number | undefined;
    /** Those that did not. */
    readonly lagging: readonly string[];
    /** Seconds from its end until no alert fired any more; undefined: one still did. */
    readonly quietAfter?: number | undefined;
    /** Messages of the queue in this time. */
    readonly published: number;
    readonly consumed: number;
    /** The fewest that waited: below 41 three consumers are not asked for. */
    readonly lowestQueue: number;
}

/** Seconds after the end for which no replica may be missing, either. */
const afterwards = 30;

/** Brings a fault about under load, takes it away when what is expected was seen, and sees everything recover. */
export async function tryFault(means: Means, fault: Fault): Promise<Trial> {
    const { stage, flow, recorder } = means;
    const before = await flow.drain();
    await atRest(means, fault);
    flow.lowest = Number.POSITIVE_INFINITY;
    recorder.begin();
    let endedAt: number;
    try {
        await fault.begin(stage, flow);
        await sleep((fault.seconds ?? 45) * 1000 - recorder.now() * 1000);
        await until(patience, () => fault.expected.every((one) => hasFired(recorder, one)));
    } finally {
        endedAt = recorder.now();
        await retried(60, () => fault.end(stage));
    }
    await setDemand(means, "grown");
    const lagging = () =>
        subjects
            .filter(({ control, name, grown }) => !control && recorder.desired(name) < grown)
            .map(({ name }) => name);
    const followed = await until(patience, () => lagging().length === 0);
    const followsAfter = followed ? recorder.now() - endedAt : undefined;
    const quiet = await until(patience, () => recorder.firing?.filter(isBlind).length === 0);
    const quietAfter = quiet ? recorder.now() - endedAt : undefined;
    await sleep((endedAt + afterwards - recorder.now()) * 1000);
    const watched = {
        changes: [...recorder.changes],
        alerts: [...recorder.alerts],
        watchedFor: recorder.now(),
    };
    const late = lagging();
    await setDemand(means, "calm");
    const lowestQueue = flow.lowest;
    const after = await flow.drain();
    return {
        fault: fault.name,
        expected: fault.expected,
        ...watched,
        endedAt,
        followsAfter,
        lagging: followed ? [] : late,
        quietAfter,
        published: after.published - before.published,
        consumed: after.consumed - before.consumed,
        lowestQueue,
    };
}

/** Whether an alert is the one that was expected. */
export function isExpected(seen: Omit<SeenAlert, "at">, { alert, autoscaler, hop }: Expected): boolean {
    return seen.alert === (alert ?? "AutoscalerBlind") && seen.autoscaler === autoscaler && seen.hop === hop;
}

function hasFired({ alerts }: Recorder, expected: Expected): boolean {
    return alerts.some((seen) => isExpected(seen, expected));
}
