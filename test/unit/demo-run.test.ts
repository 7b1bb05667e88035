import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { bench } from "../../local/bench";
import type { Sample } from "../../local/demo/queue-result";
import { type BurstOptions, runBurst, waitForRest } from "../../local/demo/queue-run";
import { queue } from "../../local/scenarios/queue";
import { succeeded } from "../../local/scenarios/scenario";
import { FakeResource } from "./support/fake-resource";
import { stageWith } from "./support/fake-stage";

/** Producer, queue, autoscaler and two consumers, fast: a whole burst takes well under a second. */
class FakeStack {
    readonly pods = new FakeResource("queue");
    readonly deployments = new FakeResource("queue");
    readonly stats = { queued: 0, published: 70, consumed: 70 };
    /** Called when a burst was published; a test changes it to make something go wrong. */
    onPublish: () => void = () => this.scale();
    publishStatus = 202;
    requested: string[] = [];
    readonly #timers: NodeJS.Timeout[] = [];

    constructor() {
        this.replicas(0);
    }

    replicas(desired: number, current = desired): void {
        this.deployments.set("consumer", {
            spec: { replicas: desired },
            status: current ? { replicas: current } : {},
        });
    }

    pod(name: string, ready: boolean, metadata: object = {}): void {
        const lastTransitionTime = new Date().toISOString();
        const conditions = [{ type: "Ready", status: ready ? "True" : "False", lastTransitionTime }];
        this.pods.set(
            name,
            { status: { conditions } },
            { creationTimestamp: lastTransitionTime, ...metadata },
        );
    }

    later(milliseconds: number, action: () => void): void {
        this.#timers.push(setTimeout(action, milliseconds));
    }

    scale({ consumed = 4 } = {}): void {
        this.later(20, () => {
            this.replicas(2);
            this.pod("a", false);
            this.pod("b", false);
        });
        this.later(80, () => this.pod("a", true));
        this.later(150, () => this.pod("b", true));
        this.later(200, () => {
            this.stats.queued = 0;
            this.stats.consumed += consumed;
        });
        this.later(250, () => {
            this.replicas(0);
            for (const name of ["a", "b"]) {
                this.pod(name, true, { deletionTimestamp: new Date().toISOString() });
            }
        });
        this.later(300, () => {
            this.pods.delete("a");
            this.pods.delete("b");
        });
    }

    serve(request: IncomingMessage, response: ServerResponse): void {
        const url = new URL(request.url ?? "/", "http://localhost");
        const publish = /^\/publish\/(\d+)$/.exec(url.pathname);
        if (url.pathname === "/api/v1/namespaces/queue/pods") {
            assert.equal(url.searchParams.get("labelSelector"), "app.kubernetes.io/name=consumer");
            this.pods.serve(url, response);
        } else if (url.pathname === "/apis/apps/v1/namespaces/queue/deployments") {
            assert.equal(url.searchParams.get("fieldSelector"), "metadata.name=consumer");
            this.deployments.serve(url, response);
        } else if (url.pathname === "/stats") {
            response.end(JSON.stringify(this.stats));
        } else if (publish && request.method === "POST") {
            this.requested.push(url.pathname);
            if (this.publishStatus < 300) {
                this.stats.queued += Number(publish[1]);
                this.stats.published += Number(publish[1]);
                this.onPublish();
            }
            response.writeHead(this.publishStatus).end("redis is away");
        } else if (url.pathname === "/api/v1/query_range") {
            assert.equal(url.searchParams.get("query"), "redis_items_in_queue");
            const value = [Number(url.searchParams.get("start")) + 0.25, "4"];
            response.end(JSON.stringify({ data: { result: [{ metric: {}, values: [value] }] } }));
        } else {
            response.writeHead(404).end();
        }
    }

    stop(): void {
        this.#timers.forEach(clearTimeout);
    }
}

