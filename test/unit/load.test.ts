import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Arrivals, arrivalTimes, exponential, type LoadPlan, runLoad, seeded } from "../../local/load";
import { planProblems } from "../../local/load/plan";
import { countAnswers, playablePlan, readLine } from "../../local/load/run";

const k6 = join(__dirname, "support", "fake-k6.js");
const even = (seconds: number, rate: number): Arrivals => ({
    kind: "even",
    phases: [{ seconds, rate }],
    seed: 1,
});
const plan = (arrivals: Arrivals, url = "http://127.0.0.1:1/"): LoadPlan => ({
    url,
    method: "GET",
    timeoutSeconds: 5,
    arrivals,
    reuseConnections: true,
});

describe("arrivals", () => {
    it("are evenly spaced in each phase, the first at once, and pause at a rate of zero", () => {
        const phases = [
            { seconds: 1, rate: 4 },
            { seconds: 2, rate: 0 },
            { seconds: 1, rate: 2 },
        ];
        assert.deepEqual(arrivalTimes({ kind: "even", phases, seed: 1 }), [0, 0.25, 0.5, 0.75, 3, 3.5]);
    });

    it("of independent users have exponential pauses: as long in the mean as they are spread", () => {
        const times = arrivalTimes({ kind: "poisson", phases: [{ seconds: 3600, rate: 10 }], seed: 7 });
        const pauses = times.map((time, i) => time - (times[i - 1] ?? 0));
        const mean = pauses.reduce((sum, pause) => sum + pause, 0) / pauses.length;
        const variance = pauses.reduce((sum, pause) => sum + (pause - mean) ** 2, 0) / pauses.length;
        assert.ok(Math.abs(times.length - 36_000) < 600, `${times.length} arrivals`);
        assert.ok(Math.abs(mean - 0.1) < 0.002, `a mean pause of ${mean}`);
        assert.ok(Math.abs(Math.sqrt(variance) - 0.1) < 0.003, `spread by ${Math.sqrt(variance)}`);
        const late = pauses.filter((pause) => pause > 0.1).length / pauses.length;
        assert.ok(Math.abs(late - Math.exp(-1)) < 0.01, `${late} above the mean`);
    });

    it("are the same again for the same seed, and others for another", () => {
        const of = (seed: number) =>
            arrivalTimes({ kind: "poisson", phases: [{ seconds: 60, rate: 5 }], seed });
        assert.deepEqual(of(3), of(3));
        const [first, second] = [of(3), of(4)];
        assert.equal(
            first.filter((time) => second.includes(time)).length,
            0,
            "seeds that follow each other start alike",
        );
    });

    it("stay within their phase", () => {
        const phases = [
            { seconds: 10, rate: 0 },
            { seconds: 5, rate: 20 },
        ];
        const times = arrivalTimes({ kind: "poisson", phases, seed: 1 });
        assert.ok(times.length > 60 && times.every((time) => time >= 10 && time < 15));
    });
});

describe("random numbers", () => {
    it("fill the range from 0 to 1, for every seed", () => {
        for (const seed of [0, 1, 2, -1, 0x9e3779b9, 1e12]) {
            const random = seeded(seed);
            const drawn = Array.from({ length: 20_000 }, random);
            assert.ok(
                drawn.every((one) => one >= 0 && one < 1),
                `seed ${seed}`,
            );
            const mean = drawn.reduce((sum, one) => sum + one, 0) / drawn.length;
            assert.ok(Math.abs(mean - 0.5) < 0.01, `seed ${seed}: ${mean}`);
        }
        assert.ok(Math.abs(exponential(() => 1 - 1 / Math.E, 3) - 3) < 1e-9);
    });
});

