import { promtoolPath } from "../../local/build/promtool";
import { type Changes, type Kind, kinds, type SeriesName, samples, twice } from "./support/autoscaler-scenes";
import { type Promtool, promtool, rulesOf } from "./support/promtool";

const every = Object.keys(kinds) as Kind[];
const ofRedis: Kind[] = ["an HPA on a queue", "KEDA on the recorded queue", "KEDA with a fallback"];
const direct: Kind[] = ["KEDA on the queue itself"];
const two: Kind[] = ["KEDA on two signals"];
const ofKeda = every.filter((kind) => kinds[kind].chain.backend === "keda");
const except = (...left: Kind[]) => every.filter((kind) => !left.includes(kind));

const ofHpa: SeriesName[] = [
    ...(["desired", "current", "minimum", "maximum", "limited", "unlimited"] as const),
    ...(["active", "inactive", "able", "unable"] as const),
];
const gone = (names: readonly SeriesName[]): Changes =>
    Object.fromEntries(names.map((name) => [name, "stale"]));

/** What is broken for a while, for which autoscalers, and the alerts that fire then: these and no others. */
const faults: readonly [
    fault: string,
    changes: Changes,
    whose: readonly Kind[],
    firing: readonly string[],
][] = [
    [
        "the exporter is down",
        { exporterUp: 0, redisUp: "stale", list: "stale" },
        [...ofRedis, ...direct, ...two],
        ["AutoscalerBlind scrape queue"],
    ],
    [
        "the exporter is gone, with its target",
        { exporterUp: "stale", redisUp: "stale", list: "stale" },
        [...ofRedis, ...direct, ...two],
        ["AutoscalerBlind scrape queue"],
    ],
    // What KEDA reads for itself it reads still; an HPA says that it does not.
    [
        "the exporter is down, and the metrics API gives nothing therefore",
        { exporterUp: 0, redisUp: "stale", list: "stale", active: 0, inactive: 1 },
        [...ofRedis, ...two],
        ["AutoscalerBlind scrape queue"],
    ],
    [
        "redis does not answer its exporter",
        { redisUp: 0, list: "stale", active: 0, inactive: 1 },
        [...ofRedis, ...direct, ...two],
        ["AutoscalerBlind series queue"],
    ],
    [
        "the exporter leaves its series out",
        { redisUp: "stale", list: "stale", active: 0, inactive: 1 },
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
    ["the length is infinite", { list: "+Inf" }, [...ofRedis, ...two], ["AutoscalerBlind series queue"]],
    [
        "the second signal is gone",
        { proxyUp: 0, waiting: "stale", active: 0, inactive: 1 },
        two,
        ["AutoscalerBlind scrape waiting"],
    ],
    [
        "both signals are gone",
        { proxyUp: 0, waiting: "stale", exporterUp: 0, list: "stale", redisUp: "stale" },
        two,
        ["AutoscalerBlind scrape queue", "AutoscalerBlind scrape waiting"],
    ],
    [
        "the application is not scraped",
        { appUp: 0, appUpToo: 0, requests: "stale", active: 0, inactive: 1 },
        ["an HPA on requests"],
        ["AutoscalerBlind scrape requests"],
    ],
    [
        "one of its pods is not scraped",
        { appUpToo: 0, active: 0, inactive: 1 },
        ["an HPA on requests"],
        ["AutoscalerBlind scrape requests"],
    ],
    [
        "the application counts no more",
        { requests: "stale", active: 0, inactive: 1 },
        ["an HPA on requests"],
        ["AutoscalerBlind series requests"],
    ],
    ["the metrics API is down", { active: 0, inactive: 1 }, every, ["AutoscalerBlind metrics-api"]],
    ["KEDA's operator is not ready", { kedaReady: 0 }, ofKeda, ["AutoscalerBlind metrics-api"]],
    ["KEDA's operator is gone", { kedaReady: "stale" }, ofKeda, ["AutoscalerBlind metrics-api"]],
    [
        "KEDA's operator is not ready at zero replicas",
        { kedaReady: 0, desired: 0, current: 0, ready: 0, active: 0, inactive: 1 },
        ofKeda,
        ["AutoscalerBlind metrics-api"],
    ],
    // Where KEDA reads redis itself, the exporter is one fault and KEDA another.
    [
        "the exporter is down and the metrics API as well",
        { exporterUp: 0, redisUp: "stale", list: "stale", active: 0, inactive: 1 },
        direct,
        ["AutoscalerBlind scrape queue", "AutoscalerBlind metrics-api"],
    ],
    [
        "the target has another name",
        { able: 0, unable: 1, ready: "stale", scaledObjectReady: 0 },
        except("an HPA on requests"),
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
            appUp: "stale",
            appUpToo: "stale",
            requests: "stale",
            active: 0,
            inactive: 1,
        },
        ["an HPA on requests"],
        ["AutoscalerBlind target"],
    ],
    ["the HPA is gone", gone(ofHpa), every, ["AutoscalerBlind autoscaler"]],
    // Nobody tells of anything then: neither of KEDA, nor of replicas.
    [
        "kube-state-metrics is down",
        gone([...ofHpa, "ready", "scaledObjectReady", "scaledObjectFallback", "kedaReady"]),
        every,
        ["AutoscalerBlind autoscaler"],
    ],
    ["the ScaledObject is gone", { scaledObjectReady: "stale" }, ofKeda, ["AutoscalerBlind autoscaler"]],
    [
        "a trigger fails at zero replicas",
        { scaledObjectReady: 0, desired: 0, current: 0, ready: 0, active: 0, inactive: 1 },
        ofKeda,
        ["AutoscalerBlind autoscaler"],
    ],
    [
        "KEDA knows not whether a trigger works, at zero replicas",
        { scaledObjectReady: -1, desired: 0, current: 0, ready: 0 },
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
        { desired: 0, current: 0, ready: 0, active: 0, inactive: 1, list: 0 },
        every,
    ],
    ["the list does not exist, while redis answers", { list: "stale" }, ofRedis],
    ["the list is empty", { list: 0 }, ofRedis],
    ["a trigger fails at two replicas, of which the HPA tells", { scaledObjectReady: 0 }, ofKeda],
    ["KEDA is not ready, but it is not asked", { kedaReady: "stale" }, except(...ofKeda)],
    ["another autoscaler's exporter is down", { proxyUp: 0, appUp: 0 }, [...ofRedis, ...direct]],
];

describe("alerts of an autoscaler that has no metric", function () {
    this.timeout(30_000);
    let tool: Promtool;
    before(async function () {
        // Compiled, where it is not there yet: not left out, for a run without it would look like one with it.
        this.timeout(600_000);
        tool = promtool(await promtoolPath());
    });

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
                const given = samples([150, { active: 0, inactive: 1 }]);
                const seen = kind === "KEDA on the queue itself" ? samples([150]) : given;
                tool.test(alerts, seen, [
                    { at: 40, firing: [] },
                    { at: 120, firing },
                ]);
            });
        }

        it(`tell the same of ${kind} when two kube-state-metrics run`, () => {
            tool.test(rulesOf(kinds[kind]), twice(samples([100], [100, { active: 0, inactive: 1 }])), [
                { at: 95, firing: [] },
                { at: 190, firing: ["AutoscalerBlind metrics-api"] },
            ]);
        });

        it(`are rules that Prometheus takes, for ${kind}`, () => tool.check(rulesOf(kinds[kind])));
    }
});
