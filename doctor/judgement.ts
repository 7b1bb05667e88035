import type { Failure } from "./read/answer";
import { rightFor } from "./read/api";

/**
 * What is said of a hop. `ok`: looked at and in order; `broken`: looked at and not; `unknown`: could not look;
 * `none`: not part of this chain, or nothing to look at now.
 */
export type Verdict = "ok" | "broken" | "unknown" | "none";

/** What a hop found. */
export interface Judgement {
    readonly verdict: Verdict;
    /** What was looked at, and what was seen there. */
    readonly evidence: readonly string[];
    /** What is worth knowing and no fault. */
    readonly notes?: readonly string[];
    /** Of a broken hop: why, in one sentence. Of an unknown one: why nobody could look. */
    readonly why?: string;
    /** What to do: a command, or a change. */
    readonly fix?: string;
    /** The right that was missing. */
    readonly right?: string;
}

export function ok(evidence: readonly string[] | string, notes: readonly string[] = []): Judgement {
    return { verdict: "ok", evidence: [evidence].flat(), ...(notes.length > 0 && { notes }) };
}

export function broken(why: string, fix: string, evidence: readonly string[] | string = []): Judgement {
    return { verdict: "broken", why, fix, evidence: [evidence].flat() };
}

/** Not part of this chain, or nothing to look at now. */
export function none(evidence: string): Judgement {
    return { verdict: "none", evidence: [evidence] };
}

/** Could not look, because of a failure on the way there. */
export function unknown(what: string, failure: Failure): Judgement {
    const evidence = [`${what}: ${failure.message}`];
    if (failure.kind !== "forbidden") {
        const fix = `See whether \`kubectl get --raw '${failure.path}'\` answers.`;
        return { verdict: "unknown", evidence, why: `${what}: ${failure.message}`, fix };
    }
    const right = rightFor(failure.path);
    const fix = `Grant the right to ${right}: docs/doctor.md has the whole role.`;
    return { verdict: "unknown", evidence, why: `the right to ${right} is missing`, fix, right };
}

/** Could not look, for another reason than a request that failed. */
export function unseen(why: string, fix: string, evidence: readonly string[] | string = []): Judgement {
    return { verdict: "unknown", why, fix, evidence: [evidence].flat() };
}

const severity: readonly Verdict[] = ["broken", "unknown", "ok", "none"];

/**
 * Judgements of one hop as one: the worst verdict with its reason, the evidence of all.
 *
 * @param parts - what is judged, for the evidence to name where there are several, with its judgement.
 */
export function together(parts: readonly (readonly [string, Judgement])[]): Judgement {
    const [only] = parts;
    if (!only) return none("not part of this chain");
    if (parts.length === 1) return only[1];
    const worst = severity
        .map((verdict) => parts.find(([, judgement]) => judgement.verdict === verdict))
        .find((part) => part !== undefined) as readonly [string, Judgement];
    const named = (pick: (judgement: Judgement) => readonly string[] | undefined) => [
        ...new Set(
            parts.flatMap(([name, judgement]) => (pick(judgement) ?? []).map((line) => `${name}: ${line}`)),
        ),
    ];
    const notes = named((judgement) => judgement.notes);
    const [name, { verdict, why, fix, right }] = worst;
    return {
        verdict,
        evidence: named((judgement) => judgement.evidence),
        ...(notes.length > 0 && { notes }),
        ...(why !== undefined && { why: `${name}: ${why}` }),
        ...(fix !== undefined && { fix }),
        ...(right !== undefined && { right }),
    };
}
