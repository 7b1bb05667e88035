import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { execa } from "execa";
import { logs, logsFigures } from "../../local/scenarios/logs";
import { byPod, followLines, type LogsRun } from "../../local/scenarios/logs-follow";
import { linesJob, linesProgram, plannedLines } from "../../local/scenarios/logs-job";
import { logsPicture, logsView } from "../../local/scenarios/logs-view";
import { stageWith } from "./support/fake-stage";
import { missingResources, violations } from "./support/restricted";

const plan = { pods: 2, perSecond: 20, seconds: 1 };
const pods = ["lines-x-a", "lines-x-b"];

/** A Job whose two pods write, and a store that has each line a fifth of a second later, but for what is to go wrong. */
class FakeLogs {
    readonly commands: string[] = [];
    /** Text of lines that the store loses, and that it has twice. */
    lost: string[] = [];
    doubled: string[] = [];
    private begun?: number;
    private server?: Server;

    private written() {
        const { begun } = this;
        if (begun === undefined) return [];
        return pods.flatMap((pod) =>
            Array.from({ length: plan.perSecond * plan.seconds }, (_, number) => ({
                pod,
                text: `line ${String(number).padStart(6, "0")}`,
                time: begun + (1000 * number) / plan.perSecond,
            })).filter(({ time }) => time <= Date.now()),
        );
    }

    readonly kubectl = async (args: readonly string[], input?: string): Promise<string> => {
        this.commands.push(args.join(" "));
        if (input !== undefined) {
            assert.equal(JSON.parse(input).kind, "Job");
            this.begun = Date.now();
        }
        if (args[2] !== "logs") return "";
        const lines = this.written();
        if (lines.length === 0) throw new Error("waiting to start: ContainerCreating");
        return lines.map(({ pod, text }) => `[pod/${pod}/writer] ${text}`).join("\n");
    };

    async start(): Promise<string> {
        const server = createServer((request, response) => {
            const asked = new URL(request.url ?? "/", "http://loki").searchParams;
            const [from, to] = ["start", "end"].map((name) => Math.round(Number(asked.get(name)) / 1e6)) as [
                number,
                number,
            ];
            const [, namespace, pod = ""] =
                /^\{namespace="(.*)",pod=~"(.*)"\}$/.exec(asked.get("query") ?? "") ?? [];
            assert.equal(namespace, "log-lines");
            const there = this.written().filter(
                (line) =>
                    line.time <= Date.now() - 200 &&
                    line.time >= from &&
                    line.time < to &&
                    new RegExp(`^(${pod})$`).test(line.pod) &&
                    !this.lost.includes(line.text),
            );
            const twice = there.filter(({ text }) => this.doubled.includes(text));
            const result = [...there, ...twice].map((line) => ({
                stream: { pod: line.pod },
                values: [[`${Math.round(line.time)}000000`, line.text]],
            }));
            response.end(JSON.stringify({ data: { result } }));
        });
        this.server = server;
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    }

    async stop(): Promise<void> {
        this.server?.closeAllConnections();
        await new Promise((resolve) => this.server?.close(resolve));
    }
}

