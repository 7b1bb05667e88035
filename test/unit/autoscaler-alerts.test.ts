import { promtoolOfSuite } from "./support/alert-cases";
import { type Changes, gone, type Kind, kinds, samples, seriesOf, twice } from "./support/autoscaler-scenes";
import { rulesOf } from "./support/promtool";

const every = Object.keys(kinds) as Kind[];
const fromZero: Kind[] = ["an HPA from zero"];
const ofRedis: Kind[] = [
    "an HPA on a queue",
    ...fromZero,
    "KEDA on the recorded queue",
    "KEDA with a fallback",
];
const onPods: Kind[] = ["an HPA on requests", "an HPA on GPUs"];
const direct: Kind[] = ["KEDA on the queue itself"];
const two: Kind[] = ["KEDA on two signals"];
const ofKeda = every.filter((kind) => kinds[kind].chain.backend === "keda");
const except = (...left: Kind[]) => every.filter((kind) => !left.includes(kind));

const inactive = { active: 0, inactive: 1 } as const;
const atZero = { desired: 0, current: 0, ready: 0 } as const;
const exporterDown = { exporterUp: 0, redisUp: "stale", list: "stale" } as const;
const redisDown = { redisUp: 0, list: "stale" } as const;

/** What is broken for a while, for which autoscalers, and the alerts that fire then: these and no others. */
const faults: readonly [
    fault: string,
    changes: Changes,
    whose: readonly Kind[],
    firing: readonly string[],
][] = [
    ["the exporter is down", exporterDown, [...ofRedis, ...direct, ...two], ["AutoscalerBlind scrape queue"]],
    [
        "the exporter is gone, with its target",
        { exporterUp: "stale", redisUp: "stale", list: "stale" },
        [...ofRedis, ...direct, ...two],
        ["AutoscalerBlind scrape queue"],
    ],
    // What KEDA reads for itself it reads still; an HPA says that it does not.
    [
        "the exporter is down, and the metrics API gives nothing therefore",
        { ...exporterDown, ...inactive },
        [...ofRedis, ...two],
        ["AutoscalerBlind scrape queue"],
    ],
    [
        "redis does not answer its exporter",
        { ...redisDown, ...inactive },
        [...ofRedis, ...two],
        ["AutoscalerBlind series queue"],
    ],
    // The exporter says 0 of a list that it checks and redis does not have. Of no list it says nothing.
    [
        "the exporter does not export the list, while redis answers",
        { list: "stale" },
        [...ofRedis, ...direct, ...two],
        ["AutoscalerBlind series queue"],
    ],
    [
        "the exporter leaves its series out",
        { redisUp: "stale", list: "stale", ...inactive },
        [...ofRedis, ...two],
        ["AutoscalerBlind series queue"],
    ],
    [
        "samples stop coming, and nobody marks the series as gone",
        { redisUp: "gap", list: "gap" },
        [...ofRedis, ...direct, ...two],
        ["AutoscalerBlind series queue"],
    ],
    ["the length is no number", { list: "NaN", redisUp: "NaN" }, ofRedis, ["AutoscalerBlind series queue"]],
    ["the length is negative", { list: -3 }, [...ofRedis, ...two], ["AutoscalerBlind series queue"]],
    ["the length is too large for a back end", { list: 1e15 }, ofRedis, ["AutoscalerBlind series queue"]],
    ["the length is infinite", { list: "+Inf" }, [...ofRedis, ...two], ["AutoscalerBlind series queue"]],
    [
        "the second signal is gone",
        { proxyUp: 0, proxyUpToo: 0, waiting: "stale", ...inactive },
        two,
        ["AutoscalerBlind scrape waiting"],
    ],
    [
        "one of two proxies is not scraped, though Ready",
        { proxyUpToo: 0, ...inactive },
        two,
        ["AutoscalerBlind scrape waiting"],
    ],
    [
        "both signals are gone",
        { proxyUp: 0, proxyUpToo: 0, waiting: "stale", ...exporterDown },
        two,
        ["AutoscalerBlind scrape queue", "AutoscalerBlind scrape waiting"],
    ],
    [
        "the application is not scraped",
        { appUp: 0, appUpToo: 0, requests: "stale", ...inactive },
        ["an HPA on requests"],
        ["AutoscalerBlind scrape requests"],
    ],
    [
        "one of its pods is not scraped, though Ready",
        { appUpToo: 0, ...inactive },
        ["an HPA on requests"],
        ["AutoscalerBlind scrape requests"],
    ],
    [
        "the application counts no more",
        { requests: "stale", ...inactive },
        ["an HPA on requests"],
        ["AutoscalerBlind series requests"],
    ],
    [
        "the GPU of a pod is not measured, though the pod is Ready",
        { gpuToo: "stale", ...inactive },
        ["an HPA on GPUs"],
        ["AutoscalerBlind series gpu"],
    ],
    [
        "no GPU is measured",
        { gpu: "stale", gpuToo: "stale", ...inactive },
        ["an HPA on GPUs"],
        ["AutoscalerBlind series gpu"],
    ],
    // What survives the last pod is needed to start the first.
    [
        "the exporter is down at zero replicas",
        { ...exporterDown, ...atZero, ...inactive },
        [...ofRedis, ...direct, ...two],
        ["AutoscalerBlind scrape queue"],
    ],
    [
        "the metrics API is down at zero replicas, from which only it could start",
        { ...atZero, ...inactive },
        fromZero,
        ["AutoscalerBlind metrics-api"],
    ],
    ["the metrics API is down", inactive, every, ["AutoscalerBlind metrics-api"]],
    ["KEDA's operator is not ready", { kedaReady: 0 }, ofKeda, ["AutoscalerBlind metrics-api"]],
    ["KEDA's operator is gone", { kedaReady: "stale" }, ofKeda, ["AutoscalerBlind metrics-api"]],
    [
        "KEDA's operator is not ready at zero replicas",
        { kedaReady: 0, ...atZero, ...inactive },
        ofKeda,
        ["AutoscalerBlind metrics-api"],
    ],
    // Where KEDA reads redis itself and fails, it is no longer the watching alone.
    [
        "redis answers neither KEDA nor its exporter",
        { ...redisDown, ...inactive },
        direct,
        ["AutoscalerBlind metrics-api"],
    ],
    [
        "redis answers neither KEDA nor its exporter at zero replicas",
        { ...redisDown, ...atZero, ...inactive, scaledObjectReady: 0 },
        direct,
        ["AutoscalerBlind autoscaler"],
    ],
    [
        "the exporter is down and the metrics API as well",
        { ...exporterDown, ...inactive },
        direct,
        ["AutoscalerBlind metrics-api"],
    ],
    // No other alert tells of it as long as the HPA has another metric to go by.
    [
        "redis does not answer, and a trigger fails, while the HPA is active",
        { ...redisDown, scaledObjectReady: -1 },
        direct,
        ["AutoscalerBlind series queue"],
    ],
    [
        "the target has another name",
        { able: 0, unable: 1, ready: "stale", scaledObjectReady: 0 },
        except(...onPods),
        ["AutoscalerBlind target"],
    ],
    [
        "the target has another name, and KEDA is at zero",
        { able: 0, unable: 1, ready: "stale", scaledObjectReady: 0, desired: 0, current: 0 },
        ofKeda,
        ["AutoscalerBlind target"],
    ],
    [
        "the target is gone, and the metric with its pods",
        {
            able: 0,
            unable: 1,
            ready: "stale",
            ...gone(seriesOf.pods),
            ...inactive,
        },
        onPods,
        ["AutoscalerBlind target"],
    ],
    ["the HPA is gone", gone(seriesOf.hpa), every, ["AutoscalerBlind autoscaler"]],
    ["the ScaledObject is gone", gone(seriesOf.scaledObject), ofKeda, ["AutoscalerBlind autoscaler"]],
    [
        "both HPA and ScaledObject are gone, and there is no other",
        { ...gone([...seriesOf.hpa, ...seriesOf.scaledObject]), otherScaledObjectReady: "stale" },
        ofKeda,
        ["AutoscalerBlind autoscaler"],
    ],
    [
        "the exporter is down, and kube-state-metrics as well",
        { ...gone(seriesOf.kubeStateMetrics), ...exporterDown },
        [...ofRedis, ...direct, ...two],
        ["AutoscalerBlind scrape queue"],
    ],
    [
        "a trigger fails at zero replicas",
        { scaledObjectReady: 0, ...atZero, ...inactive },
        ofKeda,
        ["AutoscalerBlind autoscaler"],
    ],
    [
        "KEDA knows not whether a trigger works, at zero replicas",
        { scaledObjectReady: -1, ...atZero },
        ofKeda,
        ["AutoscalerBlind autoscaler"],
    ],
    [
        "KEDA stands on its fallback",
        { scaledObjectFallback: 1, exporterUp: 0, redisUp: "stale", list: "stale" },
        ["KEDA with a fallback"],
        ["AutoscalerOnFallback autoscaler", "AutoscalerBlind scrape queue"],
    ],
];

