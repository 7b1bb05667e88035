import type { AutoscalerArgs } from "../autoscaler";
import { durationSeconds } from "../autoscaler/promql";
import { queueLength } from "../autoscaler/signals";
import type { RedisQueueArgs } from "../redis-queue";
import { consumerApp } from "./consumer";
import { redisApp, redisPort, redisSecret } from "./redis";

/** The redis list that is the queue. */
export const queueList = "padok";

/** How often its length is measured where nothing is said. */
export const defaultScrapeInterval = "5s";

/** The autoscaler of the consumers: KEDA asks redis itself, so that an outage of Prometheus is none of scaling. */
export function queueScaling(args: RedisQueueArgs): AutoscalerArgs {
    const namespace = args.namespace ?? "queue";
    const scrapeSeconds = durationSeconds(args.exporterScrapeInterval ?? defaultScrapeInterval) ?? 1;
    const redis = {
        address: `${redisApp}.${namespace}.svc:${redisPort}`,
        password: { name: redisSecret, key: "password" },
    };
    return {
        target: { namespace, name: consumerApp },
        signals: [
            queueLength({
                list: queueList,
                itemsPerReplica: args.itemsPerReplica ?? 20,
                scrapeSeconds: Math.min(300, Math.max(1, Math.ceil(scrapeSeconds))),
                redis,
            }),
        ],
        minReplicas: 0,
        maxReplicas: args.maxReplicas ?? 20,
        platform: args.autoscaling,
        pace: {
            downStabilizationSeconds: 30,
            pollingSeconds: args.pollingSeconds ?? 1,
            cooldownSeconds: args.cooldownSeconds ?? 60,
        },
    };
}
