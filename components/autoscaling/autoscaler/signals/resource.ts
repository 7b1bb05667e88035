import { checkName, type Problem } from "../../../problems";
import { amountOf } from "../quantity";
import type { Signal } from "../signal";
import { checkPercent } from "./checks";

/** Of a pod, or of one of its containers: the share of what is requested, or an amount; one of the two. */
interface ResourceSignalArgs {
    /** Percent of the request of the containers that count, 1 to 1000. */
    readonly utilization?: number | undefined;
    /** The container that counts, so that sidecars do not. @default all of the pod together */
    readonly container?: string | undefined;
}

export interface CpuArgs extends ResourceSignalArgs {
    /** Processor time for each replica, e.g. "250m" or "1.5" cores. */
    readonly average?: string | undefined;
}

export interface MemoryArgs extends ResourceSignalArgs {
    /** Memory for each replica, e.g. "512Mi". */
    readonly average?: string | undefined;
}

/** Processor time of the pods, of the resource metrics API. */
export function cpu(args: CpuArgs): Signal {
    return resourceSignal("cpu", "cores", args);
}

/** Memory of the pods, of the resource metrics API. Of use only where memory follows demand, and comes back. */
export function memory(args: MemoryArgs): Signal {
    return resourceSignal("memory", "bytes", args);
}

function resourceSignal(kind: "cpu" | "memory", unit: string, args: CpuArgs | MemoryArgs): Signal {
    const shared = args.utilization !== undefined;
    return {
        kind,
        name: args.container === undefined ? kind : `${kind}-${args.container}`,
        unit: shared ? "%" : unit,
        target: args.utilization ?? amountOf(args.average) ?? Number.NaN,
        targetType: shared ? "Utilization" : undefined,
        quantity: args.average,
        container: args.container,
        survivesZero: false,
        // That of the metrics server.
        scrapeSeconds: 15,
        problems: [...checkOneOf(args), ...checkName("container", args.container)],
    };
}

function checkOneOf({ utilization, average }: CpuArgs | MemoryArgs): Problem[] {
    if ((utilization === undefined) === (average === undefined)) {
        return [
            {
                property: "utilization",
                given: utilization,
                allowed: "either utilization, in percent of the request, or average, an amount",
                fix: "give one of the two",
            },
        ];
    }
    if (utilization !== undefined) return checkPercent("utilization", utilization);
    return (amountOf(average) ?? 0) > 0
        ? []
        : [
              {
                  property: "average",
                  given: average,
                  allowed: "a quantity above zero such as 250m, 1.5 or 512Mi",
                  fix: "write a number and at most one unit",
              },
          ];
}
