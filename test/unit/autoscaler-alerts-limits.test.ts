import { planAutoscaler } from "../../components/autoscaling/autoscaler/plan";
import * as signals from "../../components/autoscaling/autoscaler/signals";
import { promtoolOfSuite } from "./support/alert-cases";
import { type Changes, gone, type Kind, kinds, samples, series, seriesOf } from "./support/autoscaler-scenes";
import { type Expected, type Promtool, rulesOf, type Samples, type Stretch } from "./support/promtool";

const minutes = (count: number) => count * 60;
const every = Object.keys(kinds) as Kind[];

/** A cluster that is well, in which the replicas come and go; all are Ready at once. */
function moving(desired: readonly Stretch[], list: readonly Stretch[] = desired): Samples {
    const total = desired.reduce((sum, [, seconds]) => sum + seconds, 0);
    const replicas = Object.fromEntries(
        (["desired", "current", "ready"] as const).map((name) => [series[name], desired]),
    );
    return { ...samples([total]), ...replicas, [series.list]: list };
}

/** Up and down, so often, between two numbers, in seconds for each. */
function waves(count: number, low: number, high: number, seconds: number): Stretch[] {
    const wave: Stretch[] = [
        [low, seconds],
        [high, seconds],
    ];
    return [...Array(count).fill(wave).flat(), [low, minutes(20)]];
}

const silentUntil = (end: number): Expected[] =>
    Array.from({ length: Math.floor(end / 60) }, (_, minute) => ({ at: minutes(minute + 1), firing: [] }));

/** So many replicas, with the demand for them. */
function working(count: number, kind: Kind): Changes {
    // Without replicas an HPA is inactive that may not have none; and nobody measures pods that there are not.
    const idle = count === 0 && kind !== "an HPA from zero";
    return {
        desired: count,
        current: count,
        ready: count,
        list: count * 10,
        active: idle ? 0 : 1,
        inactive: idle ? 1 : 0,
        limited: count === 8 ? 1 : 0,
        ...(count === 0 && gone(seriesOf.pods)),
    };
}

