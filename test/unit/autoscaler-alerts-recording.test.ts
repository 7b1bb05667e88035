import assert from "node:assert/strict";
import type { AutoscalerArgs } from "../../components/autoscaler";
import { planAutoscaler } from "../../components/autoscaler/plan";
import { parsePromql } from "../../components/autoscaler/promql";
import type { Signal } from "../../components/autoscaler/signal";
import * as signals from "../../components/autoscaler/signals";
import { monitoringRules } from "../../components/manifests/monitoring/rules";
import type { RuleGroup } from "../../components/monitors";
import { queueRules } from "../../components/redis-queue/rules";
import { promtoolPath } from "../../local/build/promtool";
import { kinds } from "./support/autoscaler-scenes";
import {
    type Expected,
    type Promtool,
    promtool,
    rulesOf,
    type Samples,
    type Stretch,
} from "./support/promtool";

const plan = (signal: Signal, target: Partial<AutoscalerArgs["target"]> = {}) =>
    planAutoscaler({
        target: { namespace: "shop", name: "web", ...target },
        signals: [signal],
        maxReplicas: 8,
        backend: "prometheus-adapter",
    });

const queue = signals.queueLength({ list: "jobs", itemsPerReplica: 10 });
const requests = signals.appRequests({ perReplica: 50 });
const istio = signals.istioRequests({ perReplica: 50 });
const proxied = signals.haproxyRequests({ backend: "web", job: "haproxy", perReplica: 50 });
const waiting = signals.waitingRequests({ backend: "web", job: "haproxy", perReplica: 5 });
const inFlight = signals.requestsInFlight({ backend: "web", job: "haproxy", perReplica: 5 });
const gpu = signals.gpuUtilization({ utilization: 70 });
const jobs = signals.promql({ name: "jobs", expr: "jobs_open", unit: "jobs", perReplica: 5 });

const exporter = 'namespace="shop",job="redis-exporter"';
const list = `redis_key_size{${exporter},key="jobs"}`;
const redisUp = `redis_up{${exporter}}`;
const counter = (pod: string) => `http_requests_total{namespace="shop",job="web",pod="${pod}"}`;
const upOf = (pod: string) => `up{namespace="shop",job="web",pod="${pod}"}`;
const replicasOf =
    'kube_horizontalpodautoscaler_status_current_replicas{namespace="shop",horizontalpodautoscaler="web"}';
const ofIstio = (reporter: string, pod: string) =>
    `istio_requests_total{reporter="${reporter}",destination_workload="web",destination_workload_namespace="shop",pod="${pod}"}`;
const ofProxy = (metric: string, pod: string, backend = "web") =>
    `${metric}{namespace="shop",job="haproxy",proxy="${backend}",pod="${pod}"}`;
const gpuOf = (pod: string, gpu: number, prefix = "exported_") =>
    `DCGM_FI_DEV_GPU_UTIL{${prefix}namespace="shop",${prefix}pod="${pod}",gpu="${gpu}"${prefix && ',namespace="gpu",pod="dcgm-1"'}}`;

const minute = (value: Stretch[0]): Stretch[] => [[value, 60]];
/** A value for a minute, and then another. */
const then = (first: Stretch[0], second: Stretch[0]): Stretch[] => [
    [first, 60],
    [second, 60],
];

