import type { ServiceAddress } from "./chain/address";
import type { VectorSelector } from "./chain/promql";
import type { Answer } from "./read/answer";
import type { Labels, Pod, Workload } from "./read/objects";
import type { EndpointSlice, Monitor, PrometheusObject, RuleObject, Service } from "./read/objects-around";

export interface Sample {
    readonly labels: Labels;
    readonly value: number;
    /** Seconds since 1970 of the sample itself, not of the question. */
    readonly at: number;
}

export interface QueryFacts {
    readonly text: string;
    readonly parses: boolean;
    readonly now: Answer<readonly Sample[]>;
    /** The smallest and the largest sum of the last two minutes. */
    readonly range?: { readonly min: number; readonly max: number } | undefined;
    /** The smallest sum of these minutes, where the series was there for all of them. */
    readonly steady?: number | undefined;
}

export interface PrometheusFacts {
    /** As the autoscaler, its chain or the adapter gives it. */
    readonly address?: string | undefined;
    readonly service?: ServiceAddress | undefined;
    readonly serviceObject?: Answer<Service> | undefined;
    readonly objects: Answer<readonly PrometheusObject[]>;
    readonly object?: PrometheusObject | undefined;
    readonly pods: Answer<readonly Pod[]>;
    /** Whether it answers at its address. */
    readonly atAddress?: Answer<unknown> | undefined;
    /** Whether it answers, wherever it was found. */
    readonly answers: Answer<unknown>;
    /** How it was reached, in words. */
    readonly reached: string;
    readonly targets: Answer<readonly ScrapeTarget[]>;
    readonly groups: Answer<readonly LoadedGroup[]>;
    /** Whether the prometheus-operator runs beside it; undefined where it is not there to be seen. */
    readonly operatorRuns?: boolean | undefined;
    readonly runtime: Answer<{ readonly reloadConfigSuccess?: boolean; readonly lastConfigTime?: string }>;
}

export interface ScrapeTarget {
    readonly scrapePool: string;
    readonly scrapeUrl: string;
    readonly labels: Labels;
    readonly health: string;
    readonly lastError: string;
    readonly lastScrape: string;
    readonly scrapeInterval?: string;
    readonly scrapeTimeout?: string;
}

export interface LoadedGroup {
    readonly name: string;
    readonly file?: string;
    readonly interval: number;
    readonly rules: readonly LoadedRule[];
}

export interface LoadedRule {
    readonly name: string;
    readonly query: string;
    readonly labels?: Labels;
    readonly health: string;
    readonly lastError?: string;
    readonly lastEvaluation?: string;
    readonly type: string;
    readonly interval?: number;
}

/** A recorded series that the signal reads, and what records it. */
export interface RuleFacts {
    readonly record: string;
    readonly selector: VectorSelector;
    /** What is recorded, as the PrometheusRule, Prometheus or the chain says. */
    readonly expr?: string | undefined;
    /** Where the PrometheusRule should be, by the chain: `namespace/name` or a name. */
    readonly expected?: string | undefined;
    readonly objects: Answer<readonly RuleObject[]>;
    readonly object?: RuleObject | undefined;
    /** Whether the Prometheus object takes the PrometheusRule; undefined where either is not known. */
    readonly selected?: boolean | undefined;
    readonly loaded?: LoadedRule | undefined;
    readonly present: Answer<readonly Sample[]>;
}

/** What is scraped for the signal, and the way from there into Prometheus. */
export interface SourceFacts {
    readonly selector: VectorSelector;
    /** Where it should be. */
    readonly namespace?: string | undefined;
    /** Whether the target's own pods give it: at zero replicas there is none. */
    readonly own: boolean;
    readonly present: Answer<readonly Sample[]>;
    /** Series of the same name with any labels, where the selector found none. */
    readonly loose: Answer<readonly Sample[]>;
    readonly monitors: readonly MonitorFacts[];
    readonly monitorsRead: Answer<unknown>;
    readonly services: Answer<readonly Service[]>;
    readonly slices: readonly EndpointSlice[];
    /** The pods that serve the metrics, found by whichever link is left. */
    readonly pods: Answer<readonly Pod[]>;
    /** The workload of these pods, where there is none of them. */
    readonly workload?: Workload | undefined;
    readonly probes: readonly ProbeFacts[];
    /** The source's targets in Prometheus. */
    readonly targets: readonly ScrapeTarget[];
    /** Whether Prometheus knew the series in the last hour. */
    readonly remembered: boolean;
}

export interface MonitorFacts {
    readonly kind: "ServiceMonitor" | "PodMonitor";
    /** Undefined: Prometheus still scrapes for it, and it is gone. */
    readonly object?: Monitor | undefined;
    readonly name: string;
    readonly namespace: string;
    /** Names of the Services, or of the pods, that it selects. */
    readonly selects: readonly string[];
    /** Whether it looks into the namespace of the source. */
    readonly looks: boolean;
    /** Whether the Prometheus object takes it; undefined where there is no such object. */
    readonly selected?: boolean | undefined;
}

export interface ProbeFacts {
    readonly pod: string;
    readonly scheme: string;
    readonly port: number;
    readonly path: string;
    /** Whether the port and path are a monitor's, and not guessed. */
    readonly asked: boolean;
    readonly answer: Answer<string>;
    /** Whether the answer has the metric. */
    readonly has: boolean;
}

/** The server that a trigger asks directly. */
export interface OriginFacts {
    readonly address: string;
    readonly service: ServiceAddress;
    readonly object: Answer<Service>;
    readonly pods: Answer<readonly Pod[]>;
    readonly slices: readonly EndpointSlice[];
    /** Workloads whose pods the Service would lead to. */
    readonly workloads: readonly Workload[];
}
