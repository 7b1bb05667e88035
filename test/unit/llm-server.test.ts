import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { gpuPodPlacement } from "../../components";
import { validateAutoscaler } from "../../components/autoscaling/autoscaler/validate";
import { images } from "../../components/images";
import { networkPolicies } from "../../components/namespaces/network-policies";
import {
    LlmServer,
    type LlmServerArgs,
    llmServerOpenings,
    llmServerScaling,
    validateLlmServer,
} from "../../components/workloads/llm-server";
import { type LlmEngine, llmEngines } from "../../components/workloads/llm-server/engines";
import { llmDeployment, llmStatefulSet } from "../../components/workloads/llm-server/workload";
import { object, type Recording, record } from "./support/mocks";
import { missingResources, violations } from "./support/restricted";

const namespace = "llm";
const args = (engine: LlmEngine, others: Partial<LlmServerArgs> = {}): LlmServerArgs => ({
    namespace,
    engine,
    ...others,
});
const properties = (given: LlmServerArgs) => validateLlmServer(given).map(({ property }) => property);

// biome-ignore lint/suspicious/noExplicitAny: specs as they are registered
type Spec = any;

const stateful = (given: LlmServerArgs): Spec => llmStatefulSet(given, images, "source");
const podOf = (given: LlmServerArgs): Spec =>
    given.engine === "simulator" ? llmDeployment(given, images, "source").template : stateful(given).template;
const container = (given: LlmServerArgs): Spec => podOf(given).spec.containers[0];
const env = (given: LlmServerArgs): Record<string, string> =>
    Object.fromEntries(container(given).env.map(({ name, value }: Spec) => [name, value]));

