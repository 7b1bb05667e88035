import { serviceAddress } from "../chain/address";
import type { SignalPlan } from "../chain/plan";
import { parses, type VectorSelector, vectorSelectors } from "../chain/promql";
import { follow, type Recording } from "../chain/recordings";
import { serviceSelects } from "../chain/selectors";
import { takesRule } from "../chain/taken";
import type { SignalFacts, Subject, TargetFacts } from "../snapshot";
import type { OriginFacts, QueryFacts, RuleFacts } from "../snapshot-source";
import { type Answer, failed, valueOr } from "./answer";
import type { Reads } from "./api";
import { readMetric } from "./metrics-api";
import type { Trigger } from "./objects";
import type { Service } from "./objects-around";
import type { Prometheus } from "./prometheus";
import { readSlices, readSource, readWorkloads } from "./source";
import { readServicePods } from "./target";
import type { World } from "./world";

/** What a signal is read with. */
export interface SignalReading {
    readonly reads: Reads;
    readonly world: World;
    readonly subject: Subject;
    readonly target: TargetFacts;
    readonly now: number;
    /** The Prometheus that a plan means; undefined where it needs none. */
    readonly prometheusOf: (plan: SignalPlan) => Promise<Prometheus | undefined>;
    /** Versions in which a metrics API is registered. */
    readonly versions: (spec: NonNullable<SignalPlan["spec"]>) => readonly string[];
}

/** One signal, from its source to the metrics API. */
export async function readSignal(reading: SignalReading, plan: SignalPlan): Promise<SignalFacts> {
    const { name, via, spec, trigger, chain } = plan;
    const { reads, subject, target, world } = reading;
    const value = spec && readMetric(reads, subject.namespace, spec, target, reading.versions(spec));
    const prometheus = plan.queries.length > 0 ? await reading.prometheusOf(plan) : undefined;
    const common = { name, via, spec, trigger, chain };
    if (!prometheus) {
        const origin = via === "direct" ? await readOrigin(reads, subject.namespace, trigger) : undefined;
        return { ...common, reading: await value, rules: [], sources: [], origin };
    }
    const text = await presentQuery(prometheus, plan, reading.now);
    if (text === undefined) return { ...common, reading: await value, rules: [], sources: [] };
    const { recordings, leaves } = follow(text, world.rules, prometheus.facts.groups, chain);
    const search = { reads, world, prometheus, now: reading.now, target, namespace: subject.namespace };
    const [query, rules, sources] = await Promise.all([
        readQuery(prometheus, text),
        Promise.all(recordings.map((recording) => readRule(reading, prometheus, recording))),
        Promise.all(sourcesOf(leaves, chain?.sources).map((selector) => readSource(search, selector))),
    ]);
    return { ...common, reading: await value, prometheus: prometheus.facts, query, rules, sources };
}

/** What is scraped: what the rules read, and where no rule is left to tell, what the chain says. */
function sourcesOf(leaves: readonly VectorSelector[], chained: readonly string[] = []) {
    return leaves.length > 0 ? leaves : chained.flatMap(vectorSelectors);
}

/**
 * Of several expressions the first of which Prometheus knew series in the last hour; none where all are guesses, and
 * Prometheus knows better.
 */
async function presentQuery(
    prometheus: Prometheus,
    { queries, guessed = false }: SignalPlan,
    now: number,
): Promise<string | undefined> {
    const [first = ""] = queries;
    if (!guessed) return first;
    for (const query of queries) {
        const series = await prometheus.api.series(query, now);
        if (!series.ok) return first;
        if (series.value.length > 0) return query;
    }
    return undefined;
}

async function readQuery(prometheus: Prometheus, text: string): Promise<QueryFacts> {
    if (!parses(text)) {
        const failure = failed({ kind: "error", message: "it does not parse", path: "/api/v1/query" });
        return { text, parses: false, now: failure };
    }
    const window = `(${text})[2m:5s]`;
    const [now, min, max, whole] = await Promise.all([
        prometheus.api.query(text),
        prometheus.api.query(`sum(min_over_time(${window}))`),
        prometheus.api.query(`sum(max_over_time(${window}))`),
        prometheus.api.query(`sum(min_over_time(${window}) and count_over_time(${window}) >= 22)`),
    ]);
    const edge = (answer: typeof min) => valueOr(answer, [])[0]?.value;
    const [low, high] = [edge(min), edge(max)];
    const range = low !== undefined && high !== undefined ? { min: low, max: high } : undefined;
    return { text, parses: true, now, range, steady: edge(whole) };
}

async function readRule(
    { world }: SignalReading,
    prometheus: Prometheus,
    recording: Recording,
): Promise<RuleFacts> {
    const present = await prometheus.api.samples(recording.selector.text);
    const selected = takesRule(prometheus.facts.object, recording.object, valueOr(world.namespaces, []));
    return { ...recording, objects: world.rules, selected, present };
}

/** The keys of triggers under which KEDA's scalers have the address of their server. */
const addressKeys = [
    "address",
    "addresses",
    "host",
    "hostName",
    "serverAddress",
    "bootstrapServers",
    "url",
    "endpoint",
];

/** The server that a trigger asks, where it is a Service of the cluster. */
async function readOrigin(
    reads: Reads,
    namespace: string,
    trigger: Trigger | undefined,
): Promise<OriginFacts | undefined> {
    const metadata = trigger?.metadata ?? {};
    const given = addressKeys.map((key) => metadata[key]).find((value) => value !== undefined);
    const port = metadata.port ? `:${metadata.port}` : "";
    const address = given?.split(",")[0]?.trim();
    const service = address === undefined ? undefined : serviceAddress(`${address}${port}`, namespace);
    if (!address || !service) return undefined;
    const object: Answer<Service> = await reads.json(
        `/api/v1/namespaces/${service.namespace}/services/${service.name}`,
    );
    const selector = object.ok ? object.value.spec.selector : undefined;
    const [pods, slices, all] = await Promise.all([
        readServicePods(reads, service.namespace, selector),
        object.ok ? readSlices(reads, service.namespace, [object.value]) : [],
        readWorkloads(reads, service.namespace),
    ]);
    const workloads = all.filter(({ spec }) => serviceSelects(selector, spec?.template?.metadata?.labels));
    return { address, service, object, pods, slices, workloads };
}