/** [what is measured, the signal, its series, what is recorded at which second]; none is no series. */
const recorded: readonly [
    what: string,
    signal: Signal,
    samples: Samples,
    demand: Record<number, number | undefined>,
][] = [
    ["as many items as the list has", queue, { [list]: minute(35), [redisUp]: minute(1) }, { 55: 35 }],
    ["no items in a list that is empty", queue, { [list]: minute(0), [redisUp]: minute(1) }, { 55: 0 }],
    ["no items in a list that does not exist", queue, { [redisUp]: minute(1) }, { 55: 0 }],
    ["nothing while redis is down", queue, { [redisUp]: minute(0) }, { 55: undefined }],
    [
        "nothing from the moment on in which the exporter cannot be scraped",
        queue,
        { [list]: then(35, "stale"), [redisUp]: then(1, "stale") },
        { 55: 35, 60: undefined, 100: undefined },
    ],
    [
        "nothing of samples that are older than four scrapes",
        queue,
        { [list]: then(35, "gap"), [redisUp]: then(1, "gap") },
        { 55: 35, 70: 35, 75: undefined, 100: undefined },
    ],
    [
        "no items of a redis that was asked too long ago",
        queue,
        { [redisUp]: then(1, "gap") },
        { 55: 0, 70: 0, 75: undefined },
    ],
    [
        "nothing of a length that is no number",
        queue,
        { [list]: minute("NaN"), [redisUp]: minute(1) },
        { 55: undefined },
    ],
    [
        "nothing of a length that is negative",
        queue,
        { [list]: minute(-1), [redisUp]: minute(1) },
        { 55: undefined },
    ],
    [
        "nothing of a length that is infinite",
        queue,
        { [list]: minute("+Inf"), [redisUp]: minute(1) },
        { 55: undefined },
    ],
    [
        "once what two exporters tell of one list",
        queue,
        {
            [list.replace("}", ',pod="a"}')]: minute(35),
            [list.replace("}", ',pod="b"}')]: minute(36),
            [redisUp]: minute(1),
        },
        { 55: 36 },
    ],
    [
        "not the items of another list or namespace",
        queue,
        {
            [list.replace("jobs", "other")]: minute(5),
            [list.replace("shop", "other")]: minute(7),
            [redisUp]: minute(1),
        },
        { 55: 0 },
    ],
    [
        "requests of all pods together",
        requests,
        { [counter("a")]: minute("0+50"), [counter("b")]: minute("7+100") },
        { 55: 30 },
    ],
    [
        "requests of a pod that counts from zero again",
        requests,
        { [counter("a")]: then("900+50", "0+50") },
        { 55: 10, 100: 10 },
    ],
    // From zero again it has counted what it shows: never less than nothing.
    [
        "requests on the way through a restart",
        requests,
        { [counter("a")]: then("900+50", "0+50") },
        { 65: 6.666666666666667 },
    ],
    ["no requests of pods that get none", requests, { [counter("a")]: minute(400) }, { 55: 0 }],
    [
        "nothing before there are two samples",
        requests,
        { [counter("a")]: minute("0+50") },
        { 0: undefined, 5: 2.5 },
    ],
    [
        "nothing without a counter",
        requests,
        { 'up{namespace="shop",job="web"}': minute(1) },
        { 55: undefined },
    ],
    [
        "nothing of a counter that ended, as soon as its window has",
        requests,
        { [counter("a")]: then("0+50", "stale") },
        { 55: 10, 75: undefined, 100: undefined },
    ],
    [
        "nothing of a counter whose samples stop coming, as soon as its window has",
        requests,
        { [counter("a")]: then("0+50", "gap") },
        { 75: undefined, 100: undefined },
    ],
    [
        "nothing while one of two pods cannot be scraped, whose requests nobody knows",
        requests,
        {
            [counter("a")]: minute("0+50"),
            [upOf("a")]: minute(1),
            [counter("b")]: [
                ["0+50", 30],
                ["stale", 30],
            ],
            [upOf("b")]: [
                [1, 30],
                [0, 30],
            ],
        },
        { 25: 20, 30: undefined, 55: undefined },
    ],
    [
        "what is left when a pod went for good, with its target",
        requests,
        {
            [counter("a")]: [["0+50", 120]],
            [upOf("a")]: [[1, 120]],
            [counter("b")]: then("0+50", "stale"),
            [upOf("b")]: then(1, "stale"),
        },
        { 55: 20, 100: 10 },
    ],
    [
        "requests that Istio's sidecars of the workload counted, and not those that its clients' did",
        istio,
        { [ofIstio("destination", "a")]: minute("0+50"), [ofIstio("source", "c")]: minute("0+100") },
        { 55: 10 },
    ],
    [
        "requests that came to all proxies of one backend",
        proxied,
        {
            [ofProxy("haproxy_frontend_http_requests_total", "a")]: minute("0+50"),
            [ofProxy("haproxy_frontend_http_requests_total", "b")]: minute("0+25"),
            [ofProxy("haproxy_frontend_http_requests_total", "a", "other")]: minute("0+500"),
        },
        { 55: 15 },
    ],
    [
        "requests that wait at two proxies",
        waiting,
        {
            [ofProxy("haproxy_backend_current_queue", "a")]: minute(3),
            [ofProxy("haproxy_backend_current_queue", "b")]: minute(4),
        },
        { 55: 7 },
    ],
    [
        "nothing where one of two proxies gives no number",
        waiting,
        {
            [ofProxy("haproxy_backend_current_queue", "a")]: minute(3),
            [ofProxy("haproxy_backend_current_queue", "b")]: minute("NaN"),
        },
        { 55: undefined },
    ],
    [
        "requests in flight, until the proxy is silent",
        inFlight,
        { [ofProxy("haproxy_backend_current_sessions", "a")]: then(12, "gap") },
        { 55: 12, 75: undefined },
    ],
    [
        "GPUs by the names that Prometheus gives to an exporter's labels, a mean for each pod",
        gpu,
        {
            [gpuOf("web-7d9c-abcde", 0)]: minute(90),
            [gpuOf("web-7d9c-abcde", 1)]: minute(70),
            [gpuOf("web-7d9c-fghij", 2)]: minute(50),
            [gpuOf("other-7d9c-abcde", 3)]: minute(100),
        },
        { 55: 130 },
    ],
    [
        "GPUs by the exporter's own labels where they are honoured",
        gpu,
        { [gpuOf("web-7d9c-abcde", 0, "")]: minute(90), [gpuOf("web-7d9c-fghij", 1, "")]: minute(30) },
        { 55: 120 },
    ],
    ["idle GPUs", gpu, { [gpuOf("web-7d9c-abcde", 0)]: minute(0) }, { 55: 0 }],
    [
        "no GPU of the exporter's own pod, whatever it is named",
        gpu,
        {
            'DCGM_FI_DEV_GPU_UTIL{namespace="shop",pod="web-7d9c-abcde",exported_namespace="x",exported_pod="y"}':
                minute(90),
        },
        { 55: undefined },
    ],
    [
        "nothing of GPUs that are silent",
        gpu,
        { [gpuOf("web-7d9c-abcde", 0)]: then(90, "gap") },
        { 75: undefined },
    ],
    [
        "nothing of requests while a pod does not answer: what the others have is not the demand",
        requests,
        {
            [counter("a")]: minute("0+50"),
            [upOf("a")]: minute(1),
            [upOf("b")]: minute(0),
            [replicasOf]: minute(2),
        },
        { 55: undefined },
    ],
    [
        "requests although a pod does not answer, where the others alone need more replicas",
        requests,
        {
            [counter("a")]: minute("0+600"),
            [upOf("a")]: minute(1),
            [upOf("b")]: minute(0),
            [replicasOf]: minute(2),
        },
        { 55: 120 },
    ],
    [
        "nothing of GPUs while the exporter of a node does not answer",
        gpu,
        {
            [gpuOf("web-7d9c-abcde", 0)]: minute(90),
            'up{job="dcgm-exporter",instance="b"}': minute(0),
            'up{job="dcgm-exporter",instance="a"}': minute(1),
            [replicasOf]: minute(2),
        },
        { 55: undefined },
    ],
    ["any expression", jobs, { 'jobs_open{queue="a"}': minute(7) }, { 55: 7 }],
    [
        "several series of any expression, together",
        jobs,
        { 'jobs_open{queue="a"}': minute(7), 'jobs_open{queue="b"}': minute(8) },
        { 55: 15 },
    ],
    ["nothing of an expression without series", jobs, { unrelated: minute(1) }, { 55: undefined }],
];

