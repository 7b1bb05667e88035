import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Board } from "../../components/monitoring/dashboards/board";
import { feasibleBoards } from "../../components/monitoring/dashboards/boards";
import { scenarios } from "../../local/scenarios";
import { addressesOf } from "../../local/verify/dashboards";
import { type Asked, asking, choices, fill } from "../../local/verify/dashboards/ask";
import { BoardWatch, dashboardsTable } from "../../local/verify/dashboards/judge";
import * as subjects from "../../local/verify/dashboards/subjects";
import { dev } from "../../stacks/dev";
import { record } from "./support/mocks";

/** A Prometheus that knows these values by expression, and these labels by selector. */
function knowing(
    values: Readonly<Record<string, readonly number[]>>,
    labels: Readonly<Record<string, readonly string[]>> = {},
): Asked {
    return {
        values: async (expr) => {
            if (expr.includes("wrong")) throw new Error("parse error");
            return [...(values[expr] ?? [])];
        },
        labelValues: async (series, label) => [...(labels[`${series} ${label}`] ?? [])],
        rules: async () => ({ total: 0, broken: [] }),
    };
}

const labels = {
    "up namespace": ["a", "b"],
    'up{namespace="a"} job': ["x"],
    'up{namespace="b"} job': ["y", "z"],
    "up node": ["n1", "n2"],
};

const variables: Board["variables"] = [
    { name: "namespace", label: "Namespace", series: "up", of: "namespace" },
    { name: "job", label: "Job", series: 'up{namespace="$namespace"}', of: "job" },
    { name: "node", label: "Node", series: "up", of: "node", several: true },
];

const panel = (title: string, ...exprs: string[]) => ({
    title,
    unit: "short",
    description: "Something.",
    queries: exprs.map((expr) => ({ legend: expr.slice(0, 9), expr })),
});

const board = (...panels: Board["rows"][0]["panels"]): Board => ({
    name: "queue",
    title: "Board",
    description: "",
    needs: [],
    variables,
    rows: [{ title: "Row", panels }],
    alerts: "",
    runbook: "",
});

/** Nothing is under load in particular, and nothing is excused. */
const strict: subjects.Expectations = { loaded: {}, excuses: [] };

const looked = async (given: Board, asked: Asked, expected = strict) => {
    const watch = new BoardWatch([given], asked, expected);
    await watch.look();
    return watch.results();
};

const verdicts = async (given: Board, asked: Asked, expected = strict) =>
    (await looked(given, asked, expected)).map(({ panel: title, verdict, why }) => [
        title,
        verdict,
        ...(why ? [why] : []),
    ]);

