import { setTimeout as sleep } from "node:timers/promises";
import type { Expected, Fault } from "./fault";
import type { Flow } from "./flow";
import type { Change, Recorder, SeenAlert } from "./record";
import { retried, type Stage } from "./stage";
import { calm, exporter, stampedExporter, subjects } from "./subjects";

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

/** What a trial needs. */
export interface Means {
    readonly stage: Stage;
    readonly flow: Flow;
    readonly recorder: Recorder;
    /** Sets the requests each second on `cpu`. */
    readonly drive: (rate: number) => Promise<void>;
    readonly log: (line: string) => void;
}

/** Seconds for alerts to fire, for replicas to follow and for alerts to end. */
const patience = 300;
/** Seconds after the end for which no replica may be missing, either. */
const afterwards = 30;
const rates = { calm: 5, grown: 12 } as const;

/** Brings a fault about under load, takes it away when what is expected was seen, and sees everything recover. */
export async function tryFault(means: Means, fault: Fault): Promise<Trial> {
    const { stage, flow, recorder } = means;
    const before = await flow.drain();
    await atRest(means, fault.queueAtZero ?? false);
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

/** Whether the autoscaler says that it has no metric: the alerts on which faults are judged. */
export function isBlind({ alert }: Pick<SeenAlert, "alert">): boolean {
    return alert === "AutoscalerBlind" || alert === "AutoscalerOnFallback";
}

/** Whether an alert is the one that was expected. */
export function isExpected(seen: Omit<SeenAlert, "at">, { alert, autoscaler, hop }: Expected): boolean {
    return seen.alert === (alert ?? "AutoscalerBlind") && seen.autoscaler === autoscaler && seen.hop === hop;
}

function hasFired({ alerts }: Recorder, expected: Expected): boolean {
    return alerts.some((seen) => isExpected(seen, expected));
}

/** Every autoscaler has the replicas that the demand asks for, messages flow, and no alert fires. */
async function atRest(means: Means, queueAtZero: boolean): Promise<void> {
    const { flow, recorder } = means;
    await setDemand(means, "calm");
    if (queueAtZero) flow.level = "none";
    const restless = () => [
        ...subjects
            .map((subject) => ({ ...subject, now: recorder.desired(subject.name) }))
            .map((subject) =>
                queueAtZero && subject.name === "consumer" ? { ...subject, asks: 0 } : subject,
            )
            .filter(({ asks, atLeast = asks, grown, now }) =>
                // What wavers may do so in both directions.
                atLeast === asks ? now !== asks : now < atLeast || now >= grown,
            )
            .map(({ name, asks, now }) => `${name} has ${now} replicas and not ${asks}`),
        ...(
            recorder.firing?.filter(isBlind) ?? [
                { alert: "Alertmanager does not answer", autoscaler: "", hop: "" },
            ]
        ).map(({ alert, autoscaler, hop }) => `${alert} ${autoscaler} ${hop}`.trim()),
    ];
    // Twice, some seconds apart: a rest in passing is none.
    for (let calm = 0; calm < 2; ) {
        if (!(await until(patience, () => restless().length === 0)))
            throw new Error(`not at rest before the fault: ${restless().join("; ")}`);
        await sleep(5000);
        calm = restless().length === 0 ? calm + 1 : 0;
    }
}

async function setDemand({ stage, flow, drive }: Means, to: "calm" | "grown"): Promise<void> {
    flow.level = to;
    await drive(rates[to]);
    const grown = { plain: "50", asleep: "20", large: "50", small: "10" } as const;
    const values = to === "calm" ? calm : grown;
    for (const [name, value] of Object.entries(values)) await stage.tell(exporter, `set/${name}/${value}`);
    await stage.tell(stampedExporter, `set/plain/${values.plain}`);
}

/** Looks until it is so, at most so many seconds; says whether it is. */
async function until(seconds: number, so: () => boolean): Promise<boolean> {
    const deadline = Date.now() + seconds * 1000;
    while (!so()) {
        if (Date.now() > deadline) return false;
        await sleep(200);
    }
    return true;
}
