import assert from "node:assert/strict";
import { faults } from "../../local/verify/faults";
import { blind, type Expected, onFallback } from "../../local/verify/faults/fault";
import { judge } from "../../local/verify/faults/judge";
import { podOf } from "../../local/verify/faults/processes";
import { restless } from "../../local/verify/faults/rest";
import { autoscalers, subjects } from "../../local/verify/faults/subjects";
import { controlFailed, faultTable, isRight } from "../../local/verify/faults/table";
import type { Trial } from "../../local/verify/faults/trial";

const alert = (autoscaler: string, hop: string, at: number, name = "AutoscalerBlind") => ({
    alert: name,
    autoscaler,
    hop,
    at,
});

/** A trial in which nothing went wrong, with changes. */
function trial(changed: Partial<Trial> = {}): Trial {
    return {
        fault: "exporter killed",
        expected: blind("scrape", "keda", "adapter"),
        changes: subjects.map(({ name, asks }) => ({ name, desired: asks, at: 0 })),
        alerts: [alert("keda", "scrape", 20), alert("adapter", "scrape", 31)],
        endedAt: 45,
        watchedFor: 80,
        followsAfter: 12,
        lagging: [],
        quietAfter: 20,
        published: 300,
        consumed: 300,
        lowestQueue: 52,
        ...changed,
    };
}

const withChange = (name: string, desired: number, at: number) =>
    trial({ changes: [...trial().changes, { name, desired, at }] });

describe("the judgement on a fault", () => {
    it("finds nothing where all is as it should be, and says when the alerts fired", () => {
        assert.deepEqual(judge(trial()), { problems: [], fired: [20, 31], elsewhere: [], controls: [] });
    });

    it("finds fewer replicas than the demand asks for, during the fault and after it", () => {
        for (const at of [3, 79]) {
            const { problems } = judge(withChange("keda", 2, at));
            assert.deepEqual(problems, [`keda went from 3 to 2 replicas after ${at} s`]);
        }
        assert.deepEqual(judge(withChange("keda", 4, 3)).problems, []);
    });

    it("lets cpu waver as far as its measure does, and no further", () => {
        assert.deepEqual(judge(withChange("cpu", 2, 10)).problems, []);
        assert.equal(judge(withChange("cpu", 1, 10)).problems.length, 1);
    });

    it("finds replicas that an outage has woken; after it they are right", () => {
        assert.deepEqual(judge(withChange("asleep", 1, 30)).problems, ["asleep was woken after 30 s"]);
        assert.deepEqual(judge(withChange("asleep", 2, 50)).problems, []);
    });

    it("asks nothing of a consumer that had nothing to do", () => {
        const changes = trial().changes.map((change) =>
            change.name === "consumer" ? { ...change, desired: 0 } : change,
        );
        assert.deepEqual(judge(trial({ changes })).problems, []);
    });

    it("finds an autoscaler that nobody saw", () => {
        const changes = trial().changes.filter(({ name }) => name !== "keda");
        assert.deepEqual(judge(trial({ changes })).problems, ["keda was not seen"]);
    });

    it("wants the fallback to be gone to where it is expected", () => {
        const expected: Expected[] = [onFallback];
        const alerts = [alert("fallback", "autoscaler", 9, "AutoscalerOnFallback")];
        const changes = [...trial().changes, { name: "fallback", desired: 4, at: 8 }];
        assert.deepEqual(judge(trial({ expected, alerts, changes })).problems, []);
        assert.deepEqual(judge(trial({ expected, alerts })).problems, [
            "fallback did not go to its fallback",
        ]);
    });

    it("finds an alert that is missing, names another hop, or came after the end", () => {
        const missing = judge(trial({ alerts: [alert("keda", "scrape", 20)] }));
        assert.deepEqual(missing.problems, ["no alert on adapter: scrape"]);
        const other = judge(trial({ alerts: [alert("keda", "scrape", 20), alert("adapter", "series", 21)] }));
        assert.deepEqual(other.problems, ["no alert on adapter: scrape"]);
        assert.deepEqual(other.elsewhere, ["adapter: series"]);
        const late = judge(trial({ alerts: [alert("keda", "scrape", 20), alert("adapter", "scrape", 46)] }));
        assert.deepEqual(late.problems, ["no alert on adapter: scrape"]);
    });

    it("does not judge on alerts that say something else than that a metric is missing", () => {
        const alerts = [...trial().alerts, alert("keda", "autoscaler", 5, "AutoscalerFlapping")];
        assert.deepEqual(judge(trial({ alerts })).elsewhere, []);
    });

    it("finds messages lost and doubled, and a queue that proves nothing", () => {
        assert.deepEqual(judge(trial({ consumed: 299 })).problems, ["1 messages lost"]);
        assert.deepEqual(judge(trial({ consumed: 302 })).problems, ["2 messages doubled"]);
        assert.deepEqual(judge(trial({ lowestQueue: 40 })).problems, ["the queue ran low: 40 messages"]);
        assert.deepEqual(judge(trial({ published: 0, consumed: 0 })).problems, ["no message was published"]);
    });

    it("finds what does not recover", () => {
        const { problems } = judge(
            trial({ lagging: ["keda"], followsAfter: undefined, quietAfter: undefined }),
        );
        assert.deepEqual(problems, [
            "does not follow demand again: keda",
            "alerts do not end: keda: scrape, adapter: scrape",
        ]);
    });

    it("tells what became of the controls, and holds nothing against them", () => {
        const { problems, controls } = judge(withChange("naive-rule", 1, 9));
        assert.deepEqual(problems, []);
        assert.deepEqual(controls, ["naive-rule 3 → 1 after 9 s"]);
        // What comes after the fault is the end of a larger demand.
        assert.deepEqual(judge(withChange("naive-rule", 1, 60)).controls, []);
    });
});