describe("the live check of dashboards", () => {
    it("offers every choice, one value after the other and of several all at a time", async () => {
        assert.deepEqual(await choices({ variables }, knowing({}, labels)), [
            { namespace: "a", job: "x", node: ".+" },
            { namespace: "b", job: "y", node: ".+" },
            { namespace: "b", job: "z", node: ".+" },
        ]);
    });

    it("fills in names that begin alike, in both ways of writing, and the time over which rates are taken", () => {
        const expr = `rate(a{x="$name",y="$namespace",z="\${name}"}[$__rate_interval])`;
        assert.equal(fill(expr, { name: "1", namespace: "2" }), 'rate(a{x="1",y="2",z="1"}[1m])');
        assert.throws(() => fill('a{x="$other"}', { name: "1" }), /names \$other, which is not chosen/);
    });

    it("asks for something with every choice, and says with which there is nothing", async () => {
        const a = panel("A", 'a{namespace="$namespace"}');
        const values = { 'a{namespace="a"}': [0] };
        assert.deepEqual(await verdicts(board(a), knowing(values, labels)), [
            ["A", "failed", "nothing for a{namespa in b"],
        ]);
        const all = knowing({ ...values, 'a{namespace="b"}': [0] }, labels);
        assert.deepEqual(await verdicts(board(a), all), [["A", "shows"]]);
    });

    it("looks at what is under load alone, where one chooses a namespace, and misses it where it is not offered", async () => {
        const given = board(panel("A", 'a{namespace="$namespace"}'));
        const asked = knowing({ 'a{namespace="a"}': [0] }, labels);
        const loaded = (...queue: string[]) => ({ ...strict, loaded: { queue } });
        assert.deepEqual(await verdicts(given, asked, loaded("a")), [["A", "shows"]]);
        assert.deepEqual(await verdicts(given, asked, loaded("a", "c")), [
            ["A", "failed", "its board does not offer c"],
        ]);
    });

    it("fails a panel of which a query has no value, or none that is a number, or an error", async () => {
        const asked = knowing({ a: [1], b: [Number.NaN] }, labels);
        assert.deepEqual(
            await verdicts(board(panel("A", "a", "c"), panel("B", "b"), panel("C", "wrong")), asked, {
                ...strict,
                loaded: { queue: ["a"] },
            }),
            [
                ["A", "failed", "nothing for c in a"],
                ["B", "failed", "nothing for b in a"],
                ["C", "failed", "wrong: parse error"],
            ],
        );
    });

    it("takes no word of the panel itself for an excuse, and no excuse for what is wrong", async () => {
        const emptyBecause = "nobody came";
        const given = board({ ...panel("A", "a"), emptyBecause }, { ...panel("B", "wrong"), emptyBecause });
        assert.deepEqual(
            (await verdicts(given, knowing({}, labels))).map(([title, verdict]) => [title, verdict]),
            [
                ["A", "failed"],
                ["B", "failed"],
            ],
        );
        const excuses = ["A", "B"].map((title) => ({
            board: "queue" as const,
            panel: title,
            because: "nobody came",
        }));
        assert.deepEqual(await verdicts(given, knowing({}, labels), { ...strict, excuses }), [
            ["A", "empty", "nothing in a, b: nobody came"],
            ["B", "failed", "wrong: parse error"],
        ]);
    });

    it("excuses the query and the namespace that it is said for, and no other", async () => {
        const given = board(panel("A", 'a{namespace="$namespace"}', 'b{namespace="$namespace"}'));
        const asked = knowing({ 'a{namespace="a"}': [1], 'b{namespace="b"}': [1] }, labels);
        const excuse = (part: object) => ({
            ...strict,
            excuses: [{ board: "queue" as const, panel: "A", because: "so", ...part }],
        });
        const legends = (...names: string[]) => names.map((name) => `${name}{namespa`);
        const nothing = (query: string) => `nothing for ${query}{namespa in ${query === "a" ? "b" : "a"}`;
        for (const [part, why] of [
            [{ legends: legends("a") }, nothing("b")],
            [{ namespaces: ["a"] }, nothing("a")],
            [{ panel: "B" }, `${nothing("b")}; ${nothing("a")}`],
        ] as const)
            assert.deepEqual(await verdicts(given, asked, excuse(part)), [["A", "failed", why]]);
        assert.deepEqual(await verdicts(given, asked, excuse({})), [["A", "part", "nothing in a, b: so"]]);
    });

    it("names no namespace where all are chosen", async () => {
        const all = { ...board(panel("A", "a")), variables: [{ ...variables[0], several: true }] } as Board;
        assert.deepEqual(await verdicts(all, knowing({}, labels)), [["A", "failed", "nothing for a"]]);
        const excuses = [{ board: "queue" as const, panel: "A", because: "so" }];
        assert.deepEqual(await verdicts(all, knowing({}, labels), { ...strict, excuses }), [
            ["A", "empty", "nothing: so"],
        ]);
    });

    it("fails every panel of a board that offers nothing to choose", async () => {
        assert.deepEqual(await verdicts(board(panel("A", "a")), knowing({ a: [1] })), [
            ["A", "failed", "its board offers nothing to choose"],
        ]);
    });

    it("is content with what was shown once, and asks no more for it", async () => {
        const values: Record<string, number[]> = { a: [1] };
        const queries: string[] = [];
        const known = knowing(values, labels);
        const asked = {
            ...known,
            values: (expr: string) => {
                queries.push(expr);
                return known.values(expr);
            },
        };
        const watch = new BoardWatch([board(panel("A", "a"), panel("B", "b"))], asked, strict);
        await watch.look();
        delete values.a;
        values.b = [2];
        await watch.look();
        assert.deepEqual(
            watch.results().map(({ verdict }) => verdict),
            ["shows", "shows"],
        );
        assert.deepEqual(queries, ["a", "b", "b"]);
    });

    it("keeps looking until everything was shown, or it is told that it is enough, whatever Prometheus says", async () => {
        const values: Record<string, number[]> = {};
        const watch = new BoardWatch([board(panel("A", "a"))], knowing(values, labels), strict);
        const said: string[] = [];
        await watch.keepLooking(AbortSignal.timeout(10_000), 0.02, (line) => {
            said.push(line);
            values.a = [1];
        });
        assert.deepEqual(said, [
            '1 panels show nothing yet, such as "A": nothing for a in a; nothing for a in b',
        ]);
        const over = new AbortController();
        const away: Asked = { ...knowing({}), labelValues: () => Promise.reject(new Error("away")) };
        const other = new BoardWatch([board(panel("A", "a"))], away, strict);
        const lines: string[] = [];
        await other.keepLooking(over.signal, 30, (line) => {
            lines.push(line);
            if (lines.length === 2) over.abort();
        });
        assert.equal(lines[0], "away");
        assert.equal(other.results()[0]?.verdict, "failed");
    });

    it("tells of each board, and why what shows nothing does so", async () => {
        const given = board(panel("A", "a"), panel("B", "b"), panel("C", "c"));
        const excuses = [{ board: "queue" as const, panel: "C", because: "nobody came" }];
        const results = await looked(given, knowing({ a: [1] }, labels), {
            loaded: { queue: ["a"] },
            excuses,
        });
        const table = dashboardsTable(results, "Measured.").split("\n");
        assert.ok(table.includes("| Board | 1 | 0 | 1 | 1 |"));
        assert.ok(table.includes('- Board, "B": **failed**, nothing for b in a.'));
        assert.ok(table.includes('- Board, "C": nothing in a: nobody came.'));
        assert.equal(table.at(-1), "Measured.");
    });

    it("excuses panels, queries and namespaces that there are", () => {
        const found = feasibleBoards({ sources: subjects.sources, gpuMetrics: subjects.gpuMetrics });
        for (const { board: name, panel: title, legends = [], namespaces = [] } of subjects.onDev.excuses) {
            const panels = found.find((one) => one.name === name)?.rows.flatMap(({ panels }) => panels) ?? [];
            const excused = panels.find((one) => one.title === title);
            assert.ok(excused, `${name}: ${title}`);
            const known = excused.queries.map(({ legend }) => legend);
            for (const legend of legends) assert.ok(known.includes(legend), `${title}: ${legend}`);
            for (const namespace of namespaces)
                assert.ok(subjects.onDev.loaded[name]?.includes(namespace), `${title}: ${namespace}`);
        }
    });

    it("has every autoscaler of the dev stack under load", async () => {
        const { resources } = await record(() =>
            dev({ target: "dev", kubeconfig: "/a", monitoring: {}, queue: {}, llm: { enabled: true } }),
        );
        const namespaces = resources
            .filter(({ kind }) => kind === "ScaledObject" || kind === "HorizontalPodAutoscaler")
            .map(({ inputs }) => inputs.metadata.namespace as string);
        assert.deepEqual(namespaces.sort(), [...(subjects.onDev.loaded.workload ?? [])].sort());
        // A scenario needs an autoscaled workload each, but for the one that searches the store of logs.
        const needs = new Set(scenarios.flatMap(({ needs = [] }) => needs));
        assert.ok(needs.delete("lokiUrl"));
        assert.equal(needs.size, namespaces.length);
    });

    it("asks for all dashboards", () => {
        const found = feasibleBoards({ sources: subjects.sources, gpuMetrics: subjects.gpuMetrics });
        assert.deepEqual(
            found.map(({ name }) => name),
            ["cluster", "workload", "queue", "serving", "gpu", "logs", "monitoring"],
        );
    });

    it("takes addresses from the dev stack, and says what is switched off there", () => {
        const all = {
            producerUrl: "http://p",
            podinfoUrl: "http://i",
            hashUrl: "http://h",
            llmUrl: "http://l",
            gpuUrl: "http://g",
        };
        assert.deepEqual(addressesOf({ ...all, lokiUrl: "http://k" }), all);
        assert.throws(
            () => addressesOf({ ...all, llmUrl: null, gpuUrl: null }),
            /no llmUrl, gpuUrl, so that/,
        );
    });

    describe("with a Prometheus", () => {
        let server: Server;
        let asked: Asked;
        before((done) => {
            server = createServer(({ url = "" }, answer) => {
                const { pathname, searchParams } = new URL(url, "http://localhost");
                const query = searchParams.get("query");
                const group = {
                    name: "g",
                    rules: [
                        { name: "fine", health: "ok" },
                        { name: "failing", health: "err", lastError: "many-to-many" },
                        { name: "new", health: "unknown" },
                    ],
                };
                const data: Readonly<Record<string, unknown>> = {
                    "/api/v1/query": { result: [{ value: [1, query === "a" ? "2.5" : "NaN"] }] },
                    "/api/v1/label/job/values": [searchParams.get("match[]")],
                    "/api/v1/rules": { groups: [group] },
                };
                answer.statusCode = query === "wrong" ? 400 : 200;
                answer.end(
                    JSON.stringify(query === "wrong" ? { error: "parse error" } : { data: data[pathname] }),
                );
            });
            server.listen(0, "127.0.0.1", () => {
                asked = asking(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
                done();
            });
        });
        after((done) => {
            server.closeAllConnections();
            server.close(done);
        });

        it("reads values, labels, and rules that do not work", async () => {
            assert.deepEqual(await asked.values("a"), [2.5]);
            assert.deepEqual(await asked.values("b"), [Number.NaN]);
            assert.deepEqual(await asked.labelValues('up{a="b"}', "job"), ['up{a="b"}']);
            assert.deepEqual(await asked.rules(), {
                total: 3,
                broken: ["g/failing: many-to-many", "g/new: unknown"],
            });
        });

        it("says what is wrong with an expression", async () => {
            await assert.rejects(asked.values("wrong"), /HTTP 400: parse error/);
        });
    });
});
