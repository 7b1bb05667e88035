import assert from "node:assert/strict";
import { freshSeconds, whileFresh } from "../../../components/autoscaling/autoscaler/freshness";
import { planAutoscaler } from "../../../components/autoscaling/autoscaler/plan";
import { parsePromql } from "../../../components/autoscaling/autoscaler/promql";
import { promql } from "../../../components/autoscaling/autoscaler/signals";
import { promtoolOfSuite } from "../support/alert-cases";
import { rulesOf, type Samples } from "../support/promtool";

const planOf = (expr: string) =>
    planAutoscaler({
        target: { namespace: "shop", name: "web" },
        signals: [promql({ name: "jobs", expr, unit: "jobs", perReplica: 5, scrapeSeconds: 5 })],
        maxReplicas: 8,
        backend: "prometheus-adapter",
    });

const demand = 'autoscaler:demand{namespace="shop",autoscaler="web",signal="jobs"}';

describe("an expression of one's own, while its sources are fresh", () => {
    const tool = promtoolOfSuite();

    /** What is recorded of an expression at seconds after the start; a "gap" is a source whose clock stands still. */
    const recorded = (expr: string, samples: Samples, values: Readonly<Record<number, number | undefined>>) =>
        tool.test(
            { recording: rulesOf(planOf(expr)).recording ?? assert.fail("nothing is recorded") },
            samples,
            Object.entries(values).map(([at, value]) => ({ at: Number(at), value: [demand, value] })),
        );

    it("is recorded, and no more once the newest sample is older than four scrapes", () => {
        const samples: Samples = {
            open: [
                [7, 60],
                ["gap", 120],
            ],
        };
        recorded("sum(open)", samples, { 50: 7, 70: 7, 90: undefined, 170: undefined });
    });

    it("is recorded again when the clock goes on", () => {
        const samples: Samples = {
            open: [
                [7, 60],
                ["gap", 60],
                [9, 60],
            ],
        };
        recorded("sum(open)", samples, { 100: undefined, 130: 9 });
    });

    it("goes on while one of several series of a metric is fresh", () => {
        const samples: Samples = {
            'open{shop="a"}': [
                [7, 60],
                ["gap", 60],
            ],
            'open{shop="b"}': [[1, 120]],
        };
        recorded("max(open)", samples, { 110: 7 });
    });

    it("is not recorded where one of two metrics is stale, though the other is fresh", () => {
        const samples: Samples = {
            open: [[7, 120]],
            weight: [
                [2, 60],
                ["gap", 60],
            ],
        };
        recorded("sum(open) * max(weight)", samples, { 50: 14, 110: undefined });
    });

    it("leaves it to the expression what an absent metric means", () => {
        recorded("sum(open) or 0 * max(alive)", { alive: [[1, 60]] }, { 50: 0 });
        recorded("sum(open) + max(alive)", { alive: [[1, 60]] }, { 50: undefined });
    });

    it("asks only for metrics by name, for a pattern may find one series twice", () => {
        const parsed = (expr: string) => whileFresh("x", parsePromql(expr), 15);
        assert.equal(parsed('{__name__=~"a|b"}'), "x");
        assert.equal(parsed("a"), "x unless on () (time() - max(timestamp(a)) >= 60)");
        // A rate would fall to 0 over its range: what it is taken of has to be there.
        assert.equal(parsed("sum(rate(a[5m]))"), "x and on () (time() - max(timestamp(a)) < 60)");
        assert.equal(freshSeconds(1), 10);
    });
});