/** What looks broken for a while and is not. */
const sound: readonly [what: string, changes: Changes, whose: readonly Kind[]][] = [
    ["nothing happens", {}, every],
    [
        "there are no replicas, and so the HPA is inactive",
        { ...atZero, ...inactive, list: 0 },
        except(...fromZero),
    ],
    ["there are no replicas, and the HPA looks on", { ...atZero, list: 0 }, fromZero],
    ["the metric went with the last pod", { ...gone(seriesOf.pods), ...atZero, ...inactive }, onPods],
    ["the list is empty, or redis does not have it", { list: 0 }, [...ofRedis, ...direct]],
    // Such a pod has no share of the demand.
    [
        "a pod that starts or crashes is not scraped, for it is not Ready",
        { appUpToo: 0, appReadyToo: 0, proxyUpToo: 0, proxyReadyToo: 0, gpuToo: "stale", gpuReadyToo: 0 },
        [...onPods, ...two],
    ],
    [
        "a pod that nobody knows yet is not scraped",
        { appUpToo: 0, appReadyToo: "stale", gpuToo: "stale", gpuReadyToo: "stale" },
        onPods,
    ],
    ["KEDA is paused, and has deleted the HPA", { ...gone(seriesOf.hpa), scaledObjectPaused: 1 }, ofKeda],
    [
        "KEDA is paused at zero replicas, and says that it is not Ready",
        { ...gone(seriesOf.hpa), ready: 0, scaledObjectPaused: 1, scaledObjectReady: -1 },
        ofKeda,
    ],
    ["nobody tells of ScaledObjects", gone([...seriesOf.scaledObject, "otherScaledObjectReady"]), ofKeda],
    // It takes longer until that is told, and then it is not of the autoscaler.
    ["kube-state-metrics is down", gone(seriesOf.kubeStateMetrics), every],
    ["a trigger fails at two replicas, of which the HPA tells", { scaledObjectReady: 0 }, ofKeda],
    ["KEDA is not ready, but it is not asked", { kedaReady: "stale" }, except(...ofKeda)],
    [
        "another autoscaler's exporter is down",
        { proxyUp: 0, proxyUpToo: 0, appUp: 0 },
        [...ofRedis, ...direct],
    ],
];

