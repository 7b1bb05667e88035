import type { Problem } from "../../problems";
import type { ChainSignal } from "./chain";

/** Where a demand comes from in Prometheus. Each may contain `placeholders`. */
export interface Measurement {
    /** The whole demand. Absent where it is not known: never 0 then. */
    readonly expr: string;
    /** The series of Prometheus' own on the targets that it comes from, as a selector of `up`; undefined if unknown. */
    readonly up?: string | undefined;
    /**
     * Has a value where a part of the demand is not measured, such as that on a pod which does not answer. What is left
     * looks like less demand, and counts only where it asks for more replicas all the same.
     */
    readonly partial?: string | undefined;
}

/** What stands in expressions for what only the autoscaler knows: signals are data, and know no target. */
export const placeholders = {
    /** Namespace of the target. */
    namespace: "<<namespace>>",
    /** Name of the target. */
    target: "<<target>>",
    /** A regular expression for the names of its pods. */
    pods: "<<pods>>",
} as const;

/** KEDA asks the source itself: one hop instead of five. */
export interface DirectTrigger {
    /** Type of the trigger, e.g. "redis". */
    readonly type: string;
    /** Its metadata, the target among it. */
    readonly metadata: Readonly<Record<string, string>>;
    /** Its secrets, each a key of a Secret in the target's namespace. */
    readonly secrets: readonly { readonly parameter: string; readonly name: string; readonly key: string }[];
}

/** What an autoscaler acts on: a demand, and how much of it one replica takes. Made by the functions of `signals`. */
export interface Signal {
    readonly kind: ChainSignal["kind"];
    /** Unique in its autoscaler. */
    readonly name: string;
    /** What the demand is counted in. */
    readonly unit: string;
    /** Demand for each replica. */
    readonly target: number;
    /** Percent of what containers request, instead of an amount. */
    readonly targetType?: "Utilization" | undefined;
    /** The amount as Kubernetes writes it, where `target` is a plain number of it. */
    readonly quantity?: string | undefined;
    /** One container of the pod. */
    readonly container?: string | undefined;
    /** Whether the demand is still known when there is no pod. */
    readonly survivesZero: boolean;
    /** Seconds between two scrapes of its source. */
    readonly scrapeSeconds: number;
    /** Where Prometheus has it from; undefined for cpu and memory, which the resource metrics API has. */
    readonly measured?: Measurement | undefined;
    readonly direct?: DirectTrigger | undefined;
    /** What is wrong with its own arguments; properties are relative to the signal. */
    readonly problems: readonly Problem[];
}

/** Whether it is read from the resource metrics API, by whatever back end. */
export function isResource({ kind }: Pick<Signal, "kind">): boolean {
    return kind === "cpu" || kind === "memory";
}
