import assert from "node:assert/strict";
import type { RuleGroup } from "../../../components/monitoring/monitors";
import { promtoolPath } from "../../../local/build/promtool";
import { bare, type FiringAlert, type Promtool, promtool, type Samples } from "./promtool";

/** What happens, what is measured then, and at seconds after the start the alerts that fire: these, and no others. */
export type AlertCase = readonly [
    what: string,
    samples: Samples,
    ...expected: (readonly [at: number, ...FiringAlert[]])[],
];

/** The promtool for the tests of the suite that is being described. */
export function promtoolOfSuite(): Promtool {
    let tool: Promtool | undefined;
    before(async function () {
        // Compiled, where it is not there yet: not left out, for a run without it would look like one with it.
        this.timeout(600_000);
        tool = promtool(await promtoolPath());
    });
    const there = () => tool ?? assert.fail("promtool is there in tests and hooks alone");
    return {
        check: (...given) => there().check(...given),
        test: (...given) => there().test(...given),
    };
}

/**
 * The tests of alerts in the suite that is being described: each case, that Prometheus takes the rules, and that there is a
 * case for each alert in which it fires.
 *
 * @param step - seconds between two samples, and two evaluations
 * @param records - names of the recording rules among them, which are seen in what fires
 */
export function itAlerts(
    groups: Readonly<Record<string, RuleGroup>>,
    cases: readonly AlertCase[],
    step: number,
    records: readonly string[] = [],
): Promtool {
    const tool = promtoolOfSuite();
    const withoutTexts = Object.fromEntries(
        Object.entries(groups).map(([name, group]) => [name, bare(group)]),
    );

    for (const [what, samples, ...expected] of cases) {
        it(`are right when ${what}`, () => {
            const wanted = expected.map(([at, ...firing]) => ({ at, firing }));
            tool.test(withoutTexts, samples, wanted, step);
        });
    }

    it("are rules that Prometheus takes", () => tool.check(groups));

    it("are each seen to fire", () => {
        const fired = cases.flatMap(([, , ...expected]) => expected.flatMap(([, ...firing]) => firing));
        const rules = Object.values(groups).flatMap((group) => group.rules);
        assert.deepEqual(
            [...new Set(fired.map(({ alert }) => alert)), ...records].sort(),
            rules.map((rule) => ("alert" in rule ? rule.alert : rule.record)).sort(),
        );
    });

    return tool;
}
