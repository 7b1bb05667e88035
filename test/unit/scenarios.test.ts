import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environment } from "../../local/bench/environment";
import { scenarioList, scenarios, scenariosNamed } from "../../local/scenarios";
import { addressOf } from "../../local/scenarios/command";
import {
    backAt,
    type Change,
    type Course,
    desiredBetween,
    onLoadClock,
    recentLatency,
    settledAt,
    sinceLoad,
} from "../../local/scenarios/course";
import { courseFigures } from "../../local/scenarios/figures";
import type { Answer } from "../../local/scenarios/load";
import type { LoadScenario } from "../../local/scenarios/load-scenario";
import { pictureOf } from "../../local/scenarios/picture";
import { figureLines, figuresTable, writeDocs, writeReport } from "../../local/scenarios/report";
import type { Figure, Outcome } from "../../local/scenarios/scenario";
import { jobAgain, type SmokeRun, smoke, smokeFigures } from "../../local/scenarios/smoke";
import { courseStatus, courseView } from "../../local/scenarios/view";

const docs = join(__dirname, "..", "..", "docs", "scenarios");

const what: LoadScenario = {
    name: "web",
    title: "A web server",
    shows: "That it scales.",
    needs: "podinfoUrl",
    target: { namespace: "shop", name: "web" },
    replicas: { min: 1, max: 6 },
    demand: { query: "demand", unit: "requests/s", perReplica: 5 },
    plan: () => assert.fail("nothing is sent here"),
    steady: { from: 4, to: 4, seconds: 30 },
    within: { settleSeconds: 60, backSeconds: 120 },
};

const change = (t: number, desired: number, ready = desired): Change => ({ t, desired, ready });
const answer = (due: number, seconds: number, status = 200): Answer => ({
    due,
    sent: due,
    ended: due + seconds,
    status,
});

/** To four by way of five, and back. */
const changes = [change(0, 1), change(8, 3, 1), change(12, 5, 3), change(40, 4), change(170, 1)];

const course: Course = {
    startedAt: "2026-01-31T12:00:00.500Z",
    loadEnd: 100,
    changes,
    readings: [
        { t: 0, demand: 0, desired: 1, ready: 1, p50: null, p95: null },
        { t: 60, demand: null, desired: 4, ready: 4, p50: 0.01, p95: 0.02 },
    ],
    answers: [answer(5, 1), answer(80, 0.1), answer(90, 0.3)],
    planned: 3,
    late: 0,
};

const figure = (of: Course, begins: string, scenario = what): Figure =>
    courseFigures(scenario, of).find(({ what }) => what.startsWith(begins)) ?? assert.fail(begins);

describe("the course of a workload under load", () => {
    it("takes latency over the answers of the last seconds, from when each was due, without failures", () => {
        const answers = [answer(0, 1), answer(4, 2), answer(5, 4), answer(6, 0.5, 503), answer(9, 2)];
        assert.deepEqual(recentLatency(answers, 9), { p50: 3, p95: 3.9 });
        assert.deepEqual(recentLatency(answers, 9, 1), { p50: 4, p95: 4 });
        assert.equal(recentLatency(answers, 0.5), null);
        assert.equal(recentLatency([answer(1, 1, 500)], 2), null);
    });

    it("counts from the start of the load, with what there was then", () => {
        assert.deepEqual(sinceLoad([change(0, 1), change(1, 2), change(3, 3)], 2), [
            change(0, 2),
            change(1, 3),
        ]);
        const reading = { demand: 1, desired: 1, ready: 1, p50: 7, p95: 8 };
        const [first, second] = onLoadClock(
            [
                { t: 1, ...reading },
                { t: 5, ...reading },
            ],
            2,
            [answer(2, 0.5)],
        );
        assert.deepEqual([first?.t, first?.p50], [0, null]);
        assert.deepEqual([second?.t, second?.p50, second?.p95], [3, 0.5, 0.5]);
    });

    it("has settled where it came for the last time", () => {
        assert.equal(settledAt(changes, { from: 4, to: 4 }, 100), 40);
        assert.equal(settledAt(changes, { from: 4, to: 5 }, 100), 12);
        assert.equal(settledAt(changes, { from: 4, to: 4 }, 30), null);
        assert.equal(settledAt([], { from: 4, to: 4 }, 30), null);
    });

    it("knows what was wanted between two times, that from before among it", () => {
        assert.deepEqual(desiredBetween(changes, 70, 100), [4]);
        assert.deepEqual(desiredBetween(changes, 10, 40), [3, 5, 4]);
    });

    it("is back where it stays, and not before the load has ended", () => {
        assert.equal(backAt(changes, 1, 100), 170);
        assert.equal(backAt([...changes, change(180, 2)], 1, 100), null);
        assert.equal(backAt([change(0, 1)], 1, 100), 100);
        // Wanted is not Ready: a pod may still stop.
        assert.equal(backAt([change(0, 1, 2)], 1, 100), null);
    });
});

