import type { AutoscalerArgs } from "../../autoscaling/autoscaler";
import { cpu } from "../../autoscaling/autoscaler/signals";
import type { HashServerArgs } from "../hash-server";
import { hashApp, hashResources } from "./pod";

/**
 * The autoscaler of the server: on its CPU, in percent of what its pods ask for. With the defaults 50 % are 50m for each
 * pod, a quarter of its limit: one that hashes without a pause is at 200 %, and the autoscaler goes from one to four.
 */
export function hashScaling(args: HashServerArgs): AutoscalerArgs {
    const { requests } = hashResources(args);
    const container = { name: hashApp, resources: { requests: requests as Record<string, string> } };
    return {
        target: { namespace: args.namespace ?? hashApp, name: hashApp, containers: [container] },
        signals: [cpu({ utilization: args.utilization ?? 50 })],
        minReplicas: 1,
        maxReplicas: args.maxReplicas ?? 10,
        platform: args.autoscaling,
    };
}
