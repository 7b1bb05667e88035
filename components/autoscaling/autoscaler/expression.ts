import type { Problem } from "../../problems";
import type { PlannedSignal } from "./plan";
import { parsePromql } from "./promql";

/**
 * Problems with what a signal reads from Prometheus. What has its cause in an argument is told of that: an expression
 * that the library has made means nothing to who gave the argument.
 */
export function checkExpression(property: string, { signal, expr }: PlannedSignal): Problem[] {
    const own = signal.kind === "promql";
    const told = signal.problems.map((problem) => problem.property);
    if (expr === undefined || told.includes("expr") || told.includes("window")) return [];
    const parsed = parsePromql(expr);
    if (parsed.error !== undefined) {
        if (!own && told.length > 0) return [];
        return [
            {
                property: `${property}.expr`,
                given: expr,
                allowed: `PromQL; ${parsed.error}`,
                fix: "try it first: GET /api/v1/query of Prometheus answers also where it has no page",
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
            .filter(({ seconds }) => seconds < 4 * signal.scrapeSeconds && !told.includes("scrapeSeconds"))
            .map(({ text }) => ({
                property: `${property}.${own ? "expr" : "window"}`,
                given: own ? text : text.replace(/^.*\[|\]$/gs, ""),
                allowed: `a range of ${4 * signal.scrapeSeconds}s or more: four scrapes of ${signal.scrapeSeconds} s`,
                fix: "lengthen it, or scrape more often and say so in scrapeSeconds",
            })),
    ];
}
