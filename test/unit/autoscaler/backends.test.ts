import assert from "node:assert/strict";
import type { Backend, Signal } from "../../../components";
import { amount, whileFresh } from "../../../components/autoscaling/autoscaler/freshness";
import { hpaSpec, quantity } from "../../../components/autoscaling/autoscaler/hpa";
import { planAutoscaler } from "../../../components/autoscaling/autoscaler/plan";
import { parsePromql } from "../../../components/autoscaling/autoscaler/promql";
import { recordingRules } from "../../../components/autoscaling/autoscaler/recording";
import {
    authenticationSpec,
    scaledObjectSpec,
} from "../../../components/autoscaling/autoscaler/scaled-object";
import * as signals from "../../../components/autoscaling/autoscaler/signals";
import { metricOfSignal, signalRule } from "../../../components/autoscaling/prometheus-adapter";
import { args, cpu, gpu, jobs, queue, requests, waiting } from "./examples";

describe("back ends", () => {
    const recorded = { queue, requests, waiting, gpu, jobs };

    for (const [name, signal] of Object.entries(recorded)) {
        it(`read the one recorded series of ${name} against the same target`, () => {
            const plan = (backend: Backend) => planAutoscaler(args({ signals: [signal], backend }));
            const series = `autoscaler:demand{namespace="shop",autoscaler="web",signal="${signal.name}"}`;

            const [metric] = hpaSpec(plan("prometheus-adapter")).metrics as unknown as object[];
            assert.deepEqual(metric, {
                type: "Object",
                object: {
                    describedObject: { apiVersion: "v1", kind: "Namespace", name: "shop" },
                    metric: {
                        name: metricOfSignal("autoscaler:demand"),
                        selector: { matchLabels: { autoscaler: "web", signal: signal.name } },
                    },
                    target: { type: "AverageValue", averageValue: quantity(signal.target) },
                },
            });

            const [trigger] = scaledObjectSpec(plan("keda")).triggers;
            assert.equal(trigger?.type, "prometheus");
            assert.equal(trigger?.metricType, "AverageValue");
            assert.deepEqual(trigger?.metadata, {
                serverAddress: "http://monitoring-prometheus.monitoring.svc:9090",
                // KEDA asks at whole seconds that have passed: for what is newest it has to ask a second ahead.
                query: `${series} offset -1s and time() - timestamp(${series} offset -1s) < 15`,
                threshold: `${signal.target}`,
                activationThreshold: "0",
                ignoreNullValues: "false",
            });
            assert.deepEqual(recordingRules(plan("keda")), recordingRules(plan("prometheus-adapter")));
        });
    }

    it("need one rule of prometheus-adapter for all autoscalers", () => {
        const { seriesQuery, metricsQuery } = signalRule;
        assert.equal(seriesQuery, '{__name__=~"^autoscaler:.*",namespace!=""}');
        // The labels of the selector go into the query.
        assert.ok(metricsQuery.includes("<<.LabelMatchers>>"));
    });

    it("give cpu and memory the same metric, of the pod or of one container", () => {
        for (const backend of ["resource", "prometheus-adapter"] as const) {
            const plan = planAutoscaler(
                args({ signals: [cpu, signals.memory({ average: "64Mi" })], backend }),
            );
            assert.deepEqual(hpaSpec(plan).metrics, [
                {
                    type: "ContainerResource",
                    containerResource: {
                        name: "cpu",
                        container: "server",
                        target: { type: "Utilization", averageUtilization: 50 },
                    },
                },
                {
                    type: "Resource",
                    resource: { name: "memory", target: { type: "AverageValue", averageValue: "64Mi" } },
                },
            ]);
        }
        const plan = planAutoscaler(
            args({ signals: [cpu, signals.memory({ average: "64Mi" })], backend: "keda" }),
        );
        assert.deepEqual(scaledObjectSpec(plan).triggers, [
            {
                type: "cpu",
                name: "cpu-server",
                metricType: "Utilization",
                metadata: { value: "50", containerName: "server" },
            },
            { type: "memory", name: "memory", metricType: "AverageValue", metadata: { value: "64Mi" } },
        ]);
    });

    it("let KEDA ask a redis that has users, databases and TLS", () => {
        const redis = {
            address: "redis.shop.svc:6379",
            username: { name: "redis", key: "user" },
            password: { name: "redis", key: "password" },
            database: 3,
            tls: true,
        };
        const list = signals.queueLength({ list: "orders", itemsPerReplica: 20, redis });
        const plan = planAutoscaler(args({ signals: [list], backend: "keda" }));
        assert.deepEqual(scaledObjectSpec(plan).triggers[0]?.metadata, {
            address: "redis.shop.svc:6379",
            listName: "orders",
            listLength: "20",
            activationListLength: "0",
            databaseIndex: "3",
            enableTLS: "true",
        });
        assert.deepEqual(plan.signals.map(authenticationSpec), [
            {
                secretTargetRef: [
                    { parameter: "username", name: "redis", key: "user" },
                    { parameter: "password", name: "redis", key: "password" },
                ],
            },
        ]);
    });

    it("are chosen by the stack, unless the autoscaler asks for one", () => {
        const chosen = (given: Parameters<typeof args>[0]) => planAutoscaler(args(given)).chain.backend;
        assert.equal(chosen({}), "keda");
        assert.equal(
            chosen({ platform: { backends: ["resource", "prometheus-adapter"] } }),
            "prometheus-adapter",
        );
        assert.equal(
            chosen({ platform: { backends: ["prometheus-adapter", "keda"], backend: "prometheus-adapter" } }),
            "prometheus-adapter",
        );
        assert.equal(chosen({ backend: "prometheus-adapter" }), "prometheus-adapter");
        assert.equal(chosen({ signals: [cpu] }), "resource");
        assert.equal(chosen({ signals: [cpu], platform: { backends: ["keda"] } }), "keda");
        assert.equal(chosen({ signals: [cpu, queue] }), "keda");
    });

    it("go up at once and come down with care", () => {
        const { behavior } = hpaSpec(planAutoscaler(args({ backend: "prometheus-adapter" })));
        assert.deepEqual(behavior, {
            scaleUp: {
                stabilizationWindowSeconds: 0,
                selectPolicy: "Max",
                policies: [{ type: "Pods", value: 10, periodSeconds: 1 }],
            },
            scaleDown: {
                stabilizationWindowSeconds: 60,
                selectPolicy: "Max",
                policies: [{ type: "Percent", value: 50, periodSeconds: 15 }],
            },
        });
    });

    it("come down no sooner than what new pods take is in the rate", () => {
        const stays = (signal: Signal) =>
            planAutoscaler(args({ backend: "prometheus-adapter", signals: [signal] }))
                .downStabilizationSeconds;
        assert.equal(stays(signals.appRequests({ perReplica: 5 })), 30 + 4 * 30 + 5);
        assert.equal(
            stays(signals.appRequests({ perReplica: 5, scrapeSeconds: 15, window: "2m" })),
            15 + 120 + 5,
        );
        assert.equal(stays(signals.appRequests({ perReplica: 5, scrapeSeconds: 5 })), 60);
        assert.equal(stays(queue), 60);
    });

    it("poll each second where KEDA wakes the workload, and seldom where it does not", () => {
        const polling = (minReplicas: number) =>
            scaledObjectSpec(planAutoscaler(args({ minReplicas }))).pollingInterval;
        assert.deepEqual([polling(0), polling(1)], [1, 15]);
    });

    it("fall back on a stated number only where one is stated", () => {
        assert.equal(scaledObjectSpec(planAutoscaler(args())).fallback, undefined);
        assert.deepEqual(scaledObjectSpec(planAutoscaler(args({ fallbackReplicas: 4 }))).fallback, {
            // 30 s, at a look each 15 s.
            failureThreshold: 2,
            replicas: 4,
            behavior: "currentReplicasIfHigher",
        });
    });

    it("record nothing that is no amount", () => {
        const [rule] = recordingRules(planAutoscaler(args({ signals: [jobs] }))).rules;
        assert.deepEqual(rule, {
            record: "autoscaler:demand",
            expr: `sum(${whileFresh(amount("sum(jobs_open)"), parsePromql("sum(jobs_open)"), 5)})`,
            labels: { namespace: "shop", autoscaler: "web", signal: "jobs" },
        });
        assert.equal(amount("x"), "(x) >= 0 < 1e15");
    });

    it("write numbers as Kubernetes does", () => {
        assert.deepEqual([quantity(20), quantity(2.5), quantity(0.001)], ["20", "2500m", "1m"]);
    });
});
