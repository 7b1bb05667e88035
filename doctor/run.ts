import { setTimeout as sleep } from "node:timers/promises";
import { label, named, subjects } from "./chain/subjects";
import { couldNotLook, type Failure, isMissing } from "./read/answer";
import { type Connection, Reads, rightFor } from "./read/api";
import { readSnapshot, type Session } from "./read/snapshot";
import { readWorld, type World } from "./read/world";
import type { Subject } from "./snapshot";
import { type Diagnosis, diagnose } from "./walk";

export interface Question {
    /** Namespace of the autoscaler. @default all */
    readonly namespace?: string | undefined;
    /** Name of the autoscaler, or of its target. @default all */
    readonly name?: string | undefined;
    /** Where to ask Prometheus. @default at its address in the cluster, through the API server */
    readonly prometheusUrl?: string | undefined;
}

/** The whole of an answer: each autoscaler that was asked about, and how long looking took. */
export interface Findings {
    readonly diagnoses: readonly Diagnosis[];
    /** Of those that nobody could look at: why. */
    readonly problem?: string;
    /** Of a name that no autoscaler has but an object that one could scale. */
    readonly without?: string;
    readonly seconds: number;
}

/** Autoscalers that are looked at together. More at a time would only queue at the API server. */
const parallel = 8;

/**
 * Looks at the autoscalers that a question is about. What a first look finds broken is looked at again a moment later,
 * for a cluster is read while it moves: what is gone by then was no fault.
 */
export async function ask(connection: Connection, question: Question): Promise<Findings> {
    const started = Date.now();
    const seconds = () => (Date.now() - started) / 1000;
    const first = await look(connection, question, () => true);
    const ailing = new Set(first.diagnoses.filter(({ health }) => health === "broken").map(label));
    if (ailing.size === 0 || seconds() > hurrySeconds) return { ...first, seconds: seconds() };
    await sleep(pauseMs);
    const second = await look(connection, question, (subject) => ailing.has(label(subject)));
    const latest = new Map(second.diagnoses.map((diagnosis) => [label(diagnosis), diagnosis]));
    const diagnoses = first.diagnoses.map((diagnosis) => latest.get(label(diagnosis)) ?? diagnosis);
    return { ...first, diagnoses, seconds: seconds() };
}

/** After a first look that took longer than this there is no time for a second. */
const hurrySeconds = 3.5;

/** Milliseconds between two looks. */
const pauseMs = 1200;

async function look(
    connection: Connection,
    question: Question,
    wants: (subject: Subject) => boolean,
): Promise<Omit<Findings, "seconds">> {
    const reads = new Reads(connection);
    const world = await readWorld(reads, question.namespace);
    const blind = blindness(world);
    if (blind) return { diagnoses: [], problem: blind };
    const all = subjects(world);
    const asked =
        question.name === undefined
            ? all.filter(({ namespace }) => !question.namespace || namespace === question.namespace)
            : named(all, question.namespace, question.name);
    if (asked.length === 0 && question.name !== undefined) {
        return { diagnoses: [], ...(await nameless(reads, question, all)) };
    }
    const prometheuses = new Map();
    const session: Session = { reads, world, all, prometheusUrl: question.prometheusUrl, prometheuses };
    const chosen = asked.filter(wants);
    const diagnoses: Diagnosis[] = [];
    for (let at = 0; at < chosen.length; at += parallel) {
        const some = chosen.slice(at, at + parallel);
        const judged = some.map(async (subject) => diagnose(await readSnapshot(session, subject)));
        diagnoses.push(...(await Promise.all(judged)));
    }
    return { diagnoses };
}

/** Why nothing at all can be said; undefined where autoscalers could be listed. */
function blindness({ hpas, scaledObjects }: World): string | undefined {
    if (!couldNotLook(hpas)) return undefined;
    if (scaledObjects.ok && scaledObjects.value.length > 0) return undefined;
    return refused(hpas.failure);
}

function refused(failure: Failure): string {
    if (failure.kind === "forbidden") {
        return `The right to ${rightFor(failure.path)} is missing: docs/doctor.md has the whole role. ${failure.message}`;
    }
    return `The cluster could not be looked at: ${failure.message.replace(/[.\s]+$/, "")}.`;
}

/** What to say of a name that is no autoscaler's. */
async function nameless(
    reads: Reads,
    { namespace, name }: Question,
    all: readonly Subject[],
): Promise<{ problem?: string; without?: string }> {
    if (namespace !== undefined) {
        for (const [kind, plural] of [
            ["Deployment", "deployments"],
            ["StatefulSet", "statefulsets"],
        ] as const) {
            const there = await reads.json(`/apis/apps/v1/namespaces/${namespace}/${plural}/${name}`);
            if (there.ok)
                return { without: `${kind} ${namespace}/${name} has no autoscaler: nothing scales it.` };
            if (!isMissing(there)) continue;
        }
    }
    const known = all.map((subject) => `${subject.namespace}/${subject.name}`);
    const list = known.length > 0 ? `There are: ${known.slice(0, 20).join(", ")}.` : "The cluster has none.";
    return {
        problem: `No autoscaler is called ${namespace ? `${namespace}/` : ""}${name}, or scales what is. ${list}`,
    };
}