describe("recording rules of an autoscaler", function () {
    this.timeout(30_000);
    let tool: Promtool;
    before(async function () {
        this.timeout(600_000);
        tool = promtool(await promtoolPath());
    });

    for (const [what, signal, given, demand] of recorded) {
        it(`record ${what} (${signal.name})`, () => {
            const planned = plan(signal);
            const series = planned.chain.signals[0]?.series ?? "";
            const { recording } = rulesOf(planned);
            const expected = Object.entries(demand).map(
                ([at, value]): Expected => ({ at: Number(at), value: [series, value] }),
            );
            tool.test({ recording } as Record<string, RuleGroup>, given, expected);
        });
    }

    it("record each signal of several under its own name", () => {
        const planned = kinds["KEDA on two signals"];
        const proxy = 'haproxy_backend_current_queue{namespace="ingress",job="haproxy",proxy="web"}';
        const [first, second] = planned.chain.signals.map(({ series }) => series ?? "");
        tool.test(rulesOf(planned), { [list]: minute(12), [redisUp]: minute(1), [proxy]: minute(3) }, [
            { at: 55, value: [first as string, 12] },
            { at: 55, value: [second as string, 3] },
        ]);
    });

    it("record the pods of a StatefulSet, which have other names", () => {
        const planned = plan(gpu, { kind: "StatefulSet" });
        const given = { [gpuOf("web-0", 0)]: minute(40), [gpuOf("web-7d9c-abcde", 1)]: minute(90) };
        const series = planned.chain.signals[0]?.series ?? "";
        tool.test(rulesOf(planned), given, [{ at: 55, value: [series, 40] }]);
    });
});

describe("every rule of the library", () => {
    const groups: Record<string, RuleGroup> = {
        monitoring: monitoringRules,
        queue: queueRules({ namespace: "queue", list: "jobs" }),
        ...Object.fromEntries(
            Object.entries(kinds).flatMap(([kind, planned]) =>
                Object.entries(rulesOf(planned)).map(([name, group]) => [`${kind}, ${name}`, group]),
            ),
        ),
    };

    for (const [name, { rules }] of Object.entries(groups)) {
        it(`parses: ${name}`, () => {
            assert.ok(rules.length > 0);
            for (const { expr } of rules) assert.equal(parsePromql(expr).error, undefined, expr);
        });
    }
});