describe("the scenario of logs", function () {
    this.timeout(20_000);
    let fake: FakeLogs;
    let lokiUrl: string;
    beforeEach(async () => {
        fake = new FakeLogs();
        lokiUrl = await fake.start();
    });
    afterEach(() => fake.stop());

    const follow = async (patienceSeconds?: number) => {
        const { stage, drawn } = stageWith({ kubectl: fake.kubectl });
        const run = await followLines("lines-x", plan, { ...stage, lokiUrl }, patienceSeconds);
        return { run, drawn };
    };
    const figures = (run: LogsRun) =>
        logsFigures(run).map(({ what, measured, met }) => ({ what, measured, met }));

    it("finds every line once, says how soon, and leaves nothing", async () => {
        const { run, drawn } = await follow();
        const [written, found, soon, slowest] = figures(run);
        assert.deepEqual([written?.measured, written?.met], ["40, by 2 pods", true]);
        assert.deepEqual([found?.measured, found?.met], ["40, 0 lost, 0 twice", true]);
        assert.equal(soon?.met, true);
        assert.equal(run.delays.length, 40);
        // A fifth of a second, and what a search each quarter of one adds.
        for (const delay of run.delays) assert.ok(delay >= 0.19 && delay < 1.5, `${delay} s`);
        assert.match(slowest?.measured ?? "", /s$/);
        assert.match(drawn.at(-2) ?? "", /40 lines written, 40 found \| p50 /);
        assert.equal(drawn.at(-1), "end");
        assert.deepEqual(
            [fake.commands[0], fake.commands[1], fake.commands.at(-1)],
            [
                "delete namespace log-lines --ignore-not-found",
                "create namespace log-lines",
                "delete namespace log-lines --wait=false",
            ],
        );
    });

    it("tells of lines that are lost and of lines that are there twice", async () => {
        fake.lost = ["line 000003"];
        fake.doubled = ["line 000005", "line 000006"];
        const { run } = await follow(0.5);
        const [written, found, soon, slowest] = figures(run);
        assert.equal(written?.met, true);
        // Of each pod.
        assert.deepEqual([found?.measured, found?.met], ["38, 2 lost, 4 twice", false]);
        assert.equal(slowest?.measured, "not within 15 s");
        assert.equal(soon?.met, false, "one in twenty is more than may come late");
    });

    it("does not take pods that cannot be asked for pods that have written nothing", async () => {
        const answered = fake.kubectl;
        const silent = {
            kubectl: async (args: readonly string[], input?: string) => {
                if (args[2] === "logs") throw new Error("the kubelet is away");
                return answered(args, input);
            },
        };
        const { stage, drawn } = stageWith(silent);
        const run = await followLines("lines-x", plan, { ...stage, lokiUrl }, 0.5);
        const [written, found] = figures(run);
        assert.deepEqual([written?.measured, written?.met], ["unknown", false]);
        assert.equal(found?.met, false);
        assert.ok(drawn.every((line) => line === "end" || line.includes("? lines written")));
    });

    it("removes what it made also where the Job is refused", async () => {
        const { stage, drawn } = stageWith({
            kubectl: async (args, input) => {
                if (input !== undefined) throw new Error("refused");
                return fake.kubectl(args);
            },
        });
        await assert.rejects(followLines("lines-x", plan, { ...stage, lokiUrl }), /refused/);
        assert.equal(fake.commands.at(-1), "delete namespace log-lines --wait=false");
        assert.equal(drawn.at(-1), "end");
    });

    it("needs a store of logs", async () => {
        await assert.rejects(logs.run(stageWith({}).stage), /no lokiUrl was expected/);
    });

    it("is seen as lines and as how far apart they are", () => {
        const readings = [
            { t: 0, written: null, found: 0, p50: null, p95: null },
            { t: 9.25, written: 30, found: 20, p50: 0.51, p95: 1.25 },
        ];
        const run: LogsRun = {
            startedAt: "",
            plan,
            written: null,
            stored: {},
            delays: [],
            searches: [],
            readings,
        };
        assert.equal(logsView.status(readings[0]), "   0.0 s | ? lines written, 0 found | -");
        assert.equal(
            logsView.status(readings[1]),
            "   9.3 s | 30 lines written, 20 found | p50 510 ms, p95 1.25 s",
        );
        const { panels, end } = logsPicture("t", run, []);
        assert.equal(end, 9.25);
        assert.deepEqual(panels[0]?.lines[0]?.points, [
            { t: 0, value: null },
            { t: 9.25, value: 30 },
        ]);
    });
});

describe("the Job that writes lines", () => {
    it("is one that a restricted namespace takes", () => {
        const { spec } = linesJob("lines-x", plan);
        const pod = spec.template.spec;
        assert.deepEqual(violations(pod), []);
        assert.deepEqual(missingResources(pod.containers[0]), []);
        assert.deepEqual([spec.parallelism, spec.completions], [2, 2]);
        assert.deepEqual(pod.containers[0]?.command.slice(-2), ["20", "20"]);
        assert.equal(plannedLines(plan), 40);
    });

    it("writes each line at its time", async () => {
        const begun = performance.now();
        const { stdout } = await execa("python3", ["-c", linesProgram, "5", "20"]);
        assert.deepEqual(
            stdout.split("\n"),
            [0, 1, 2, 3, 4].map((number) => `line 00000${number}`),
        );
        assert.ok(performance.now() - begun >= 200);
    });

    it("is read by pod", () => {
        const text =
            "[pod/a-1/writer] line 000000\nsomething else\n[pod/b-1/writer] x\n[pod/a-1/writer] [y] z";
        assert.deepEqual(byPod(text), { "a-1": ["line 000000", "[y] z"], "b-1": ["x"] });
    });
});
