import assert from "node:assert/strict";
import type { AutoscalerArgs } from "../../../components";
import * as signals from "../../../components/autoscaling/autoscaler/signals";
import { validateAutoscaler } from "../../../components/autoscaling/autoscaler/validate";
import { args, cpu, gpu, jobs, queue, requests, target } from "./examples";

const promql = (expr: string, scrapeSeconds = 5) =>
    signals.promql({ name: "p", expr, unit: "u", perReplica: 1, scrapeSeconds });

/** [what is wrong, arguments, properties of the problems]. */
const refused: [string, Partial<AutoscalerArgs>, string[]][] = [
    ["min above max", { minReplicas: 11 }, ["minReplicas"]],
    [
        "a negative minimum and a maximum of none",
        { minReplicas: -1, maxReplicas: 0 },
        ["minReplicas", "maxReplicas"],
    ],
    ["a maximum that is no number", { maxReplicas: Number.NaN }, ["maxReplicas"]],
    ["no signal at all", { signals: [] }, ["signals"]],
    ["two signals of one name", { signals: [queue, queue] }, ["signals"]],
    [
        "zero with requests of the application's own counter",
        { minReplicas: 0, signals: [requests] },
        ["minReplicas"],
    ],
    ["zero with GPU utilisation beside a queue", { minReplicas: 0, signals: [queue, gpu] }, ["minReplicas"]],
    ["zero with cpu alone", { minReplicas: 0, signals: [cpu], backend: "keda" }, ["minReplicas"]],
    [
        "zero on a plain HPA",
        { minReplicas: 0, signals: [cpu], backend: "resource" },
        ["minReplicas", "minReplicas"],
    ],
    [
        "zero with cpu beside a queue: KEDA would take ten busy replicas when the queue is empty",
        { minReplicas: 0, signals: [queue, cpu] },
        ["minReplicas"],
    ],
    [
        "an address of Prometheus with a password, which would be readable",
        { platform: { backends: ["keda"], prometheusUrl: "http://a:b@prometheus:9090" } },
        ["platform.prometheusUrl"],
    ],
    [
        "a target so small that Kubernetes would write it as 0",
        { signals: [signals.appRequests({ perReplica: 0.0001 })] },
        ["signals[0].perReplica"],
    ],
    [
        "zero on an HPA where the gate is off",
        { minReplicas: 0, backend: "prometheus-adapter" },
        ["minReplicas"],
    ],
    [
        "zero on an HPA with cpu, which would keep the last replica",
        {
            minReplicas: 0,
            signals: [queue, cpu],
            backend: "prometheus-adapter",
            platform: { backends: ["prometheus-adapter"], hpaScaleToZero: true },
        },
        ["minReplicas"],
    ],
    [
        "utilisation without knowing the containers",
        { target: { ...target, containers: undefined }, signals: [cpu] },
        ["target.containers"],
    ],
    [
        "utilisation of a container that requests none",
        { signals: [signals.cpu({ utilization: 50, container: "sidecar" })] },
        ["signals[0].utilization"],
    ],
    [
        "utilisation of a pod of which one container requests none",
        { signals: [signals.cpu({ utilization: 50 })] },
        ["signals[0].utilization"],
    ],
    [
        "a container that does not exist",
        { signals: [signals.memory({ average: "1Gi", container: "main" })] },
        ["signals[0].container"],
    ],
    [
        "a back end that the stack lacks",
        { platform: { backends: ["resource"] }, backend: "keda" },
        ["backend"],
    ],
    ["a back end that nobody has", { backend: "vpa" as "keda" }, ["backend"]],
    ["a queue on a plain HPA", { backend: "resource" }, ["backend"]],
    ["PromQL that does not parse", { signals: [promql("sum(rate(x[5m])")] }, ["signals[0].expr"]],
    ["PromQL whose types do not fit", { signals: [promql("sum(rate(x))")] }, ["signals[0].expr"]],
    ["PromQL that is a number in the end", { signals: [promql("scalar(x)")] }, ["signals[0].expr"]],
    ["PromQL that is a zero where there is none", { signals: [promql("sum(x) or 0")] }, ["signals[0].expr"]],
    ["PromQL with a pattern that is none", { signals: [promql('sum(x{a=~"("})')] }, ["signals[0].expr"]],
    [
        "PromQL with a range that is computed",
        { signals: [promql("sum(rate(x[5m + 1m]))")] },
        ["signals[0].expr"],
    ],
    ["PromQL that is empty", { signals: [promql(" ")] }, ["signals[0].expr"]],
    ["PromQL without a series", { signals: [promql("1 + 1")] }, ["signals[0].expr"]],
    ["PromQL that makes an outage a zero", { signals: [promql("sum(x) or vector(0)")] }, ["signals[0].expr"]],
    ["PromQL that makes an outage a demand", { signals: [promql("absent(x)")] }, ["signals[0].expr"]],
    ["a range under four scrapes", { signals: [promql("sum(rate(x[19s]))")] }, ["signals[0].expr"]],
    [
        "a window under four scrapes",
        { signals: [signals.appRequests({ perReplica: 1, window: "10s", scrapeSeconds: 5 })] },
        ["signals[0].window"],
    ],
    [
        "a fallback on an HPA, which has none",
        { backend: "prometheus-adapter", fallbackReplicas: 2 },
        ["fallbackReplicas"],
    ],
    ["a fallback above the maximum", { backend: "keda", fallbackReplicas: 11 }, ["fallbackReplicas"]],
    [
        "a name that Kubernetes would refuse",
        { name: "Web!", target: { namespace: "S", name: "w_" } },
        ["name", "target.namespace", "target.name"],
    ],
    [
        "a pace that is none",
        {
            backend: "keda",
            pace: {
                upPodsPer15s: 0,
                downStabilizationSeconds: -1,
                downPercentPer15s: 101,
                pollingSeconds: 0,
                cooldownSeconds: -1,
            },
        },
        [
            "pace.upPodsPer15s",
            "pace.downStabilizationSeconds",
            "pace.downPercentPer15s",
            "pace.pollingSeconds",
            "pace.cooldownSeconds",
        ],
    ],
    [
        "delays and intervals that are none",
        { platform: { backends: ["keda"], ruleSeconds: 0, alerts: { blind: "1" } } },
        ["platform.ruleSeconds", "platform.alerts.blind"],
    ],
    [
        "what KEDA alone does, on a plain HPA",
        { signals: [cpu], pace: { pollingSeconds: 5, cooldownSeconds: 60 } },
        ["pace.pollingSeconds", "pace.cooldownSeconds"],
    ],
    [
        "cpu from zero where there are plain HPAs only",
        { minReplicas: 0, signals: [cpu], platform: { backends: ["resource"] } },
        ["minReplicas", "minReplicas"],
    ],
    ["a platform with nothing", { platform: { backends: [] } }, ["platform.backends"]],
    [
        "a missing maximum beside a fallback",
        { maxReplicas: Number.NaN, fallbackReplicas: 3 },
        ["maxReplicas"],
    ],
    [
        "arguments of which nothing can be planned, and a maximum",
        { target: undefined as never, signals: undefined as never, maxReplicas: 0 },
        ["target.namespace", "target.name", "signals", "maxReplicas"],
    ],
    [
        "several at once, of the autoscaler and of its signals",
        { minReplicas: 0, maxReplicas: 0, signals: [promql("sum("), signals.cpu({})] },
        ["maxReplicas", "signals[1].utilization", "signals[0].expr", "minReplicas"],
    ],
];

