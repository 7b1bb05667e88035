import type { Hop } from "../../../components/autoscaling/autoscaler/chain";
import type { Flow } from "./flow";
import type { Stage } from "./stage";

/** An alert that has to fire: of which autoscaler, and which hop it names. */
export interface Expected {
    readonly autoscaler: string;
    /** Of DeadMansSwitch, the one that no autoscaler's rules can name. */
    readonly hop: Hop;
    /** @default AutoscalerBlind */
    readonly alert?: "AutoscalerOnFallback" | "AutoscalerUnwatched";
}

/** Something that fails, and how it is put right. */
export interface Fault {
    readonly name: string;
    /** What fires meanwhile; nothing where it is over before any delay is. */
    readonly expected: readonly Expected[];
    readonly begin: (stage: Stage, flow: Flow) => Promise<void>;
    readonly end: (stage: Stage) => Promise<void>;
    /** The least seconds that it lasts. @default 45 */
    readonly seconds?: number;
    /** Whether the queue is empty, and the consumer at zero, when it begins. @default false */
    readonly queueAtZero?: true;
}

/** The same hop for several autoscalers. */
export function blind(hop: Hop, ...autoscalers: readonly string[]): Expected[] {
    return autoscalers.map((autoscaler) => ({ autoscaler, hop }));
}

/** What `fallback` says beside being blind, where KEDA lives to fall back. */
export const onFallback: Expected = {
    autoscaler: "fallback",
    hop: "autoscaler",
    alert: "AutoscalerOnFallback",
};
