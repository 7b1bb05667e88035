import type { Problem } from "../problems";
import type { PlannedSignal } from "./plan";
import { parsePromql } from "./promql";

/** Problems with what a signal reads from Prometheus. */
export function checkExpression(property: string, { signal, expr }: PlannedSignal): Problem[] {
    if (expr === undefined) return [];
    const parsed = parsePromql(expr);
    if (parsed.error !== undefined) {
        return [
            {
                property: `${property}.expr`,
                given: expr,
                allowed: `PromQL; ${parsed.error}`,
                fix: "try it in Prometheus' own page first",
            },
        ];
    }
    return [
        ...(parsed.selectors.length > 0
            ? []
            : [
                  {
                      property: `${property}.expr`,
                      given: expr,
                      allowed: "an expression with a series in it: a number alone never changes",
                      fix: "name the metric",
                  },
              ]),
        ...parsed.inventions.map((invention) => ({
            property: `${property}.expr`,
            given: expr,
            allowed: `an expression that is absent when its series are; ${invention}() makes a number of an outage`,
            fix: `leave ${invention}() out: without a value the replicas hold, and an alert fires`,
        })),
        ...parsed.ranges
            .filter(({ seconds }) => seconds < 4 * signal.scrapeSeconds)
            .map(({ text }) => ({
                property: `${property}.${signal.kind === "promql" ? "expr" : "window"}`,
                given: text,
                allowed: `a range of ${4 * signal.scrapeSeconds}s or more: four scrapes of ${signal.scrapeSeconds} s`,
                fix: "lengthen it, or scrape more often and say so in scrapeSeconds",
            })),
    ];
}