describe("alerts of an autoscaler at its limits", function () {
    this.timeout(30_000);
    const { test } = promtoolOfSuite();
    // They look at minutes, so that a sample each 15 s will do.
    const tool: Pick<Promtool, "test"> = {
        test: (groups, given, expected) => test(groups, given, expected, 15),
    };

    for (const kind of every) {
        const rules = rulesOf(kinds[kind]);

        it(`tell of ${kind} that it wants more than its maximum, after a quarter of an hour`, () => {
            const atMaximum = { desired: 8, current: 8, ready: 8, limited: 1, unlimited: 0 };
            tool.test(rules, samples([60], [minutes(18), atMaximum], [60]), [
                { at: minutes(15), firing: [] },
                { at: minutes(16) + 15, firing: ["AutoscalerAtMaximum limits"] },
                { at: minutes(20) - 15, firing: [] },
            ]);
        });

        it(`are silent on ${kind} at its maximum by chance, below it, or with less to choose from`, () => {
            const silent = silentUntil(minutes(20));
            const eight = { desired: 8, current: 8, ready: 8 };
            tool.test(rules, samples([minutes(20), eight]), silent);
            // What it may not do at once is not what it may not do at all.
            tool.test(rules, samples([minutes(20), { limited: 1, unlimited: 0 }]), silent);
            // Of as many as it has to have it says that it would have fewer.
            const fixed = { ...eight, minimum: 8, limited: 1, unlimited: 0 };
            tool.test(rules, samples([minutes(20), fixed]), silent);
            tool.test(
                rules,
                samples(
                    [minutes(14), { ...eight, limited: 1 }],
                    [60],
                    [minutes(14), { ...eight, limited: 1 }],
                ),
                silentUntil(minutes(29)),
            );
        });

        it(`tell of ${kind} that its replicas do not become Ready, after ten minutes`, () => {
            tool.test(rules, samples([60], [minutes(12), { desired: 5, current: 5, ready: 3 }], [60]), [
                { at: minutes(10), firing: [] },
                { at: minutes(11) + 15, firing: ["AutoscalerNotReady pods"] },
                { at: minutes(14) - 15, firing: [] },
            ]);
        });

        it(`tell of ${kind} that none of its replicas become Ready, after ten minutes`, () => {
            tool.test(rules, samples([minutes(12), { desired: 1, current: 1, ready: 0 }]), [
                { at: minutes(11), firing: ["AutoscalerNotReady pods"] },
            ]);
        });

        it(`are silent on ${kind} while replicas start, one after the other, and when more are Ready`, () => {
            const starting = { desired: 8, current: 8, ready: 3 };
            tool.test(
                rules,
                samples([minutes(9), starting], [30], [minutes(9), starting]),
                silentUntil(minutes(18)),
            );
            tool.test(rules, samples([minutes(12), { desired: 1, ready: 4 }]), silentUntil(minutes(12)));
        });

        it(`tell of ${kind} that it goes up and down three times within a quarter of an hour`, () => {
            const flapping = ["AutoscalerFlapping autoscaler"];
            tool.test(rules, moving(waves(3, 2, 5, 120)), [
                { at: minutes(11), firing: [] },
                { at: minutes(12) + 30, firing: flapping },
                { at: minutes(32) - 15, firing: [] },
            ]);
            tool.test(rules, moving(waves(4, 3, 4, 60)), [{ at: minutes(8), firing: flapping }]);
        });

        it(`are silent on ${kind} when it follows one wave in many steps, two waves, or three in half an hour`, () => {
            const steps = [1, 2, 3, 5, 6, 8, 8, 7, 5, 4, 3, 2, 1].map((count): Stretch => [count, 30]);
            tool.test(rules, moving([...steps, [1, minutes(10)]]), silentUntil(minutes(16)));
            tool.test(rules, moving(waves(2, 1, 8, 120)), silentUntil(minutes(20)));
            tool.test(rules, moving(waves(3, 1, 8, 300)), silentUntil(minutes(40)));
        });

        it(`are silent on ${kind} through a day of its work`, () => {
            const day: [count: number, seconds: number][] = [
                [2, 120], // A small load,
                [4, 30], // a burst that it follows,
                [8, 300], // holds,
                [4, 15], // and which ends:
                [2, 15],
                [1, 120],
                [0, 300], // nobody works,
                [1, 60], // and all begins again.
                [3, 120],
                [2, 300],
            ];
            const total = day.reduce((sum, [, seconds]) => sum + seconds, 0);
            const given = samples(...day.map(([count, seconds]) => [seconds, working(count, kind)] as const));
            tool.test(rules, given, silentUntil(total));
        });
    }

    for (const kind of every) {
        const rules = rulesOf(kinds[kind]);
        const silent = gone(seriesOf.kubeStateMetrics);

        it(`tell of ${kind} that nobody watches it, after five minutes, and of nothing else`, () => {
            tool.test(rules, samples([60], [minutes(12), silent], [60]), [
                { at: minutes(5) + 45, firing: [] },
                { at: minutes(6) + 15, firing: ["AutoscalerUnwatched autoscaler"] },
                { at: minutes(13) - 15, firing: ["AutoscalerUnwatched autoscaler"] },
                { at: minutes(14) - 15, firing: [] },
            ]);
        });

        it(`are silent on ${kind} while kube-state-metrics starts anew`, () => {
            const given = samples([60], [minutes(4), silent], [60], [minutes(4), silent], [60]);
            tool.test(rules, given, silentUntil(minutes(11)));
        });
    }

    it("wait as long as the platform says", () => {
        const platform = {
            backends: ["keda"] as const,
            alerts: { blind: "2m", atMaximum: "3m", notReady: "4m", flappingWithin: "1h" },
        };
        const rules = rulesOf(
            planAutoscaler({
                target: { namespace: "shop", name: "web" },
                signals: [signals.queueLength({ list: "jobs", itemsPerReplica: 10, scrapeSeconds: 5 })],
                maxReplicas: 8,
                platform,
            }),
        );
        tool.test(rules, samples([240, { kedaReady: 0 }]), [
            { at: 105, firing: [] },
            { at: 135, firing: ["AutoscalerBlind metrics-api"] },
        ]);
        tool.test(rules, samples([300, { desired: 8, ready: 7, limited: 1 }]), [
            { at: 165, firing: [] },
            { at: 195, firing: ["AutoscalerAtMaximum limits"] },
            { at: 255, firing: ["AutoscalerAtMaximum limits", "AutoscalerNotReady pods"] },
        ]);
        tool.test(rules, moving(waves(3, 1, 8, 300)), [
            { at: minutes(32), firing: ["AutoscalerFlapping autoscaler"] },
        ]);
    });

    it("know how many are Ready of a StatefulSet, and of other kinds how many there are", () => {
        const signal = signals.queueLength({ list: "jobs", itemsPerReplica: 10, scrapeSeconds: 5 });
        const rules = (kind: string) =>
            rulesOf(
                planAutoscaler({
                    target: { namespace: "shop", name: "web", kind },
                    signals: [signal],
                    maxReplicas: 8,
                    backend: "prometheus-adapter",
                }),
            );
        const ready = 'kube_statefulset_status_replicas_ready{namespace="shop",statefulset="web"}';
        const firing = ["AutoscalerNotReady pods"];
        const given = samples([minutes(12)]);
        tool.test(rules("StatefulSet"), { ...given, [ready]: [[1, minutes(12)]] }, [
            { at: minutes(11), firing },
        ]);
        tool.test(rules("StatefulSet"), { ...given, [ready]: [[2, minutes(12)]] }, [
            { at: minutes(11), firing: [] },
        ]);
        tool.test(rules("Rollout"), samples([minutes(12), { current: 1 }]), [{ at: minutes(11), firing }]);
        tool.test(rules("Rollout"), given, [{ at: minutes(11), firing: [] }]);
    });
});
