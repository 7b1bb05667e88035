import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./fault";
import type { Flow } from "./flow";
import type { Recorder, SeenAlert } from "./record";
import type { Stage } from "./stage";
import { calm, exporter, type Subject, stampedExporter, subjects } from "./subjects";

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
export const patience = 420;
const rates = { calm: 5, grown: 12 } as const;

/** Waits until every autoscaler has the replicas that the demand asks for, messages flow, and no alert fires. */
export async function atRest(means: Means, fault: Fault): Promise<void> {
    const { flow, recorder } = means;
    await setDemand(means, "calm");
    if (fault.queueAtZero) flow.level = "none";
    const found = () => restless(fault, (name) => recorder.desired(name), recorder.firing);
    // Twice, some seconds apart: a rest in passing is none.
    for (let calm = 0; calm < 2; ) {
        if (!(await until(patience, () => found().length === 0)))
            throw new Error(`not at rest before the fault: ${found().join("; ")}`);
        await sleep(3000);
        calm = found().length === 0 ? calm + 1 : 0;
    }
}

/** What is not as it has to be before a fault begins, in words. */
export function restless(
    { queueAtZero, expected }: Pick<Fault, "queueAtZero" | "expected">,
    desired: (name: string) => number,
    firing: readonly Omit<SeenAlert, "at">[] | undefined,
): string[] {
    const isCalm = ({ name, asks, atLeast = asks, grown }: Subject) => {
        const now = desired(name);
        if (name === "consumer" && queueAtZero) return now === 0;
        if (atLeast === asks) return now === asks;
        // What wavers may, and has to come down only where the fault is its own.
        return now >= atLeast && (now < grown || !expected.some(({ autoscaler }) => autoscaler === name));
    };
    return [
        ...subjects
            .filter((subject) => !isCalm(subject))
            .map(({ name, asks }) => `${name} has ${desired(name)} replicas, and ${asks} are asked for`),
        ...(firing === undefined ? ["Alertmanager does not answer"] : []),
        ...(firing ?? [])
            .filter(isBlind)
            .map(({ alert, autoscaler, hop }) => `${alert} ${autoscaler} ${hop}`),
    ];
}

/** Whether it says that the autoscaler has no metric, or nobody to tell: the alerts on which faults are judged. */
export function isBlind({ alert }: Pick<SeenAlert, "alert">): boolean {
    return ["AutoscalerBlind", "AutoscalerOnFallback", "AutoscalerUnwatched"].includes(alert);
}

export async function setDemand({ stage, flow, drive }: Means, to: "calm" | "grown"): Promise<void> {
    flow.level = to;
    await drive(rates[to]);
    const grown = { plain: "50", asleep: "20", large: "50", small: "10" } as const;
    const values = to === "calm" ? calm : grown;
    for (const [name, value] of Object.entries(values)) await stage.tell(exporter, `set/${name}/${value}`);
    await stage.tell(stampedExporter, `set/plain/${values.plain}`);
}

/** Looks until it is so, at most so many seconds; says whether it is. */
export async function until(seconds: number, so: () => boolean): Promise<boolean> {
    const deadline = Date.now() + seconds * 1000;
    while (!so()) {
        if (Date.now() > deadline) return false;
        await sleep(200);
    }
    return true;
}
