import type { Expected } from "./fault";
import { isBlind } from "./rest";
import { fallbackReplicas, type Subject, subjects } from "./subjects";
import { isExpected, type Trial } from "./trial";

/** What a trial comes to. */
export interface Verdict {
    /** Everything that went wrong, in words; empty where nothing did. */
    readonly problems: readonly string[];
    /** Seconds until the first and until the last of the expected alerts fired; undefined where none did. */
    readonly fired?: readonly [first: number, last: number];
    /** Alerts that name another hop than the expected one, as `autoscaler: hop`. */
    readonly elsewhere: readonly string[];
    /** What became of the autoscalers that are wrong on purpose, as `name 3 → 1 after 9 s`; without those that held. */
    readonly controls: readonly string[];
}

/** Judges a trial. */
export function judge(trial: Trial): Verdict {
    const during = trial.alerts.filter((seen) => isBlind(seen) && seen.at <= trial.endedAt);
    const times = trial.expected
        .map((expected) => during.find((seen) => isExpected(seen, expected))?.at)
        .filter((at) => at !== undefined);
    const unexpected = during.filter(
        (seen) => !trial.expected.some((expected) => isExpected(seen, expected)),
    );
    return {
        problems: [
            ...subjects
                .filter(({ control }) => !control)
                .flatMap((subject) => replicaProblems(trial, subject)),
            ...missingAlerts(trial).map((expected) => `no alert on ${named(expected)}`),
            ...messageProblems(trial),
            ...recoveryProblems(trial),
        ],
        ...(times.length > 0 && { fired: [Math.min(...times), Math.max(...times)] as const }),
        elsewhere: unexpected.map(named),
        controls: subjects
            .filter(({ control }) => control)
            .flatMap((subject) => controlLosses(trial, subject)),
    };
}

/** Fewer replicas than the demand asks for, while the fault lasts and after; or replicas that an outage has woken. */
function replicaProblems(trial: Trial, subject: Subject): string[] {
    const { name, asks, atLeast = asks } = subject;
    const own = trial.changes.filter((change) => change.name === name);
    const before = own[0]?.desired;
    if (before === undefined) return [`${name} was not seen`];
    // Of one that had none the demand has just begun.
    const least = Math.min(atLeast, before);
    const lost = own.find(({ desired }) => desired < least);
    const woken = asks === 0 && own.find(({ desired, at }) => desired > 0 && at < trial.endedAt);
    const onFallback = trial.expected.some(
        ({ alert, autoscaler }) => alert === "AutoscalerOnFallback" && autoscaler === name,
    );
    const fellBack = own.some(({ desired, at }) => desired === fallbackReplicas && at < trial.endedAt);
    return [
        ...(lost
            ? [`${name} went from ${before} to ${lost.desired} replicas after ${lost.at.toFixed(0)} s`]
            : []),
        ...(woken ? [`${name} was woken after ${woken.at.toFixed(0)} s`] : []),
        ...(onFallback && !fellBack ? [`${name} did not go to its fallback`] : []),
    ];
}

function missingAlerts({ alerts, expected, endedAt }: Trial): Expected[] {
    return expected.filter((one) => !alerts.some((seen) => seen.at <= endedAt && isExpected(seen, one)));
}

function messageProblems({ published, consumed, lowestQueue }: Trial): string[] {
    return [
        ...(published === 0 ? ["no message was published"] : []),
        ...(consumed < published ? [`${published - consumed} messages lost`] : []),
        ...(consumed > published ? [`${consumed - published} messages doubled`] : []),
        // Then fewer consumers would have been right, and nothing is proven.
        ...(lowestQueue <= 40 ? [`the queue ran low: ${lowestQueue} messages`] : []),
    ];
}

function recoveryProblems({ lagging, quietAfter, alerts, endedAt }: Trial): string[] {
    const firing = alerts.filter((seen) => isBlind(seen) && seen.at <= endedAt).map(named);
    return [
        ...(lagging.length > 0 ? [`does not follow demand again: ${lagging.join(", ")}`] : []),
        ...(quietAfter === undefined ? [`alerts do not end: ${firing.join(", ")}`] : []),
    ];
}

function controlLosses({ changes, endedAt }: Trial, { name }: Subject): string[] {
    const own = changes.filter((change) => change.name === name && change.at <= endedAt);
    const before = own[0]?.desired ?? 0;
    const least = Math.min(...own.map(({ desired }) => desired));
    const first = own.find(({ desired }) => desired < before);
    return first ? [`${name} ${before} → ${least} after ${first.at.toFixed(0)} s`] : [];
}

function named({ autoscaler, hop, alert }: { autoscaler: string; hop: string; alert?: string }): string {
    return alert === undefined || alert === "AutoscalerBlind"
        ? `${autoscaler}: ${hop}`
        : `${autoscaler}: ${alert}`;
}