describe("LlmServer", () => {
    it("accepts the defaults of every engine, and the bounds", () => {
        for (const engine of llmEngines) assert.deepEqual(properties(args(engine)), [], engine);
        const least = { slots: 1, replicas: 0, longestSeconds: 1, startSeconds: 10, drainSeconds: 0 };
        assert.deepEqual(properties(args("ollama", { ...least, contextTokens: 256 })), []);
        assert.deepEqual(properties(args("vllm", { gpus: 64, engineArguments: ["--enforce-eager"] })), []);
    });

    it("reports every argument that is out of range", () => {
        const wrong: LlmServerArgs = {
            namespace: "N",
            engine: "vllm",
            app: "A",
            model: "two words",
            slots: 0,
            contextTokens: 1,
            replicas: -1,
            cpu: ["1x", "2"],
            memory: ["1", "2 GB"],
            gpus: 65,
            storage: { size: "big", storageClass: "Fast" },
            longestSeconds: 3601,
            startSeconds: 1,
            drainSeconds: 601,
            huggingFaceToken: { name: "Token", key: "a/b" },
            engineArguments: ["enforce-eager", "--max-num-seqs=4"],
            proxy: { maxServers: 0, queueTimeout: "1d" },
            scrapeInterval: "5",
        };
        assert.deepEqual(properties(wrong), [
            "namespace",
            "app",
            "model",
            "slots",
            "contextTokens",
            "replicas",
            "cpu[0]",
            "memory[1]",
            "gpus",
            "storage.size",
            "storage.storageClass",
            "longestSeconds",
            "startSeconds",
            "drainSeconds",
            "huggingFaceToken.name",
            "huggingFaceToken.key",
            "engineArguments[0]",
            "engineArguments[1]",
            "proxy.maxServers",
            "proxy.queueTimeout",
            "scrapeInterval",
        ]);
        const simulation = {
            tokensPerSecond: 0,
            promptTokensPerSecond: 0,
            meanTokens: 0,
            distribution: "normal" as "constant",
            loadSeconds: -1,
            maxQueue: 1.5,
        };
        assert.deepEqual(
            properties(args("simulator", { simulation })),
            Object.keys(simulation).map((name) => `simulation.${name}`),
        );
    });

    it("refuses what belongs to another engine, an engine that there is not, and replicas that are not its own", () => {
        const vllmOnly = { huggingFaceToken: { name: "t", key: "k" }, engineArguments: ["--enforce-eager"] };
        assert.deepEqual(properties(args("ollama", { ...vllmOnly, simulation: {} })), [
            "huggingFaceToken",
            "engineArguments",
            "simulation",
        ]);
        assert.deepEqual(properties(args("simulator", { storage: {}, contextTokens: 4096 })), [
            "storage",
            "contextTokens",
        ]);
        for (const engine of ["tgi", undefined])
            assert.deepEqual(properties(args(engine as LlmEngine)), ["engine"], `${engine}`);
        assert.deepEqual(properties(args("ollama", { autoscaled: true, replicas: 2 })), ["replicas"]);
    });

    it("sets no replicas where an autoscaler owns them", () => {
        for (const make of [llmDeployment, llmStatefulSet]) {
            assert.equal("replicas" in make(args("ollama", { autoscaled: true }), images, "s"), false);
            assert.equal(make(args("ollama"), images, "s").replicas, 1);
        }
    });

    for (const engine of llmEngines) {
        it(`keeps to the restricted level, with requests and limits: ${engine}`, () => {
            const { spec } = podOf(args(engine));
            assert.deepEqual(violations(spec), []);
            for (const one of [...spec.containers, ...(spec.initContainers ?? [])])
                assert.deepEqual(missingResources(one), [], one.name);
        });

        it(`has room for two of the longest answers when it is told to stop: ${engine}`, () => {
            const { spec } = podOf(args(engine, { longestSeconds: 100, drainSeconds: 7 }));
            assert.equal(spec.terminationGracePeriodSeconds, 7 + 200 + 30);
        });

        it(`asks for GPUs, and lands where they are: ${engine}`, () => {
            const given = args(engine, { gpus: 2 });
            assert.equal(container(given).resources.limits["nvidia.com/gpu"], "2");
            assert.equal(podOf(given).spec.tolerations[0].key, "nvidia.com/gpu");
            const nodes = { kind: "existing", nodeSelector: { pool: "a" } } as const;
            const placement = gpuPodPlacement({ nodes }, 2);
            const placed = args(engine, { gpus: 2, placement: placement.pod });
            assert.deepEqual(podOf(placed).spec.tolerations, placement.pod.tolerations);
            assert.deepEqual(podOf(placed).spec.nodeSelector, placement.pod.nodeSelector);
        });
    }

    describe("Ollama", () => {
        const given = args("ollama", { model: "llama3.2:1b", slots: 3, startSeconds: 600 });

        it("pulls its model before the server starts, onto the volume that the server then reads", () => {
            const [pull] = podOf(given).spec.initContainers;
            assert.deepEqual(pull.command, ["bash", "/app/pull.sh"]);
            const mount = (one: Spec) => one.volumeMounts.find(({ name }: Spec) => name === "models");
            assert.deepEqual(mount(pull), { name: "models", mountPath: "/models" });
            // Nobody deletes it through the API.
            assert.deepEqual(mount(container(given)), { ...mount(pull), readOnly: true });
            const pulled = Object.fromEntries(pull.env.map(({ name, value }: Spec) => [name, value]));
            assert.deepEqual([pulled.MODEL, pulled.OLLAMA_MODELS], ["llama3.2:1b", "/models/ollama"]);
            assert.equal(env(given).OLLAMA_MODELS, "/models/ollama");
        });

        it("is told of its slots, to queue little and to keep its model", () => {
            const told = env(given);
            assert.equal(told.OLLAMA_NUM_PARALLEL, "3");
            assert.equal(told.OLLAMA_MAX_QUEUE, "8");
            assert.equal(told.OLLAMA_KEEP_ALIVE, "-1");
            assert.equal("OLLAMA_CONTEXT_LENGTH" in told, false);
            assert.equal(env({ ...given, contextTokens: 8192 }).OLLAMA_CONTEXT_LENGTH, "8192");
        });

        it("starts once the model answers, within the time for that: one probe, as one that is given up ends the load", () => {
            const { startupProbe } = container(given);
            assert.deepEqual(startupProbe.exec.command, ["bash", "/app/probe.sh", "start"]);
            assert.equal(startupProbe.timeoutSeconds * startupProbe.failureThreshold, 600);
        });

        it("is ready while the model is loaded, and taken out within half a minute when it does not say so", () => {
            const { readinessProbe } = container(given);
            assert.deepEqual(readinessProbe.exec.command, ["bash", "/app/probe.sh", "ready"]);
            const { periodSeconds, timeoutSeconds, failureThreshold } = readinessProbe;
            assert.ok((periodSeconds + timeoutSeconds) * failureThreshold <= 30);
        });

        it("lives while it answers, and has the same time to load a model again", () => {
            const { livenessProbe, lifecycle } = container(given);
            assert.deepEqual(livenessProbe.exec.command, ["bash", "/app/probe.sh", "alive"]);
            assert.equal(livenessProbe.timeoutSeconds * livenessProbe.failureThreshold, 630);
            assert.deepEqual(lifecycle.preStop.exec.command, ["bash", "/app/drain.sh"]);
        });
    });

    describe("vLLM", () => {
        const given = args("vllm", { model: "org/model", slots: 16, longestSeconds: 120, gpus: 2 });

        it("is told of its model, its slots, its GPUs and the time to end", () => {
            const { command, args: options } = container(given);
            assert.deepEqual(command, ["vllm", "serve"]);
            assert.deepEqual(options, [
                "org/model",
                "--served-model-name=org/model",
                "--port=8000",
                "--max-num-seqs=16",
                "--tensor-parallel-size=2",
                "--shutdown-timeout=240",
            ]);
            const more = { ...given, contextTokens: 6144, engineArguments: ["--enforce-eager"] };
            assert.deepEqual(container(more).args.slice(-2), ["--max-model-len=6144", "--enforce-eager"]);
            assert.equal(container(args("vllm")).resources.limits["nvidia.com/gpu"], "1");
        });

        it("has long to start, shared memory, and all that it keeps on the volume", () => {
            const { startupProbe } = container({ ...given, startSeconds: 3600 });
            assert.equal(startupProbe.periodSeconds * startupProbe.failureThreshold, 3600);
            const shm = podOf(given).spec.volumes.find(({ name }: Spec) => name === "shm");
            assert.equal(shm.emptyDir.medium, "Memory");
            for (const name of ["HOME", "HF_HOME", "VLLM_CACHE_ROOT"])
                assert.match(env(given)[name] ?? "", /^\/models(\/|$)/, name);
        });

        it("reads a token from a file, and has it in no value", () => {
            const secret = { ...given, huggingFaceToken: { name: "hugging-face", key: "token" } };
            assert.equal(env(secret).HF_TOKEN_PATH, "/etc/huggingface/token");
            const volume = podOf(secret).spec.volumes.find(({ name }: Spec) => name === "token");
            assert.equal(volume.secret.secretName, "hugging-face");
            assert.doesNotMatch(JSON.stringify(podOf(secret)), /secretKeyRef/);
            assert.equal("HF_TOKEN_PATH" in env(given), false);
        });
    });

    it("has a volume for each server, which a server that comes back finds, and which goes with all of them", () => {
        const spec = stateful(args("ollama", { storage: { size: "5Gi", storageClass: "fast" } }));
        assert.deepEqual(spec.volumeClaimTemplates[0].spec, {
            accessModes: ["ReadWriteOnce"],
            storageClassName: "fast",
            resources: { requests: { storage: "5Gi" } },
        });
        assert.deepEqual(spec.persistentVolumeClaimRetentionPolicy, {
            whenScaled: "Retain",
            whenDeleted: "Delete",
        });
        assert.equal(spec.podManagementPolicy, "Parallel");
        assert.equal(spec.serviceName, "llm-servers");
        const usual = stateful(args("vllm")).volumeClaimTemplates[0].spec;
        assert.deepEqual(usual, {
            accessModes: ["ReadWriteOnce"],
            resources: { requests: { storage: "50Gi" } },
        });
    });

    it("lets simulated GPUs be as busy as the slots of the simulator", () => {
        const annotation = "pulumi-kube-observability/simulated-gpu-load";
        assert.equal(podOf(args("simulator", { gpus: 1 })).metadata.annotations[annotation], "11434/load");
        assert.equal("annotations" in podOf(args("simulator")).metadata, false);
    });

    it("lets the exporter of simulated GPUs in where it asks, and only there", () => {
        const policies = (given: LlmServerArgs) => networkPolicies(llmServerOpenings(given));
        const [asked = ""] = Object.values<string>(
            podOf(args("simulator", { gpus: 1 })).metadata.annotations,
        );
        const [port, path] = asked.split("/");
        assert.equal(path, "load");
        assert.deepEqual(policies(args("simulator", { gpus: 1 }))["llm-load"], {
            podSelector: { matchLabels: { "app.kubernetes.io/name": "llm" } },
            policyTypes: ["Ingress"],
            ingress: [
                {
                    from: [
                        {
                            namespaceSelector: {
                                matchLabels: { "kubernetes.io/metadata.name": "simulated-gpus" },
                            },
                        },
                    ],
                    ports: [{ protocol: "TCP", port: Number(port) }],
                },
            ],
        });
        const others = [args("simulator"), args("vllm", { gpus: 2 }), args("ollama", { gpus: 1 })];
        for (const given of others) assert.equal(policies(given)["llm-load"], undefined, given.engine);
        const elsewhere = llmServerOpenings(args("simulator", { gpus: 1 }), "watch", "fakes");
        assert.deepEqual(elsewhere.find(({ name }) => name === "llm-load")?.peer, { namespace: "fakes" });
    });

    it("counts the slots of all servers with those that wait", () => {
        const proxy = { maxServers: 200, maxQueue: 10000 };
        assert.deepEqual(properties(args("simulator", { slots: 200, proxy })), []);
        assert.deepEqual(properties(args("simulator", { slots: 201, proxy })), ["proxy.maxServers"]);
        assert.deepEqual(properties(args("vllm", { proxy })), []);
    });

    it("opens the way from clients through the proxy to the servers, and from these to their models", () => {
        const of = (engine: LlmEngine) =>
            llmServerOpenings({ engine }, "watch").map(({ name, direction, peer, ports }) =>
                [name, direction, typeof peer === "string" ? peer : peer.namespace, ports?.[0]].join(" "),
            );
        const proxy = (port: number) => [
            "llm-proxy-in ingress anywhere 8080",
            "llm-proxy-metrics ingress watch 9000",
            `llm-proxy-to-servers egress  ${port}`,
            `llm-from-proxy ingress  ${port}`,
        ];
        const models = "llm-to-models egress anywhere 443";
        assert.deepEqual(of("ollama"), [...proxy(11434), models]);
        assert.deepEqual(of("vllm"), [...proxy(8000), "llm-metrics ingress watch 8000", models]);
        assert.deepEqual(of("simulator"), [...proxy(11434), "llm-metrics ingress watch 11434"]);
    });

    describe("scaling", () => {
        const given = args("ollama", {
            slots: 4,
            autoscaled: true,
            proxy: { maxServers: 8, scrapeInterval: "2s" },
        });

        it("is on what the proxy knows, from zero to as many servers as the proxy has room for", () => {
            const scaling = llmServerScaling(given);
            assert.deepEqual(scaling.target, { kind: "StatefulSet", name: "llm", namespace });
            assert.deepEqual([scaling.minReplicas, scaling.maxReplicas], [0, 8]);
            assert.deepEqual(
                scaling.signals.map(({ name, target, scrapeSeconds }) => [name, target, scrapeSeconds]),
                [
                    ["waiting", 4, 2],
                    ["in-flight", 5, 2],
                ],
            );
        });

        it("is one that Autoscaler accepts, for every engine", () => {
            for (const engine of llmEngines)
                assert.deepEqual(validateAutoscaler(llmServerScaling(args(engine))), [], engine);
            assert.equal(llmServerScaling(args("simulator")).target.kind, "Deployment");
            assert.equal(llmServerScaling(given, { minReplicas: 1 }).minReplicas, 1);
        });
    });

    describe("resources", () => {
        let recording: Recording;
        let servers: LlmServer[];
        before(async () => {
            recording = await record(() => {
                servers = [
                    new LlmServer("o", args("ollama", { app: "olla", slots: 3, proxy: { maxQueue: 50 } })),
                    new LlmServer("v", args("vllm", { app: "vell" })),
                    new LlmServer("s", args("simulator", { app: "sim", proxy: { nodePort: 30200 } })),
                ];
            });
        });

        it("are a StatefulSet where there are volumes, else a Deployment, as the target says", () => {
            assert.deepEqual(
                servers.map(({ target }) => target.kind),
                ["StatefulSet", "StatefulSet", "Deployment"],
            );
            for (const [i, app] of ["olla", "vell", "sim"].entries())
                object(recording, servers[i]?.target.kind ?? "", app);
        });

        it("are a proxy whose limit for a server is its slots, before the port of the engine", () => {
            const cfg = recording.resources
                .filter(({ kind, inputs }) => kind === "ConfigMap" && inputs.data["haproxy.cfg"])
                .map(({ inputs }) => inputs.data["haproxy.cfg"] as string);
            assert.equal(cfg.length, 3);
            const of = (app: string) => cfg.find((text) => text.includes(`backend ${app}-queue\n`)) ?? "";
            assert.match(
                of("olla"),
                /default-server maxconn 3 .*\n.*olla-servers\.llm\.svc\.cluster\.local:11434\n/,
            );
            assert.match(of("olla"), /queue\(olla-queue\) ge 50/);
            assert.match(of("vell"), /default-server maxconn 32 .*\n.*:8000\n/);
            assert.equal(object(recording, "Service", "sim-proxy").inputs.spec.ports[0].nodePort, 30200);
        });

        it("have a monitor of the servers where these have metrics, and of the proxy in any case", () => {
            const monitors = recording.resources
                .filter(({ kind }) => kind === "PodMonitor")
                .map(({ inputs }) => inputs.metadata.name)
                .sort();
            assert.deepEqual(monitors, ["olla-proxy", "sim", "sim-proxy", "vell", "vell-proxy"]);
            const [endpoint] = object(recording, "PodMonitor", "vell").inputs.spec.podMetricsEndpoints;
            const keep = new RegExp(`^(?:${endpoint.metricRelabelings[0].regex})$`);
            for (const name of [
                "vllm:num_requests_waiting",
                "vllm:kv_cache_usage_perc",
                "vllm:generation_tokens_total",
                "vllm:time_to_first_token_seconds_bucket",
            ])
                assert.match(name, keep);
            assert.doesNotMatch("vllm:iteration_tokens_total_bucket", keep);
            assert.doesNotMatch("python_info", keep);
        });

        it("are reached at the proxy", async () => {
            const urls = await Promise.all(
                servers.map(({ url }) => new Promise((resolve) => pulumi.output(url).apply(resolve))),
            );
            assert.deepEqual(
                urls,
                ["olla", "vell", "sim"].map((app) => `http://${app}-proxy.llm.svc`),
            );
        });
    });
});
