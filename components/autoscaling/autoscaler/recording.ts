import type { RuleGroup } from "../../monitoring/monitors";
import { demandSeries } from "./chain";
import type { AutoscalerPlan } from "./plan";
import { defaultRuleSeconds } from "./platform";

/** The rules that record each signal's demand, under one name and with one set of labels. */
export function recordingRules({ chain, platform, signals }: AutoscalerPlan): RuleGroup {
    return {
        interval: `${platform.ruleSeconds ?? defaultRuleSeconds}s`,
        rules: signals.flatMap(({ chain: { signal, expr } }) =>
            expr === undefined
                ? []
                : [
                      {
                          record: demandSeries,
                          // Whatever labels are left would make several demands of one.
                          expr: `sum(${expr})`,
                          labels: { namespace: chain.namespace, autoscaler: chain.autoscaler, signal },
                      },
                  ],
        ),
    };
}
