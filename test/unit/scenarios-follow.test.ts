import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Course } from "../../local/scenarios/course";
import type { Answer, LoadGenerator } from "../../local/scenarios/load";
import { type LoadScenario, loadScenario } from "../../local/scenarios/load-scenario";
import { succeeded } from "../../local/scenarios/scenario";
import { FakeResource } from "./support/fake-resource";
import { stageWith } from "./support/fake-stage";

const scenario: LoadScenario = {
    name: "web",
    title: "A web server",
    shows: "That it scales.",
    needs: "podinfoUrl",
    target: { namespace: "shop", name: "web" },
    replicas: { min: 1, max: 5 },
    demand: { query: "demand", unit: "requests/s", perReplica: 5 },
    plan: (url) => ({
        url,
        method: "GET",
        timeoutSeconds: 1,
        arrivals: { kind: "even", phases: [{ seconds: 1, rate: 2 }], seed: 1 },
        reuseConnections: false,
    }),
    steady: { from: 2, to: 2, seconds: 0.5 },
    within: { settleSeconds: 1, backSeconds: 2 },
};

/** An API server and a Prometheus, with one Deployment and its pods. */
class FakeShop {
    readonly pods = new FakeResource("shop");
    readonly deployments = new FakeResource("shop");
    demand = "10";
    private server?: Server;

    constructor() {
        this.replicas(1);
        this.pod("web-a", true);
    }

    replicas(replicas: number): void {
        this.deployments.set("web", { spec: { replicas } });
    }

    pod(name: string, ready: boolean): void {
        const conditions = [{ type: "Ready", status: ready ? "True" : "False" }];
        this.pods.set(name, { status: { conditions } }, { labels: { "app.kubernetes.io/name": "web" } });
    }

    async start(): Promise<string> {
        const server = createServer((request, response) => {
            const url = new URL(request.url ?? "/", "http://localhost");
            if (url.pathname === "/api/v1/namespaces/shop/pods") this.pods.serve(url, response);
            else if (url.pathname === "/apis/apps/v1/namespaces/shop/deployments")
                this.deployments.serve(url, response);
            else if (url.pathname === "/api/v1/query") {
                assert.equal(url.searchParams.get("query"), "demand");
                response.end(JSON.stringify({ data: { result: [{ value: [1, this.demand] }] } }));
            } else response.writeHead(404).end();
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

describe("a load on a workload, followed", function () {
    this.timeout(20_000);
    let shop: FakeShop;
    let folder: string;
    let kubeconfig: string;
    let url: string;

    beforeEach(async () => {
        shop = new FakeShop();
        url = await shop.start();
        folder = await mkdtemp(join(tmpdir(), "scenarios-"));
        kubeconfig = join(folder, "kubeconfig");
        const config = {
            clusters: [{ name: "fake", cluster: { server: url, "insecure-skip-tls-verify": true } }],
            users: [{ name: "me", user: {} }],
            contexts: [{ name: "fake", context: { cluster: "fake", user: "me" } }],
            "current-context": "fake",
        };
        await writeFile(kubeconfig, JSON.stringify(config));
    });
    afterEach(async () => {
        await shop.stop();
        await rm(folder, { recursive: true });
    });

    /** Answers twice, while the workload goes to two replicas and back; starts half a second after it is asked to. */
    const load = (status = 200): LoadGenerator => ({
        prepare: async () => undefined,
        run: async (plan, { onAnswer } = {}) => {
            assert.equal(plan.url, "http://web");
            await sleep(500);
            const startedAt = Date.now();
            shop.replicas(2);
            shop.pod("web-b", true);
            const answers: Answer[] = [
                { due: 0, sent: 0, ended: 0.1, status: 200 },
                { due: 0.5, sent: 0.5, ended: 0.7, status },
            ];
            for (const answer of answers) {
                await sleep(500);
                onAnswer?.(answer);
            }
            setTimeout(() => {
                shop.pods.delete("web-b");
                shop.replicas(1);
            }, 300);
            return { answers, planned: 2, late: 0, failed: 0, startedAt };
        },
    });
    const stage = (load: LoadGenerator) =>
        stageWith({ kubeconfig, prometheusUrl: url, urls: { podinfoUrl: "http://web" }, load });

    it("has demand, replicas and latency on the clock of the load, and its figures", async () => {
        const fake = stage(load());
        const outcome = await loadScenario(scenario).run(fake.stage);
        assert.deepEqual(
            outcome.figures.filter(({ met }) => met === false),
            [],
        );
        const course = outcome.data as Course;
        const [first, second] = course.changes;
        assert.deepEqual([first?.t, first?.desired, first?.ready], [0, 1, 1]);
        assert.ok(
            (second?.t ?? 9) < 0.3,
            `more were wanted ${second?.t} s after the load began, and not after k6`,
        );
        const { desired, ready } = course.changes.at(-1) ?? {};
        assert.deepEqual([desired, ready], [1, 1]);
        assert.ok(course.readings.length >= 3);
        for (const { demand } of course.readings) assert.equal(demand, 10);
        const answered = course.readings.filter(({ p95 }) => p95 !== null);
        assert.ok(answered.length > 0);
        assert.ok((answered.at(-1)?.p95 ?? 0) > 0.1 && (answered.at(-1)?.p95 ?? 9) <= 0.2);
        assert.ok(fake.drawn.some((status) => status.includes("10 requests/s")));
        assert.equal(fake.drawn.at(-1), "end");
        assert.match(await outcome.picture([]), /^<svg/);
    });

    it("is not as wanted where a request failed, or the replicas do not come back", async () => {
        const failed = await loadScenario(scenario).run(stage(load(503)).stage);
        assert.equal(succeeded(failed), false);
        assert.match(failed.figures[0]?.measured ?? "", /^1 of 2, the first with HTTP 503$/);

        const stays: LoadGenerator = {
            ...load(),
            run: async () => {
                shop.replicas(2);
                shop.pod("web-b", true);
                const answers = [{ due: 0, sent: 0, ended: 0.1, status: 200 }];
                return { answers, planned: 1, late: 0, failed: 0, startedAt: Date.now() };
            },
        };
        const { figures } = await loadScenario(scenario).run(stage(stays).stage);
        assert.deepEqual([figures.at(-1)?.measured, figures.at(-1)?.met], ["never", false]);
    });

    it("has a gap where Prometheus knows no demand, and not zero", async () => {
        shop.demand = "NaN";
        const { data } = await loadScenario(scenario).run(stage(load()).stage);
        for (const { demand } of (data as Course).readings) assert.equal(demand, null);
    });

    it("ends what it watches also where the load cannot be played", async () => {
        const broken: LoadGenerator = { ...load(), run: () => Promise.reject(new Error("k6 is ill")) };
        const fake = stage(broken);
        await assert.rejects(loadScenario(scenario).run(fake.stage), /k6 is ill/);
        assert.equal(fake.drawn.at(-1), "end");
        const watchers = () => shop.pods.watchers + shop.deployments.watchers;
        // A watch that is stopped could still start anew a moment later.
        for (let i = 0; i < 100 && (i < 20 || watchers() > 0); i++) await sleep(50);
        assert.equal(watchers(), 0);
    });

    it("waits for the workload to come to rest, and says so", async () => {
        shop.replicas(3);
        setTimeout(() => shop.replicas(1), 200);
        const fake = stage(load());
        await loadScenario(scenario).run(fake.stage);
        assert.match(
            fake.said[0] ?? "",
            /^Waiting for shop\/web to come to rest: 3 replicas wanted, 1 Ready/,
        );
    });
});