describe("a burst through a cluster", () => {
    let stack: FakeStack;
    let server: Server;
    let folder: string;
    let options: BurstOptions;

    before(async () => {
        folder = await mkdtemp(join(tmpdir(), "demo-run-"));
    });
    after(() => rm(folder, { recursive: true }));
    beforeEach(async () => {
        stack = new FakeStack();
        server = createServer((request, response) => stack.serve(request, response));
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        const kubeconfig = join(folder, "kubeconfig");
        const config = {
            clusters: [{ name: "fake", cluster: { server: url, "insecure-skip-tls-verify": true } }],
            users: [{ name: "me", user: {} }],
            contexts: [{ name: "fake", context: { cluster: "fake", user: "me" } }],
            "current-context": "fake",
        };
        await writeFile(kubeconfig, JSON.stringify(config));
        options = {
            kubeconfig,
            producerUrl: `${url}/`,
            messages: 4,
            perReplica: 2,
            pollMilliseconds: 10,
            idleTimeoutSeconds: 2,
            timeoutSeconds: 4,
        };
    });
    afterEach(async () => {
        stack.stop();
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
    });

    it("is measured from the moment it was sent until everything is back at zero", async () => {
        const samples: Sample[] = [];
        const run = await runBurst({ ...options, onSample: (sample) => samples.push(sample) });
        assert.deepEqual(stack.requested, ["/publish/4"]);
        const { firstReadySeconds: first, allReadySeconds: all, drainedSeconds: drained } = run;
        const times = [0, first, all, drained, run.firstProcessedSeconds, run.backToZeroSeconds] as number[];
        assert.deepEqual(
            times,
            times.toSorted((a, b) => a - b),
        );
        // Timers may come late on a busy machine, never early.
        assert.ok(first !== null && first >= 0.075 && first < 0.3, `first Ready after ${first} s`);
        assert.ok(all !== null && all >= 0.145, `all Ready after ${all} s`);
        assert.equal(run.firstProcessedSeconds, run.processedSeconds, "all are done at once");
        assert.ok(drained !== null && drained >= 0.195, `drained after ${drained} s`);
        assert.ok((run.backToZeroSeconds ?? 0) >= 0.295, `zero after ${run.backToZeroSeconds} s`);
        assert.deepEqual([run.published, run.processed, run.lost, run.doubled], [4, 4, 0, 0]);
        assert.deepEqual([run.expectedReplicas, run.peakReplicas, run.peakReady], [2, 2, 2]);
        assert.deepEqual(run.pods.map((pod) => pod.name).sort(), ["a", "b"]);
        assert.equal(run.recorded, null);
        assert.deepEqual(samples[0], { t: 0, queued: 0, processed: 0, ready: 0, desired: 0, current: 0 });
        assert.ok(
            samples.length >= 10 && samples.some((sample) => sample.queued === 4 && sample.ready === 1),
        );
    });

    it("closes every connection when it is over", async () => {
        await runBurst(options);
        await new Promise((resolve) => setTimeout(resolve, 50));
        assert.deepEqual([stack.pods.watchers, stack.deployments.watchers], [0, 0]);
    });

    it("finds the message that a consumer lost", async () => {
        stack.onPublish = () => stack.scale({ consumed: 3 });
        const run = await runBurst(options);
        assert.deepEqual([run.published, run.processed, run.lost], [4, 3, 1]);
        assert.equal(run.processedSeconds, null);
        assert.notEqual(run.firstProcessedSeconds, null);
    });

    it("resumes a watch that was cut, and misses nothing", async () => {
        stack.onPublish = () => {
            stack.scale();
            stack.later(50, () => stack.pods.cut());
            stack.later(100, () => stack.deployments.cut());
        };
        const run = await runBurst(options);
        assert.equal(run.peakReplicas, 2);
        assert.deepEqual(run.pods.map((pod) => pod.name).sort(), ["a", "b"]);
        assert.ok(run.backToZeroSeconds !== null);
    });

    it("waits for an earlier burst to end, and says so", async () => {
        stack.replicas(1);
        stack.pod("old", true);
        const waits: string[] = [];
        stack.later(150, () => stack.replicas(0));
        stack.later(200, () => stack.pods.delete("old"));
        const run = await runBurst({ ...options, onWait: (what) => waits.push(what) });
        assert.deepEqual(waits, ["0 queued, 1 replicas wanted, 1 exist, 1 Ready, 0 stopping"]);
        assert.ok(run.pods.every((pod) => pod.name !== "old"));
    });

    it("is waited for by the idle measurement, which says what it waits for", async () => {
        stack.replicas(1);
        stack.pod("old", true);
        stack.stats.queued = 3;
        stack.later(150, () => {
            stack.stats.queued = 0;
            stack.replicas(0);
        });
        let gone = false;
        stack.later(200, () => {
            stack.pods.delete("old");
            gone = true;
        });
        const measuredAfter: boolean[] = [];
        const pids = () => {
            measuredAfter.push(gone);
            return [process.pid];
        };
        const lines: string[] = [];
        const { kubeconfig, producerUrl } = options;
        const idle = { parts: ["idle" as const], idleSource: { pids }, idleSeconds: 0.05 };
        const log = (line: string) => lines.push(line);
        await bench({ ...idle, kubeconfig, producerUrl, reportsDir: folder, log });
        assert.match(lines[0] ?? "", /^waiting for the queue workload to come to rest: 3 queued, 1 replicas/);
        assert.ok(measuredAfter.length > 0 && measuredAfter.every(Boolean), measuredAfter.join());
        assert.deepEqual(stack.requested, []);
        assert.deepEqual([stack.pods.watchers, stack.deployments.watchers], [0, 0]);
    });

    it("that never ends is not measured as idle", async () => {
        stack.replicas(1);
        await assert.rejects(
            waitForRest({ ...options, idleTimeoutSeconds: 0.2 }, "the idle measurement"),
            /did not come to rest before the idle measurement within 0.2 s: 0 queued, 1 replicas wanted/,
        );
    });

    it("gives up where the workload does not come to rest, before it publishes", async () => {
        stack.replicas(1);
        await assert.rejects(runBurst({ ...options, idleTimeoutSeconds: 0.2 }), (error: Error) => {
            assert.match(
                error.message,
                /did not come to rest before the burst within 0.2 s: 0 queued, 1 repl/,
            );
            return true;
        });
        assert.deepEqual(stack.requested, []);
    });

    it("gives up where it is not back at zero in time, and says what it still does", async () => {
        stack.onPublish = () => stack.later(50, () => stack.replicas(1, 0));
        await assert.rejects(
            runBurst({ ...options, timeoutSeconds: 0.3 }),
            /namespace queue was not back at zero after a burst of 4 messages within 0.3 s: 4 queued, 1 replicas wanted, 0 exist/,
        );
    });

    it("says why the workload cannot be read", async () => {
        await assert.rejects(
            runBurst({ ...options, producerUrl: `${options.producerUrl}elsewhere`, idleTimeoutSeconds: 0.3 }),
            /unknown queued.*stats: http:.*elsewhere\/stats answered HTTP 404/,
        );
    });

    it("says that the producer refused, with its answer", async () => {
        stack.publishStatus = 503;
        await assert.rejects(runBurst(options), /POST .*\/publish\/4 answered HTTP 503: redis is away/);
    });

    it("stops at once when it is aborted", async () => {
        const controller = new AbortController();
        stack.onPublish = () => controller.abort(new Error("interrupted"));
        await assert.rejects(runBurst({ ...options, signal: controller.signal }), /interrupted/);
    });

    it("refuses a burst that is none", async () => {
        for (const messages of [0, -1, 1.5, Number.NaN]) {
            await assert.rejects(runBurst({ ...options, messages }), /whole number from 1 up/);
        }
    });

    it("comes with the recorded series, or with the reason why not", async () => {
        const run = await runBurst({ ...options, prometheusUrl: options.producerUrl });
        assert.deepEqual(run.recorded, { points: [{ t: 0.25, queued: 4 }] });
        const without = await runBurst({ ...options, prometheusUrl: `${options.producerUrl}elsewhere` });
        assert.match(without.recorded?.problem ?? "", /answered HTTP 404/);
    });

    it("is a scenario, which draws it, and is content with a run in which nothing is lost", async function () {
        this.timeout(60_000);
        const triggers = [{ metadata: { listLength: "2" } }];
        const scaledObject = { spec: { maxReplicaCount: 5, cooldownPeriod: 1, triggers } };
        const env = [{ name: "PER_MESSAGE_SECONDS", value: "1" }];
        const deployment = { spec: { template: { spec: { containers: [{ env }] } } } };
        const { stage, drawn, said } = stageWith({
            kubeconfig: options.kubeconfig,
            prometheusUrl: `${options.producerUrl}elsewhere`,
            urls: { producerUrl: options.producerUrl },
            messages: 4,
            kubectl: async (args) =>
                JSON.stringify(args.includes("scaledobject") ? scaledObject : deployment),
        });
        const outcome = await queue.run(stage);
        assert.equal(succeeded(outcome), true);
        assert.match(outcome.figures[2]?.what ?? "", /^all 2 Ready at once \(peak 2\)$/);
        assert.match(outcome.figures[0]?.measured ?? "", /^4 of 4 processed, 0 lost, 0 doubled$/);
        assert.ok(drawn.length > 1 && drawn.at(-1) === "end");
        assert.match(said.join("\n"), /no recorded series: .*HTTP 404/);
        assert.match(await outcome.picture([]), /^<svg/);

        stack.onPublish = () => stack.scale({ consumed: 3 });
        const lossy = await queue.run(stage);
        assert.equal(succeeded(lossy), false);
        assert.match(lossy.figures[0]?.measured ?? "", /1 lost/);
    });
});
