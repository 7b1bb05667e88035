import type { ChainSignal } from "../../components/autoscaling/autoscaler/chain";
import { type Answer, valueOr } from "../read/answer";
import type { Labels } from "../read/objects";
import type { RuleObject } from "../read/objects-around";
import type { LoadedGroup, LoadedRule } from "../snapshot-source";
import { type Matcher, satisfies, type VectorSelector, vectorSelectors } from "./promql";

/** A recorded series that an expression reads. */
export interface Recording {
    readonly selector: VectorSelector;
    readonly record: string;
    readonly expr: string | undefined;
    readonly expected: string | undefined;
    readonly object: RuleObject | undefined;
    readonly loaded: LoadedRule | undefined;
}

/** What an expression reads in the end: the recorded series on the way, and those that are scraped. */
export interface Reads {
    readonly recordings: readonly Recording[];
    readonly leaves: readonly VectorSelector[];
}

/** Rules that read each other deeper than this are not followed. */
const depth = 5;

/** Follows an expression through recording rules down to what is scraped. */
export function follow(
    query: string,
    rules: Answer<readonly RuleObject[]>,
    groups: Answer<readonly LoadedGroup[]>,
    chain: ChainSignal | undefined,
    level = 0,
): Reads {
    const recordings: Recording[] = [];
    const leaves: VectorSelector[] = [];
    for (const selector of vectorSelectors(query)) {
        const recording = recordingOf(selector, valueOr(rules, []), valueOr(groups, []), chain);
        if (!recording) {
            leaves.push(selector);
            continue;
        }
        recordings.push(recording);
        if (!recording.expr || level >= depth) continue;
        const below = follow(recording.expr, rules, groups, undefined, level + 1);
        recordings.push(...below.recordings);
        leaves.push(...below.leaves);
    }
    const unique = [...new Map(leaves.map((leaf) => [leaf.text, leaf])).values()];
    return { recordings, leaves: unique };
}

function recordingOf(
    selector: VectorSelector,
    rules: readonly RuleObject[],
    groups: readonly LoadedGroup[],
    chain: ChainSignal | undefined,
): Recording | undefined {
    const { metric, matchers } = selector;
    if (!metric) return undefined;
    const fits = (labels: Labels | undefined) => compatible(labels, matchers);
    const written = rules.flatMap((object) =>
        recordsIn(object, metric)
            .filter(({ labels }) => fits(labels))
            .map((rule) => ({ object, rule })),
    );
    const chosen = written.find(({ object }) => isNamed(object, chain?.rule)) ?? written[0];
    const loaded = groups
        .flatMap((group) => group.rules.map((rule) => ({ ...rule, interval: group.interval })))
        .find((rule) => rule.name === metric && rule.type === "recording" && fits(rule.labels));
    const ofChain = chain?.series !== undefined && vectorSelectors(chain.series)[0]?.metric === metric;
    // A colon in a name says that it is recorded, by Prometheus' own convention.
    if (!chosen && !loaded && !ofChain && !metric.includes(":")) return undefined;
    const expr = chosen?.rule.expr ?? loaded?.query ?? (ofChain ? chain?.expr : undefined);
    return {
        selector,
        record: metric,
        expr: expr === undefined ? undefined : String(expr),
        expected: ofChain ? chain?.rule : undefined,
        object: chosen?.object,
        loaded,
    };
}

/** The rules of an object that record a series. */
export function recordsIn(object: RuleObject, record: string) {
    return (object.spec?.groups ?? []).flatMap(({ rules }) =>
        (rules ?? []).filter((rule) => rule.record === record),
    );
}

/** Whether an object is the one that a chain names, with or without namespace. */
export function isNamed({ metadata }: RuleObject, reference: string | undefined): boolean {
    return reference === metadata.name || reference === `${metadata.namespace}/${metadata.name}`;
}

/** Whether the labels that a rule sets leave room for what a selector asks. */
function compatible(labels: Labels = {}, matchers: readonly Matcher[]): boolean {
    return matchers.every((matcher) => !(matcher.label in labels) || satisfies(matcher, labels));
}
