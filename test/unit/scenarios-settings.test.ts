import assert from "node:assert/strict";
import { queueResult } from "../../local/demo/queue-measure";
import { scenarioList, scenarios, scenariosNamed } from "../../local/scenarios";
import { addressOf } from "../../local/scenarios/command";
import { llm, llmLoad } from "../../local/scenarios/llm";
import { burstSettings, queueFigures } from "../../local/scenarios/queue";
import { type Scenario, SwitchedOff } from "../../local/scenarios/scenario";
import { type RunningSettings, runningSettings } from "../../local/scenarios/settings";
import { smoke } from "../../local/scenarios/smoke";
import { runEach, summary } from "../../local/scenarios/summary";
import { dev } from "../../stacks/dev";
import type { DevConfig } from "../../stacks/schema";
import { stageWith } from "./support/fake-stage";
import { object, record } from "./support/mocks";

/** The dev stack with these keys, as scenarios ask its cluster about it. */
async function stackWith(keys: Partial<DevConfig>) {
    const recording = await record(() => {
        dev({ target: "dev", kubeconfig: "/k", monitoring: {}, queue: {}, ...keys });
    });
    return stageWith({
        urls: { llmUrl: "http://llm" },
        kubectl: async ([, namespace, get, kind = "", name = "", output]) => {
            assert.deepEqual([get, output], ["get", "--output=json"]);
            const { inputs } = object(
                recording,
                { scaledobject: "ScaledObject", deployment: "Deployment" }[kind] ?? kind,
                name,
            );
            assert.equal(inputs.metadata.namespace, namespace);
            return JSON.stringify(inputs);
        },
    });
}

async function settings(keys: Partial<DevConfig>, namespace: string, name: string): Promise<RunningSettings> {
    const { stage } = await stackWith(keys);
    return runningSettings(stage.kubectl, { namespace, name });
}

describe("a scenario on a stack with keys of somebody's own", () => {
    it("expects as many consumers of a burst as the queue is set to, and waits as long as they take", async () => {
        const usual = burstSettings(
            await settings({ queue: { cooldownSeconds: 10 } }, "queue", "consumer"),
            200,
        );
        assert.deepEqual(usual, {
            perReplica: 20,
            maxReplicas: 20,
            idleTimeoutSeconds: 180,
            timeoutSeconds: 300,
        });
        const queue = { maxReplicas: 4, itemsPerReplica: 5, cooldownSeconds: 90, secondsPerMessage: 2.5 };
        const own = burstSettings(await settings({ queue }, "queue", "consumer"), 200);
        // 200 messages of 2.5 s each by four consumers.
        assert.deepEqual(own, {
            perReplica: 5,
            maxReplicas: 4,
            idleTimeoutSeconds: 260,
            timeoutSeconds: 485,
        });
    });

    it("does not want all consumers of a burst at once whose messages are no work", () => {
        const burst = {
            messages: 200,
            sentAt: 0,
            answeredAt: 0,
            sentTime: "",
            perReplica: 20,
            maxReplicas: 20,
        };
        const run = { ...queueResult([], burst), recorded: null };
        const all = (seconds: number) =>
            queueFigures(run, seconds).find(({ what }) => what.startsWith("all 10 Ready"));
        assert.deepEqual([all(1)?.met, all(1)?.wanted], [false, "it comes"]);
        assert.deepEqual(
            [all(0.1)?.met, all(0.1)?.wanted, all(0.1)?.measured],
            [undefined, undefined, "never"],
        );
        assert.ok(queueFigures(run, 0.5).some(({ what }) => what === "first message done (0.5 s of work)"));
    });

    it("asks for the model that is there, from as many clients as its servers have slots for", async () => {
        const usual = llmLoad(await settings({ llm: { cooldownSeconds: 20 } }, "llm", "llm"));
        assert.deepEqual(
            [usual.replicas, usual.steady],
            [
                { min: 0, max: 4 },
                { from: 3, to: 3, seconds: 15 },
            ],
        );
        assert.deepEqual(usual.within, { settleSeconds: 45, backSeconds: 120 });
        const usualPlan = usual.plan("http://llm", false);
        assert.match(usualPlan.body ?? "", /"model":"qwen2:1.5b"/);
        assert.deepEqual(usualPlan.arrivals, {
            kind: "clients",
            phases: [
                { seconds: 30, clients: 2 },
                { seconds: 60, clients: 12 },
            ],
        });

        const keys = { slots: 6, minReplicas: 1, maxReplicas: 2, cooldownSeconds: 70, model: "llama3:8b" };
        const own = llmLoad(await settings({ llm: keys }, "llm", "llm"));
        assert.deepEqual(
            [own.replicas, own.steady],
            [
                { min: 1, max: 2 },
                { from: 2, to: 2, seconds: 15 },
            ],
        );
        assert.equal(own.within.backSeconds, 170);
        assert.equal(own.demand.perReplica, 7.5);
        const plan = own.plan("http://llm", true);
        assert.match(plan.body ?? "", /"model":"llama3:8b"/);
        assert.deepEqual(plan.arrivals, {
            kind: "clients",
            phases: [
                { seconds: 15, clients: 2 },
                { seconds: 30, clients: 18 },
            ],
        });
    });

    it("says that what it needs is switched off before it asks for anything", async () => {
        const off = new SwitchedOff("The stack has no llmUrl: switched off there.");
        const { stage } = stageWith({
            url: () => {
                throw off;
            },
        });
        await assert.rejects(llm.run(stage), off);
        const without = stageWith({ kubectl: async () => JSON.stringify({ items: [] }) });
        await assert.rejects(smoke.run(without.stage), SwitchedOff);
        const notes = { llmUrl: "not part of the dev stack" };
        assert.throws(() => addressOf({ llmUrl: null, notes }, "llmUrl"), SwitchedOff);
        assert.throws(
            () => addressOf({ notes: {} }, "llmUrl"),
            (error) => !(error instanceof SwitchedOff),
        );
    });
});

