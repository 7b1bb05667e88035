import assert from "node:assert/strict";
import { phaseFigures, startOf, waitOf, windowsOf } from "../../local/campaign/figures";
import { onInterrupt } from "../../local/campaign/interrupt";
import { answeredRate, type Phase, runPhases } from "../../local/campaign/phases";
import { campaignSpec, panelsOf } from "../../local/campaign/plots";
import { campaignMarkdown } from "../../local/campaign/report";
import { queries, recordedSeries, seriesIn } from "../../local/campaign/series";
import { app, openings, server, service } from "../../local/campaign/subject";
import { endpointTarget, removed } from "../../local/campaign/target";
import { svgOf } from "../../local/demo/plot";
import type { Answer, LoadPlan, LoadResult } from "../../local/load";
import { countAnswers } from "../../local/load/run";

/** Answers of requests each of which took two seconds, of which the model worked one. */
const answers = (dues: readonly number[], status = 200): Answer[] =>
    dues.map((due) => ({ due, sent: due, ended: due + 2, status, value: 1e9 }));
const loaded = (made: readonly Answer[], startedAt = 1000): LoadResult => ({
    ...countAnswers(made),
    planned: made.length,
    startedAt,
});

describe("the phases of a campaign", () => {
    const question = {
        url: "http://llm/",
        method: "POST",
        timeoutSeconds: 1,
        reuseConnections: false,
    } as const;
    const run = async (respond: (plan: LoadPlan) => LoadResult) => {
        const plans: LoadPlan[] = [];
        const phases: Phase[] = [];
        const campaign = runPhases({
            question,
            clients: [4, 8],
            seconds: 10,
            pauseSeconds: 0,
            log: () => {},
            load: async (plan) => {
                plans.push(plan);
                return respond(plan);
            },
        });
        try {
            for await (const phase of campaign) phases.push(phase);
        } catch (error) {
            return { plans, phases, failure: error as Error };
        }
        return { plans, phases };
    };

    it("are clients first, and then the same rates from users that do not wait", async () => {
        const { plans, phases } = await run(({ arrivals }) => {
            const count = arrivals.kind === "clients" ? (arrivals.phases[0]?.clients ?? 0) : 1;
            // Four clients are answered four times in ten seconds, and once after that.
            return loaded(answers([...Array(count).keys(), 9]));
        });
        assert.deepEqual(
            phases.map(({ name }) => name),
            ["4 clients", "8 clients", "0.40 requests/s", "0.80 requests/s"],
        );
        assert.deepEqual(
            plans.map(({ arrivals }) => arrivals.kind),
            ["clients", "clients", "clients", "poisson", "poisson"],
        );
        assert.deepEqual(plans[3]?.arrivals, {
            kind: "poisson",
            phases: [{ seconds: 10, rate: 0.4 }],
            seed: 1,
        });
        assert.ok(plans.every(({ url }) => url === question.url));
    });

    it("begin when a server is there, which is no part of what is measured", async () => {
        const { plans, phases } = await run(() => loaded(answers([0])));
        assert.deepEqual(plans[0]?.arrivals, { kind: "clients", phases: [{ seconds: 1, clients: 1 }] });
        assert.equal(phases.length, plans.length - 1);
    });

    it("end where nothing is answered, and say why", async () => {
        const refused = await run(() => loaded(answers([0, 1], 503)));
        assert.match(
            refused.failure?.message ?? "",
            /llm\/ answered none of the requests of the phase "warm-up": 503/,
        );
        assert.match((await run(() => loaded([]))).failure?.message ?? "", /nothing was sent/);
    });

    it("end where none is answered in time, as there is no rate then, and what was measured is kept", async () => {
        const { phases, failure } = await run(() => loaded(answers([9])));
        assert.match(
            failure?.message ?? "",
            /phase "4 clients" within its 10 s \(the first took 2\.0 s\).* give phases of several times as many seconds/,
        );
        assert.deepEqual(
            phases.map(({ name }) => name),
            ["4 clients", "8 clients"],
        );
    });

    it("have as rate what was answered in their time, not what came after it, nor what failed", () => {
        const result = loaded([...answers([0, 1, 2, 9]), ...answers([3], 500)]);
        assert.equal(answeredRate({ name: "", seconds: 10, result }), 0.3);
    });
});

