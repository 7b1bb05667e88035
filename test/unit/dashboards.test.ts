import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as units from "@grafana/grafana-foundation-sdk/units";
import { parsePromql } from "../../components/autoscaling/autoscaler/promql";
import { dcgmMetrics, fakeDcgmMetrics, simulatedDcgmMetrics } from "../../components/gpu/dcgm-metrics";
import {
    type DashboardSource,
    Dashboards,
    dashboardFiles,
    validateDashboards,
} from "../../components/monitoring/dashboards";
import { type Board, dashboardSources, variablesOf } from "../../components/monitoring/dashboards/board";
import { boards, feasibleBoards } from "../../components/monitoring/dashboards/boards";
import { alertsOf, dashboardJson } from "../../components/monitoring/dashboards/build";
import { dashboardUids } from "../../components/monitoring/dashboards/uids";
import { metricOf, missing } from "./support/known-series";
import { record } from "./support/mocks";

const root = join(__dirname, "..", "..");
const panelsOf = ({ rows }: Board) => rows.flatMap(({ panels }) => panels);
const titles = (found: readonly Board[]) =>
    found.flatMap((board) => panelsOf(board).map(({ title }) => title));
const ecc = ["DCGM_FI_DEV_ECC_DBE_VOL_TOTAL", "DCGM_FI_DEV_ECC_SBE_VOL_TOTAL"];
const everything = { sources: dashboardSources, gpuMetrics: [...dcgmMetrics, ...ecc] };

/** As Grafana fills it in, but for the choices, which stand in quotation marks. */
const filled = (expr: string) => expr.replaceAll("$__rate_interval", "1m");

interface Made {
    readonly id: number;
    readonly type: string;
    readonly datasource: { readonly uid: string } | undefined;
    readonly targets: readonly { readonly expr?: string; readonly datasource: { readonly uid: string } }[];
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}

const made = (board: Board, runbooks?: string) => JSON.parse(dashboardJson(board, runbooks));