describe("the rest before a fault", () => {
    const asked = (name: string) => subjects.find((subject) => subject.name === name)?.asks ?? 0;
    const none: readonly Expected[] = [];

    it("is one where every autoscaler has what is asked for, and no alert says that it is blind", () => {
        const flapping = { alert: "AutoscalerFlapping", autoscaler: "keda", hop: "autoscaler" };
        assert.deepEqual(restless({ expected: none }, asked, [flapping]), []);
        assert.deepEqual(restless({ expected: none }, asked, [{ ...flapping, alert: "AutoscalerBlind" }]), [
            "AutoscalerBlind keda autoscaler",
        ]);
        assert.deepEqual(restless({ expected: none }, asked, undefined), ["Alertmanager does not answer"]);
        for (const now of [2, 4]) {
            const strayed = (name: string) => (name === "keda" ? now : asked(name));
            assert.deepEqual(restless({ expected: none }, strayed, []), [
                `keda has ${now} replicas, and 3 are asked for`,
            ]);
        }
    });

    it("lets cpu waver, but not be as large as it is to become where its own metric fails", () => {
        const withCpu = (now: number) => (name: string) => (name === "cpu" ? now : asked(name));
        const own = { expected: blind("metrics-api", "cpu") };
        assert.equal(restless(own, withCpu(4), []).length, 0);
        assert.equal(restless(own, withCpu(5), []).length, 1);
        assert.equal(restless({ expected: none }, withCpu(5), []).length, 0);
        assert.equal(restless({ expected: none }, withCpu(1), []).length, 1);
    });

    it("has no consumer where the queue is to be empty", () => {
        const withConsumer = (now: number) => (name: string) => (name === "consumer" ? now : asked(name));
        const empty = { queueAtZero: true, expected: none } as const;
        assert.equal(restless(empty, withConsumer(0), []).length, 0);
        assert.equal(restless(empty, withConsumer(3), []).length, 1);
    });
});

describe("the table of faults", () => {
    it("has a row for each, with what went wrong in it", () => {
        const table = faultTable(
            [
                { fault: "exporter killed", trial: withChange("naive-rule", 1, 9) },
                { fault: "other", trial: withChange("keda", 1, 7) },
                { fault: "third", problem: "not at rest | before" },
            ],
            "Here.",
        );
        const row = (fault: string) => table.split("\n").find((line) => line.startsWith(`| ${fault} |`));
        assert.equal(
            row("exporter killed"),
            "| exporter killed | 45 | scrape (keda, adapter) | 20 to 31 | yes | naive-rule 3 → 1 after 9 s | 300 of 300 | 12 | 20 | yes |",
        );
        assert.match(
            row("other") ?? "",
            /\| \*\*no\*\* \| hold \|.*keda went from 3 to 1 replicas after 7 s/,
        );
        assert.match(row("third") ?? "", /\*\*no\*\*: not at rest \\\| before/);
        assert.match(table, /1 of 3 faults without/);
        for (const { name } of subjects) assert.ok(table.includes(`| \`${name}\` |`), name);
    });

    it("is worth nothing where no control lost a replica", () => {
        assert.equal(controlFailed([{ fault: "a", trial: trial() }]), false);
        assert.equal(controlFailed([{ fault: "a", trial: withChange("naive-keda", 1, 9) }]), true);
    });

    it("does not call a fault right that was not tried", () => {
        assert.equal(isRight({ fault: "a", problem: "x" }), false);
        assert.equal(isRight({ fault: "a", trial: trial() }), true);
    });
});

describe("the faults that are tried", () => {
    const ours = subjects.filter(({ control }) => !control).map(({ name }) => name);

    it("have names of their own, and expect alerts on autoscalers that there are", () => {
        assert.equal(new Set(faults.map(({ name }) => name)).size, faults.length);
        for (const { name, expected } of faults)
            for (const { autoscaler } of expected)
                assert.ok(ours.includes(autoscaler), `${name}: ${autoscaler}`);
    });

    it("let every autoscaler be blind at least once before it reaches Prometheus, and there", () => {
        for (const name of ours) {
            const hops = faults.flatMap(({ expected }) => expected.filter((one) => one.autoscaler === name));
            assert.ok(
                hops.some(({ hop }) => hop === "prometheus"),
                name,
            );
            assert.ok(
                hops.some(({ hop }) => ["scrape", "series", "rule", "metrics-api"].includes(hop)),
                name,
            );
        }
    });

    it("scale down so soon that a wrong step would be seen before a fault ends", () => {
        for (const name of ours.filter((name) => autoscalers[name])) {
            const { pace } = autoscalers[name] ?? {};
            const wait = pace?.downStabilizationSeconds ?? 60;
            const blinding = faults.filter(({ expected }) => expected.some((one) => one.autoscaler === name));
            const without = blinding.filter(({ expected }) =>
                expected.some(({ hop }) => hop === "metrics-api"),
            );
            assert.ok(wait <= 5 || without.every(({ seconds = 45 }) => seconds >= 2 * wait), name);
            assert.equal(pace?.downPercentPer15s, 100, name);
        }
    });
});

describe("a process of a pod", () => {
    it("is known by its control group, as both ways to write one have it", () => {
        const uid = "31bba903-b62a-4534-a623-622579bd1004";
        assert.equal(podOf(`8:pids:/node/kubepods/burstable/pod${uid}/5a1f\n`), uid);
        assert.equal(podOf(`0::/node/kubepods/burstable/pod${uid.replaceAll("-", "_")}/5a1f\n`), uid);
        assert.equal(podOf("8:pids:/node/supervisor\n"), undefined);
    });
});
