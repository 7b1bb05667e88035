import type { Problem } from "../../problems";
import { checkWhole } from "../../problems";

/** How fast replicas come and go. */
export interface ScalingPace {
    /** The most replicas that are added in 15 s. @default as many as there may be */
    readonly upPodsPer15s?: number | undefined;
    /**
     * Seconds of which the greatest demand counts before replicas go, 0 to 3600. With less than the default a rate wavers
     * when pods start: they take their share of the requests at once, and have it in Prometheus only later.
     * @default 60, or for a rate its window, a scrape and 5 s, where that is longer
     */
    readonly downStabilizationSeconds?: number | undefined;
    /** The most replicas that go in 15 s, in percent of those there are, 1 to 100. @default 50 */
    readonly downPercentPer15s?: number | undefined;
}

/** Seconds of which the greatest demand counts where nobody says, and no signal needs longer. */
export const usualDownStabilizationSeconds = 60;

/** Seconds at most after which Prometheus knows that there is a new target. */
const discoverySeconds = 5;

/**
 * Seconds before the demand on a new pod is in a signal with these ranges as a whole: for so long the demand looks
 * less than it is.
 */
export function unseenSeconds(
    scrapeSeconds: number,
    ranges: readonly { readonly seconds: number }[],
): number {
    return discoverySeconds + scrapeSeconds + Math.max(0, ...ranges.map(({ seconds }) => seconds));
}

/**
 * `behavior` of an HPA: up at once and as far as demand asks, down with care. Kubernetes' own defaults double the
 * replicas, or add four, each 15 s, and wait five minutes before any of them goes.
 */
export function scalingBehavior(
    maxReplicas: number,
    pace: ScalingPace = {},
    downStabilizationSeconds = usualDownStabilizationSeconds,
) {
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
            stabilizationWindowSeconds: pace.downStabilizationSeconds ?? downStabilizationSeconds,
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