describe("alerts of an autoscaler that has no metric", function () {
    this.timeout(30_000);
    const tool = promtoolOfSuite();

    for (const [fault, changes, whose, firing] of faults) {
        for (const kind of whose) {
            it(`tell of ${kind} that ${fault}`, () => {
                const given = samples([100], [150, changes], [60]);
                tool.test(rulesOf(kinds[kind]), given, [
                    { at: 95, firing: [] },
                    { at: 155, firing: [] },
                    { at: 190, firing },
                    { at: 245, firing },
                    { at: 280, firing: [] },
                ]);
            });
        }
    }

    for (const [what, changes, whose] of sound) {
        for (const kind of whose) {
            it(`are silent on ${kind} when ${what}`, () => {
                const given = samples([100], [150, changes], [60]);
                const times = [95, 155, 190, 245, 280];
                tool.test(
                    rulesOf(kinds[kind]),
                    given,
                    times.map((at) => ({ at, firing: [] })),
                );
            });
        }
    }

    for (const kind of every) {
        const { recording, ...alerts } = rulesOf(kinds[kind]);
        if (recording !== undefined) {
            it(`tell of ${kind} that its rule is gone`, () => {
                const firing = kinds[kind].signals.flatMap(({ chain: { signal, series } }) =>
                    series === undefined ? [] : [`AutoscalerBlind rule ${signal}`],
                );
                const given = samples([150, inactive]);
                const seen = kind === "KEDA on the queue itself" ? samples([150]) : given;
                tool.test(alerts, seen, [
                    { at: 40, firing: [] },
                    { at: 120, firing },
                ]);
            });
        }

        it(`tell the same of ${kind} when two kube-state-metrics run`, () => {
            tool.test(rulesOf(kinds[kind]), twice(samples([100], [100, inactive])), [
                { at: 95, firing: [] },
                { at: 190, firing: ["AutoscalerBlind metrics-api"] },
            ]);
        });

        it(`are rules that Prometheus takes, for ${kind}`, () => tool.check(rulesOf(kinds[kind])));
    }
});