describe("the figures of a campaign", () => {
    const phase = (name: string, made: readonly Answer[], startedAt = 1000): Phase => ({
        name,
        seconds: 10,
        result: loaded(made, startedAt),
    });

    it("tell the wait from the work where the server says how long it worked", () => {
        const [answer] = answers([5]) as [Answer];
        assert.equal(waitOf(answer), 1);
        const { value: _, ...silent } = answer;
        assert.equal(waitOf(silent), undefined);
        assert.equal(waitOf({ ...answer, value: 9e9 }), 0);
        // What the generator sent late has waited, too.
        assert.equal(waitOf({ ...answer, sent: 6 }), 1);
        const { wait, latency } = phaseFigures(phase("", answers([1, 2, 3])));
        assert.deepEqual([wait?.p50, latency.p99], [1, 2]);
        assert.equal(phaseFigures(phase("", [silent])).wait, undefined);
    });

    it("leave failures out of percentiles, and count them", () => {
        const failure = { due: 0, sent: 0.2, ended: 100, status: 0 };
        const figures = phaseFigures(phase("", [...answers([1, 2]), failure]));
        assert.deepEqual([figures.requests, figures.failed, figures.late, figures.latency.p99], [3, 1, 1, 2]);
    });

    it("over time are of one axis for all phases, with gaps where nothing was sent", () => {
        const phases = [phase("a", answers([0, 1]), 5000), phase("b", answers([0]), 5000 + 20_000)];
        assert.equal(startOf(phases), 5000);
        const windows = windowsOf(phases, 5);
        assert.deepEqual(
            windows.map(({ t, sent, answered }) => [t, sent, answered]),
            [
                [0, 0.4, 0.4],
                [5, 0, 0],
                [10, 0, 0],
                [15, 0, 0],
                [20, 0.2, 0.2],
            ],
        );
        assert.deepEqual([windows[0]?.p50, windows[1]?.p50], [1, undefined]);
    });

    it("stand in a table, also where waits are not told", () => {
        const silent = answers([1]).map(({ value: _, ...rest }) => rest);
        const text = campaignMarkdown([phaseFigures(phase("4 clients", silent))]);
        assert.match(text, /\| 4 clients \| 1 \| 0\.10 \| 2\.00 \/ 2\.00 \/ 2\.00 \| not told \| 0 \| 0 \|/);
    });

    it("are drawn on one axis, panels without anything left out", async () => {
        const phases = [phase("4 clients", answers([0, 1, 2, 8]))];
        const points = [{ t: 1, value: 3 }];
        const recorded = {
            queue: [{ name: "waiting", points }],
            sessions: ["server1", "server2"].map((name) => ({ name, points })),
            frontend: [],
            replicas: [],
        };
        const panels = panelsOf(windowsOf(phases, 5), recorded, true);
        assert.deepEqual(
            panels.map(({ title }) => title),
            ["requests per second", "wait (s)", "queue and connections", "sessions per pod"],
        );
        const gap = panelsOf(windowsOf([...phases, phase("b", answers([0]), 31_000)], 10), recorded, true)[1];
        assert.deepEqual(
            gap?.series[0]?.points.map(({ value }) => value),
            [1, null, null, 1],
        );
        const starts = [{ name: "4 clients", from: 0 }];
        const svg = await svgOf(campaignSpec(panels, starts, ["somewhere"]));
        for (const text of ["4 clients", "wait (s)", "95th percentile", "server2", "seconds since the start"])
            assert.ok(svg.includes(text), text);
    }).timeout(30_000);
});

describe("what Prometheus recorded of a campaign", () => {
    it("is asked of one proxy", () => {
        for (const [expr] of Object.values(queries("llm"))) assert.match(expr, /haproxy_.*\{proxy="llm"\}/);
    });

    it("is read with its labels, in seconds from the start", () => {
        const result = [
            { metric: { server: "server1" }, values: [[12, "2"]] },
            { metric: {}, values: [[13, "0"]] },
        ];
        assert.deepEqual(seriesIn({ data: { result } }, "server", 10_000), [
            { name: "server1", points: [{ t: 2, value: 2 }] },
            { name: "server", points: [{ t: 3, value: 0 }] },
        ]);
        assert.deepEqual(seriesIn({}, "server", 0), []);
    });

    it("is missing with a reason where it does not answer", async () => {
        const { problem, queue } = await recordedSeries("http://127.0.0.1:1", "llm", 0, 1000);
        assert.match(problem ?? "", /127\.0\.0\.1:1: fetch failed/);
        assert.deepEqual(queue, []);
    });
});

describe("what a campaign asks", () => {
    it("is Ollama's API where an endpoint has no path, and the endpoint's own where it has", () => {
        const url = (given: string) => endpointTarget({ url: given }).url;
        assert.equal(url("http://llm:11434"), "http://llm:11434/api/generate");
        assert.equal(url("https://vllm/v1/completions"), "https://vllm/v1/completions");
        for (const wrong of ["llm:11434", "http://", "llm"])
            assert.throws(() => url(wrong), /--url: was given .*; allowed: .*; do: /, wrong);
    });

    it("on the embedded cluster is four servers with one slot, open to who asks and who measures", () => {
        assert.deepEqual([server.replicas, server.slots, server.app, service], [4, 1, app, "campaign-proxy"]);
        assert.ok(openings.length > 0);
    });
});

describe("what a campaign has made", () => {
    const what = { stack: "campaign", main: "", config: {}, kubeconfig: "", home: "" };
    const remove = (destroy: () => Promise<readonly string[]>) =>
        removed({ destroy: async () => ({ seconds: 1, failures: await destroy() }) }, what);

    it("is removed in silence", () => remove(async () => []));

    it("is a failure where it stays, with what removes it", async () => {
        const left = /^Error: pod a is held\npod b, too\nNot all .* kubectl delete namespace campaign$/;
        await assert.rejects(
            remove(async () => ["pod a is held", "pod b, too"]),
            left,
        );
        await assert.rejects(
            remove(() => Promise.reject(new Error("The API server does not answer."))),
            /^Error: The API server does not answer\.\nNot all .* kubectl delete namespace campaign$/,
        );
    });
});

describe("Ctrl-C in a campaign", () => {
    it("asks to end, and ends at once when it comes again", () => {
        const before = process.listeners("SIGINT");
        const said: string[] = [];
        let ended = 0;
        const { signal, forget } = onInterrupt(
            (text) => said.push(text),
            () => ended++,
        );
        const [ask] = process.listeners("SIGINT").slice(before.length);
        assert.equal(signal.aborted, false);
        ask?.("SIGINT");
        assert.match(`${signal.reason}`, /^Error: Ended by Ctrl-C\.$/);
        assert.match(said.join(), /Ctrl-C once more ends at once/);
        // One that is gone by now would leave the process to execa, which ends it while k6 runs.
        assert.equal(process.listeners("SIGINT").length, before.length + 1);
        assert.equal(ended, 0);
        ask?.("SIGINT");
        assert.equal(ended, 1);
        forget();
        assert.deepEqual(process.listeners("SIGINT"), before);
    });
});
