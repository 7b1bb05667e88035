import { changedLater } from "../chain/changed";
import { satisfies, vectorSelectors } from "../chain/promql";
import { age, duration } from "../chain/quantity";
import { broken, type Judgement, none, ok, unknown } from "../judgement";
import { valueOr } from "../read/answer";
import type { SignalFacts, Snapshot } from "../snapshot";
import type { Sample, SourceFacts } from "../snapshot-source";
import { atZero, count, eachSource, isYoung, ownAtZero } from "./common";
import { isBeginning } from "./settling";

/** The series that the rule or the query reads are there, fresh, and numbers. */
export function judgeSeries(snapshot: Snapshot): Judgement {
    return eachSource(snapshot, (source, signal) => {
        if (source.own && atZero(snapshot)) return none(ownAtZero);
        if (!signal.prometheus?.answers.ok) return none("Prometheus does not answer");
        const judgement = judgeSource(source, snapshot.now);
        if (judgement.verdict !== "broken") return judgement;
        if (isBeginning(signal, snapshot))
            return ok(judgement.evidence, [`${judgement.why}: a part of its way has just been made`]);
        if (ruleIsToBlame(source, signal))
            return none(`${judgement.why}: the rule was changed last, and is looked at below`);
        return canDoWithout(source, signal) ? ok(judgement.evidence, [judgement.why ?? ""]) : judgement;
    });
}

function judgeSource(source: SourceFacts, now: number): Judgement {
    const { present, selector, loose } = source;
    if (!present.ok) return unknown(`series ${selector.text}`, present.failure);
    if (present.value.length === 0) {
        const others = valueOr(loose, []);
        if (others.length === 0 && isYoung(source, now))
            return ok("its pods have just started", ["no sample yet"]);
        const name = selector.metric ?? selector.text;
        const [nearest] = others;
        if (nearest) {
            const wrong = selector.matchers.filter(
                (matcher) => !others.some(({ labels }) => satisfies(matcher, labels)),
            );
            const differs = (wrong.length > 0 ? wrong : selector.matchers).map(
                ({ label, operator, value }) =>
                    `${label}${operator}"${value}" (is "${nearest.labels[label] ?? ""}")`,
            );
            return broken(
                `${name} is there, but not with the labels that are asked for: ${differs.join(", ")}`,
                "Correct the selector of the query, or the relabelling that sets the labels.",
                `${count(others.length, "series")} of ${name}, none as ${selector.text}`,
            );
        }
        const dropped = source.monitors.some(({ object }) =>
            [...(object?.spec.endpoints ?? []), ...(object?.spec.podMetricsEndpoints ?? [])].some(
                ({ metricRelabelings }) => (metricRelabelings ?? []).length > 0,
            ),
        );
        const given = source.probes.some(({ has }) => has);
        if (given && dropped) {
            return broken(
                `the pods give ${name}, and Prometheus does not keep it: metricRelabelings of the monitor drop it`,
                "Let metricRelabelings of the monitor keep it.",
                `no series ${name} in Prometheus`,
            );
        }
        const why =
            source.remembered || given
                ? `Prometheus has no series ${name} now`
                : `Prometheus has had no series ${name} within the last hour`;
        return broken(
            why,
            given
                ? "Wait for the next scrape; then see what relabelling drops it."
                : "Correct the metric's name in the query, or make the exporter give it.",
            `${selector.text}: no series`,
        );
    }
    return judgeSamples(present.value, source, now);
}

function judgeSamples(
    samples: readonly Sample[],
    { selector, targets }: SourceFacts,
    now: number,
): Judgement {
    const usable = samples.filter(({ value }) => Number.isFinite(value));
    if (usable.length === 0) {
        return broken(
            `${selector.text} is ${samples[0]?.value}, which is no number`,
            "See why the exporter cannot measure it.",
            `${count(samples.length, "series")}, each ${samples[0]?.value}`,
        );
    }
    const interval = duration(targets[0]?.scrapeInterval) ?? 30;
    const youngest = Math.min(...usable.map(({ at }) => now / 1000 - at));
    if (youngest > freshSeconds(interval)) {
        return broken(
            `the last sample of ${selector.text} is ${age(youngest)} old`,
            "Let the exporter measure anew at each scrape; if it gives timestamps of its own, set honorTimestamps: false in the monitor.",
            `scraped every ${interval} s, last sample ${age(youngest)} ago`,
        );
    }
    const unusable = samples.length - usable.length;
    return ok(
        `${count(samples.length, "series")}, last sample ${age(youngest)} ago`,
        unusable > 0 ? [`${unusable} of them no number`] : [],
    );
}

/** How old a sample may be that comes every so many seconds. */
export function freshSeconds(interval: number): number {
    return Math.max(30, 3 * interval + 10);
}

/** Whether the signal has a value all the same: an expression may read series that exist at times only. */
function canDoWithout(source: SourceFacts, { sources, rules, query }: SignalFacts): boolean {
    const others = sources.some((other) => other !== source && valueOr(other.present, []).length > 0);
    const recorded =
        rules.length > 0
            ? rules.some(({ present }) => hasNumber(valueOr(present, [])))
            : hasNumber(valueOr(query?.now ?? source.present, []));
    return others && recorded;
}

function hasNumber(samples: readonly Sample[]): boolean {
    return samples.some(({ value }) => Number.isFinite(value));
}

/** Whether a rule asks for series that are not there because it is the rule that was changed. */
function ruleIsToBlame(source: SourceFacts, { rules, chain }: SignalFacts): boolean {
    if (valueOr(source.present, []).length > 0) return false;
    const [rule] = rules;
    if (!rule?.object) return false;
    if (chain?.expr !== undefined) {
        const described = vectorSelectors(chain.expr).map(({ text }) => squeeze(text));
        return !described.includes(squeeze(source.selector.text));
    }
    const around = [
        ...source.monitors.map(({ object }) => object),
        ...valueOr(source.services, []),
        ...valueOr(source.pods, []).map(({ metadata }) => ({ metadata: { ...metadata, managedFields: [] } })),
    ];
    const known = around.filter((object) => object !== undefined);
    return known.length > 0 && known.every((object) => changedLater(rule.object, object));
}

function squeeze(text: string): string {
    return text.replace(/\s+/g, "");
}
