/** The only place where scenarios take the load generator from: tests put another one in its place. */
import { type LoadOptions, type LoadPlan, type LoadResult, runLoad } from "../load";
import { k6Path } from "../load/k6";

export { type Answer, isFailure, type LoadPlan, latency, planSeconds } from "../load";

export interface LoadGenerator {
    /** Makes what it needs, with progress: minutes where it has to be compiled. */
    readonly prepare: () => Promise<unknown>;
    readonly run: (plan: LoadPlan, options?: LoadOptions) => Promise<LoadResult>;
}

/** k6, on this machine. */
export const k6: LoadGenerator = { prepare: k6Path, run: runLoad };
