import { type VectorSelector, wanted } from "../chain/promql";
import type { PrometheusFacts, ScrapeTarget } from "../snapshot-source";
import { valueOr } from "./answer";
import type { Labels } from "./objects";
import type { Search } from "./source";

/** Targets of a series, and the labels of those that it had in the last hour. */
export async function readTraces({ prometheus, now }: Search, selector: VectorSelector) {
    const { api, facts } = prometheus;
    const exact = valueOr(await api.series(selector.text, now), []);
    const namespace = wanted(selector, "namespace");
    const near =
        exact.length === 0 && selector.metric && namespace
            ? valueOr(await api.series(`${selector.metric}{namespace=${JSON.stringify(namespace)}}`, now), [])
            : exact;
    const jobs = [...new Set(near.flatMap(({ job }) => (job ? [job] : [])))];
    const instances = new Set(near.flatMap(({ instance }) => (instance ? [instance] : [])));
    const ups = await Promise.all(
        jobs.slice(0, 3).map((job) => api.series(`up{job=${JSON.stringify(job)}}`, now)),
    );
    const scraped = ups
        .flatMap((answer) => valueOr(answer, []))
        .filter(({ instance }) => instance !== undefined && instances.has(instance));
    const labels = scraped.length > 0 ? scraped : near;
    return { labels, targets: ownTargets(facts, labels, askedLabels(selector)) };
}

/** The targets that gave the series; where none of them is left, those of the same job and namespace. */
export function ownTargets(
    { targets }: PrometheusFacts,
    labels: readonly Labels[],
    asked: Labels,
): ScrapeTarget[] {
    const all = valueOr(targets, []);
    const same = (target: ScrapeTarget, names: readonly string[], set: Labels) =>
        names.every((name) => set[name] === undefined || target.labels[name] === set[name]);
    const exact = all.filter((target) =>
        labels.some(
            (set) =>
                set.instance !== undefined &&
                same(target, ["job", "instance", "metrics_path", "endpoint"], set),
        ),
    );
    if (exact.length > 0) return exact;
    const known = labels.filter(({ job }) => job !== undefined);
    if (known.length > 0) {
        return all.filter((target) =>
            known.some((set) => same(target, ["job", "namespace", "endpoint"], set)),
        );
    }
    return asked.job === undefined ? [] : all.filter((target) => same(target, ["job", "namespace"], asked));
}

/** The labels that a selector asks for by value. */
export function askedLabels(selector: VectorSelector): Labels {
    return Object.fromEntries(
        selector.matchers
            .filter(({ operator }) => operator === "=")
            .map(({ label, value }) => [label, value]),
    );
}
