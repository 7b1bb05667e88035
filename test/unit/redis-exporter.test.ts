import assert from "node:assert/strict";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import {
    exporterOpenings,
    RedisExporter,
    type RedisExporterArgs,
    validateRedisExporter,
} from "../../components/monitoring/redis-exporter";
import { redisHost } from "../../components/monitoring/redis-exporter/address";
import {
    keysVariable,
    passwordFile,
    redisExporterValues,
} from "../../components/monitoring/redis-exporter/values";
import { itSetsOnlyKeysOf } from "./support/chart-keys";
import { inOrder, named, object, password, record } from "./support/mocks";
import { missingResources, violations } from "./support/restricted";

type Given = Partial<RedisExporterArgs>;

const address = "redis://redis.shop.svc:6379";
const made = (args: Given) => record(() => new RedisExporter("exporter", { address, ...args }));
const problems = (args: Given) => validateRedisExporter({ address, ...args });
const wrong = (args: Given) => problems(args).map(({ property }) => property);
// biome-ignore lint/suspicious/noExplicitAny: values are plain data
const valuesOf = (args: Given): any => redisExporterValues({ address, ...args });
const variable = (args: Given, name: string) =>
    valuesOf(args).env.find((entry: { name: string }) => entry.name === name)?.value;

describe("RedisExporter", () => {
    it("installs the pinned chart into a restricted namespace of its own, and nothing else", async () => {
        const recording = await made({});
        assert.deepEqual(named(recording), [
            ["Namespace", "exporter-namespace", "redis-exporter"],
            ["NetworkPolicy", "exporter-namespace-default-deny", "default-deny"],
            ["NetworkPolicy", "exporter-namespace-dns", "dns"],
            ["NetworkPolicy", "exporter-namespace-redis", "redis"],
        ]);
        const { labels } = object(recording, "Namespace", "redis-exporter").inputs.metadata;
        assert.equal(labels["pod-security.kubernetes.io/enforce"], "restricted");
        const charts = recording.resources.filter(({ kind }) => kind === "Chart");
        assert.equal(charts.length, 1);
        const { values, ...inputs } = charts[0]?.inputs ?? {};
        assert.deepEqual(inputs, {
            chart: "oci://ghcr.io/prometheus-community/charts/prometheus-redis-exporter",
            version: "6.29.0",
            name: "redis-exporter",
            namespace: "redis-exporter",
            skipCrds: true,
        });
        assert.deepEqual(values, valuesOf({}));
    });

    it("waits for its own dependencies before it makes anything", async () => {
        const recording = await record(
            () => {
                const before = new ConfigMap("before");
                const args = { address, password, monitored: true };
                new RedisExporter("exporter", args, { dependsOn: [before] });
            },
            ({ kind }) => kind === "ConfigMap" || kind === "Namespace",
        );
        assert.ok(inOrder(recording, "ConfigMap before", "Namespace exporter-namespace"));
        for (const later of ["Secret exporter-password", "ServiceMonitor exporter-monitor"]) {
            assert.ok(inOrder(recording, "Namespace exporter-namespace", later), later);
        }
        const order = recording.resources.map(({ kind, name }) => `${kind} ${name}`);
        assert.ok(order.indexOf("Namespace exporter-namespace") < order.indexOf("Chart exporter"));
    });

    it("goes into a namespace that is there where told to, waits too, and builds no walls", async () => {
        const recording = await record(
            () => {
                const before = new ConfigMap("before");
                const args = { address, namespace: "shop", createNamespace: false, password };
                new RedisExporter("exporter", args, { dependsOn: [before] });
            },
            ({ kind }) => kind === "ConfigMap",
        );
        assert.deepEqual(
            named(recording).filter(([kind]) => kind !== "ConfigMap"),
            [["Secret", "exporter-password", "redis-exporter-auth"]],
        );
        assert.ok(inOrder(recording, "ConfigMap before", "Secret exporter-password"));
        const chart = recording.resources.find(({ kind }) => kind === "Chart");
        assert.equal(chart?.inputs.namespace, "shop");
    });

    it("tells its address inside the cluster", async () => {
        let exporter: RedisExporter | undefined;
        await record(() => {
            exporter = new RedisExporter("exporter", { address, namespace: "measures" });
        });
        assert.equal(exporter?.url, "http://redis-exporter.measures.svc:9121");
    });

    it("merges the user's values last", async () => {
        const { resources } = await made({
            values: { extraArgs: { "is-cluster": "true" }, service: { port: 80 } },
        });
        const { values } = resources.find(({ kind }) => kind === "Chart")?.inputs ?? {};
        assert.deepEqual(values.extraArgs, { "is-cluster": "true" });
        assert.deepEqual(values.service, { portName: "metrics", port: 80 });
    });

    it("puts a password into a Secret, as a file, and nowhere else", async () => {
        const recording = await made({ password, username: "metrics" });
        const secret = object(recording, "Secret", "redis-exporter-auth");
        assert.equal(secret.inputs.metadata.namespace, "redis-exporter");
        assert.deepEqual(JSON.parse(secret.inputs.stringData["passwords.json"]), {
            "redis://metrics@redis.shop.svc:6379": password,
        });
        assert.ok(secret.secrets.includes("stringData"));
        const others = recording.resources.filter((resource) => resource !== secret);
        assert.doesNotMatch(JSON.stringify(others), new RegExp(password));
        assert.deepEqual(valuesOf({ password }).auth, {
            enabled: true,
            redisPasswordFile: { secret: { name: "redis-exporter-auth", key: "passwords.json" } },
        });
    });

    it("files the password under the address with which the exporter connects", () => {
        assert.equal(passwordFile(address, undefined, "p"), '{"redis://redis.shop.svc:6379":"p"}');
        assert.equal(passwordFile("rediss://r/2", "me", "p"), '{"rediss://me@r/2":"p"}');
    });

    it("reads the password from a Secret of others, and makes none", async () => {
        const passwordSecret = { name: "redis", key: "password" };
        assert.deepEqual(valuesOf({ passwordSecret }).auth, { enabled: true, secret: passwordSecret });
        const recording = await made({ passwordSecret });
        assert.equal(recording.resources.filter(({ kind }) => kind === "Secret").length, 0);
    });

    it("says who it is only where told to, and needs no password", () => {
        assert.deepEqual(valuesOf({}).auth, { enabled: false });
        assert.equal(variable({}, "REDIS_USER"), undefined);
        assert.equal(variable({ username: "metrics" }, "REDIS_USER"), "metrics");
    });

    it("trusts public authorities, or the one that it is given", () => {
        assert.deepEqual(valuesOf({}).redisTlsConfig, { enabled: false });
        const caSecret = { name: "ca", key: "ca.crt" };
        assert.deepEqual(valuesOf({ caSecret }).redisTlsConfig, {
            enabled: true,
            caCertFile: { secret: caSecret },
        });
    });

    it("measures single keys, whatever is in their names", () => {
        assert.equal(variable({}, "REDIS_EXPORTER_CHECK_SINGLE_KEYS"), undefined);
        assert.equal(variable({ keys: ["jobs"] }, "REDIS_EXPORTER_CHECK_SINGLE_KEYS"), "db0=jobs");
        assert.equal(
            keysVariable(["db0=queue", "db12=a:b", "a,b=c+d%"]),
            "db0=queue,db12=a%3Ab,db0=a%2Cb%3Dc%2Bd%25",
        );
    });

    it("makes no labels of what keys hold", () => {
        assert.equal(variable({}, "REDIS_EXPORTER_DISABLE_EXPORTING_KEY_VALUES"), "true");
    });

    it("runs as the strictest Pod Security level demands, with requests and limits", () => {
        const { podSecurityContext, securityContext, resources } = valuesOf({});
        assert.deepEqual(
            violations({ securityContext: podSecurityContext, containers: [{ securityContext }] }),
            [],
        );
        assert.deepEqual(missingResources({ resources }), []);
    });

    it("is scraped where told to, as often as told to, and not otherwise", async () => {
        const monitors = ({ resources }: Awaited<ReturnType<typeof made>>) =>
            resources.filter(({ kind }) => kind === "ServiceMonitor");
        assert.deepEqual(monitors(await made({})), []);
        const [monitor] = monitors(await made({ monitored: true, scrapeInterval: "5s" }));
        assert.equal(monitor?.inputs.metadata.namespace, "redis-exporter");
        assert.deepEqual(monitor?.inputs.spec, {
            jobLabel: "app.kubernetes.io/name",
            selector: { matchLabels: { "app.kubernetes.io/name": "redis-exporter" } },
            endpoints: [{ port: "metrics", interval: "5s" }],
        });
        // What the selector and the port find.
        assert.equal(valuesOf({}).nameOverride, "redis-exporter");
        assert.equal(valuesOf({}).service.portName, "metrics");
    });

    it("reaches redis, and is reached by Prometheus only where it is scraped", () => {
        const toRedis = { name: "redis", direction: "egress", peer: { namespace: "shop" } };
        assert.deepEqual(exporterOpenings({ address }), [toRedis]);
        assert.deepEqual(exporterOpenings({ address, monitored: true, monitoringNamespace: "metrics" }), [
            toRedis,
            {
                name: "metrics-from-monitoring",
                direction: "ingress",
                peer: { namespace: "metrics" },
                ports: [9121],
            },
        ]);
        const [opening] = exporterOpenings({ address: "rediss://cache.example.com:6380" });
        assert.deepEqual(opening, { name: "redis", direction: "egress", peer: "anywhere", ports: [6380] });
    });

    for (const [good, hostname, port] of [
        ["redis://redis", "redis", 6379],
        ["rediss://cache.example.com:6380/2", "cache.example.com", 6380],
        ["redis://[fd00::1]:6379", "[fd00::1]", 6379],
    ] as const) {
        it(`accepts the address ${good}`, () => {
            assert.deepEqual(wrong({ address: good }), []);
            assert.deepEqual(redisHost(good), { hostname, port });
        });
    }

    for (const bad of [
        "",
        "redis",
        "http://redis",
        "redis://",
        "redis://redis:0",
        "redis://redis:70000",
        "redis://redis/db",
        "redis://redis:6379?db=1",
        "redis://a b",
    ]) {
        it(`refuses the address "${bad}"`, () => {
            assert.deepEqual(wrong({ address: bad }), ["address"]);
        });
    }

    it("does not repeat a password that it refuses", () => {
        const all = problems({
            address: "redis://me:hid/den@redis",
            values: { auth: { redisPassword: "hid/den" } },
        });
        assert.deepEqual(
            all.map(({ property }) => property),
            ["address", "values.auth.redisPassword"],
        );
        assert.doesNotMatch(JSON.stringify(all), /hid/);
    });

    it("refuses arguments that do not go together", () => {
        const secret = { name: "redis", key: "password" };
        assert.deepEqual(wrong({ password, passwordSecret: secret }), ["passwordSecret"]);
        assert.deepEqual(wrong({ caSecret: secret }), ["caSecret"]);
        assert.deepEqual(wrong({ address: "rediss://redis", caSecret: secret }), []);
        assert.deepEqual(wrong({ createNamespace: false }), ["namespace"]);
        assert.deepEqual(wrong({ createNamespace: false, namespace: "shop", quota: { pods: "1" } }), [
            "quota",
        ]);
        assert.deepEqual(wrong({ createNamespace: false, namespace: "shop" }), []);
    });

    it("refuses what is out of range, all at once", () => {
        assert.deepEqual(
            wrong({
                namespace: "No",
                username: "a:b",
                passwordSecret: { name: "No", key: "" },
                keys: ["jobs", "", "db1=", "db70000=jobs"],
                scrapeInterval: "5",
                monitoringNamespace: "No",
                source: { versions: { redisExporter: "6" } },
            }),
            [
                "namespace",
                "username",
                "passwordSecret.name",
                "passwordSecret.key",
                "keys[1]",
                "keys[2]",
                "keys[3]",
                "scrapeInterval",
                "monitoringNamespace",
                "source.versions.redisExporter",
            ],
        );
    });

    itSetsOnlyKeysOf(
        "redisExporter",
        () => [
            valuesOf({ password, keys: ["jobs"], caSecret: { name: "ca", key: "ca.crt" } }),
            valuesOf({ passwordSecret: { name: "redis", key: "password" }, username: "metrics" }),
            valuesOf({}),
        ],
        {
            fullnameOverride: "read by the chart's helpers, in no values file",
            nameOverride: "read by the chart's helpers, in no values file",
        },
    );
});
