import type { Chain, ChainSignal } from "../components/autoscaling/autoscaler/chain";
import type { Answer } from "./read/answer";
import type { Hpa, MetricSpec, Pod, Reference, Scale, ScaledObject, Trigger, Workload } from "./read/objects";
import type {
    ApiService,
    Budget,
    EndpointSlice,
    Event,
    Namespace,
    PodMetrics,
    Quota,
    Service,
} from "./read/objects-around";
import type { OriginFacts, PrometheusFacts, QueryFacts, RuleFacts, SourceFacts } from "./snapshot-source";

/** An autoscaler, by what of it is there. */
export interface Subject {
    readonly namespace: string;
    readonly name: string;
    readonly target: Reference;
    readonly hpa?: Hpa;
    readonly scaledObject?: ScaledObject;
    readonly chain?: Chain;
}

/** All that the hops judge about one autoscaler, read at one time: plain data. */
export interface Snapshot {
    /** Milliseconds since 1970, on the clock of the machine that looked. */
    readonly now: number;
    readonly subject: Subject;
    readonly target: TargetFacts;
    readonly signals: readonly SignalFacts[];
    /** The metrics APIs that the HPA asks, by group. */
    readonly apis: readonly MetricsApiFacts[];
    readonly around: Surroundings;
}

export interface TargetFacts {
    readonly object: Answer<Workload>;
    readonly scale: Answer<Scale>;
    /** Other autoscalers of the same target, in words. */
    readonly rivals: readonly string[];
    readonly pods: Answer<readonly Pod[]>;
    /** ReplicaSets of a Deployment. */
    readonly replicaSets: Answer<readonly Workload[]>;
}

export interface Surroundings {
    readonly events: Answer<readonly Event[]>;
    readonly quotas: Answer<readonly Quota[]>;
    readonly budgets: Answer<readonly Budget[]>;
    readonly namespaces: Answer<readonly Namespace[]>;
    /** When the controller-manager last said that it lives; undefined where a cluster does not show it. */
    readonly controllerRenewed?: string | undefined;
}

/** One metric of the autoscaler, and what it comes from. */
export interface SignalFacts {
    readonly name: string;
    /** `direct`: KEDA asks the source itself, without Prometheus. */
    readonly via: "resource" | "custom" | "external" | "direct";
    readonly spec?: MetricSpec | undefined;
    readonly trigger?: Trigger | undefined;
    readonly chain?: ChainSignal | undefined;
    /** What the metrics API says to the question that the HPA asks; undefined where there is nothing to ask yet. */
    readonly reading?: Answer<Reading> | undefined;
    readonly prometheus?: PrometheusFacts | undefined;
    /** What is asked of Prometheus for the signal, as PromQL. */
    readonly query?: QueryFacts | undefined;
    readonly rules: readonly RuleFacts[];
    readonly sources: readonly SourceFacts[];
    /** The server that a trigger asks without Prometheus, where its address is in the cluster. */
    readonly origin?: OriginFacts | undefined;
}

/** What a metrics API answered. */
export interface Reading {
    readonly values: readonly { readonly value: number; readonly of?: string; readonly timestamp?: string }[];
    /** Of the resource metrics API: the pods themselves. */
    readonly pods?: readonly PodMetrics[];
}

export interface MetricsApiFacts {
    readonly group: "metrics.k8s.io" | "custom.metrics.k8s.io" | "external.metrics.k8s.io";
    readonly apiServices: Answer<readonly ApiService[]>;
    readonly service?: Answer<Service> | undefined;
    readonly pods: Answer<readonly Pod[]>;
    readonly slices: readonly EndpointSlice[];
    /** Of KEDA: Deployments in its namespace. */
    readonly workloads: Answer<readonly Workload[]>;
    /** Where an adapter asks Prometheus, by its arguments, and the Service there. */
    readonly asks?: { readonly address: string; readonly object?: Answer<Service> } | undefined;
    /** Pods of KEDA's operator; undefined where KEDA has no part. */
    readonly operatorPods?: Answer<readonly Pod[]> | undefined;
}
