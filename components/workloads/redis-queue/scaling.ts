import type { AutoscalerArgs } from "../../autoscaling/autoscaler";
import { checkKedaPace } from "../../autoscaling/autoscaler/backend";
import { planAutoscaler } from "../../autoscaling/autoscaler/plan";
import { chooseBackend, knownPlatform } from "../../autoscaling/autoscaler/platform";
import { durationSeconds } from "../../autoscaling/autoscaler/promql";
import { queueLength } from "../../autoscaling/autoscaler/signals";
import type { Problem } from "../../problems";
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
    const signals = [
        queueLength({
            list: queueList,
            itemsPerReplica: args.itemsPerReplica ?? 20,
            scrapeSeconds: Math.min(300, Math.max(1, Math.ceil(scrapeSeconds))),
            redis,
        }),
    ];
    const backend = chooseBackend(knownPlatform(args.autoscaling), signals, 0);
    return {
        target: { namespace, name: consumerApp },
        signals,
        minReplicas: 0,
        maxReplicas: args.maxReplicas ?? 20,
        platform: args.autoscaling,
        pace: {
            downStabilizationSeconds: 30,
            // Only KEDA takes these two.
            ...(backend === "keda" && {
                pollingSeconds: args.pollingSeconds ?? 1,
                cooldownSeconds: args.cooldownSeconds ?? 60,
            }),
        },
    };
}

/** Problems with what only KEDA can be told, where another back end moves the consumers. */
export function checkQueuePace({ pollingSeconds, cooldownSeconds, ...args }: RedisQueueArgs): Problem[] {
    const scaling = queueScaling(args);
    const given = { ...scaling, pace: { pollingSeconds, cooldownSeconds } };
    return checkKedaPace(given, planAutoscaler(scaling)).map((problem) => ({
        ...problem,
        property: problem.property.replace(/^pace\./, ""),
        fix: 'leave it out, or choose "keda" in autoscaling',
    }));
}
