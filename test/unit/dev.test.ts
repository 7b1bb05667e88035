import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { images } from "../../components/images";
import { dev, hostUrl } from "../../stacks/dev";
import { devImages } from "../../stacks/dev-images";
import type { PlatformOutputs } from "../../stacks/outputs";
import { object, promiseOf, type Recorded, type Recording, record } from "./support/mocks";
import { missingResources, violations } from "./support/restricted";

/** Pods that may break rules, and which: nothing else may, and an entry that is not needed fails. */
const exceptions: Record<string, string[]> = {
    // It measures the node's file systems.
    "node-exporter": ["hostPath"],
    // It reads the files in which the runtime keeps what containers write: they are root's.
    "log-collector": ["hostPath", "runAsNonRoot", "runAsUser"],
};

describe("the dev stack", () => {
    let outputs: PlatformOutputs;
    let recording: Recording;
    before(async () => {
        recording = await record(() => {
            outputs = dev({
                target: "dev",
                kubeconfig: "/a/kubeconfig",
                monitoring: { retention: "1d" },
                queue: { cooldownSeconds: 10, maxReplicas: 7 },
            });
        });
    });

    const custom = () => recording.resources.filter((r) => r.custom);
    const objects = () => custom().filter((r) => r.type.startsWith("kubernetes:"));
    const workloads = () => objects().filter((r) => r.inputs.spec?.template?.spec !== undefined);
    const servers = () => objects().filter((r) => ["Prometheus", "Alertmanager"].includes(r.kind));
    const nameOf = (r: Recorded): string => r.inputs.metadata.name;

    it("returns the addresses on this machine, and why there is no Grafana", async () => {
        assert.equal(await promiseOf(pulumi.output(outputs.prometheusUrl)), "http://127.0.0.1:9090");
        assert.equal(await promiseOf(pulumi.output(outputs.alertmanagerUrl)), "http://127.0.0.1:9093");
        assert.equal(await promiseOf(pulumi.output(outputs.producerUrl)), "http://127.0.0.1:8080");
        assert.equal(await promiseOf(pulumi.output(outputs.podinfoUrl)), "http://127.0.0.1:9898");
        assert.equal(await promiseOf(pulumi.output(outputs.hashUrl)), "http://127.0.0.1:8000");
        assert.equal(await promiseOf(pulumi.output(outputs.llmUrl)), "http://127.0.0.1:11434");
        assert.equal(await promiseOf(pulumi.output(outputs.gpuUrl)), "http://127.0.0.1:8001");
        assert.equal(await promiseOf(pulumi.output(outputs.lokiUrl)), "http://127.0.0.1:3100");
        assert.equal(outputs.grafanaUrl, null);
        const absent = Object.entries(outputs).filter(([, value]) => value === null);
        assert.ok(absent.length > 0);
        for (const [name] of absent) assert.match(outputs.notes[name] ?? "", /^not part of the dev stack: /);
    });

    it("says which address is missing on a cluster that is not the embedded one", () => {
        assert.throws(() => hostUrl({ "30090": "x" }, 30093), {
            message:
                "ConfigMap kube-public/local-endpoints has no address for node port 30093; " +
                'is this the embedded cluster? "make cluster" writes it.',
        });
    });

    it("puts every object on the cluster of the kubeconfig, and takes over what an interrupted run left", () => {
        const provider = recording.resources.find((r) => r.type === "pulumi:providers:kubernetes");
        assert.equal(provider?.inputs.kubeconfig, "/a/kubeconfig");
        assert.equal(`${provider?.inputs.upsertExistingObjects}`, "true");
        for (const r of objects()) assert.match(r.provider, /::dev::/, `${r.kind} ${r.name}`);
    });

    it("passes the configuration on", () => {
        assert.equal(object(recording, "Prometheus", "main").inputs.spec.retention, "1d");
        const { spec } = object(recording, "ScaledObject", "consumer").inputs;
        assert.deepEqual([spec.cooldownPeriod, spec.maxReplicaCount], [10, 7]);
    });

    it("names every object itself, once", () => {
        const identities = objects()
            .filter((r) => r.name !== "local-endpoints")
            .map((r) => {
                assert.equal(typeof r.inputs.metadata?.name, "string", r.name);
                return `${r.kind} ${r.inputs.metadata.namespace ?? ""}/${nameOf(r)}`;
            });
        assert.deepEqual(
            identities.filter((identity, i) => identities.indexOf(identity) !== i),
            [],
        );
        assert.ok(identities.length > 80);
    });

    it("says the namespace of every object that has one", () => {
        const clusterWide = ["Namespace", "ClusterRole", "ClusterRoleBinding", "APIService"];
        for (const r of objects().filter((r) => r.name !== "local-endpoints")) {
            const expected = clusterWide.includes(r.kind) ? "undefined" : "string";
            assert.equal(typeof r.inputs.metadata.namespace, expected, `${r.kind} ${r.name}`);
        }
    });

    it("opens eight node ports, each its own", () => {
        const ports = objects().flatMap((r) =>
            r.kind === "Service" ? r.inputs.spec.ports.map((p: { nodePort?: number }) => p.nodePort) : [],
        );
        assert.deepEqual(
            ports.filter((port) => port !== undefined).sort(),
            [30080, 30090, 30093, 30310, 30434, 30800, 30801, 30898],
        );
    });

    it("runs every pod restricted, but for the exceptions, all of which are needed", () => {
        const broken = workloads().map((r) => [nameOf(r), violations(r.inputs.spec.template.spec)] as const);
        assert.equal(broken.length, 21);
        assert.deepEqual(Object.fromEntries(broken.filter(([, found]) => found.length > 0)), exceptions);
    });

    it("runs the operator's pods as nobody, with a seccomp profile", () => {
        assert.equal(servers().length, 2);
        for (const r of servers()) {
            const { runAsNonRoot, runAsUser, seccompProfile } = r.inputs.spec.securityContext;
            assert.deepEqual([runAsNonRoot, runAsUser, seccompProfile.type], [true, 65534, "RuntimeDefault"]);
        }
    });

    it("has requests and limits on every container", () => {
        const containers = workloads().flatMap((r) => r.inputs.spec.template.spec.containers);
        for (const container of containers) assert.deepEqual(missingResources(container), [], container.name);
        for (const r of servers()) assert.deepEqual(missingResources(r.inputs.spec), [], r.kind);
    });

    it("has a readiness probe on every container but those to which nothing is sent", () => {
        const containers = workloads().flatMap((r) => r.inputs.spec.template.spec.containers);
        const without = containers.filter(({ readinessProbe }) => readinessProbe === undefined);
        assert.deepEqual(
            without.map(({ name }) => name),
            ["consumer", "vector-add"],
        );
    });

    it("puts no Secret into an environment, which containerd writes to the node's disk", () => {
        for (const r of objects()) {
            assert.doesNotMatch(JSON.stringify(r.inputs), /"secret(Key)?Ref"/, `${r.kind} ${r.name}`);
        }
    });

    it("runs local images only, never pulled when they are there", () => {
        const local: string[] = Object.values(devImages);
        for (const r of [...workloads(), ...servers()]) {
            for (const { image, imagePullPolicy } of r.inputs.spec.template?.spec.containers ?? [
                r.inputs.spec,
            ]) {
                assert.ok(local.includes(image), `${r.kind} ${r.name}: ${image}`);
                assert.equal(imagePullPolicy, "IfNotPresent", r.name);
            }
        }
        for (const upstream of Object.values(images)) {
            assert.equal(JSON.stringify(custom()).includes(upstream), false, upstream);
        }
    });

    it("gives an API token to exactly the pods that talk to the API", () => {
        const withToken = workloads().filter(
            (r) => r.inputs.spec.template.spec.automountServiceAccountToken !== false,
        );
        assert.deepEqual(withToken.map(nameOf).sort(), [
            "dead-mans-switch",
            "keda-metrics-apiserver",
            "keda-operator",
            "kube-state-metrics",
            "log-collector",
            "metrics-server",
            "prometheus-adapter",
            "prometheus-operator",
            "simulated-gpus",
        ]);
    });

    it("denies all connections by default in every namespace that it makes", () => {
        const made = objects().filter((r) => r.kind === "Namespace");
        assert.deepEqual(made.map(nameOf).sort(), [
            "dead-mans-switch",
            "gpu-jobs",
            "gpu-server",
            "hash",
            "keda",
            "kube-state-metrics",
            "llm",
            "log-collectors",
            "loki",
            "monitoring",
            "node-exporter",
            "podinfo",
            "prometheus-adapter",
            "queue",
            "simulated-gpus",
        ]);
        for (const namespace of made) {
            const policies = objects().filter(
                (r) => r.kind === "NetworkPolicy" && r.inputs.metadata.namespace === nameOf(namespace),
            );
            assert.ok(
                policies.some((r) => nameOf(r) === "default-deny"),
                nameOf(namespace),
            );
        }
    });

    it("selects with every Service, monitor and policy pods that exist", () => {
        const podLabels = workloads().map((r) => r.inputs.spec.template.metadata.labels);
        const apps = new Set(podLabels.map((labels) => labels["app.kubernetes.io/name"]));
        for (const name of ["prometheus", "alertmanager", "kubelet"]) apps.add(name);
        for (const r of objects()) {
            const text = JSON.stringify(r.inputs.spec ?? {});
            for (const [, app] of text.matchAll(/"app\.kubernetes\.io\/name":"([^"]+)"/g)) {
                assert.ok(apps.has(app), `${r.kind} ${r.name} selects ${app}`);
            }
        }
    });

    it("never fills a gap in the data with a made-up value", () => {
        assert.doesNotMatch(JSON.stringify(custom().map((r) => r.inputs)), /or\s+vector\s*\(/);
    });

    it("sets no replicas on the targets of autoscalers", () => {
        const scaled = objects().filter((r) => /^(ScaledObject|HorizontalPodAutoscaler)$/.test(r.kind));
        const targets = scaled.map((r) => r.inputs.spec.scaleTargetRef.name);
        assert.deepEqual(targets.sort(), ["consumer", "gpu-server", "hash", "llm", "podinfo"]);
        for (const target of targets) {
            assert.equal("replicas" in object(recording, "Deployment", target).inputs.spec, false, target);
        }
    });

    it("scales podinfo on its requests, 5 a second for each of 1 to 20, and the hash server on its CPU", () => {
        const podinfo = object(recording, "ScaledObject", "podinfo").inputs.spec;
        assert.deepEqual([podinfo.minReplicaCount, podinfo.maxReplicaCount], [1, 20]);
        assert.deepEqual(
            podinfo.triggers.map(
                (trigger: { metadata: { threshold: string } }) => trigger.metadata.threshold,
            ),
            ["5"],
        );
        const [demand] = object(recording, "PrometheusRule", "autoscaler-podinfo").inputs.spec.groups[0]
            .rules;
        const monitor = object(recording, "ServiceMonitor", "podinfo").inputs.spec.endpoints[0];
        // Four scrapes of the monitor's interval.
        assert.equal(monitor.interval, "5s");
        assert.match(demand.expr, /rate\(http_requests_total\{namespace="podinfo",job="podinfo"\}\[20s\]\)/);
        const hash = object(recording, "HorizontalPodAutoscaler", "hash").inputs.spec;
        assert.deepEqual([hash.minReplicas, hash.maxReplicas], [1, 10]);
        assert.deepEqual(hash.metrics[0].resource.target, { type: "Utilization", averageUtilization: 50 });
    });

    it("scales the language model on its queue from zero, and the server with a GPU on how busy that is", () => {
        const llm = object(recording, "ScaledObject", "llm").inputs.spec;
        assert.deepEqual([llm.minReplicaCount, llm.maxReplicaCount], [0, 4]);
        const gpu = object(recording, "HorizontalPodAutoscaler", "gpu-server").inputs.spec;
        assert.deepEqual([gpu.minReplicas, gpu.maxReplicas], [1, 3]);
        assert.equal(gpu.metrics[0].object.target.averageValue, "60");
        const exporter = object(recording, "ServiceMonitor", "simulated-gpus").inputs.spec.endpoints[0];
        // As often as the autoscaler is told that it is.
        assert.equal(exporter.interval, "1s");
        const [container] = object(recording, "Deployment", "gpu-server").inputs.spec.template.spec
            .containers;
        assert.equal(container.resources.limits["nvidia.com/gpu"], "1");
    });

    it("alerts on what its simulated GPUs can be told to have, and not on idle ones", () => {
        const [{ rules }] = object(recording, "PrometheusRule", "gpu-alerts").inputs.spec.groups;
        const alerts = rules.map(({ alert }: { alert: string }) => alert);
        for (const name of ["GpuFailed", "GpuXidError", "GpuHot", "GpuMemoryFull", "GpuBusyWithoutPod"]) {
            assert.ok(alerts.includes(name), name);
        }
        assert.equal(alerts.includes("GpuHeldIdle"), false);
    });

    it("leaves out the server with a GPU and the smoke test alone", async () => {
        const kubeconfig = "/a/kubeconfig";
        const off = { gpuServer: false, smokeTest: false };
        let less: PlatformOutputs | undefined;
        const without = await record(() => {
            less = dev({ target: "dev", kubeconfig, monitoring: {}, queue: {}, ...off });
        });
        const namespaces = without.resources.filter((r) => r.kind === "Namespace").map(nameOf);
        assert.ok(namespaces.includes("simulated-gpus"));
        assert.equal(namespaces.includes("gpu-server") || namespaces.includes("gpu-jobs"), false);
        assert.match(less?.notes.gpuUrl ?? "", /switched off .*:gpuServer\)$/);
    });

    it("leaves out what the configuration switches off, and says so", async () => {
        let less: PlatformOutputs | undefined;
        const without = await record(() => {
            const kubeconfig = "/a/kubeconfig";
            const llm = { enabled: false };
            const off = { podinfo: false, hash: false, logs: false, llm, gpus: "none" } as const;
            less = dev({ target: "dev", kubeconfig, monitoring: {}, queue: {}, ...off });
        });
        const namespaces = without.resources.filter((r) => r.kind === "Namespace").map(nameOf);
        const gone = [
            "podinfo",
            "hash",
            "loki",
            "log-collectors",
            "llm",
            "simulated-gpus",
            "gpu-server",
            "gpu-jobs",
        ];
        assert.deepEqual(
            gone.filter((name) => namespaces.includes(name)),
            [],
        );
        assert.ok(namespaces.includes("queue"));
        assert.equal(
            without.resources.some((r) => r.name === "gpu-alerts"),
            false,
        );
        for (const [output, key] of [
            ["podinfoUrl", "podinfo"],
            ["hashUrl", "hash"],
            ["llmUrl", "llm.enabled"],
            ["gpuUrl", "gpus"],
            ["lokiUrl", "logs"],
        ] as const) {
            assert.equal(less?.[output], null);
            assert.match(less?.notes[output] ?? "", new RegExp(`switched off .*:${key}\\)$`));
        }
    });

    it("hangs every resource under a component", () => {
        const components = recording.resources.filter((r) => !r.custom).map((r) => r.type);
        for (const type of components) assert.match(type, /^pulumi-kube-observability:index:[A-Z][A-Za-z]+$/);
        // urn:pulumi:<stack>::<project>::<type of the parent>$<type>::<name>
        const alone = recording.urns
            .map((urn) => urn.split("::"))
            .filter(([, , type]) => !type?.includes("$"));
        assert.deepEqual(alone.map(([, , , name]) => name).sort(), [
            "dead-mans-switch",
            "dev",
            "gpu-alerts",
            "gpu-jobs",
            "gpu-server",
            "gpu-server",
            "gpu-server-scaling",
            "hash",
            "keda",
            "kube-state-metrics",
            "llm",
            "llm",
            "llm-scaling",
            "local-endpoints",
            "log-collector",
            "loki",
            "metrics-server",
            "monitoring",
            "podinfo",
            "podinfo-scaling",
            "prometheus-adapter",
            "queue",
            "simulated-gpus",
            "smoke-test",
        ]);
    });
});

