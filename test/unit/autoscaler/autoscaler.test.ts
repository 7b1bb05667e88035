import assert from "node:assert/strict";
import { Autoscaler, type Chain, chainKey, chainLabel } from "../../../components";
import { parsePromql } from "../../../components/autoscaling/autoscaler/promql";
import { named, object, record } from "../support/mocks";
import { args, cpu, queue, requests, target } from "./examples";

describe("Autoscaler", () => {
    it("makes the HPA, the rules, the alerts and the description of its chain", async () => {
        const recording = await record(() => new Autoscaler("a", args({ backend: "prometheus-adapter" })));
        assert.deepEqual(named(recording), [
            ["ConfigMap", "a-chain", "autoscaler-web"],
            ["HorizontalPodAutoscaler", "a", "web"],
            ["PrometheusRule", "a-alerts", "autoscaler-web-alerts"],
            ["PrometheusRule", "a-rules", "autoscaler-web"],
        ]);
        for (const { inputs } of recording.resources.filter(({ custom }) => custom))
            assert.equal(inputs.metadata.namespace, "shop");
    });

    it("makes the ScaledObject, and its credentials where the source has some", async () => {
        const direct = {
            ...queue,
            direct: {
                type: "redis",
                metadata: {},
                secrets: [{ parameter: "password", name: "s", key: "k" }],
            },
        };
        const recording = await record(() => new Autoscaler("a", args({ signals: [direct] })));
        assert.deepEqual(
            named(recording)
                .map(([kind, , name]) => `${kind} ${name}`)
                .sort(),
            [
                "ConfigMap autoscaler-web",
                "PrometheusRule autoscaler-web",
                "PrometheusRule autoscaler-web-alerts",
                "ScaledObject web",
                "TriggerAuthentication autoscaler-web-queue",
            ],
        );
    });

    it("records nothing for cpu alone, but watches it", async () => {
        const recording = await record(() => new Autoscaler("a", args({ signals: [cpu] })));
        assert.deepEqual(
            named(recording).map(([kind, name]) => `${kind} ${name}`),
            ["ConfigMap a-chain", "HorizontalPodAutoscaler a", "PrometheusRule a-alerts"],
        );
    });

    it("says in the cluster what the chain is, for the doctor and for dashboards", async () => {
        const recording = await record(
            () => new Autoscaler("a", args({ signals: [requests], minReplicas: 2 })),
        );
        const { metadata, data } = object(recording, "ConfigMap", "autoscaler-web").inputs;
        assert.deepEqual(metadata.labels, { [chainLabel]: "web" });
        const chain: Chain = JSON.parse(data[chainKey]);
        assert.deepEqual(chain.target, { apiVersion: "apps/v1", kind: "Deployment", name: "web" });
        assert.deepEqual([chain.minReplicas, chain.maxReplicas, chain.backend], [2, 10, "keda"]);
        const [signal] = chain.signals;
        assert.deepEqual(signal?.sources, ['http_requests_total{namespace="shop",job="web"}']);
        assert.equal(signal?.rule, "autoscaler-web");
        const panels: { queries: { expr: string }[] }[] = JSON.parse(data["panels.json"]);
        assert.equal(panels.length, 2);
        for (const { expr } of panels.flatMap(({ queries }) => queries))
            assert.equal(parsePromql(expr).error, undefined, expr);
    });

    it("refuses a second autoscaler on one target, and names the first", async () => {
        await record(() => {
            new Autoscaler("first", args());
            new Autoscaler("elsewhere", args({ target: { ...target, namespace: "other" } }));
            assert.throws(
                () => new Autoscaler("second", args({ name: "again" })),
                /Deployment shop\/web.*this one is taken by "first"/s,
            );
        });
    });

    it("refuses a second autoscaler of one name, whatever its target is", async () => {
        await record(() => {
            new Autoscaler("first", args());
            const other = { ...target, kind: "StatefulSet" };
            assert.throws(() => new Autoscaler("second", args({ target: other })), /is taken by "first"/);
            new Autoscaler("third", args({ target: other, name: "web-db" }));
        });
    });

    it("takes an HPA of its own over where the back end becomes KEDA, and labels its rules as asked", async () => {
        const platform = { backends: ["keda"], ruleLabels: { release: "mine" } } as const;
        const recording = await record(() => new Autoscaler("a", args({ platform })));
        const { annotations } = object(recording, "ScaledObject", "web").inputs.metadata;
        assert.equal(annotations["scaledobject.keda.sh/transfer-hpa-ownership"], "true");
        for (const name of ["autoscaler-web", "autoscaler-web-alerts"])
            assert.deepEqual(object(recording, "PrometheusRule", name).inputs.metadata.labels, {
                release: "mine",
            });
    });

    it("refuses all problems at once, and creates nothing", async () => {
        const recording = await record(() => {
            assert.throws(
                () => new Autoscaler("a", args({ minReplicas: 11, signals: [] })),
                (error: Error) => /^minReplicas: /m.test(error.message) && /^signals: /m.test(error.message),
            );
        });
        assert.deepEqual(named(recording), []);
    });
});