describe("the figures of a load", () => {
    it("are all met by a course that is as wanted", () => {
        const all = courseFigures(what, course);
        assert.deepEqual(
            all.filter(({ met }) => met === false),
            [],
        );
        assert.ok(all.filter(({ met }) => met).length >= 6);
        assert.equal(figure(course, "from the start").measured, "40.0 s");
        assert.equal(figure(course, "from the end").measured, "70.0 s");
        assert.equal(figure(course, "latency of all").measured, "300 ms / 930 ms");
        assert.equal(figure(course, "of those of the last").measured, "200 ms / 290 ms");
    });

    it("are not met where replicas strayed at the end, settled too late, or were too many", () => {
        const strayed = { ...course, changes: [...changes.slice(0, 4), change(95, 5), change(170, 1)] };
        assert.deepEqual(
            [figure(strayed, "replicas wanted in").met, figure(strayed, "replicas wanted in").measured],
            [false, "4 to 5"],
        );
        assert.equal(figure(strayed, "from the start").measured, "never");
        const late = { ...course, changes: [change(0, 1), change(65, 4), change(170, 1)] };
        assert.deepEqual(
            [figure(late, "replicas wanted in").met, figure(late, "from the start").met],
            [true, false],
        );
        const many = { ...course, changes: [change(0, 1), change(5, 9), change(6, 4), change(170, 1)] };
        assert.equal(figure(many, "most replicas").met, false);
    });

    it("are not met where requests failed, were never answered, were sent late, or there were none", () => {
        const failed = { ...course, answers: [...course.answers.slice(0, 2), answer(90, 1, 0)] };
        assert.equal(figure(failed, "requests that failed").met, false);
        assert.equal(figure({ ...course, planned: 4 }, "requests that failed").measured, "1 of 4");
        assert.equal(figure({ ...course, answers: [], planned: 0 }, "requests that failed").met, false);
        assert.equal(figure({ ...course, late: 1 }, "requests that the generator").met, false);
    });

    it("tell of a workload that begins at zero what became of requests that came before it", () => {
        const zero = { ...what, replicas: { min: 0, max: 6 } };
        const held = (answers: Answer[]) =>
            figure(
                { ...course, answers, changes: [change(0, 0), change(4, 1)] },
                "requests that came before",
                zero,
            );
        assert.deepEqual(
            [held([answer(1, 5), answer(5, 1)]).met, held([answer(1, 5), answer(5, 1)]).measured],
            [true, "1, 0 failed, the longest took 5 s"],
        );
        assert.equal(held([answer(1, 5, 503), answer(5, 1)]).met, false);
        assert.equal(held([answer(5, 1)]).met, false);
        assert.equal(
            courseFigures(what, course).some(({ what }) => what.startsWith("requests that came before")),
            false,
        );
    });
});