describe("a plan of load", () => {
    const properties = (bad: LoadPlan) => planProblems(bad).map(({ property }) => property);

    it("is refused with all of its problems at once", () => {
        const bad = { ...plan(even(-1, Number.NaN), "redis://127.0.0.1"), timeoutSeconds: 0 };
        assert.deepEqual(properties({ ...bad, method: "PUT" as "GET" }), [
            "url",
            "method",
            "timeoutSeconds",
            "arrivals.phases[0].seconds",
            "arrivals.phases[0].rate",
        ]);
        assert.deepEqual(properties(plan({ kind: "clients", phases: [{ seconds: 1, clients: 1.5 }] })), [
            "arrivals.phases[0].clients",
        ]);
        assert.deepEqual(properties(plan({ kind: "trace", at: [2, 1], bodies: ["a"] })), [
            "arrivals.at",
            "arrivals.bodies",
        ]);
        assert.deepEqual(properties(plan({ kind: "even", phases: [], seed: 1 })), ["arrivals.phases"]);
    });

    it("is no more than 100000 requests, and an hour", () => {
        assert.deepEqual(properties(plan(even(1000, 100))), []);
        assert.deepEqual(properties(plan(even(1000, 100.1))), ["arrivals, in requests"]);
        assert.deepEqual(properties(plan({ kind: "trace", at: [3601], bodies: [] })), [
            "arrivals, in seconds",
        ]);
        const hours = [3600, 1].map((seconds) => ({ seconds, clients: 1 }));
        assert.deepEqual(properties(plan({ kind: "clients", phases: hours })), ["arrivals, in seconds"]);
    });

    it("reaches k6 with every time known", () => {
        const { at, mostSeconds } = playablePlan(plan(even(1, 2)));
        assert.deepEqual(at, [0, 0.5]);
        assert.equal(mostSeconds, 36);
        const phases = [1, 2].map((seconds) => ({ seconds, clients: seconds }));
        const clients = playablePlan(plan({ kind: "clients", phases }));
        assert.deepEqual("phases" in clients && clients.phases, [
            { from: 0, until: 1, clients: 1 },
            { from: 1, until: 3, clients: 2 },
        ]);
    });
});

describe("answers", () => {
    const answer = (due: number, sent: number, status: number) => ({ due, sent, ended: sent + 1, status });

    it("are late where they were sent more than 50 ms after they were due, and failures from 400 on", () => {
        const { late, failed } = countAnswers([
            answer(1, 1.04, 200),
            answer(1, 1.06, 302),
            answer(1, 1, 400),
            answer(1, 1, 503),
            answer(1, 1, 0),
        ]);
        assert.deepEqual([late, failed], [1, 3]);
    });

    it("are told from whatever else k6 says", () => {
        assert.deepEqual(readLine('{"due":1,"sent":1,"ended":2,"status":200}'), answer(1, 1, 200));
        for (const line of ["Request Failed", '{"level":"info"}', '{"due":', ""])
            assert.equal(readLine(line), undefined, line);
    });
});

