import assert from "node:assert/strict";
import { campaign } from "../../local/campaign";
import { type LoadPlan, runLoad } from "../../local/load";
import { findNode, networkOf } from "../../local/node/node";
import { local, underTest } from "./support";

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
        console.log(`      sent late: median ${lateness[80]} s, most ${lateness.at(-1)} s`);
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
});
