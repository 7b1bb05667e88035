import type { AutoscalerArgs } from "../../autoscaling/autoscaler";
import { durationSeconds } from "../../autoscaling/autoscaler/promql";
import { requestsInFlight, waitingRequests } from "../../autoscaling/autoscaler/signals";
import type { LlmServerArgs } from "../llm-server";
import { llmSettings } from "./engines";
import { llmTarget } from "./workload";

/** What is chosen about the scaling of an LlmServer. */
export type LlmScaling = Pick<AutoscalerArgs, "minReplicas" | "platform" | "backend" | "pace" | "name">;

/**
 * The autoscaler of an LlmServer, on what its proxy knows: a replica for as many requests that wait as it has slots, and
 * as long as they are busy they stay. Both are known while there is no replica at all, so the minimum is zero unless
 * another one is given. The maximum is `proxy.maxServers`: more are not used.
 */
export function llmServerScaling(args: LlmServerArgs, choices: LlmScaling = {}): AutoscalerArgs {
    const { app: backend, slots } = llmSettings(args);
    const seconds = durationSeconds(args.proxy?.scrapeInterval ?? "1s") ?? 1;
    const scrapeSeconds = Math.min(300, Math.max(1, Math.ceil(seconds)));
    return {
        minReplicas: 0,
        maxReplicas: args.proxy?.maxServers ?? 20,
        ...choices,
        target: llmTarget(args),
        signals: [
            waitingRequests({ backend, perReplica: slots, scrapeSeconds }),
            // A quarter more than there are slots for: a full replica is no reason for another one, a queue is.
            requestsInFlight({ backend, perReplica: 1.25 * slots, scrapeSeconds, name: "in-flight" }),
        ],
    };
}
