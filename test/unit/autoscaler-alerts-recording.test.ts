import assert from "node:assert/strict";
import type { AutoscalerArgs } from "../../components/autoscaling/autoscaler";
import { planAutoscaler } from "../../components/autoscaling/autoscaler/plan";
import { parsePromql } from "../../components/autoscaling/autoscaler/promql";
import type { Signal } from "../../components/autoscaling/autoscaler/signal";
import * as signals from "../../components/autoscaling/autoscaler/signals";
import { monitoringRules } from "../../components/manifests/monitoring/rules";
import type { RuleGroup } from "../../components/monitoring/monitors";
import { queueRules } from "../../components/workloads/redis-queue/rules";
import { promtoolOfSuite } from "./support/alert-cases";
import { kinds } from "./support/autoscaler-scenes";
import { type Expected, rulesOf, type Samples, type Stretch } from "./support/promtool";

const plan = (signal: Signal, target: Partial<AutoscalerArgs["target"]> = {}) =>
    planAutoscaler({
        target: { namespace: "shop", name: "web", ...target },
        signals: [signal],
        maxReplicas: 8,
        backend: "prometheus-adapter",
    });

const queue = signals.queueLength({ list: "jobs", itemsPerReplica: 10, scrapeSeconds: 5 });
const requests = signals.appRequests({ perReplica: 50, scrapeSeconds: 5 });
const istio = signals.istioRequests({ perReplica: 50, scrapeSeconds: 5 });
const proxied = signals.haproxyRequests({ backend: "web", job: "haproxy", perReplica: 50, scrapeSeconds: 5 });
const waiting = signals.waitingRequests({ backend: "web", job: "haproxy", perReplica: 5, scrapeSeconds: 5 });
const inFlight = signals.requestsInFlight({
    backend: "web",
    job: "haproxy",
    perReplica: 5,
    scrapeSeconds: 5,
});
const gpu = signals.gpuUtilization({ utilization: 70, scrapeSeconds: 5 });
const jobs = signals.promql({
    name: "jobs",
    expr: "jobs_open",
    unit: "jobs",
    perReplica: 5,
    scrapeSeconds: 5,
});

/** Rates over so long that it would take them minutes to fall to 0. */
const slow = { perReplica: 50, scrapeSeconds: 5, window: "5m" };
const slowRequests = signals.appRequests(slow);
const slowIstio = signals.istioRequests({ ...slow, reporter: "source" });
const slowProxied = signals.haproxyRequests({ ...slow, backend: "web", job: "haproxy" });
const done = (scrapeSeconds: number) =>
    signals.promql({
        name: "done",
        expr: "sum(rate(jobs_done_total[5m]))",
        unit: "jobs/s",
        perReplica: 5,
        scrapeSeconds,
    });

const exporter = 'namespace="shop",job="redis-exporter"';
const list = `redis_key_size{${exporter},key="jobs"}`;
const redisUp = `redis_up{${exporter}}`;
const counter = (pod: string) => `http_requests_total{namespace="shop",job="web",pod="${pod}"}`;
const upOf = (pod: string, job = "web") => `up{namespace="shop",job="${job}",pod="${pod}"}`;
const readyOf = (pod: string, condition = "true", instance = "1") =>
    `kube_pod_status_ready{namespace="shop",pod="${pod}",condition="${condition}",instance="${instance}"}`;
const replicasOf =
    'kube_horizontalpodautoscaler_status_current_replicas{namespace="shop",horizontalpodautoscaler="web"}';
const ofIstio = (reporter: string, pod: string) =>
    `istio_requests_total{reporter="${reporter}",destination_workload="web",destination_workload_namespace="shop",pod="${pod}"}`;
const ofProxy = (metric: string, pod: string, backend = "web") =>
    `${metric}{namespace="shop",job="haproxy",proxy="${backend}",pod="${pod}"}`;
const gpuOf = (pod: string, gpu: number, prefix = "exported_") =>
    `DCGM_FI_DEV_GPU_UTIL{${prefix}namespace="shop",${prefix}pod="${pod}",gpu="${gpu}"${prefix && ',namespace="gpu",pod="dcgm-1"'}}`;

