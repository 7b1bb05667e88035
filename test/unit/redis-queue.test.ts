import assert from "node:assert/strict";
import { planAutoscaler } from "../../components/autoscaling/autoscaler/plan";
import { scaledObjectSpec } from "../../components/autoscaling/autoscaler/scaled-object";
import { validateAutoscaler } from "../../components/autoscaling/autoscaler/validate";
import { images } from "../../components/images";
import { KedaManifests } from "../../components/manifests/keda";
import {
    queueOpenings,
    RedisQueue,
    type RedisQueueArgs,
    validateRedisQueue,
} from "../../components/workloads/redis-queue";
import { consumerSpec } from "../../components/workloads/redis-queue/consumer";
import { contentName, programFiles } from "../../components/workloads/redis-queue/python-app";
import { exporterPasswords, redisConf } from "../../components/workloads/redis-queue/redis";
import { queueRules } from "../../components/workloads/redis-queue/rules";
import { queueScaling } from "../../components/workloads/redis-queue/scaling";
import { inOrder, named, object, password, type Recording, record } from "./support/mocks";

describe("RedisQueue", () => {
    describe("validateRedisQueue", () => {
        it("accepts the defaults and the bounds", () => {
            assert.deepEqual(validateRedisQueue({}), []);
            assert.deepEqual(
                validateRedisQueue({ maxReplicas: 1, cooldownSeconds: 0, secondsPerMessage: 0.5 }),
                [],
            );
        });

        it("reports every argument that is out of range", () => {
            const problems = validateRedisQueue({
                namespace: "Q",
                maxReplicas: 0,
                itemsPerReplica: 1.5,
                pollingSeconds: 0,
                cooldownSeconds: -1,
                secondsPerMessage: 21,
                exporterScrapeInterval: "5",
                producerNodePort: 80,
                monitoringNamespace: "m_",
                kedaNamespace: "k_",
            });
            assert.deepEqual(
                problems.map(({ property }) => property),
                [
                    "namespace",
                    "maxReplicas",
                    "itemsPerReplica",
                    "pollingSeconds",
                    "cooldownSeconds",
                    "secondsPerMessage",
                    "exporterScrapeInterval",
                    "producerNodePort",
                    "monitoringNamespace",
                    "kedaNamespace",
                ],
            );
        });
    });

    describe("queueRules", () => {
        const { rules } = queueRules({ namespace: "queue", list: "padok" });
        const recorded = rules.find((rule) => "record" in rule && rule.record === "redis_items_in_queue");

        it("reads 0 only where redis answered, so an outage is never an empty queue", () => {
            assert.equal(
                recorded?.expr,
                'max by (namespace) (redis_key_size{namespace="queue",job="redis-exporter",key="padok"})\n' +
                    'or 0 * max by (namespace) (redis_up{namespace="queue",job="redis-exporter"} == 1)',
            );
        });

        it("invents no value for a series that is absent", () => {
            assert.doesNotMatch(recorded?.expr ?? "", /vector\s*\(|absent|clamp/);
        });

        it("alerts when the length is unknown, redis is down, the queue does not drain, or nobody takes anything", () => {
            assert.deepEqual(
                rules.flatMap((rule) => ("alert" in rule ? [rule.alert] : [])),
                ["RedisExporterDown", "RedisDown", "QueueNotDraining", "QueueConsumersStuck"],
            );
        });
    });

    describe("queueScaling", () => {
        const scaling = (args: RedisQueueArgs = {}) => {
            assert.deepEqual(validateAutoscaler(queueScaling(args)), []);
            return scaledObjectSpec(planAutoscaler(queueScaling(args)), queueScaling(args).pace);
        };

        it("goes from zero to the most and asks redis itself for the list's length", () => {
            const spec = scaling({ cooldownSeconds: 10 });
            assert.deepEqual([spec.minReplicaCount, spec.maxReplicaCount], [0, 20]);
            assert.deepEqual([spec.pollingInterval, spec.cooldownPeriod], [1, 10]);
            assert.deepEqual(spec.triggers, [
                {
                    type: "redis",
                    name: "queue",
                    metricType: "AverageValue",
                    metadata: {
                        address: "redis.queue.svc:6379",
                        listName: "padok",
                        listLength: "20",
                        activationListLength: "0",
                    },
                    authenticationRef: { name: "autoscaler-consumer-queue" },
                },
            ]);
        });

        it("goes from one replica to all of them in a single step, and down by half each 15 s", () => {
            const { scaleUp, scaleDown } = scaling().advanced.horizontalPodAutoscalerConfig.behavior;
            assert.equal(scaleUp.stabilizationWindowSeconds, 0);
            assert.deepEqual(scaleUp.policies, [{ type: "Pods", value: 20, periodSeconds: 1 }]);
            assert.equal(scaleDown.stabilizationWindowSeconds, 30);
            assert.deepEqual(scaleDown.policies, [{ type: "Percent", value: 50, periodSeconds: 15 }]);
        });

        it("takes the recorded series where the stack has no KEDA", () => {
            const platform = { backends: ["prometheus-adapter"], hpaScaleToZero: true } as const;
            const scaling = queueScaling({ autoscaling: platform });
            assert.deepEqual(validateAutoscaler(scaling), []);
            const { chain } = planAutoscaler(scaling);
            assert.equal(chain.backend, "prometheus-adapter");
            assert.equal(chain.signals[0]?.via, "custom");
            const told = validateRedisQueue({ autoscaling: platform, pollingSeconds: 5 });
            assert.deepEqual(
                told.map(({ property }) => property),
                ["pollingSeconds"],
            );
        });
    });

    it("gives a new name to changed code and keeps it for the same", () => {
        assert.equal(contentName("app", { a: "1" }), contentName("app", { a: "1" }));
        assert.notEqual(contentName("app", { a: "1" }), contentName("app", { a: "2" }));
        assert.match(contentName("app", { a: "1" }), /^app-[0-9a-f]{8}$/);
    });

    it("ships the programs with what they import", () => {
        const files = programFiles("consumer.py", "resp.py");
        assert.deepEqual(Object.keys(files), ["consumer.py", "resp.py"]);
        assert.match(files["consumer.py"] ?? "", /^import resp$/m);
    });

    it("sets no replicas where the autoscaler owns them", () => {
        const spec = consumerSpec({ images, secretName: "s", list: "l", secondsPerMessage: 1 }, "source");
        assert.equal("replicas" in spec, false);
    });

    it("asks for the password in redis' own configuration and keeps nothing on disk", () => {
        const lines = redisConf("secret").split("\n");
        assert.ok(lines.includes("requirepass secret"));
        assert.ok(lines.includes('save ""'));
        assert.ok(lines.includes("appendonly no"));
        assert.ok(lines.includes("maxmemory-policy noeviction"));
    });

    it("lets nobody to redis but its clients and KEDA", () => {
        const openings = queueOpenings("monitoring", "keda").filter(
            ({ direction, pods }) => direction === "ingress" && pods?.["app.kubernetes.io/name"] === "redis",
        );
        assert.deepEqual(
            openings.map(({ name }) => name),
            ["redis-from-redis-exporter", "redis-from-producer", "redis-from-consumer", "redis-from-keda"],
        );
        for (const { peer, ports } of openings) {
            assert.notEqual(peer, "anywhere");
            assert.deepEqual(ports, [6379]);
        }
    });

    describe("resources", () => {
        let recording: Recording;
        before(async () => {
            recording = await record(
                () => {
                    const keda = new KedaManifests("k");
                    new RedisQueue("q", { keda, producerNodePort: 30080, secondsPerMessage: 2 });
                },
                (resource) => resource.name === "k-external-metrics",
            );
        });

        it("are these, by these names", () => {
            const names = named(recording)
                .filter(([kind, name]) => name.startsWith("q") && kind !== "NetworkPolicy")
                .map(([kind, , objectName]) => `${kind} ${objectName}`.replace(/-[0-9a-f]{8}$/, "-HASH"));
            assert.deepEqual(names.sort(), [
                "ConfigMap autoscaler-consumer",
                "ConfigMap consumer-HASH",
                "ConfigMap producer-HASH",
                "Deployment consumer",
                "Deployment producer",
                "Deployment redis",
                "Deployment redis-exporter",
                "Namespace queue",
                "PodMonitor consumer",
                "PrometheusRule autoscaler-consumer",
                "PrometheusRule autoscaler-consumer-alerts",
                "PrometheusRule queue",
                "ScaledObject consumer",
                "Secret redis-auth",
                "Service producer",
                "Service redis",
                "Service redis-exporter",
                "ServiceMonitor producer",
                "ServiceMonitor redis-exporter",
                "TriggerAuthentication autoscaler-consumer-queue",
                "random:index/randomPassword:RandomPassword undefined",
            ]);
        });

        it("tell the password to nobody but the Secret, where it is marked secret", () => {
            const holders = recording.resources.filter((r) => JSON.stringify(r.inputs).includes(password));
            assert.deepEqual(
                holders.map((r) => [r.kind, r.inputs.metadata.name, r.secrets]),
                [["Secret", "redis-auth", ["stringData"]]],
            );
            assert.equal(holders[0]?.inputs.stringData.password, password);
        });

        it("take the password from a file of the Secret, in memory and of their group, wherever it is needed", () => {
            const keys = {
                producer: "password",
                consumer: "password",
                "redis-exporter": "exporter.json",
                redis: "redis.conf",
            };
            const { stringData } = object(recording, "Secret", "redis-auth").inputs;
            assert.deepEqual(Object.keys(stringData).sort(), [...new Set(Object.values(keys))].sort());
            for (const [app, key] of Object.entries(keys)) {
                const pod = object(recording, "Deployment", app).inputs.spec.template.spec;
                const volumes = pod.volumes.filter((volume: { secret?: object }) => volume.secret);
                assert.deepEqual(
                    volumes.map(({ secret }: { secret: object }) => secret),
                    [{ secretName: "redis-auth", items: [{ key, path: key }], defaultMode: 0o440 }],
                    app,
                );
                assert.equal(pod.securityContext.fsGroup, 65534);
                const { env = [], args = [], volumeMounts } = pod.containers[0];
                const mount = volumeMounts.find(({ name }: { name: string }) => name === volumes[0].name);
                assert.equal(mount.readOnly, true);
                const paths = env
                    .filter(({ name }: { name: string }) => name === "REDIS_PASSWORD_FILE")
                    .map(({ value }: { value: string }) => value);
                assert.deepEqual([...paths, ...args], [`${mount.mountPath}/${key}`], app);
            }
        });

        it("give the exporter the password by the very address that it measures", () => {
            const { env } = object(recording, "Deployment", "redis-exporter").inputs.spec.template.spec
                .containers[0];
            const address = env.find(({ name }: { name: string }) => name === "REDIS_ADDR").value;
            assert.deepEqual(JSON.parse(exporterPasswords("secret")), { [address]: "secret" });
            const { stringData } = object(recording, "Secret", "redis-auth").inputs;
            assert.equal(stringData["exporter.json"], exporterPasswords(password));
        });

        it("let KEDA read the password from the Secret", () => {
            const { spec } = object(recording, "TriggerAuthentication", "autoscaler-consumer-queue").inputs;
            assert.deepEqual(spec.secretTargetRef, [
                { parameter: "password", name: "redis-auth", key: "password" },
            ]);
        });

        it("put no program in a Secret and no Secret in a program", () => {
            const programs = recording.resources.filter(
                (r) => r.kind === "ConfigMap" && "immutable" in r.inputs,
            );
            assert.equal(programs.length, 2);
            for (const source of programs) {
                assert.equal(source.inputs.immutable, true);
                assert.deepEqual(source.secrets, []);
            }
        });

        it("mount the program by the name of its content", () => {
            const pod = object(recording, "Deployment", "consumer").inputs.spec.template.spec;
            const name = contentName("consumer", programFiles("consumer.py", "resp.py"));
            assert.deepEqual(pod.volumes[0], { name: "app", configMap: { name } });
            object(recording, "ConfigMap", name);
        });

        it("give the consumer time to finish and tell it how long a message takes", () => {
            const pod = object(recording, "Deployment", "consumer").inputs.spec.template.spec;
            assert.equal(pod.terminationGracePeriodSeconds, 30);
            assert.deepEqual(
                pod.containers[0].env.find(({ name }: { name: string }) => name === "PER_MESSAGE_SECONDS"),
                { name: "PER_MESSAGE_SECONDS", value: "2" },
            );
        });

        it("ask for readiness only where a Service sends requests: a probe would delay each consumer", () => {
            const probes = (app: string) => {
                const [container] = object(recording, "Deployment", app).inputs.spec.template.spec.containers;
                return [container.readinessProbe?.httpGet.path, container.livenessProbe.httpGet.path];
            };
            assert.deepEqual(probes("producer"), ["/healthz", "/healthz"]);
            assert.deepEqual(probes("consumer"), [undefined, "/healthz"]);
        });

        it("measure the one list, every 5 s", () => {
            const { env } = object(recording, "Deployment", "redis-exporter").inputs.spec.template.spec
                .containers[0];
            assert.deepEqual(
                env.find(({ name }: { name: string }) => name === "REDIS_EXPORTER_CHECK_SINGLE_KEYS"),
                { name: "REDIS_EXPORTER_CHECK_SINGLE_KEYS", value: "padok" },
            );
            const monitor = object(recording, "ServiceMonitor", "redis-exporter").inputs;
            assert.equal(monitor.spec.endpoints[0].interval, "5s");
        });

        it("wait for KEDA only where KEDA is needed", () => {
            const keda = "APIService k-external-metrics";
            assert.equal(inOrder(recording, keda, "ScaledObject q-scaling"), true);
            assert.equal(inOrder(recording, keda, "TriggerAuthentication q-scaling-queue-auth"), true);
            const early = recording.resources.filter(
                (r) => r.custom && r.name.startsWith("q") && !r.name.startsWith("q-scaling"),
            );
            assert.ok(early.length > 14);
            for (const { kind, name } of early) {
                assert.equal(
                    inOrder(recording, keda, `${kind} ${name}`),
                    false,
                    `${kind} ${name} waits for KEDA`,
                );
            }
        });

        it("wait until the autoscaler is ready", () => {
            const { annotations } = object(recording, "ScaledObject", "consumer").inputs.metadata;
            assert.equal(annotations["pulumi.com/waitFor"], "condition=Ready");
        });
    });
});