const accepted: [string, Partial<AutoscalerArgs>][] = [
    ["a queue from zero under KEDA", { minReplicas: 0 }],
    [
        "a queue from zero on an HPA with the gate",
        {
            minReplicas: 0,
            backend: "prometheus-adapter",
            platform: { backends: ["prometheus-adapter"], hpaScaleToZero: true },
        },
    ],
    ["cpu of the one container that requests it", { signals: [cpu] }],
    ["memory of the whole pod", { signals: [signals.memory({ utilization: 70 })] }],
    [
        "an amount of cpu, which needs no requests",
        { target: { namespace: "a", name: "b" }, signals: [signals.cpu({ average: "1" })] },
    ],
    ["patterns with flags and escapes", { signals: [promql('sum(x{a=~"(?i)web-\\\\d+"})')] }],
    ["a range of exactly four scrapes", { signals: [promql("sum(rate(x[20s]))")] }],
    ["minutes and seconds in one range", { signals: [promql("sum(rate(x[1m30s]))", 20)] }],
    ["jobs, GPUs and requests on one workload", { signals: [jobs, gpu, requests] }],
    ["a platform of which only the address is said", { platform: { prometheusUrl: "http://p:9090" } }],
    [
        "a target of another API",
        { target: { ...target, kind: "Rollout", apiVersion: "argoproj.io/v1alpha1" } },
    ],
    [
        "the targets of PromQL, with placeholders",
        {
            signals: [
                signals.promql({
                    name: "p",
                    expr: "sum(x)",
                    unit: "u",
                    perReplica: 1,
                    up: 'up{namespace="<<namespace>>",job="<<target>>",pod=~"<<pods>>"}',
                }),
            ],
        },
    ],
    ["what KEDA polls and waits", { pace: { pollingSeconds: 5, cooldownSeconds: 60 } }],
    ["a stated fallback", { backend: "keda", fallbackReplicas: 3 }],
];

describe("validateAutoscaler", () => {
    for (const [what, given, properties] of refused) {
        it(`refuses ${what}`, () => {
            const problems = validateAutoscaler(args(given));
            assert.deepEqual(
                problems.map(({ property }) => property),
                properties,
            );
            for (const { allowed, fix } of problems) assert.ok(allowed !== "" && fix !== "");
        });
    }

    for (const [what, given] of accepted) {
        it(`accepts ${what}`, () => assert.deepEqual(validateAutoscaler(args(given)), []));
    }
});