describe("dashboards", () => {
    it("are one for each identity, which no other has", () => {
        assert.deepEqual(boards.map(({ name }) => name).sort(), Object.keys(dashboardUids).sort());
        const uids = Object.values(dashboardUids);
        assert.equal(new Set(uids).size, uids.length);
        for (const uid of uids) assert.match(uid, /^[a-z-]{1,40}$/);
    });

    // Bookmarks and alerts name them: a change here breaks both.
    it("have the identities that they always had", () => {
        assert.deepEqual(dashboardUids, {
            cluster: "kube-observability-cluster",
            workload: "kube-observability-workload",
            queue: "kube-observability-queue",
            serving: "kube-observability-serving",
            gpu: "kube-observability-gpu",
            logs: "kube-observability-logs",
            monitoring: "kube-observability-monitoring",
        });
    });

    for (const board of boards) {
        describe(board.title, () => {
            for (const panel of panelsOf(board).filter(({ kind }) => kind !== "logs")) {
                it(`asks in PromQL for series that there are: ${panel.title}`, () => {
                    assert.ok(panel.queries.length > 0);
                    for (const { expr } of panel.queries) {
                        const { error, selectors } = parsePromql(filled(expr));
                        assert.equal(error, undefined, `${expr}: ${error}`);
                        assert.ok(selectors.length > 0, expr);
                        for (const selector of selectors)
                            assert.equal(missing(metricOf(selector)), undefined, selector);
                    }
                });
            }

            it("has a unit that Grafana knows, and a description, for every panel", () => {
                const known = new Set<string>(Object.values(units));
                for (const { title, unit, description, right } of panelsOf(board)) {
                    assert.ok(known.has(unit), `${title}: ${unit}`);
                    assert.match(description, /^[A-Z0-9].{10,}\.$|ten pods\.$/, title);
                    if (right) assert.ok(known.has(right.unit), `${title}: ${right.unit}`);
                }
            });

            it("has no two panels of one name, and no two queries of one legend in a panel", () => {
                const names = panelsOf(board).map(({ title }) => title);
                assert.equal(new Set(names).size, names.length, names.join(", "));
                for (const { title, queries } of panelsOf(board)) {
                    const legends = queries.map(({ legend }) => legend);
                    assert.equal(new Set(legends).size, legends.length, title);
                }
            });

            it("declares every variable before it is used, and none that nobody uses", () => {
                const declared: string[] = [];
                for (const { name, series } of board.variables) {
                    for (const used of variablesOf(series))
                        assert.ok(declared.includes(used), `${name}: ${used}`);
                    const { error } = parsePromql(series);
                    assert.equal(error, undefined, series);
                    assert.equal(missing(metricOf(series)), undefined, series);
                    declared.push(name);
                }
                const texts = panelsOf(board).flatMap(({ queries }) => queries.map(({ expr }) => expr));
                for (const text of [...texts, alertsOf(board)])
                    for (const used of variablesOf(text))
                        assert.ok(declared.includes(used), `${used} in ${text}`);
                const all = [...texts, alertsOf(board), ...board.variables.map(({ series }) => series)];
                for (const name of declared)
                    assert.ok(
                        all.some((text) => variablesOf(text).includes(name)),
                        `${name} is not used`,
                    );
            });

            it("matches choices of several values by =~, and of one by =", () => {
                for (const { name, several } of board.variables) {
                    const wrong = new RegExp(`[^~]="\\$${name}"`);
                    const texts = panelsOf(board)
                        .filter(({ kind }) => kind !== "logs")
                        .flatMap(({ queries }) => queries.map(({ expr }) => expr));
                    if (several) for (const text of texts) assert.doesNotMatch(text, wrong);
                }
            });

            it("leads to a page of the runbooks, and draws alerts by a selector that parses", () => {
                assert.ok(existsSync(join(root, board.runbook)), board.runbook);
                assert.equal(parsePromql(alertsOf(board)).error, undefined);
                const { links } = made(board, "https://git.example.com/a");
                assert.equal(links[1].url, `https://git.example.com/a/${board.runbook}`);
                assert.equal(made(board).links.length, 1);
            });

            it("is the same text each time, and a ConfigMap can hold it", () => {
                assert.equal(dashboardJson(board), dashboardJson(board));
                assert.ok(Buffer.byteLength(dashboardJson(board)) < 200_000);
            });

            it("has every panel and query in its place, numbered, and asks the source that is chosen", () => {
                const { uid, panels, templating } = made(board);
                assert.equal(uid, dashboardUids[board.name]);
                assert.deepEqual(
                    panels.map(({ id }: Made) => id),
                    panels.map((_: Made, i: number) => i + 1),
                );
                const drawn: Made[] = panels.filter(({ type }: Made) => type !== "row");
                assert.equal(drawn.length, panelsOf(board).length);
                drawn.forEach((panel, i) => {
                    const { kind, queries } = panelsOf(board)[i] as ReturnType<typeof panelsOf>[0];
                    const source = kind === "logs" ? "$logs" : "$datasource";
                    assert.equal(panel.datasource?.uid, source);
                    assert.equal(panel.targets.length, queries.length);
                    for (const target of panel.targets) assert.equal(target.datasource.uid, source);
                });
                const choices = templating.list.map(({ name }: { name: string }) => name);
                assert.ok(choices.includes("datasource"));
                assert.deepEqual(
                    choices.filter((name: string) => name !== "datasource" && name !== "logs"),
                    board.variables.map(({ name }) => name),
                );
            });

            it("has no panel over another, or over the edge", () => {
                const taken = new Set<string>();
                for (const { gridPos } of made(board).panels as Made[]) {
                    assert.ok(gridPos.x + gridPos.w <= 24);
                    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
                        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
                            assert.ok(!taken.has(`${x} ${y}`), `two panels at ${x} ${y}`);
                            taken.add(`${x} ${y}`);
                        }
                    }
                }
            });
        });
    }

    it("show demand, target, desired and ready replicas and both limits on one axis of time", () => {
        const [panel] = panelsOf(boards.find(({ name }) => name === "workload") as Board);
        const asked = (panel?.queries ?? []).map(({ expr }) =>
            metricOf(parsePromql(expr).selectors[0] ?? ""),
        );
        assert.deepEqual(asked, [
            "kube_horizontalpodautoscaler_status_desired_replicas",
            "kube_deployment_status_replicas_ready",
            "kube_horizontalpodautoscaler_spec_min_replicas",
            "kube_horizontalpodautoscaler_spec_max_replicas",
            "autoscaler:demand",
            "kube_horizontalpodautoscaler_spec_target_metric",
        ]);
        assert.match(panel?.queries[1]?.expr ?? "", / or max\(kube_statefulset_status_replicas_ready\{/);
    });

    it("ask Elasticsearch for lines, and hide nothing in a menu", () => {
        const logs = made(boards.find(({ name }) => name === "logs") as Board, "https://git.example.com");
        assert.deepEqual(logs.panels.at(-1).targets[0].metrics, [{ id: "1", type: "logs" }]);
        assert.doesNotMatch(JSON.stringify(logs), /inControlsMenu|unknown/);
    });

    it("show of a workload the pods that are its own, and not those of others whose names begin with it", () => {
        // As the panels of both dashboards ask, of the workload llm.
        const asked = boards.flatMap(panelsOf).flatMap(({ queries }) => queries.map(({ expr }) => expr));
        const patterns = asked.flatMap((expr) =>
            [...expr.matchAll(/pod=~"(\$(?:workload|proxy)\b[^"]*)"/g)].map(([, pattern = ""]) => pattern),
        );
        assert.ok(patterns.some((pattern) => pattern.startsWith("$workload")));
        assert.ok(patterns.some((pattern) => pattern.startsWith("$proxy")));
        const own = ["llm-7d9f8b6c5d-x2x4z", "llm-6b4-bcdfg", "llm-0", "llm-12"];
        // Of a Deployment, a StatefulSet and a DaemonSet llm-proxy, and of a Job llm.
        const others = ["llm-proxy-7d9f8b6c5d-x2x4z", "llm-proxy-0", "llm-proxy-x2x4z", "llm-x2x4z", "llm"];
        for (const pattern of new Set(patterns)) {
            const matches = new RegExp(`^(?:${pattern.replace(/^\$(workload|proxy)/, "llm")})$`);
            for (const pod of own) assert.match(pod, matches, pattern);
            for (const pod of others) assert.doesNotMatch(pod, matches, pattern);
        }
    });

    it("count requests that arrive, not those that are done: the latter are none while they wait", () => {
        const serving = boards.find(({ name }) => name === "serving") as Board;
        const requests = panelsOf(serving).find(({ title }) => title === "Requests");
        const [asked = ""] = parsePromql(requests?.queries[0]?.expr ?? "").selectors;
        assert.equal(metricOf(asked), "haproxy_frontend_http_requests_total");
        assert.doesNotMatch(JSON.stringify(serving), /haproxy_backend_http_requests_total/);
    });

    it("show the sessions of each proxy as the original does", () => {
        const sessions = panelsOf(boards.find(({ name }) => name === "serving") as Board)
            .flatMap(({ queries }) => queries)
            .find(({ expr }) => expr.startsWith("haproxy_frontend_current_sessions{"));
        assert.equal(sessions?.legend, "{{namespace}}/{{pod}}/{{proxy}}");
    });

    describe("that what is measured can fill", () => {
        const names = (sources: readonly DashboardSource[]) =>
            feasibleBoards({ ...everything, sources }).map(({ name }) => name);

        it("are all where everything is measured, with every panel", () => {
            assert.deepEqual(feasibleBoards(everything), boards);
        });

        it("are left out where nothing of theirs is measured", () => {
            assert.deepEqual(names(["objects"]), ["workload"]);
            assert.deepEqual(names(["nodes", "prometheus"]), ["cluster", "monitoring"]);
            assert.deepEqual(names(["fluentd"]), ["logs"]);
            assert.deepEqual(names([]), []);
        });

        it("lose the panels that would stay empty, rows without any, and choices for nothing", () => {
            const found = feasibleBoards({ ...everything, sources: ["nodes", "fluent-bit"] });
            assert.deepEqual(
                found.map(({ name, rows, variables }) => [
                    name,
                    rows.map(({ title }) => title),
                    variables.map(({ name }) => name),
                ]),
                [
                    ["cluster", ["Now", "Nodes"], ["node"]],
                    ["logs", ["Fluent Bit"], []],
                ],
            );
            assert.ok(!titles(found).includes("CPU asked for"));
        });

        it("show of GPUs what the exporter has", () => {
            const of = (gpuMetrics: readonly string[]) =>
                titles(feasibleBoards({ sources: ["gpu"], gpuMetrics }));
            assert.deepEqual(
                of(everything.gpuMetrics).filter((title) => !of(dcgmMetrics).includes(title)),
                ["ECC errors of two bits", "ECC errors of one bit"],
            );
            assert.ok(!of(simulatedDcgmMetrics).includes("PCIe replays"));
            assert.ok(of(simulatedDcgmMetrics).includes("Last XID error"));
            for (const title of ["Temperature", "Power", "Last XID error"])
                assert.ok(!of(fakeDcgmMetrics).includes(title), title);
            assert.ok(of(fakeDcgmMetrics).includes("Utilization of pods"));
        });
    });
});

