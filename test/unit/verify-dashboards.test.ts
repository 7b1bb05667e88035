import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Board } from "../../components/monitoring/dashboards/board";
import { feasibleBoards } from "../../components/monitoring/dashboards/boards";
import { addressesOf } from "../../local/verify/dashboards";
import { type Asked, asking, choices, fill } from "../../local/verify/dashboards/ask";
import { dashboardsTable, judgeBoard } from "../../local/verify/dashboards/judge";
import * as subjects from "../../local/verify/dashboards/subjects";

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

const verdicts = async (given: Board, asked: Asked) =>
    (await judgeBoard(given, asked)).map(({ panel: title, verdict, why }) => [
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

    it("is content with a value for one of the choices", async () => {
        const asked = knowing({ 'a{job="z"}': [0] }, labels);
        assert.deepEqual(await verdicts(board(panel("A", 'a{job="$job"}')), asked), [["A", "shows"]]);
    });

    it("fails a panel of which a query has no value, or none that is a number, or an error", async () => {
        const asked = knowing({ a: [1], b: [Number.NaN] }, labels);
        assert.deepEqual(
            await verdicts(board(panel("A", "a", "c"), panel("B", "b"), panel("C", "wrong")), asked),
            [
                ["A", "failed", "nothing for c"],
                ["B", "failed", "nothing for b"],
                ["C", "failed", "wrong: parse error"],
            ],
        );
    });

    it("lets a panel be empty that says why, but not be wrong", async () => {
        const emptyBecause = "nobody came";
        const given = board({ ...panel("A", "a"), emptyBecause }, { ...panel("B", "wrong"), emptyBecause });
        assert.deepEqual(await verdicts(given, knowing({}, labels)), [
            ["A", "empty", "nobody came"],
            ["B", "failed", "wrong: parse error"],
        ]);
    });

    it("fails every panel of a board that offers nothing to choose", async () => {
        assert.deepEqual(await verdicts(board(panel("A", "a")), knowing({ a: [1] })), [
            ["A", "failed", "its board offers nothing to choose"],
        ]);
    });

    it("tells of each board, and why what shows nothing does so", async () => {
        const given = board(panel("A", "a"), panel("B", "b"), {
            ...panel("C", "c"),
            emptyBecause: "nobody came",
        });
        const results = await judgeBoard(given, knowing({ a: [1] }, labels));
        const table = dashboardsTable(results, "Measured.").split("\n");
        assert.ok(table.includes("| Board | 1 | 1 | 1 |"));
        assert.ok(table.includes('- Board, "B": **failed**, nothing for b.'));
        assert.ok(table.includes('- Board, "C": empty: nobody came.'));
        assert.equal(table.at(-1), "Measured.");
    });

    it("asks for all dashboards", () => {
        const found = feasibleBoards({ sources: subjects.sources, gpuMetrics: subjects.gpuMetrics });
        assert.deepEqual(
            found.map(({ name }) => name),
            ["cluster", "workload", "queue", "serving", "gpu", "logs", "monitoring"],
        );
    });

    it("takes addresses from the dev stack, and says what is switched off there", () => {
        const all = { producerUrl: "http://p", llmUrl: "http://l", gpuUrl: "http://g" };
        assert.deepEqual(addressesOf({ ...all, hashUrl: "http://h" }), all);
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