describe("what is seen of a load", () => {
    it("is three panels in the terminal, and a line with the latest numbers", () => {
        const [demand, replicas, latency] = courseView(what).panels;
        const [first] = course.readings;
        assert.ok(first);
        assert.deepEqual(
            demand?.lines.map(({ value }) => value(first)),
            [5, 0],
        );
        assert.deepEqual(
            replicas?.lines.map(({ value }) => value({ ...first, desired: 3 })),
            [3, 1],
        );
        assert.deepEqual(
            latency?.lines.map(({ value }) => value({ ...first, p95: 0.2 })),
            [0.2, null],
        );
        const status = (reading: Partial<Course["readings"][0]>) =>
            courseStatus({ ...first, ...reading }, "requests/s");
        assert.equal(
            status({ t: 61.25, demand: 19.4683, desired: 4, ready: 3, p50: 0.00312, p95: 1.2345 }),
            "  61.3 s | 19.5 requests/s | Ready 3 of 4 wanted | p50 3.12 ms, p95 1.23 s",
        );
        assert.equal(status({ demand: null }), "   0.0 s | ? requests/s | Ready 1 of 1 wanted | -");
        assert.equal(courseStatus(undefined, ""), "waiting for the first reading");
    });

    it("is one time axis in the picture, with the target, both limits and the moments", () => {
        const { panels, end, moments } = pictureOf(what, course, []);
        assert.equal(end, 170);
        assert.deepEqual(
            moments.map(({ label }) => label),
            ["settled 40.0 s", "load ends 100.0 s", "back at 1 170.0 s"],
        );
        const [demand, replicas] = panels;
        assert.deepEqual(demand?.lines[0]?.points, [
            { t: 0, value: 0 },
            { t: 60, value: null },
        ]);
        assert.deepEqual(demand?.lines[1]?.points.at(3), { t: 40, value: 20 });
        // A line each, to the end of the axis.
        assert.deepEqual(replicas?.lines[0]?.points.at(-1), { t: 170, value: 1 });
        assert.deepEqual(
            replicas?.lines.slice(2).map(({ points }) => points.map(({ t, value }) => [t, value])),
            [
                [
                    [0, 1],
                    [170, 1],
                ],
                [
                    [0, 6],
                    [170, 6],
                ],
            ],
        );
        assert.equal(panels.length, 3);
        assert.equal(pictureOf(what, { ...course, answers: [] }, []).panels.length, 2);
    });
});

describe("the report of a scenario", () => {
    const figures: Figure[] = [
        { what: "a|b", wanted: "1", measured: "1", met: true },
        { what: "c", wanted: "2", measured: "<3>", met: false },
        { what: "d", measured: "4" },
    ];
    const outcome: Outcome = {
        startedAt: "2026-01-31T12:00:00.500Z",
        figures,
        picture: async (subtitle) => `<svg><text>${subtitle.length}</text></svg>`,
        data: { read: [1, null] },
    };
    let folder: string;
    beforeEach(async () => {
        folder = await mkdtemp(join(tmpdir(), "scenario-report-"));
    });
    afterEach(() => rm(folder, { recursive: true }));

    it("is a page with picture and figures, and a JSON file with all that was read", async () => {
        const files = await writeReport(
            smoke,
            outcome,
            environment({ kubernetes: "v1.36.3" }),
            join(folder, "new"),
        );
        assert.equal(files.html, join(folder, "new", "smoke-2026-01-31T12-00-00.html"));
        const html = await readFile(files.html, "utf8");
        assert.ok(html.includes("<svg><text>1</text></svg>"));
        assert.ok(html.includes("&lt;3&gt;") && !html.includes("<3>"));
        assert.ok(html.includes("kubernetes v1.36.3") && html.includes(smoke.title));
        const json = JSON.parse(await readFile(files.json, "utf8"));
        assert.deepEqual([json.scenario, json.figures, json.data], ["smoke", figures, outcome.data]);
        assert.equal(json.environment.versions.kubernetes, "v1.36.3");
    });

    it("goes between the markers of the page, with the picture beside it, and nothing else changes", async () => {
        const page = join(folder, "smoke.md");
        await writeFile(page, "# T\n\n<!-- bench:smoke -->\n\nold\n\n<!-- /bench:smoke -->\n\nafter\n");
        await writeDocs(smoke, outcome, environment(), folder);
        const text = await readFile(page, "utf8");
        assert.match(text, /^# T\n\n<!-- bench:smoke -->\n\n\| figure \| wanted /);
        assert.match(text, /\(smoke\.svg\)\n\n<!-- \/bench:smoke -->\n\nafter\n$/);
        assert.equal(text.includes("old"), false);
        assert.match(await readFile(join(folder, "smoke.svg"), "utf8"), /^<svg/);
    });

    it("says in a table and in lines what is met", () => {
        assert.deepEqual(figuresTable(figures).split("\n").slice(2), [
            "| a\\|b | 1 | 1 | yes |",
            "| c | 2 | <3> | no |",
            "| d | - | 4 | - |",
        ]);
        assert.deepEqual(figureLines(figures), ["✔ a|b: 1", "✘ c: <3>, wanted 2", "  d: 4"]);
    });
});

describe("the scenarios", () => {
    it("are listed, with the one that runs marked, and each is found by its name", () => {
        const names = scenarios.map(({ name }) => name);
        assert.equal(new Set([...names, "all"]).size, names.length + 1);
        assert.deepEqual(scenariosNamed("all"), scenarios);
        const [web] = scenariosNamed("web");
        assert.equal(web?.name, "web");
        const marked = scenarioList(web ? [web] : []).filter((line) => line.startsWith("▶"));
        assert.deepEqual(marked, [`▶ web    ${web?.title}`]);
    });

    it("are named where there is none of a name", () => {
        assert.throws(
            () => scenariosNamed("wep"),
            (error: Error) => {
                assert.match(error.message, /^There is no scenario "wep"\./);
                for (const { name } of scenarios)
                    assert.match(error.message, new RegExp(`^ {2}${name} `, "m"));
                return true;
            },
        );
    });

    it("have a page each, with markers for their figures, and the overview leads to it", () => {
        const overview = readFileSync(join(docs, "README.md"), "utf8");
        for (const { name } of scenarios) {
            const page = readFileSync(join(docs, `${name}.md`), "utf8");
            assert.match(page, new RegExp(`<!-- bench:${name} -->[^]*<!-- /bench:${name} -->`), name);
            assert.match(page, new RegExp(`make demo S=${name}\\b`), name);
            assert.ok(overview.includes(`(${name}.md)`), name);
            for (const [, picture = ""] of page.matchAll(/\]\(([a-z]+\.svg)\)/g))
                assert.ok(existsSync(join(docs, picture)), `${name}: ${picture}`);
        }
        const pages = readdirSync(docs).filter((file) => file.endsWith(".md") && file !== "README.md");
        assert.deepEqual(pages.sort(), scenarios.map(({ name }) => `${name}.md`).sort());
    });

    it("say what the stack lacks, with its own reason", () => {
        const stack = { llmUrl: null, hashUrl: "http://h", notes: { llmUrl: "switched off there" } };
        assert.equal(addressOf(stack, "hashUrl"), "http://h");
        assert.throws(() => addressOf(stack, "llmUrl"), /no llmUrl: switched off there\. Switch it on/);
        assert.throws(() => addressOf({}, "gpuUrl"), /no gpuUrl: it has not been deployed/);
    });
});

