import { byRevision, conditionOf, isReady, secondsSince, type Trouble, troubleOf } from "../chain/pod-health";
import { type Judgement, together } from "../judgement";
import { valueOr } from "../read/answer";
import type { Pod } from "../read/objects";
import type { SignalFacts, Snapshot } from "../snapshot";
import type { SourceFacts } from "../snapshot-source";

/** Replicas that the target is told to have; undefined where that cannot be read. */
export function wantedReplicas({ target }: Snapshot): number | undefined {
    if (!target.scale.ok) return undefined;
    return target.scale.value.spec.replicas ?? 0;
}

/** Whether the target is to have no pods. */
export function atZero(snapshot: Snapshot): boolean {
    return wantedReplicas(snapshot) === 0;
}

/** Pods of the target that are not on their way out. */
export function livePods({ target }: Snapshot): Pod[] {
    return valueOr<readonly Pod[]>(target.pods, []).filter(
        ({ metadata, status }) =>
            metadata.deletionTimestamp === undefined &&
            status?.phase !== "Succeeded" &&
            status?.phase !== "Failed",
    );
}

/** What keeps pods of the target from being Ready, with whether others of the same revision are. */
export function targetTroubles(snapshot: Snapshot): { troubles: Trouble[]; othersReady: boolean } {
    const { target, around, now } = snapshot;
    if (!target.object.ok) return { troubles: [], othersReady: false };
    const { current } = byRevision(target.object.value, valueOr(target.replicaSets, []), livePods(snapshot));
    const events = valueOr(around.events, []);
    return {
        troubles: current.flatMap((pod) => troubleOf(pod, now, events) ?? []),
        othersReady: current.some(isReady),
    };
}

/** Seconds within which a pod that has just started may not have been scraped yet. */
const scrapedWithin = 45;

/** Whether a source's pods are too young to have been scraped. */
export function isYoung({ pods }: SourceFacts, now: number): boolean {
    const all = valueOr(pods, []);
    return all.length > 0 && all.every((pod) => secondsSince(readySince(pod), now) < scrapedWithin);
}

function readySince(pod: Pod): string | undefined {
    return conditionOf(pod.status?.conditions, "Ready")?.lastTransitionTime ?? pod.metadata.creationTimestamp;
}

/** Judges each source of each signal. */
export function eachSource(
    snapshot: Snapshot,
    judge: (source: SourceFacts, signal: SignalFacts) => Judgement,
): Judgement {
    const parts = snapshot.signals.flatMap((signal) =>
        signal.sources.map((source) => [source.selector.text, judge(source, signal)] as const),
    );
    return together(unique(parts));
}

/** Judges each signal. */
export function eachSignal(snapshot: Snapshot, judge: (signal: SignalFacts) => Judgement): Judgement {
    return together(snapshot.signals.map((signal) => [signal.name, judge(signal)] as const));
}

/** Several signals may read the same series: once is enough. */
function unique<T>(parts: readonly (readonly [string, T])[]): (readonly [string, T])[] {
    return [...new Map(parts)];
}

/** Evidence on series that the target's own pods give, when there are none of them. */
export const ownAtZero = "the target's own pods give it, and at zero replicas there are none";

/** Whether nothing tells where a series should come from: no label of it, no object, and no memory of Prometheus. */
export function isUnheardOf({
    remembered,
    selector,
    pods,
    services,
    monitors,
    targets,
    workload,
}: SourceFacts): boolean {
    const parts = [
        valueOr<readonly unknown[]>(pods, []),
        valueOr<readonly unknown[]>(services, []),
        monitors,
        targets,
    ];
    const told = ["job", "service"].some((label) =>
        selector.matchers.some((matcher) => matcher.label === label),
    );
    return !remembered && !told && workload === undefined && parts.every(({ length }) => length === 0);
}

/** Evidence on such a series. */
export function unheardOf({ selector, namespace, probes }: SourceFacts): string {
    const asked = new Set(probes.map(({ pod }) => pod)).size;
    return `nothing tells what gives ${selector.metric ?? selector.text}: ${count(asked, "pod")} of ${namespace} asked in vain`;
}

/** Whether Prometheus scrapes a source well: what the network may hide from the doctor, it sees. */
export function scrapedWell({ targets }: SourceFacts): boolean {
    return targets.some(({ health }) => health === "up");
}

/** Counts in words: "1 pod", "3 pods". */
export function count(number: number, what: string): string {
    return `${number} ${what}${number === 1 ? "" : "s"}`;
}