describe("a load", function () {
    // Each starts a process of Node.js.
    this.timeout(30_000);
    let server: Server;
    let url: string;
    let serve: (request: IncomingMessage, response: ServerResponse, body: string) => void;
    let connections: number;
    let folder: string;

    beforeEach(async () => {
        folder = mkdtempSync(join(tmpdir(), "load-test-"));
        connections = 0;
        server = createServer((request, response) => {
            let body = "";
            request.on("data", (chunk) => {
                body += chunk;
            });
            request.on("end", () => serve(request, response, body));
        });
        server.on("connection", () => connections++);
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    });
    afterEach(() => {
        server.closeAllConnections();
        server.close();
        rmSync(folder, { recursive: true });
    });

    /** A program that is called as k6. */
    function program(lines: string): string {
        const file = join(folder, "k6");
        writeFileSync(file, `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
        chmodSync(file, 0o755);
        return file;
    }

    it("sends what is due, whatever has not been answered yet", async () => {
        const waiting: ServerResponse[] = [];
        // No answer before all requests are there: who waits for one waits forever.
        serve = (_, response) => {
            waiting.push(response);
            if (waiting.length === 10) for (const one of waiting) one.end("ok");
        };
        const result = await runLoad(plan(even(1, 10), url), { k6 });
        assert.deepEqual([result.planned, result.failed, result.answers.length], [10, 0, 10]);
        assert.deepEqual(
            result.answers.map(({ due }) => due).toSorted((a, b) => a - b),
            Array.from({ length: 10 }, (_, i) => i / 10),
        );
        for (const { index, due, sent, ended } of result.answers) {
            assert.equal(index, Math.round(10 * due));
            assert.ok(sent >= due - 0.001, `sent at ${sent}, due at ${due}`);
            assert.ok(ended >= 0.9, `the first answer came at ${ended}`);
        }
        assert.ok(Math.abs(result.startedAt - Date.now()) < 20_000);
    });

    it("sends the body of each request, and hands on what was asked of the answers", async () => {
        const bodies: string[] = [];
        serve = (request, response, body) => {
            bodies.push(`${request.method} ${request.headers["x-who"]} ${body}`);
            response.end(JSON.stringify({ one: Number(body), two: 10, three: "no number" }));
        };
        const arrivals = { kind: "trace", at: [0, 0.2, 0.2], bodies: ["1", "2", "3"] } as const;
        const asked = { ...plan(arrivals, url), method: "POST", headers: { "x-who": "me" } } as const;
        const seen: number[] = [];
        const { answers } = await runLoad(
            { ...asked, answerFields: ["one", "two", "three", "four"] },
            { k6, onAnswer: ({ value }) => seen.push(value ?? Number.NaN) },
        );
        assert.deepEqual(bodies.toSorted(), ["POST me 1", "POST me 2", "POST me 3"]);
        assert.deepEqual(
            answers.map(({ value }) => value).toSorted((a = 0, b = 0) => a - b),
            [11, 12, 13],
        );
        assert.equal(seen.length, 3);
    });

    it("from clients keeps as many requests there as there are clients", async () => {
        let now = 0;
        const most = [0, 0];
        const began = Date.now();
        let first: number | undefined;
        serve = (_, response) => {
            first ??= Date.now();
            // Some of the first phase is over when the first request is here.
            const phase = Date.now() - first < 900 ? 0 : 1;
            now++;
            most[phase] = Math.max(most[phase] ?? 0, now);
            setTimeout(() => {
                now--;
                response.end("ok");
            }, 20);
        };
        const phases = [
            { seconds: 1, clients: 2 },
            { seconds: 1, clients: 5 },
        ];
        const { answers, planned, late } = await runLoad(plan({ kind: "clients", phases }, url), { k6 });
        assert.deepEqual(most, [2, 5]);
        assert.equal(planned, answers.length);
        // Each asks again and again, of fifty answers a second.
        assert.ok(planned > 30, `${planned} requests in ${Date.now() - began} ms`);
        assert.equal(late, 0);
        assert.ok(answers.every(({ due, sent }) => due === sent || sent - due < 0.05));
    });

    it("has a connection for each request where a Service is to choose anew", async () => {
        serve = (_, response) => response.end("ok");
        await runLoad({ ...plan(even(1, 6), url), reuseConnections: false }, { k6 });
        assert.equal(connections, 6);
        connections = 0;
        await runLoad(plan(even(1, 6), url), { k6 });
        assert.ok(connections < 6, `${connections} connections`);
    });

    it("tells what was refused, and what took too long, as failed", async () => {
        serve = () => undefined;
        const slow = await runLoad({ ...plan(even(1, 2), url), timeoutSeconds: 0.2 }, { k6 });
        assert.deepEqual([slow.failed, slow.answers[0]?.status], [2, 0]);
        assert.match(slow.answers[0]?.error ?? "", /timeout/);
        server.close();
        server.closeAllConnections();
        const refused = await runLoad(plan(even(1, 2), url), { k6 });
        assert.deepEqual([refused.failed, refused.planned], [2, 2]);
        assert.match(refused.answers[0]?.error ?? "", /ECONNREFUSED/);
    });

    it("ends at once when it is told to, with the answers until then", async () => {
        serve = (_, response) => response.end("ok");
        const stop = new AbortController();
        const began = Date.now();
        const result = await runLoad(plan(even(600, 10), url), {
            k6,
            signal: stop.signal,
            onAnswer: () => stop.abort(),
        });
        assert.ok(result.answers.length >= 1 && result.answers.length < 100);
        assert.ok(Date.now() - began < 15_000);
    });

    it("is an error where k6 ends before its time, with k6's words", async () => {
        const broken = program('echo "GoError: no such module"; exit 107');
        await assert.rejects(
            runLoad(plan(even(1, 2), url), { k6: broken }),
            /ended with 107 after 0 of 2 answers.*no such module/s,
        );
        const short = program("echo '{\"started\":1}'");
        await assert.rejects(runLoad(plan(even(1, 2), url), { k6: short }), /ended with 0 after 0 of 2/);
    });

    it("is refused before anything is sent where its plan is wrong", async () => {
        await assert.rejects(
            runLoad(plan(even(0, 1), "ftp://x"), { k6: "/nonexistent" }),
            /^Error: url: .*\narrivals/,
        );
    });
});