describe("the smoke test once more", () => {
    const job = {
        metadata: { name: "vector-add-1a2b" },
        spec: {
            template: {
                metadata: {
                    annotations: { load: "100" },
                    labels: { "controller-uid": "1", "app.kubernetes.io/name": "vector-add" },
                },
                spec: {
                    containers: [
                        {
                            name: "vector-add",
                            env: [
                                { name: "REPEAT_SECONDS", value: "0" },
                                { name: "OTHER", value: "1" },
                            ],
                            resources: { limits: { "nvidia.com/gpu": "1" } },
                        },
                    ],
                    restartPolicy: "Never",
                },
            },
        },
    };

    it("is the same pod, for longer, without what ties it to the Job that was there", () => {
        const { metadata, spec } = jobAgain(job, "vector-add-again-x");
        assert.equal(metadata.name, "vector-add-again-x");
        assert.deepEqual(spec.template.metadata, {
            labels: { "app.kubernetes.io/name": "vector-add" },
            annotations: { load: "100" },
        });
        const [container] = spec.template.spec.containers;
        assert.deepEqual(container?.env, [
            { name: "REPEAT_SECONDS", value: "15" },
            { name: "OTHER", value: "1" },
        ]);
        assert.deepEqual(container?.resources, { limits: { "nvidia.com/gpu": "1" } });
        assert.equal("restartPolicy" in spec.template.spec, true);
    });

    it("is content with a Job that has passed, says that it is simulated, and whose GPU was seen busy", () => {
        const log =
            "[simulated vector addition of 50000 elements: no GPU]\nSimulated test PASSED\nadded 15 times\n";
        const readings = [
            { t: 0, busy: null },
            { t: 8, busy: 100 },
            { t: 9, busy: 0 },
        ];
        const good: SmokeRun = { seconds: 20, ended: "Complete", log, readings };
        const missed = (run: Partial<SmokeRun>) =>
            smokeFigures({ ...good, ...run }).flatMap(({ what, met }) => (met === false ? [what] : []));
        assert.deepEqual(missed({}), []);
        assert.deepEqual(missed({ ended: "Failed" }), ["the Job"]);
        assert.deepEqual(missed({ ended: undefined }), ["the Job"]);
        assert.deepEqual(missed({ log: "[simulated]\nSimulated test FAILED: 1" }), ["its log"]);
        assert.deepEqual(missed({ log: "Test PASSED" }), ["its log says that the GPU is simulated"]);
        assert.equal(missed({ readings: [] }).length, 1);
    });
});
