import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { campaign } from "../../local/campaign";
import { app } from "../../local/campaign/subject";
import { devTarget } from "../../local/campaign/target";
import { kubectl } from "../../local/cluster";
import { type Answer, type LoadPlan, latency, runLoad } from "../../local/load";
import { findNode, networkOf } from "../../local/node/node";
import { tidied } from "../../local/tidied";
import { local, underTest, until } from "./support";

describe("load by k6", () => {
    let podinfo: string;
    const plan = (arrivals: LoadPlan["arrivals"], url: string): LoadPlan => ({
        url,
        method: "GET",
        timeoutSeconds: 10,
        arrivals,
        reuseConnections: false,
    });

    before(async () => {
        podinfo = JSON.parse((await local("outputs")).stdout).podinfoUrl;
    });

    it("sends every request when it is due", async () => {
        const phases = [
            { seconds: 2, rate: 5 },
            { seconds: 3, rate: 50 },
        ];
        const { answers, planned, failed } = await runLoad(
            plan({ kind: "even", phases, seed: 1 }, `${podinfo}/`),
        );
        assert.deepEqual([planned, answers.length, failed], [160, 160, 0]);
        const lateness = answers.map(({ due, sent }) => sent - due).toSorted((a, b) => a - b);
        console.log(
            `      sent late: median ${lateness[80]?.toFixed(3)} s, most ${lateness.at(-1)?.toFixed(3)} s`,
        );
        assert.ok((lateness[80] ?? 1) < 0.02, `half of them more than ${lateness[80]} s late`);
        assert.ok(answers.every(({ sent, ended }) => ended >= sent));
    });

    it("keeps clients busy, and not more of them than there are", async () => {
        // A second for each answer: two clients get two of them a second.
        const arrivals = { kind: "clients", phases: [{ seconds: 3, clients: 2 }] } as const;
        const { planned, failed } = await runLoad(plan(arrivals, `${podinfo}/delay/1`));
        assert.deepEqual([planned, failed], [6, 0]);
    });

    it("reaches addresses inside the cluster", async () => {
        const record = await findNode(underTest);
        assert.ok(record);
        const even = { kind: "even", phases: [{ seconds: 1, rate: 3 }], seed: 1 } as const;
        const url = "http://10.250.0.1:30898/";
        const { answers, failed } = await runLoad(plan(even, url), { within: networkOf(record) });
        assert.deepEqual([answers.length, failed], [3, 0]);
    });

    it("ends at once when it is told to", async () => {
        const even = { kind: "even", phases: [{ seconds: 600, rate: 5 }], seed: 1 } as const;
        const stop = new AbortController();
        const began = Date.now();
        const { answers, failed } = await runLoad(plan(even, `${podinfo}/`), {
            signal: stop.signal,
            onAnswer: () => stop.abort(),
        });
        assert.ok(answers.length >= 1 && failed === 0);
        assert.ok(Date.now() - began < 15_000);
    });

    it("is a campaign on four pods behind one queue, in short", async () => {
        const { figures, recorded } = await campaign(underTest, { seconds: 10, clients: [8] });
        assert.deepEqual(
            figures.map(({ failed }) => failed),
            [0, 0],
        );
        // Eight clients, four slots: half of them wait.
        const queue = recorded.queue.flatMap(({ points }) => points.map(({ value }) => value ?? 0));
        assert.ok(Math.max(...queue) >= 3, `the queue was at most ${Math.max(...queue)}`);
        assert.equal(recorded.sessions.length, 4);
        assert.ok(recorded.replicas[0]?.points.some(({ value }) => value === 4));
    });

    describe("on servers behind one queue that become one of four, and three again", () => {
        let answers: readonly Answer[];
        let planned: number;
        /** Seconds of the load at which three of the four servers were told to go, and at which they were gone. */
        let went: number;
        let gone: number;

        before(async () => {
            const target = await devTarget(underTest);
            const scaled = async () => {
                const [first, stop] = [new AbortController(), new AbortController()];
                const [result, times] = await Promise.all([
                    runLoad(oneSecondEach(target.url, target.model), {
                        ...(target.within && { within: target.within }),
                        onAnswer: () => first.abort(),
                        signal: stop.signal,
                    }),
                    change(first.signal).catch((error: unknown) => {
                        stop.abort();
                        throw error;
                    }),
                ]);
                ({ answers, planned } = result);
                [went = 0, gone = 0] = times.map((time) => (time - result.startedAt) / 1000);
                const longest = Math.max(...answers.map(latency)).toFixed(1);
                const [from, to] = [went.toFixed(1), gone.toFixed(1)];
                console.log(
                    `      three servers went at ${from} s and were gone at ${to} s; longest wait ${longest} s`,
                );
            };
            await tidied(scaled, target.remove);
        });

        it("loses and refuses no request", () => {
            const others = answers.filter(({ status }) => status !== 200);
            assert.deepEqual(others, []);
            assert.deepEqual([answers.length, planned], [90, 90]);
        });

        it("takes servers away that have requests: those are among the answers", () => {
            const underWay = answers.filter(({ sent, ended }) => sent < went && ended > went);
            // Four slots and three requests a second: nothing waits yet, and the server that stays has one of them at most.
            assert.ok(underWay.length >= 2, `only ${underWay.length} were under way when servers went`);
        });

        it("lets requests wait for the one server, until there are three", () => {
            const alone = answers.filter(({ due }) => due > gone && due < gone + 10);
            assert.ok(
                alone.some((answer) => latency(answer) > 2.5),
                "none has waited: did servers go?",
            );
            const longest = Math.max(...answers.map(latency));
            const last = answers.filter(({ due }) => due > 45);
            assert.ok(last.length > 0);
            for (const answer of last)
                assert.ok(latency(answer) < longest / 2, `${latency(answer)} s at the end, of ${longest} s`);
        });

        /** Three requests a second, of a second each, and then half as many: one server is not enough, and three are. */
        function oneSecondEach(url: string, model: string): LoadPlan {
            const body = { model, prompt: "Go", stream: false, options: { simulated_seconds: 1 } };
            const phases = [
                { seconds: 10, rate: 3 },
                { seconds: 40, rate: 1.5 },
            ];
            return {
                url,
                method: "POST",
                body: JSON.stringify(body),
                headers: { "Content-Type": "application/json" },
                timeoutSeconds: 120,
                arrivals: { kind: "even", phases, seed: 1 },
                reuseConnections: false,
            };
        }

        /** From the first answer on; tells when three of four were told to go, and when they were gone. */
        async function change(begun: AbortSignal): Promise<number[]> {
            const kube = (...args: string[]) => kubectl(underTest, [`--namespace=${app}`, ...args]);
            const deployment = `deployment/${app}`;
            const names = ["get", "pods", `--selector=app.kubernetes.io/name=${app}`, "--output=name"];
            const pods = async () => (await kube(...names)).trim().split("\n");
            await until("the first answer", 60, async () => begun.aborted || undefined);
            await sleep(7000);
            assert.equal((await pods()).length, 4);
            await kube("scale", deployment, "--replicas=1");
            const told = Date.now();
            await until("one server", 60, async () => (await pods()).length === 1 || undefined);
            const left = Date.now();
            await sleep(10_000);
            await kube("scale", deployment, "--replicas=3");
            await kube("rollout", "status", deployment, "--timeout=60s");
            return [told, left];
        }
    });
});
