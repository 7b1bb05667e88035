import assert from "node:assert/strict";
import { chainKey } from "../../../components/autoscaling/autoscaler/chain";
import { likelySeries, planSignals } from "../../../doctor/chain/plan";
import { follow } from "../../../doctor/chain/recordings";
import { chainOf, named, rivals, subjects } from "../../../doctor/chain/subjects";
import { failed, found } from "../../../doctor/read/answer";
import type { Hpa } from "../../../doctor/read/objects";
import { chain, expr, hpa, meta, query, ruleObject, scaledObject } from "./support";

const map = { metadata: meta("orders"), data: { [chainKey]: JSON.stringify(chain) } };
const none = found([]);
const plain = (name: string, target: string): Hpa => ({
    ...hpa,
    metadata: meta(name),
    spec: { ...hpa.spec, scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: target } },
});

describe("autoscalers", () => {
    it("are ScaledObjects with their HPA and their chain, and HPAs of their own", () => {
        const world = {
            hpas: found([hpa, plain("web", "web")]),
            scaledObjects: found([{ ...scaledObject }]),
            chains: found([map]),
        };
        const labelled = {
            ...hpa,
            metadata: meta("keda-hpa-orders", { labels: { "scaledobject.keda.sh/name": "orders" } }),
        };
        const [orders, web, ...others] = subjects({ ...world, hpas: found([labelled, plain("web", "web")]) });
        assert.deepEqual(others, []);
        assert.deepEqual(
            [orders?.hpa?.metadata.name, orders?.chain?.autoscaler],
            ["keda-hpa-orders", "orders"],
        );
        assert.deepEqual([web?.name, web?.scaledObject], ["web", undefined]);
    });

    it("are known by their chain when they are gone", () => {
        const [lost] = subjects({
            hpas: none,
            scaledObjects: failed({ kind: "missing", message: "", path: "" }),
            chains: found([map]),
        });
        assert.deepEqual([lost?.name, lost?.hpa, lost?.target.name], ["orders", undefined, "orders"]);
    });

    it("do not come of a ConfigMap that is no chain", () => {
        assert.deepEqual(chainOf({ ...map, data: { [chainKey]: "{" } }), []);
        assert.deepEqual(
            chainOf({ ...map, data: { [chainKey]: JSON.stringify({ ...chain, version: 2 }) } }),
            [],
        );
        assert.deepEqual(chainOf({ metadata: meta("x") }), []);
    });

    it("are rivals on one target, however it is named, and not with their own HPA", () => {
        const all = subjects({
            hpas: found([plain("one", "web"), plain("two", "web"), plain("three", "api")]),
            scaledObjects: none,
            chains: none,
        });
        const [one, three] = [
            all.find(({ name }) => name === "one"),
            all.find(({ name }) => name === "three"),
        ];
        assert.ok(one && three);
        assert.deepEqual(rivals(one, all), ["HPA shop/two"]);
        assert.deepEqual(rivals(three, all), []);
    });

    it("are found by their own name, else by their target's", () => {
        const all = subjects({
            hpas: found([plain("one", "web"), plain("web", "api")]),
            scaledObjects: none,
            chains: none,
        });
        assert.deepEqual(
            named(all, "shop", "web").map(({ name }) => name),
            ["web"],
        );
        assert.deepEqual(
            named(all, undefined, "api").map(({ name }) => name),
            ["web"],
        );
        assert.deepEqual(named(all, "other", "web"), []);
    });
});

describe("the signals of an autoscaler", () => {
    const base = { namespace: "shop", name: "orders", target: { name: "orders" } };

    it("are KEDA's triggers, each with its metric of the HPA", () => {
        const [signal] = planSignals({ ...base, hpa, scaledObject, chain });
        assert.equal(signal?.name, "queue");
        assert.equal(signal?.spec?.external?.metric.name, "s0-prometheus");
        assert.deepEqual(signal?.queries, [query]);
    });

    it("without Prometheus come from the source itself", () => {
        const trigger = { type: "redis", metadata: { address: "redis:6379" } };
        const [signal] = planSignals({
            ...base,
            scaledObject: { ...scaledObject, spec: { ...scaledObject.spec, triggers: [trigger] } },
        });
        assert.deepEqual([signal?.via, signal?.queries], ["direct", []]);
    });

    it("of an HPA's custom metrics are looked for under the names that adapters make of series", () => {
        assert.deepEqual(likelySeries("autoscaler_demand")[0], "autoscaler:demand");
        assert.deepEqual(likelySeries("s0-prometheus"), []);
        assert.deepEqual(likelySeries("http_requests_per_second").includes("http_requests_total"), true);
        const metrics: Hpa["spec"]["metrics"] = [
            {
                type: "Object",
                object: {
                    metric: { name: "autoscaler_demand", selector: { matchLabels: { signal: "queue" } } },
                    describedObject: { kind: "Namespace", name: "shop" },
                    target: { type: "AverageValue", averageValue: "5" },
                },
            },
        ];
        const [signal] = planSignals({ ...base, hpa: { ...hpa, spec: { ...hpa.spec, metrics } } });
        assert.equal(signal?.via, "custom");
        assert.equal(signal?.queries[0], 'autoscaler:demand{namespace="shop",signal="queue"}');
    });
});

describe("a query", () => {
    it("is followed through the rule whose labels fit, down to what is scraped", () => {
        const { recordings, leaves } = follow(query, found([ruleObject]), none, undefined);
        assert.deepEqual(
            recordings.map(({ object }) => object?.metadata.name),
            ["orders"],
        );
        assert.deepEqual(
            leaves.map(({ metric }) => metric),
            ["orders_waiting"],
        );
    });

    it("is not followed through a rule of another autoscaler", () => {
        const { recordings, leaves } = follow(
            'autoscaler:demand{autoscaler="other"}',
            found([ruleObject]),
            none,
            undefined,
        );
        assert.deepEqual(
            recordings.map(({ object }) => object),
            [undefined],
        );
        assert.deepEqual(leaves, []);
    });

    it("is followed through what Prometheus has loaded, and what the chain says, where there is no rule", () => {
        const loaded = [
            {
                name: "g",
                interval: 5,
                rules: [
                    {
                        name: "autoscaler:demand",
                        query: "a",
                        health: "ok",
                        type: "recording",
                        labels: { autoscaler: "orders" },
                    },
                ],
            },
        ];
        assert.deepEqual(
            follow(query, none, found(loaded), undefined).leaves.map(({ metric }) => metric),
            ["a"],
        );
        const [signal] = chain.signals;
        const { leaves, recordings } = follow(query, none, none, signal);
        assert.deepEqual([leaves[0]?.metric, recordings[0]?.expr], ["orders_waiting", expr]);
    });

    it("of two rules that read each other comes to an end", () => {
        const loop = {
            metadata: meta("loop"),
            spec: {
                groups: [
                    {
                        name: "g",
                        rules: [
                            { record: "a:b", expr: "b:a" },
                            { record: "b:a", expr: "a:b" },
                        ],
                    },
                ],
            },
        };
        assert.ok(follow("a:b", found([loop]), none, undefined).recordings.length < 20);
    });
});