/** Of a GPU that pods share: that of a pod, or of the whole. */
const sharedGpu = (pod?: string, uuid = "GPU-0") => {
    const labels = pod && `,namespace="shop",pod="${pod}",exported_namespace="shop",exported_pod="${pod}"`;
    return `DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="${uuid}"${labels ?? ""}}`;
};

const minute = (value: Stretch[0]): Stretch[] => [[value, 60]];
/** A value for a minute, and then another. */
const then = (first: Stretch[0], second: Stretch[0]): Stretch[] => [
    [first, 60],
    [second, 60],
];

/** Six minutes of ten each second, and then something else. */
const ended = (how: Stretch[0]): Stretch[] => [
    ["0+50", 360],
    [how, 120],
];

/** [what is measured, the signal, its series, what is recorded at which second]; none is no series. */
type Recorded = readonly [
    what: string,
    signal: Signal,
    samples: Samples,
    demand: Record<number, number | undefined>,
];

const recorded: readonly Recorded[] = [
    ["as many items as the list has", queue, { [list]: minute(35), [redisUp]: minute(1) }, { 55: 35 }],
    [
        "no items in a list that is empty, or that redis does not have: of both the exporter says 0",
        queue,
        { [list]: minute(0), [redisUp]: minute(1) },
        { 55: 0 },
    ],
    [
        "nothing of a list that the exporter does not export, though redis answers",
        queue,
        { [redisUp]: minute(1) },
        { 55: undefined },
    ],
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
        { 55: undefined },
    ],
    // prometheus-adapter counts in thousandths, in 64 bits.
    ["the largest length that a back end can read", queue, { [list]: minute(999e12) }, { 55: 999e12 }],
    ["nothing of a length that no back end can read", queue, { [list]: minute(1e15) }, { 55: undefined }],
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
        "nothing of a counter that ended, at once",
        requests,
        { [counter("a")]: then("0+50", "stale") },
        { 55: 10, 60: undefined, 100: undefined },
    ],
    [
        "nothing of a counter whose samples stop coming, as soon as its window has",
        requests,
        { [counter("a")]: then("0+50", "gap") },
        { 75: undefined, 100: undefined },
    ],
    ...(
        [
            [slowRequests, counter("a")],
            [slowIstio, ofIstio("source", "c")],
            [slowProxied, ofProxy("haproxy_frontend_http_requests_total", "a")],
            [done(5), 'jobs_done_total{queue="a"}'],
        ] as const
    ).flatMap(([signal, series]): Recorded[] => [
        [
            `nothing of a counter that ended, at once, whatever the window: ${series}`,
            signal,
            { [series]: ended("stale") },
            { 355: 10, 360: undefined, 475: undefined },
        ],
        [
            `nothing of a counter whose samples stop, after four scrapes, whatever the window: ${series}`,
            signal,
            { [series]: ended("gap") },
            { 355: 10, 375: undefined, 475: undefined },
        ],
    ]),
    [
        "a rate until the last sample is older than four scrapes of its source",
        done(15),
        { jobs_done_total: ended("gap") },
        { 410: 8.25, 415: undefined },
    ],
    [
        "a rate for ten seconds at the least",
        done(1),
        { jobs_done_total: ended("gap") },
        { 355: 10, 365: undefined },
    ],
    [
        "what the other pod counts once one ended, and not what the rate of that was",
        slowRequests,
        { [counter("a")]: [["0+50", 480]], [counter("b")]: ended("stale") },
        { 355: 20, 360: 10, 475: 10 },
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
            [readyOf("a")]: minute(1),
            [readyOf("b")]: minute(1),
        },
        { 25: 20, 30: undefined, 55: undefined },
    ],
    [
        "what the others count while a pod that cannot be scraped is not Ready, and has no requests",
        requests,
        {
            [counter("a")]: minute("0+50"),
            [upOf("a")]: minute(1),
            [readyOf("a")]: minute(1),
            [upOf("b")]: minute(0),
            [readyOf("b")]: minute(0),
            [readyOf("b", "false")]: minute(1),
            [upOf("c")]: minute(0),
        },
        { 55: 10 },
    ],
    [
        "requests whatever a pod of the same name elsewhere is",
        requests,
        {
            [counter("a")]: minute("0+50"),
            [upOf("a")]: minute(1),
            [upOf("b")]: minute(0),
            [readyOf("b").replace("shop", "other")]: minute(1),
        },
        { 55: 10 },
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
        "nothing of what waits while one of two proxies that are Ready cannot be scraped",
        waiting,
        {
            [ofProxy("haproxy_backend_current_queue", "a")]: minute(3),
            [upOf("a", "haproxy")]: minute(1),
            [upOf("b", "haproxy")]: minute(0),
            [readyOf("b")]: minute(1),
            [replicasOf]: minute(2),
        },
        { 55: undefined },
    ],
    [
        "what waits while the other proxy starts",
        waiting,
        {
            [ofProxy("haproxy_backend_current_queue", "a")]: minute(3),
            [upOf("a", "haproxy")]: minute(1),
            [upOf("b", "haproxy")]: minute(0),
            [readyOf("b")]: minute(0),
            [replicasOf]: minute(2),
        },
        { 55: 3 },
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
        "idle pods of a shared GPU that another keeps busy, now and then",
        gpu,
        {
            [sharedGpu()]: minute(80),
            [sharedGpu("web-7d9c-abcde")]: minute(0),
            [sharedGpu("other-7d9c-abcde")]: [
                [80, 5],
                [0, 55],
            ],
            [replicasOf]: minute(2),
        },
        { 10: 0, 55: 0 },
    ],
    [
        "nothing of a shared GPU that is at work while all its pods are said to do nothing",
        gpu,
        {
            [sharedGpu()]: minute(80),
            [sharedGpu("web-7d9c-abcde")]: minute(0),
            [sharedGpu("web-7d9c-fghij")]: minute(0),
            [replicasOf]: minute(2),
        },
        { 55: undefined },
    ],
    [
        "idle pods although on a GPU that none of them has a share of nobody knows whose work it is",
        gpu,
        {
            [sharedGpu("web-7d9c-abcde")]: minute(0),
            [sharedGpu(undefined, "GPU-1")]: minute(80),
            [sharedGpu("other-7d9c-abcde", "GPU-1")]: minute(0),
            [replicasOf]: minute(2),
        },
        { 55: 0 },
    ],
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
            [readyOf("b")]: minute(1),
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
            [readyOf("b")]: minute(1),
            [replicasOf]: minute(2),
        },
        { 55: 120 },
    ],
    [
        "nothing of GPUs while one of two pods that are Ready is not measured",
        gpu,
        {
            [gpuOf("web-7d9c-abcde", 0)]: minute(90),
            [gpuOf("web-7d9c-abcde", 1)]: minute(90),
            [readyOf("web-7d9c-abcde")]: minute(1),
            [readyOf("web-7d9c-fghij")]: minute(1),
            [replicasOf]: minute(2),
        },
        { 55: undefined },
    ],
    [
        "GPUs of the pods that are measured, where these are as many as are Ready, whoever tells of that",
        gpu,
        {
            [gpuOf("web-7d9c-abcde", 0)]: minute(90),
            [readyOf("web-7d9c-abcde")]: minute(1),
            [readyOf("web-7d9c-abcde", "true", "2")]: minute(1),
            [readyOf("web-7d9c-fghij")]: minute(0),
            [readyOf("web-7d9c-fghij", "false")]: minute(1),
            [readyOf("other-7d9c-abcde")]: minute(1),
            [replicasOf]: minute(2),
        },
        { 55: 90 },
    ],
    // kube-state-metrics tells of replicas later than Prometheus of pods: of late there were two.
    [
        "GPUs although one is not measured, where the others alone need more than there were for two minutes",
        gpu,
        {
            [gpuOf("web-7d9c-abcde", 0)]: [[90, 240]],
            [readyOf("web-7d9c-abcde")]: [[1, 240]],
            [readyOf("web-7d9c-fghij")]: [[1, 240]],
            [replicasOf]: [
                [2, 60],
                [1, 180],
            ],
        },
        { 55: undefined, 65: undefined, 170: undefined, 180: 90 },
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
    const tool = promtoolOfSuite();

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
        monitoring: monitoringRules({ volume: true }),
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