describe("the program", () => {
    const root = join(__dirname, "..", "..");
    const stack = parse(readFileSync(join(root, "Pulumi.dev.yaml"), "utf8"));

    it("exports what the recipe of the dev stack returns", async () => {
        const exported: Record<string, unknown> = {};
        await record(async () => {
            const entries = Object.entries(stack.config as Record<string, unknown>).map(([key, value]) => [
                key,
                typeof value === "string" ? value : JSON.stringify(value),
            ]);
            pulumi.runtime.setAllConfig({
                ...Object.fromEntries(entries),
                "pulumi-kube-observability:kubeconfig": __filename,
            });
            Object.assign(exported, await require("../../index")());
        });
        assert.deepEqual(Object.keys(exported).sort(), [
            "alertmanagerUrl",
            "gpuUrl",
            "grafanaPassword",
            "grafanaUrl",
            "grafanaUser",
            "hashUrl",
            "kibanaUrl",
            "kibanaUser",
            "llmUrl",
            "lokiUrl",
            "notes",
            "podinfoUrl",
            "producerUrl",
            "prometheusUrl",
        ]);
        const url = await promiseOf(exported.prometheusUrl as pulumi.Output<string>);
        assert.equal(url, "http://127.0.0.1:9090");
    });

    it("is what Pulumi runs, not the library", () => {
        const project = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8"));
        assert.deepEqual([project.name, project.main], ["pulumi-kube-observability", "index.ts"]);
    });

    it("allows no default provider, which could reach another cluster", () => {
        assert.deepEqual(stack.config["pulumi:disable-default-providers"], ["kubernetes"]);
    });
});