describe("Dashboards", () => {
    it("are ConfigMaps that Grafana's sidecar takes up, each with one file", async () => {
        let uids: Dashboards["uids"] = {};
        const recording = await record(() => {
            ({ uids } = new Dashboards("d", { namespace: "watch", sources: ["objects", "prometheus"] }));
        });
        const maps = recording.resources
            .filter(({ kind }) => kind === "ConfigMap")
            .map(({ inputs }) => inputs);
        assert.deepEqual(
            maps.map(({ metadata }) => [metadata.name, metadata.namespace, metadata.labels]),
            ["workload", "monitoring"].map((name) => [
                `dashboard-kube-observability-${name}`,
                "watch",
                { grafana_dashboard: "1" },
            ]),
        );
        assert.deepEqual(uids, { workload: dashboardUids.workload, monitoring: dashboardUids.monitoring });
        const written = Object.entries(maps[0].data as Record<string, string>);
        assert.deepEqual(
            written.map(([file]) => file),
            ["kube-observability-workload.json"],
        );
        assert.equal(JSON.parse(written[0]?.[1] ?? "").uid, dashboardUids.workload);
    });

    it("reports every argument that is out of range", () => {
        const problems = validateDashboards({
            namespace: "N",
            sources: ["nodes", "nonsense" as DashboardSource],
            gpuMetrics: ["nonsense"],
            runbooksUrl: "git.example.com",
        });
        assert.deepEqual(
            problems.map(({ property }) => property),
            ["namespace", "sources[1]", "gpuMetrics[0]", "runbooksUrl"],
        );
        assert.deepEqual(
            validateDashboards({ sources: [] }).map(({ property }) => property),
            ["sources"],
        );
        assert.deepEqual(validateDashboards({ sources: ["autoscalers"] }).length, 1);
        assert.deepEqual(
            validateDashboards({ sources: ["nodes"], runbooksUrl: "https://a.example.com/b" }),
            [],
        );
        assert.equal(dashboardFiles({ sources: ["gpu"] }).length, 1);
    });
});
