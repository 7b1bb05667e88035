import assert from "node:assert/strict";
import { scenarios } from "../../local/scenarios";
import { stageOf } from "../../local/scenarios/command";
import { k6 } from "../../local/scenarios/load";
import type { Outcome, Scenario, Stage } from "../../local/scenarios/scenario";
import { boardWatch } from "../../local/verify/dashboards";
import { type Asked, asking } from "../../local/verify/dashboards/ask";
import type { PanelResult } from "../../local/verify/dashboards/judge";
import { underTest } from "./support";

/** What became of one, and how long it took. */
interface Run {
    readonly seconds: number;
    readonly outcome?: Outcome;
    readonly problem?: unknown;
}

describe("the scenarios on the dev stack", () => {
    const runs = new Map<string, Run>();
    let panels: PanelResult[] = [];
    let rules: Awaited<ReturnType<Asked["rules"]>>;

    // Two at a time, as they have nothing in common but the node: each waits most of the time, but all at once are too
    // much for two cores.
    before(async function () {
        this.timeout(900_000);
        await k6.prepare();
        const stage: Stage = {
            ...(await stageOf(underTest, { messages: 200, short: true })),
            draw: () => ({ add: () => undefined, end: () => undefined }),
            say: (line) => console.log(`      ${line}`),
        };
        const waiting = [...scenarios];
        const work = async () => {
            for (let next = waiting.shift(); next; next = waiting.shift())
                runs.set(next.name, await runOne(next, stage));
        };
        // All of them together put load on everything that a dashboard shows.
        const over = new AbortController();
        const asked = asking(stage.prometheusUrl);
        const boards = boardWatch(asked);
        const watching = boards.keepLooking(over.signal, 10);
        await Promise.all([work(), work()]);
        over.abort();
        await watching;
        panels = boards.results();
        rules = await asked.rules();
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

    it("fill every panel of every dashboard meanwhile, but for those of which it is known why not", () => {
        const count = (wanted: PanelResult["verdict"]) =>
            panels.filter(({ verdict }) => verdict === wanted).length;
        console.log(
            `      ${count("shows")} panels show all, ${count("part")} a part, ${count("empty")} nothing, as is known`,
        );
        assert.ok(count("shows") > 50);
        assert.deepEqual(
            panels.filter(({ verdict }) => verdict === "failed"),
            [],
        );
    });

    it("leave no rule that Prometheus cannot evaluate", () => {
        assert.ok(rules.total > 50, `${rules.total}`);
        assert.deepEqual(rules.broken, []);
    });
});

async function runOne({ run }: Scenario, stage: Stage): Promise<Run> {
    const begun = performance.now();
    const seconds = () => (performance.now() - begun) / 1000;
    return run(stage).then(
        (outcome) => ({ seconds: seconds(), outcome }),
        (problem: unknown) => ({ seconds: seconds(), problem }),
    );
}
