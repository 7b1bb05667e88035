import assert from "node:assert/strict";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import { parse } from "yaml";
import { dcgmMonitor } from "../../components/gpu/dcgm-metrics";
import {
    GpuOperator,
    type GpuOperatorArgs,
    gpuOperatorOpenings,
    gpuOperatorValues,
    validateGpuOperator,
} from "../../components/gpu/gpu-operator";
import { itSetsOnlyKeysOf } from "./support/chart-keys";
import { inOrder, named, object, record } from "./support/mocks";

const busy = { field: "DCGM_FI_PROF_SM_ACTIVE", type: "gauge", help: "Ratio of busy cycles." } as const;
const team = { key: "dedicated", operator: "Equal", value: "ml", effect: "NoSchedule" } as const;
const run = (args: GpuOperatorArgs = {}) => record(() => new GpuOperator("gpu", args));

/** The values, without types: tests know what they look for. */
// biome-ignore lint/suspicious/noExplicitAny: values are nested maps
const values = (args: GpuOperatorArgs): any => gpuOperatorValues(args);

describe("GpuOperator", () => {
    it("installs the pinned chart into a namespace of its own, and no monitor", async () => {
        const recording = await run();
        assert.deepEqual(named(recording), [
            ["Namespace", "gpu-namespace", "gpu-operator"],
            ["NetworkPolicy", "gpu-namespace-api", "api"],
            ["NetworkPolicy", "gpu-namespace-default-deny", "default-deny"],
            ["NetworkPolicy", "gpu-namespace-dns", "dns"],
            ["NetworkPolicy", "gpu-namespace-gpu-metrics-from-monitoring", "gpu-metrics-from-monitoring"],
            ["NetworkPolicy", "gpu-namespace-kernel-packages", "kernel-packages"],
            [
                "NetworkPolicy",
                "gpu-namespace-operator-metrics-from-monitoring",
                "operator-metrics-from-monitoring",
            ],
            ["Release", "gpu", undefined],
        ] as [string, string, string][]);
        const { values: _, ...inputs } =
            recording.resources.find(({ kind }) => kind === "Release")?.inputs ?? {};
        assert.deepEqual(inputs, {
            chart: "gpu-operator",
            version: "v26.7.0",
            repositoryOpts: { repo: "https://helm.ngc.nvidia.com/nvidia" },
            name: "gpu-operator",
            namespace: "gpu-operator",
            takeOwnership: true,
            compat: "true",
            atomic: false,
            maxHistory: 3,
            timeout: 600,
        });
    });

    it("lets its pods do what they do to their nodes", async () => {
        const { inputs } = object(await run(), "Namespace", "gpu-operator");
        assert.equal(inputs.metadata.labels["pod-security.kubernetes.io/enforce"], "privileged");
    });

    it("makes its own monitor in place of the operator's", async () => {
        const monitor = object(await run({ monitored: true }), "ServiceMonitor", "dcgm-exporter");
        const { metadata, spec } = dcgmMonitor({
            namespace: "gpu-operator",
            service: { app: "nvidia-dcgm-exporter" },
            port: "gpu-metrics",
        });
        assert.deepEqual(monitor.inputs.metadata, metadata);
        assert.deepEqual(monitor.inputs.spec, spec);
        assert.deepEqual(values({ monitored: true }).dcgmExporter.serviceMonitor, { enabled: false });
    });

    it("keeps the metrics that it was told to have", async () => {
        const recording = await run({ monitored: true, customMetrics: [busy], scrapeInterval: "30s" });
        const [endpoint] = object(recording, "ServiceMonitor", "dcgm-exporter").inputs.spec.endpoints;
        assert.equal(endpoint.metricRelabelings[0].regex, "DCGM_FI_PROF_SM_ACTIVE");
        assert.equal(endpoint.interval, "30s");
        const { config } = values({ customMetrics: [busy] }).dcgmExporter;
        assert.equal(config.create, true);
        assert.equal(config.data, "DCGM_FI_PROF_SM_ACTIVE, gauge, Ratio of busy cycles.\n");
    });

    it("waits for what it depends on, then for its namespace", async () => {
        const recording = await record(
            () => {
                const before = new ConfigMap("before");
                new GpuOperator("gpu", { monitored: true }, { dependsOn: [before] });
            },
            ({ kind }) => kind === "ConfigMap" || kind === "Namespace",
        );
        assert.ok(inOrder(recording, "ConfigMap before", "Namespace gpu-namespace"));
        assert.ok(inOrder(recording, "Namespace gpu-namespace", "Release gpu"));
        assert.ok(inOrder(recording, "Namespace gpu-namespace", "ServiceMonitor gpu-monitor"));
    });

    it("says what pods ask for", async () => {
        const resource = async (args: GpuOperatorArgs) => {
            let found = "";
            await record(() => {
                found = new GpuOperator("gpu", args).resource;
            });
            return found;
        };
        assert.equal(await resource({}), "nvidia.com/gpu");
        assert.equal(await resource({ sharing: { timeSlicing: { replicas: 2 } } }), "nvidia.com/gpu");
        assert.equal(
            await resource({ sharing: { mps: { replicas: 2, renameByDefault: true } } }),
            "nvidia.com/gpu.shared",
        );
    });

    it("brings definitions up to date, and keeps them unless told otherwise", () => {
        assert.deepEqual(values({}).operator, { upgradeCRD: true, cleanupCRD: false });
        assert.deepEqual(values({ keepCrds: false }).operator, { upgradeCRD: true, cleanupCRD: true });
    });

    it("tolerates the taints of GPU nodes in what finds them as well as in what sets them up", () => {
        const gpu = { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" };
        const { daemonsets, "node-feature-discovery": discovery } = values({ tolerations: [team] });
        assert.deepEqual(daemonsets.tolerations, [gpu, team]);
        assert.deepEqual(discovery.worker.tolerations, [
            { key: "node-role.kubernetes.io/control-plane", operator: "Exists", effect: "NoSchedule" },
            gpu,
            team,
        ]);
    });

    it("leaves alone what the nodes' image has", () => {
        const { driver, toolkit } = values({ driver: false, toolkit: false });
        assert.equal(driver.enabled, false);
        assert.equal(toolkit.enabled, false);
        assert.ok(!gpuOperatorOpenings({ driver: false }).some(({ name }) => name === "kernel-packages"));
    });

    it("takes the chart's versions of driver and toolkit unless others are named", () => {
        assert.ok(!("version" in values({}).driver) && !("version" in values({}).toolkit));
        const other = values({ driverVersion: "580.95.05", toolkitVersion: "v1.19.1" });
        assert.equal(other.driver.version, "580.95.05");
        assert.equal(other.toolkit.version, "v1.19.1");
    });

    it("finds the containerd of k3s, of RKE2, and where it is told", () => {
        const env = (containerd: GpuOperatorArgs["containerd"]) => {
            const list: { name: string; value: string }[] = values({ containerd }).toolkit.env;
            return Object.fromEntries(list.map(({ name, value }) => [name, value]));
        };
        assert.deepEqual(env(undefined), {});
        assert.deepEqual(env("k3s"), {
            CONTAINERD_CONFIG: "/var/lib/rancher/k3s/agent/etc/containerd/config.toml",
            CONTAINERD_SOCKET: "/run/k3s/containerd/containerd.sock",
        });
        assert.deepEqual(env("rke2"), {
            CONTAINERD_CONFIG: "/var/lib/rancher/rke2/agent/etc/containerd/config.toml",
            CONTAINERD_SOCKET: "/run/k3s/containerd/containerd.sock",
        });
        assert.deepEqual(env({ config: "/etc/k0s/gpu.toml", socket: "/run/k0s/containerd.sock" }), {
            CONTAINERD_CONFIG: "/etc/k0s/gpu.toml",
            CONTAINERD_SOCKET: "/run/k0s/containerd.sock",
        });
    });

    it("merges the user's values last", async () => {
        const { resources } = await run({ values: { driver: { version: "575.57.08" } } });
        const driver = resources.find(({ kind }) => kind === "Release")?.inputs.values.driver;
        assert.equal(driver.version, "575.57.08");
        assert.equal(driver.enabled, true);
    });
});

describe("GpuOperator with shared GPUs", () => {
    it("shares none by default", () => {
        assert.ok(!("config" in values({}).devicePlugin));
        assert.ok(!("env" in values({}).dcgmExporter));
    });

    it("configures time slicing as text, for all nodes but those labelled exclusive", () => {
        const { config } = values({ sharing: { timeSlicing: { replicas: 4 } } }).devicePlugin;
        assert.equal(config.create, true);
        assert.equal(config.default, "shared");
        assert.equal(typeof config.data.shared, "string");
        assert.deepEqual(parse(config.data.shared), {
            version: "v1",
            flags: { migStrategy: "single" },
            sharing: {
                timeSlicing: {
                    renameByDefault: false,
                    failRequestsGreaterThanOne: true,
                    resources: [{ name: "nvidia.com/gpu", replicas: 4 }],
                },
            },
        });
        assert.deepEqual(parse(config.data.exclusive), { version: "v1", flags: { migStrategy: "single" } });
    });

    it("configures MPS without time slicing", () => {
        const sharing = { mps: { replicas: 3, renameByDefault: true } };
        const { data } = values({ sharing }).devicePlugin.config;
        assert.deepEqual(parse(data.shared).sharing, {
            mps: { renameByDefault: true, resources: [{ name: "nvidia.com/gpu", replicas: 3 }] },
        });
    });

    it("restarts the device plugin for another configuration, and only then", () => {
        const name = (replicas: number) =>
            values({ sharing: { timeSlicing: { replicas } } }).devicePlugin.config.name;
        assert.match(name(2), /^device-plugin-configs-[0-9a-f]{10}$/);
        assert.equal(name(2), name(2));
        assert.notEqual(name(2), name(3));
    });

    it("has a series for each pod that shares a GPU, with its own part, whatever it asks for the GPU by", () => {
        for (const sharing of [
            { mps: { replicas: 2 } },
            { timeSlicing: { replicas: 2, renameByDefault: true } },
        ]) {
            const { env, hostPID, enablePodUID } = values({ sharing }).dcgmExporter;
            assert.deepEqual(env, [
                { name: "KUBERNETES_VIRTUAL_GPUS", value: "true" },
                { name: "NVIDIA_RESOURCE_NAMES", value: "nvidia.com/gpu.shared" },
            ]);
            assert.deepEqual({ hostPID, enablePodUID }, { hostPID: true, enablePodUID: true });
        }
        const { dcgmExporter } = values({});
        assert.ok(!("env" in dcgmExporter || "hostPID" in dcgmExporter || "enablePodUID" in dcgmExporter));
    });
});

describe("GpuOperator with MIG", () => {
    const configs = {
        halves: [
            { devices: [0, 1], instances: { "3g.40gb": 2 } },
            { devices: [2], instances: {} },
        ],
    };

    it("leaves GPUs whole where a node's label says nothing else: the operator accepts no other default", () => {
        assert.deepEqual(values({}).mig, { strategy: "single" });
        assert.deepEqual(values({}).migManager.config, { default: "all-disabled" });
        assert.equal(
            values({ mig: { strategy: "mixed", configs } }).migManager.config.default,
            "all-disabled",
        );
    });

    it("adds its layouts as text, beside the one that leaves GPUs whole", () => {
        const { mig, migManager } = values({ mig: { strategy: "mixed", configs } });
        assert.deepEqual(mig, { strategy: "mixed" });
        assert.match(migManager.config.name, /^mig-configs-[0-9a-f]{10}$/);
        assert.equal(migManager.config.create, true);
        assert.deepEqual(parse(migManager.config.data["config.yaml"]), {
            version: "v1",
            "mig-configs": {
                "all-disabled": [{ devices: "all", "mig-enabled": false }],
                halves: [
                    { devices: [0, 1], "mig-enabled": true, "mig-devices": { "3g.40gb": 2 } },
                    { devices: [2], "mig-enabled": false },
                ],
            },
        });
    });

    it("tells the device plugin, too, where both configure it", () => {
        const args = { mig: { strategy: "mixed" }, sharing: { timeSlicing: { replicas: 2 } } } as const;
        const { data } = values(args).devicePlugin.config;
        assert.equal(parse(data.shared).flags.migStrategy, "mixed");
    });
});

describe("GpuOperator refuses", () => {
    const properties = (args: GpuOperatorArgs) => validateGpuOperator(args).map(({ property }) => property);
    const cases: [why: string, args: GpuOperatorArgs, properties: string[]][] = [
        ["nothing by default", {}, []],
        [
            "versions of what it does not install",
            { driver: false, driverVersion: "580.95.05" },
            ["driverVersion"],
        ],
        [
            "settings of a toolkit that it does not install",
            { toolkit: false, toolkitVersion: "v1.20.0", containerd: "k3s" },
            ["toolkitVersion", "containerd"],
        ],
        [
            "what is no version",
            { driverVersion: "latest", toolkitVersion: "1.20.0" },
            ["driverVersion", "toolkitVersion"],
        ],
        ["relative paths", { containerd: { config: "config.toml", socket: "/run/c.sock" } }, ["containerd"]],
        ["an unknown distribution", { containerd: "microk8s" as "k3s" }, ["containerd"]],
        [
            "two ways to share a GPU",
            { sharing: { timeSlicing: { replicas: 2 }, mps: { replicas: 2 } } },
            ["sharing"],
        ],
        ["no way to share a GPU", { sharing: {} }, ["sharing"]],
        [
            "one pod that shares",
            { sharing: { timeSlicing: { replicas: 1 } } },
            ["sharing.timeSlicing.replicas"],
        ],
        ["more pods than MPS serves", { sharing: { mps: { replicas: 49 } } }, ["sharing.mps.replicas"]],
        ["MPS with MIG", { sharing: { mps: { replicas: 2 } }, mig: { strategy: "mixed" } }, ["sharing.mps"]],
        ["not MPS where MIG is off", { sharing: { mps: { replicas: 2 } }, mig: { strategy: "none" } }, []],
        [
            "to share instances that pods cannot name",
            { sharing: { timeSlicing: { replicas: 2, resources: ["nvidia.com/mig-1g.10gb"] } } },
            ["sharing.timeSlicing.resources"],
        ],
        [
            "not to share instances that pods can name",
            {
                sharing: {
                    timeSlicing: { replicas: 2, resources: ["nvidia.com/gpu", "nvidia.com/mig-1g.10gb"] },
                },
                mig: { strategy: "mixed" },
            },
            [],
        ],
        ["an unknown strategy", { mig: { strategy: "double" as "single" } }, ["mig.strategy"]],
        [
            "layouts that no pod can use",
            {
                mig: {
                    strategy: "none",
                    configs: { all: [{ devices: "all", instances: { "1g.10gb": 7 } }] },
                },
            },
            ["mig.configs"],
        ],
        [
            "unlike instances with the strategy single",
            { mig: { configs: { mix: [{ devices: "all", instances: { "1g.10gb": 1, "3g.40gb": 1 } }] } } },
            ["mig.configs.mix"],
        ],
        [
            "instances and whole GPUs with the strategy single",
            { mig: { configs: { mix: [{ devices: [0], instances: { "1g.10gb": 7 } }, { devices: [1] }] } } },
            ["mig.configs.mix"],
        ],
        [
            "instances that no GPU has",
            {
                mig: {
                    strategy: "mixed",
                    configs: { odd: [{ devices: [], instances: { small: 1, "1g.10gb": 8 } }] },
                },
            },
            [
                "mig.configs.odd[0].devices",
                "mig.configs.odd[0].instances.small",
                "mig.configs.odd[0].instances.1g.10gb",
                "mig.configs.odd[0].instances",
            ],
        ],
        [
            "tolerations that no DaemonSet may have",
            { tolerations: [{ key: "dedicated", operator: "Exists", value: "ml" }, { operator: "Equal" }] },
            ["tolerations[0]", "tolerations[1]"],
        ],
        ["metrics that are none", { customMetrics: [] }, ["customMetrics"]],
        [
            "names and times that are none",
            { namespace: "GPU", scrapeInterval: "often", monitoringNamespace: "-" },
            ["namespace", "scrapeInterval", "monitoringNamespace"],
        ],
        [
            "versions of the chart that are none",
            { source: { versions: { gpuOperator: "26" } } },
            ["source.versions.gpuOperator"],
        ],
    ];
    for (const [why, args, expected] of cases) {
        it(why, () => assert.deepEqual(properties(args), expected));
    }

    it("all at once, before it makes anything", async () => {
        let text = "";
        const { resources } = await record(() => {
            try {
                new GpuOperator("gpu", { driverVersion: "latest", sharing: {} });
            } catch (error) {
                text = String(error);
            }
        });
        assert.match(text, /driverVersion: .*\n.*sharing: /);
        assert.deepEqual(
            resources.map(({ kind }) => kind),
            ["pulumi-kube-observability:index:GpuOperator"],
        );
    });
});

describe("GpuOperator's values", () => {
    itSetsOnlyKeysOf(
        "gpuOperator",
        () => [
            gpuOperatorValues({}),
            gpuOperatorValues({
                driverVersion: "580.95.05",
                toolkitVersion: "v1.20.0",
                containerd: "k3s",
                sharing: { timeSlicing: { replicas: 2 } },
                mig: {
                    strategy: "mixed",
                    configs: { all: [{ devices: "all", instances: { "1g.10gb": 7 } }] },
                },
                tolerations: [team],
                customMetrics: [busy],
                keepCrds: false,
            }),
        ],
        {
            "dcgmExporter.config":
                "the chart's values have it in a comment; templates/dcgm_exporter_config.yaml reads it",
        },
    );
});