describe("all scenarios, one after the other", () => {
    const named = (name: string): Scenario => ({
        name,
        title: name,
        shows: "",
        run: () => assert.fail("the caller runs it"),
    });
    const all = ["a", "b", "c", "d"].map(named);
    const outcomes: Record<string, () => boolean> = {
        a: () => true,
        b: () => false,
        c: () => {
            throw new SwitchedOff("there is no c");
        },
        d: () => {
            throw new Error("d is broken");
        },
    };
    const run = async ({ name }: Scenario) => outcomes[name]?.() ?? false;

    it("go on after one that is switched off, has missed a figure or could not be run", async () => {
        const said: string[] = [];
        const verdicts = await runEach(all, run, (line) => said.push(line));
        assert.deepEqual(
            [...verdicts],
            [
                ["a", "met"],
                ["b", "missed"],
                ["c", "off"],
                ["d", "missed"],
            ],
        );
        assert.deepEqual(said, ["there is no c\n", "d is broken\n"]);
    });

    it("do not count what is switched off as a success, nor as a failure", () => {
        const of = (...verdicts: ["met" | "missed" | "off", string][]) =>
            summary(new Map(verdicts.map(([verdict, name]) => [name, verdict])));
        assert.deepEqual(of(["met", "a"], ["off", "c"]), {
            good: true,
            line: "1 of 1 scenarios went as wanted; switched off, and not run: c",
        });
        assert.deepEqual(of(["met", "a"], ["missed", "b"], ["off", "c"]), {
            good: false,
            line: "1 of 2 scenarios went as wanted, not b; switched off, and not run: c",
        });
        assert.equal(of(["off", "c"]).good, false);
    });

    it("throw what is wrong with the only one that was asked for", async () => {
        await assert.rejects(runEach([named("c")], run, assert.fail), /there is no c/);
        assert.deepEqual([...(await runEach([named("b")], run, assert.fail))], [["b", "missed"]]);
    });

    it("are none where only the list is asked for", () => {
        assert.deepEqual(scenariosNamed("list"), []);
        assert.equal(
            scenarioList([]).some((line) => line.startsWith("▶")),
            false,
        );
        assert.ok(!scenarios.some(({ name }) => ["all", "list"].includes(name)));
        assert.match(scenarioList(scenarios).at(-1) ?? "", /^▶ all /);
    });
});
