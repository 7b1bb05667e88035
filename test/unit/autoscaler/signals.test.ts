import assert from "node:assert/strict";
import { measurementOf, podNames, whole } from "../../../components/autoscaling/autoscaler/measure";
import { parsePromql } from "../../../components/autoscaling/autoscaler/promql";
import type { Signal } from "../../../components/autoscaling/autoscaler/signal";
import * as signals from "../../../components/autoscaling/autoscaler/signals";
import { gpu, jobs, queue, requests, waiting } from "./examples";

const context = { autoscaler: "web", namespace: "shop", kind: "Deployment", name: "web" };
const measured = (signal: Signal) => measurementOf(signal.measured ?? { expr: "" }, context);
const exprOf = (signal: Signal) => measured(signal).expr;

describe("signals", () => {
    const all = {
        queue,
        requests,
        waiting,
        gpu,
        jobs,
        inFlight: signals.requestsInFlight({ backend: "llm", perReplica: 4 }),
        haproxyRequests: signals.haproxyRequests({ backend: "llm", perReplica: 5 }),
        istio: signals.istioRequests({ perReplica: 5 }),
    };

    for (const [name, signal] of Object.entries(all)) {
        it(`${name} has no problems, parses, and invents no value`, () => {
            assert.deepEqual(signal.problems, []);
            const { error, selectors, inventions } = parsePromql(exprOf(signal));
            assert.equal(error, undefined);
            assert.ok(selectors.length > 0);
            assert.deepEqual(inventions, []);
        });
    }

    const recent = (series: string, seconds: number) =>
        `(${series} and time() - timestamp(${series}) < ${seconds})`;

    it("queueLength is what the exporter says of the list, as long as that is fresh, and nothing else", () => {
        const key = 'redis_key_size{namespace="shop",job="redis-exporter",key="orders"}';
        assert.equal(exprOf(queue), `max(${recent(key, 20)})`);
    });

    it("appRequests is the rate over four scrapes of the target's own counter, as long as that is scraped", () => {
        const counter = 'http_requests_total{namespace="shop",job="web"}';
        assert.equal(exprOf(requests), `sum(rate(${counter}[20s]) and ${recent(counter, 20)})`);
        const faster = signals.appRequests({
            perReplica: 5,
            scrapeSeconds: 1,
            window: "6s",
            labels: { path: "/" },
        });
        const labelled = 'http_requests_total{namespace="shop",job="web",path="/"}';
        assert.equal(exprOf(faster), `sum(rate(${labelled}[6s]) and ${recent(labelled, 10)})`);
    });

    it("take what is scraped as seldom as the prometheus-operator's default for fresh, unless told otherwise", () => {
        const counter = 'http_requests_total{namespace="shop",job="web"}';
        assert.equal(
            exprOf(signals.appRequests({ perReplica: 5 })),
            `sum(rate(${counter}[120s]) and ${recent(counter, 120)})`,
        );
    });

    it("waitingRequests reads the proxy's queue, wherever the proxy is", () => {
        const elsewhere = signals.waitingRequests({
            backend: "llm",
            perReplica: 2,
            namespace: "edge",
            job: "proxy",
        });
        assert.match(
            exprOf(elsewhere),
            /^sum\(\(haproxy_backend_current_queue\{namespace="edge",job="proxy",proxy="llm"\} and /,
        );
        assert.equal(measured(elsewhere).up, 'up{namespace="edge",job="proxy"}');
    });

    it("gpuUtilization sums over the target's pods, under either name of the label", () => {
        const expr = exprOf(gpu);
        assert.ok(expr.includes('exported_namespace="shop",exported_pod=~"web-[a-z0-9]+-[a-z0-9]{5}"'));
        assert.ok(expr.includes('namespace="shop",pod=~"web-[a-z0-9]+-[a-z0-9]{5}",exported_pod=""'));
    });

    it("podNames takes pods of the target and no others", () => {
        const matches = (kind: string, pod: string) =>
            new RegExp(`^(?:${podNames({ kind, name: "web" })})$`).test(pod);
        assert.equal(matches("Deployment", "web-7d9c6b5f4-x2k9p"), true);
        assert.equal(matches("Deployment", "web-api-7d9c6b5f4-x2k9p"), false);
        assert.equal(matches("StatefulSet", "web-0"), true);
        assert.equal(matches("StatefulSet", "web-api-0"), false);
    });

    it("have no value while a Ready pod is silent, unless more is wanted all the same", () => {
        const replicas =
            "max(max_over_time(kube_horizontalpodautoscaler_status_current_replicas" +
            '{namespace="shop",horizontalpodautoscaler="web"}[2m]))';
        const up = 'up{namespace="shop",job="web"}';
        const silent = `count(${up} == 0 and on (namespace, pod) kube_pod_status_ready{condition="true"} == 1)`;
        const rate = exprOf(requests);
        assert.equal(
            whole(measured(requests), 5, context),
            `(${rate}) unless on () ${silent} or (${rate}) > on () ${replicas} * 5`,
        );
        for (const signal of [requests, waiting, gpu])
            assert.equal(parsePromql(whole(measured(signal), 5, context)).error, undefined);
        // Of what is measured in one place no part can be missing.
        assert.equal(whole(measured(queue), 20, context), exprOf(queue));
    });

    it("are data, so that two of the same arguments are equal", () => {
        assert.deepEqual(signals.gpuUtilization({ utilization: 60, scrapeSeconds: 5 }), gpu);
        assert.deepEqual(JSON.parse(JSON.stringify(jobs)).measured, { expr: "sum(jobs_open)" });
    });

    it("know whether they are there without a pod", () => {
        const survivors = [...Object.entries(all)].filter(([, { survivesZero }]) => survivesZero);
        assert.deepEqual(
            survivors.map(([name]) => name),
            ["queue", "waiting", "inFlight", "haproxyRequests"],
        );
        assert.equal(signals.istioRequests({ perReplica: 5, reporter: "source" }).survivesZero, false);
    });

    it("report every argument that is out of range, all at once", () => {
        const properties = (signal: Signal) => signal.problems.map(({ property }) => property);
        assert.deepEqual(
            properties(
                signals.queueLength({
                    list: " ",
                    itemsPerReplica: 0,
                    name: "Q",
                    scrapeSeconds: 0,
                    redis: { address: "redis", password: { name: "A_", key: "" } },
                }),
            ),
            [
                "name",
                "scrapeSeconds",
                "list",
                "itemsPerReplica",
                "redis.address",
                "redis.password.name",
                "redis.password.key",
            ],
        );
        assert.deepEqual(properties(signals.appRequests({ perReplica: Number.NaN, window: "20", job: "" })), [
            "perReplica",
            "window",
            "job",
        ]);
        assert.deepEqual(
            properties(signals.istioRequests({ perReplica: -1, reporter: "both" as "source" })),
            ["perReplica", "reporter"],
        );
        assert.deepEqual(properties(signals.gpuUtilization({ utilization: 101 })), ["utilization"]);
        assert.deepEqual(properties(signals.cpu({})), ["utilization"]);
        assert.deepEqual(properties(signals.cpu({ utilization: 50, average: "1" })), ["utilization"]);
        assert.deepEqual(properties(signals.memory({ average: "0" })), ["average"]);
        assert.deepEqual(properties(signals.memory({ average: "64MB" })), ["average"]);
        assert.deepEqual(properties(signals.promql({ name: "j", expr: "x", unit: "", perReplica: 0 })), [
            "unit",
            "perReplica",
        ]);
    });

    it("cpu and memory take a share or an amount", () => {
        const { target, targetType } = signals.cpu({ utilization: 50 });
        assert.deepEqual([target, targetType], [50, "Utilization"]);
        assert.equal(signals.cpu({ average: "250m" }).target, 0.25);
        assert.equal(signals.memory({ average: "1.5Gi" }).target, 1.5 * 2 ** 30);
    });
});
