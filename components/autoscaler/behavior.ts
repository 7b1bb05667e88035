import type { Problem } from "../problems";
import { checkWhole } from "../problems";

/** How fast replicas come and go. */
export interface ScalingPace {
    /** The most replicas that are added in 15 s. @default as many as there may be */
    readonly upPodsPer15s?: number | undefined;
    /** Seconds of which the greatest demand counts before replicas go, 0 to 3600. @default 60 */
    readonly downStabilizationSeconds?: number | undefined;
    /** The most replicas that go in 15 s, in percent of those there are, 1 to 100. @default 50 */
    readonly downPercentPer15s?: number | undefined;
}

/**
 * `behavior` of an HPA: up at once and as far as demand asks, down with care. Kubernetes' own defaults double the
 * replicas, or add four, each 15 s, and wait five minutes before any of them goes.
 */
export function scalingBehavior(maxReplicas: number, pace: ScalingPace = {}) {
    return {
        scaleUp: {
            stabilizationWindowSeconds: 0,
            selectPolicy: "Max",
            policies: [
                pace.upPodsPer15s === undefined
                    ? { type: "Pods", value: maxReplicas, periodSeconds: 1 }
                    : { type: "Pods", value: pace.upPodsPer15s, periodSeconds: 15 },
            ],
        },
        scaleDown: {
            stabilizationWindowSeconds: pace.downStabilizationSeconds ?? 60,
            selectPolicy: "Max",
            policies: [{ type: "Percent", value: pace.downPercentPer15s ?? 50, periodSeconds: 15 }],
        },
    };
}

/** Problems with a pace. */
export function checkPace(property: string, pace: ScalingPace = {}): Problem[] {
    return [
        ...checkWhole(`${property}.upPodsPer15s`, pace.upPodsPer15s, 1, 1000),
        ...checkWhole(`${property}.downStabilizationSeconds`, pace.downStabilizationSeconds, 0, 3600),
        ...checkWhole(`${property}.downPercentPer15s`, pace.downPercentPer15s, 1, 100),
    ];
}
