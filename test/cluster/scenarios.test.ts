import assert from "node:assert/strict";
import { scenarios } from "../../local/scenarios";
import { stageOf } from "../../local/scenarios/command";
import { k6 } from "../../local/scenarios/load";
import type { Outcome, Stage } from "../../local/scenarios/scenario";
import { underTest } from "./support";

/** What became of one, and how long it took. */
interface Run {
    readonly seconds: number;
    readonly outcome?: Outcome;
    readonly problem?: unknown;
}

describe("the scenarios on the dev stack", () => {
    const runs = new Map<string, Run>();

    // All at once, as they have nothing in common but the node: one after the other they wait most of the time.
    before(async () => {
        await k6.prepare();
        const stage: Stage = {
            ...(await stageOf(underTest, { messages: 200, short: true })),
            draw: () => ({ add: () => undefined, end: () => undefined }),
            say: (line) => console.log(`      ${line}`),
        };
        await Promise.all(
            scenarios.map(async ({ name, run }) => {
                const begun = performance.now();
                const seconds = () => (performance.now() - begun) / 1000;
                runs.set(
                    name,
                    await run(stage).then(
                        (outcome) => ({ seconds: seconds(), outcome }),
                        (problem: unknown) => ({ seconds: seconds(), problem }),
                    ),
                );
            }),
        );
    });

    for (const { name, title } of scenarios) {
        it(`${name}: ${title}`, () => {
            const { seconds, outcome, problem } = runs.get(name) ?? assert.fail("it was not run");
            if (outcome === undefined) throw problem;
            console.log(`      ${seconds.toFixed(0)} s`);
            const wanted = outcome.figures.filter(({ met }) => met !== undefined);
            assert.ok(wanted.length > 0);
            assert.deepEqual(
                wanted.filter(({ met }) => !met),
                [],
            );
        });
    }
});
