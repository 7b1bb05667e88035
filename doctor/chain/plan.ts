import type { ChainSignal } from "../../components/autoscaling/autoscaler/chain";
import type { Hpa, MetricSpec, Trigger } from "../read/objects";
import type { SignalFacts, Subject } from "../snapshot";
import { selectorOf, vectorSelectors, wanted } from "./promql";

/** One metric of an autoscaler before anything was asked: where its value comes from. */
export interface SignalPlan extends Pick<SignalFacts, "name" | "via" | "spec" | "trigger" | "chain"> {
    /** Address of Prometheus; "adapter" where prometheus-adapter knows it. */
    readonly address?: string | undefined;
    /** What is asked of Prometheus, as PromQL: the first of which it has series, where there are several. */
    readonly queries: readonly string[];
    /** Whether the queries are a guess from the metric's name. */
    readonly guessed?: boolean;
}

/** The metrics of an autoscaler: those of its HPA, with the triggers that they come from. */
export function planSignals(subject: Subject): SignalPlan[] {
    const { hpa, scaledObject, chain } = subject;
    if (scaledObject) {
        return scaledObject.spec.triggers.map((trigger, index) => triggerPlan(trigger, index, subject));
    }
    if (hpa) return (hpa.spec.metrics ?? []).map((spec) => specPlan(spec, subject));
    return (chain?.signals ?? []).map((signal) => ({
        name: signal.signal,
        via: signal.via,
        chain: signal,
        address: chain?.prometheusUrl,
        queries: signal.series && signal.via !== "resource" && signal.via !== "direct" ? [signal.series] : [],
    }));
}

function triggerPlan(trigger: Trigger, index: number, subject: Subject): SignalPlan {
    const specs = subject.hpa?.spec.metrics ?? [];
    if (trigger.type === "cpu" || trigger.type === "memory") {
        const container = trigger.metadata.containerName;
        const spec = specs.find(
            (metric) => resourceOf(metric)?.name === trigger.type && containerOf(metric) === container,
        );
        const chain = ofResource(subject, trigger.type, container);
        return { name: chain?.signal ?? trigger.type, via: "resource", spec, trigger, chain, queries: [] };
    }
    const external = specs.filter(({ type }) => type === "External");
    const spec =
        external.find((metric) => metric.external?.metric.name.startsWith(`s${index}-`)) ??
        external.find((metric) => metric.external?.metric.name === "composite-metric");
    const query = trigger.type === "prometheus" ? trigger.metadata.query : undefined;
    const chain = ofTrigger(subject, trigger, query);
    const name = chain?.signal ?? trigger.name ?? spec?.external?.metric.name ?? `${trigger.type} trigger`;
    if (trigger.type !== "prometheus") return { name, via: "direct", spec, trigger, chain, queries: [] };
    const queries = query === undefined ? [] : [query];
    return { name, via: "external", spec, trigger, chain, address: trigger.metadata.serverAddress, queries };
}

function specPlan(spec: MetricSpec, subject: Subject): SignalPlan {
    const resource = resourceOf(spec);
    if (resource) {
        const chain = ofResource(subject, resource.name, containerOf(spec));
        const container = containerOf(spec);
        const name = chain?.signal ?? (container ? `${resource.name} of ${container}` : resource.name);
        return { name, via: "resource", spec, chain, queries: [] };
    }
    const metric = (spec.pods ?? spec.object ?? spec.external)?.metric;
    const labels = metric?.selector?.matchLabels ?? {};
    const chain =
        subject.chain?.signals.find(({ signal }) => signal === labels.signal) ??
        subject.chain?.signals.find((signal) => signal.metric === metric?.name && signal.via === "custom");
    const address = subject.chain?.prometheusUrl ?? "adapter";
    const queries = chain?.series
        ? [chain.series]
        : likelySeries(metric?.name ?? "").map((series) => {
              const scope = spec.type === "External" ? {} : { namespace: subject.namespace };
              const matchers = Object.entries({ ...scope, ...labels });
              return selectorOf(
                  series,
                  matchers.map(([label, value]) => ({ label, operator: "=", value })),
              );
          });
    const via = spec.type === "External" ? "external" : "custom";
    const guessed = chain?.series === undefined;
    return { name: chain?.signal ?? metric?.name ?? spec.type, via, spec, chain, address, queries, guessed };
}

/** Names of series that prometheus-adapter's usual rules make into a metric of this name. */
export function likelySeries(metric: string): string[] {
    const signal = /^autoscaler_(.+)$/.exec(metric)?.[1];
    const bare = metric.replace(/_per_second$/, "");
    const names = [...(signal ? [`autoscaler:${signal}`] : []), metric, `${bare}_total`, bare];
    return [...new Set(names)].filter((name) => /^[a-zA-Z_:][\w:]*$/.test(name));
}

export function resourceOf(spec: MetricSpec | undefined) {
    return spec?.resource ?? spec?.containerResource;
}

export function containerOf(spec: MetricSpec | undefined): string | undefined {
    return spec?.containerResource?.container;
}

/** What a metric is held against. */
export function targetOf(spec: MetricSpec | undefined) {
    return (spec?.resource ?? spec?.containerResource ?? spec?.pods ?? spec?.object ?? spec?.external)
        ?.target;
}

function ofResource(
    { chain }: Subject,
    resource: string,
    container: string | undefined,
): ChainSignal | undefined {
    return chain?.signals.find((signal) => signal.kind === resource && signal.container === container);
}

function ofTrigger({ chain }: Subject, trigger: Trigger, query: string | undefined): ChainSignal | undefined {
    const signals = chain?.signals ?? [];
    const read = vectorSelectors(query ?? "").map((selector) => wanted(selector, "signal"));
    return (
        signals.find(({ signal }) => signal === trigger.name || read.includes(signal)) ??
        (query === undefined ? signals.find(({ via }) => via === "direct") : undefined)
    );
}

/** Name of the metric that an HPA asks its API for. */
export function metricName(spec: MetricSpec | undefined): string | undefined {
    return (spec?.pods ?? spec?.object ?? spec?.external)?.metric.name ?? resourceOf(spec)?.name;
}

/** The metrics APIs that an HPA asks. */
export function groupsOf(hpa: Hpa | undefined, plans: readonly SignalPlan[]) {
    const groups = plans.map(({ via, spec }) => {
        if (via === "resource") return "metrics.k8s.io" as const;
        return via === "custom" && spec?.type !== "External"
            ? ("custom.metrics.k8s.io" as const)
            : ("external.metrics.k8s.io" as const);
    });
    return [...new Set(hpa || plans.length > 0 ? groups : [])];
}
