import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as library from "../../components";
import { charts } from "../../components";
import { badAutoscaling } from "./support/bad-autoscaling";
import { badDashboards } from "./support/bad-dashboards";
import { badGpuJobs } from "./support/bad-gpu-jobs";
import { badLlm } from "./support/bad-llm";
import { badLogs } from "./support/bad-logs";
import { badWeb } from "./support/bad-web";
import { type FakeApi, FakeCluster } from "./support/fake-cluster";
import { type Recorded, record } from "./support/mocks";

/** What a line of a message says, and which words of it are looked for. */
type Expected = readonly [property: string, given: unknown, allowed: RegExp, fix: RegExp];

/** What is wrong in a configuration; without a value, that there is none. */
type Wrong = Readonly<Record<string, unknown>>;

interface StackCase {
    readonly target: "dev" | "kind" | "gpu-cloud";
    readonly wrong: Wrong;
    readonly apis?: readonly FakeApi[];
    readonly expected: Expected;
}

interface ComponentCase {
    readonly component: string;
    readonly args: object;
    readonly expected: Expected;
}

/** A line of a message, taken apart. */
interface Told {
    readonly property: string;
    readonly given: string;
    readonly allowed: string;
    readonly fix: string;
}

const inFile = /^correct pulumi-kube-observability:\S+ in Pulumi\.<stack>\.yaml$/;
const noSuchKey = /^correct the name of the key or remove it from Pulumi\.<stack>\.yaml$/;
const nodeClass = { group: "karpenter.k8s.aws", kind: "EC2NodeClass", name: "gpu" };
const template = { apiGroup: "infrastructure.cluster.x-k8s.io", kind: "AWSMachineTemplate", name: "gpu" };
const clusterApi = {
    source: "cluster-api",
    cluster: "c",
    namespace: "n",
    infrastructure: template,
    bootstrap: template,
};
const karpenter = { source: "karpenter", nodeClass, maxGpus: 8 };
const hugeLabel = `${"a".repeat(64)}.example.com`;

const dev = (wrong: Wrong, ...expected: Expected): StackCase => ({ target: "dev", wrong, expected });
const kind = (wrong: Wrong, ...expected: Expected): StackCase => ({ target: "kind", wrong, expected });
const gpuCloud = (wrong: Wrong, ...expected: Expected): StackCase => ({
    target: "gpu-cloud",
    wrong,
    expected,
});
const owned = (apis: FakeApi, ...expected: Expected): StackCase => ({
    target: "kind",
    wrong: {},
    apis: [apis],
    expected,
});

/** Places on this machine, made before the tests. */
const home = mkdtempSync(join(tmpdir(), "bad-input-"));
const noKubeconfig = join(home, "notes.txt");
const gone = join(home, "gone");
const mirror = join(home, "charts");

const slackHook = "https://hooks.slack.com/services/s3cret";

const stackCases: readonly StackCase[] = [
    dev({ target: undefined }, "target", undefined, /^dev, kind, gpu-cloud$/, inFile),
    dev({ target: "aks" }, "target", "aks", /^dev, kind, gpu-cloud$/, inFile),
    dev({ target: "constructor" }, "target", "constructor", /^dev, kind, gpu-cloud$/, inFile),
    dev({ kubeconfig: gone }, "kubeconfig", gone, /kubeconfig file that exists/, /make cluster/),
    dev({ chartMirror: "oci://r" }, "chartMirror", "oci://r", /^the keys target, kubeconfig,/, noSuchKey),
    dev({ toString: "x" }, "toString", "x", /^the keys target, kubeconfig,/, noSuchKey),
    dev({ queue: "twenty" }, "queue", "twenty", /^an object with the keys maxReplicas,/, inFile),
    dev({ queue: ["a"] }, "queue", ["a"], /^an object with the keys maxReplicas,/, inFile),
    dev({ queue: { maxReplicas: 0 } }, "queue.maxReplicas", 0, /^a whole number from 1 to 1000$/, inFile),
    dev({ queue: { maxReplicas: "5" } }, "queue.maxReplicas", "5", /^a whole number from 1 to 1000$/, inFile),
    dev(
        { queue: { cooldownSeconds: 1.5 } },
        "queue.cooldownSeconds",
        1.5,
        /^a whole number from 0 to 86400$/,
        inFile,
    ),
    dev(
        { queue: { secondsPerMessage: 60 } },
        "queue.secondsPerMessage",
        60,
        /^a number from 0 to 20$/,
        inFile,
    ),
    dev(
        { monitoring: { scrapeInterval: "15" } },
        "monitoring.scrapeInterval",
        "15",
        /^a Prometheus duration such as 15s$/,
        inFile,
    ),
    dev(
        { monitoring: { retention: "1 day" } },
        "monitoring.retention",
        "1 day",
        /^a Prometheus duration such as 7d$/,
        inFile,
    ),
    dev(
        { monitoring: { retension: "1d" } },
        "monitoring.retension",
        "1d",
        /^the keys scrapeInterval, retention$/,
        noSuchKey,
    ),
    dev({ podinfo: "on" }, "podinfo", "on", /^true or false$/, inFile),
    dev({ hash: { replicas: 1 } }, "hash", { replicas: 1 }, /^true or false$/, inFile),
    dev({ logs: "loki" }, "logs", "loki", /^true or false$/, inFile),

    dev({ llm: true }, "llm", true, /^an object with the keys enabled, slots,/, inFile),
    dev({ llm: { engine: "ollama" } }, "llm.engine", "ollama", /^the keys enabled, slots,/, noSuchKey),
    dev(
        { llm: { distribution: "normal" } },
        "llm.distribution",
        "normal",
        /^constant or exponential/,
        inFile,
    ),

    dev(
        { llm: { cooldownSeconds: -1 } },
        "llm.cooldownSeconds",
        -1,
        /^a whole number from 0 to 86400$/,
        inFile,
    ),
    dev({ gpus: "real" }, "gpus", "real", /^simulated or none$/, inFile),
    dev({ gpuServer: 1 }, "gpuServer", 1, /^true or false$/, inFile),
    dev({ smokeTest: "yes" }, "smokeTest", "yes", /^true or false$/, inFile),
    dev(
        { gpus: "none", smokeTest: true },
        "smokeTest",
        true,
        /^nothing with gpus "none"$/,
        /or choose gpus "simulated"$/,
    ),
    dev(
        { gpus: "none", gpuServer: true },
        "gpuServer",
        true,
        /^nothing with gpus "none"$/,
        /or choose gpus "simulated"$/,
    ),

    kind({ llm: { enabled: "yes" } }, "llm.enabled", "yes", /^true or false$/, inFile),
    kind({ hash: "yes" }, "hash", "yes", /^true or false$/, inFile),
    kind({ mesh: "yes" }, "mesh", "yes", /^true or false$/, inFile),
    kind({ mesh: 1 }, "mesh", 1, /^true or false$/, inFile),
    kind({ gpus: "real" }, "gpus", "real", /^simulated or fake-gpu-operator or none$/, inFile),
    kind(
        { gpus: "none", smokeTest: true },
        "smokeTest",
        true,
        /^nothing with gpus "none"$/,
        /^remove it, or choose gpus "simulated"$/,
    ),
    kind(
        { gpus: "fake-gpu-operator", gpuServer: true },
        "gpuServer",
        true,
        /^nothing with gpus "fake-gpu-operator"$/,
        /^remove it, or choose gpus "simulated"$/,
    ),
    kind(
        { gpus: "none", training: { enabled: true } },
        "training.gpusPerWorker",
        undefined,
        /^0 with gpus "none"$/,
        /^set it to 0, .* or choose gpus "simulated"$/,
    ),
    kind({ training: { workers: 0 } }, "training.workers", 0, /^a whole number from 1 to 1000$/, inFile),
    gpuCloud({ gpu: { smokeTest: 1 } }, "gpu.smokeTest", 1, /^true or false$/, inFile),
    gpuCloud({ training: { workers: 0 } }, "training.workers", 0, /^a whole number from 1 to 1000$/, inFile),
    kind({ logging: { enabled: true } }, "logging", { enabled: true }, /^true or false$/, inFile),
    kind({ monitoring: { storageSize: "5Gi" } }, "monitoring.storageSize", "5Gi", /^the keys/, noSuchKey),
    kind({ domain: "https://lab" }, "domain", "https://lab", /^a domain such as/, inFile),
    dev({ runbooksUrl: "here" }, "runbooksUrl", "here", /^an address with http or https, /, inFile),
    kind({ runbooksUrl: "ftp://a" }, "runbooksUrl", "ftp://a", /^an address with http or https, /, inFile),
    gpuCloud({ runbooksUrl: "https://a/" }, "runbooksUrl", "https://a/", /without a slash/, inFile),
    kind({ alerts: { slackUrl: slackHook } }, "alerts", "slackUrl alone", /or neither$/, /^add the other/),
    gpuCloud(
        { alerts: { slackChannel: "#alerts" } },
        "alerts",
        "slackChannel alone",
        /or neither$/,
        /^add the other/,
    ),
    gpuCloud(
        { alerts: { slackUrl: slackHook, slackChannel: "alerts" } },
        "alerts.slackChannel",
        "alerts",
        /^a channel such as #alerts$/,
        inFile,
    ),
    kind({ alerts: { webhookUrl: 1 } }, "alerts.webhookUrl", 1, /^an address with http or https$/, inFile),
    kind(
        { alerts: { webhookUrl: "hooks.example.com/s3cret" } },
        "alerts.webhookUrl",
        "what is not shown, as it may be a credential",
        /^an address with http or https$/,
        /^pulumi config set --secret --path 'pulumi-kube-observability:alerts\.webhookUrl' /,
    ),
    kind({ context: "" }, "context", "", /^the name of a kubeconfig context$/, inFile),
    kind({ context: "prod" }, "context", "prod", /which has kind-observability, mine$/, /name one of these/),
    kind({ kubeconfig: gone }, "kubeconfig", gone, /kubeconfig file that exists/, /make kind/),
    kind({ kubeconfig: noKubeconfig }, "kubeconfig", noKubeconfig, /kubeconfig file/, /correct the path/),
    kind({ chartVersions: "all" }, "chartVersions", "all", /^an object with keys of/, inFile),
    kind({ chartVersions: { keda: "^2.20.0" } }, "chartVersions.keda", "^2.20.0", /no range$/, inFile),
    kind({ chartVersions: { keda: "2.20" } }, "chartVersions.keda", "2.20", /^an exact version/, inFile),
    kind(
        { chartVersions: { keda: 2 } },
        "chartVersions.keda",
        2,
        /^an exact version such as 1\.2\.3/,
        inFile,
    ),
    kind(
        { chartVersions: { grafana: "1.2.3" } },
        "chartVersions.grafana",
        "1.2.3",
        /^the keys .*\bkubePrometheusStack\b/,
        noSuchKey,
    ),
    kind({ chartMirror: gone }, "chartMirror", gone, /a directory that exists, an OCI/, /correct the path/),
    kind({ chartMirror: "ftp://x" }, "chartMirror", "ftp://x", /a directory that exists/, /correct the path/),
    kind({ chartMirror: mirror }, "chartMirror", mirror, /with the chart keda 2\.20\.2/, /helm pull keda/),
    owned(
        ["v1beta1.custom.metrics.k8s.io", "datadog/adapter"],
        "adapter.facts",
        "v1beta1.custom.metrics.k8s.io for prometheus-adapter/prometheus-adapter",
        /belongs to the Service datadog\/adapter$/,
        /remove the other owner first/,
    ),
    owned(
        ["v1beta2.custom.metrics.k8s.io", "monitoring/prometheus-adapter"],
        "adapter.facts",
        "v1beta2.custom.metrics.k8s.io for prometheus-adapter/prometheus-adapter",
        /belongs to the Service monitoring\/prometheus-adapter$/,
        /kubectl delete apiservice v1beta2\.custom/,
    ),
    owned(
        ["v1beta1.external.metrics.k8s.io", "kube-system/keda"],
        "keda.facts",
        "v1beta1.external.metrics.k8s.io for keda/keda-operator-metrics-apiserver",
        /belongs to the Service kube-system\/keda$/,
        /kubectl delete apiservice v1beta1\.external/,
    ),

    gpuCloud({ context: undefined }, "context", undefined, /^the name of a kubeconfig context$/, inFile),
    gpuCloud({ context: "prod" }, "context", "prod", /which has kind-observability, mine$/, /name one/),
    gpuCloud(
        { kubeconfig: gone },
        "kubeconfig",
        gone,
        /kubeconfig file that exists/,
        /your vendor's program/,
    ),
    gpuCloud({ domain: undefined }, "domain", undefined, /^a domain such as observability\./, inFile),
    gpuCloud({ domain: "Example.com" }, "domain", "Example.com", /^a domain such as/, inFile),
    gpuCloud({ domain: hugeLabel }, "domain", hugeLabel, /^a domain such as/, inFile),
    gpuCloud({ acmeEmail: "nobody" }, "acmeEmail", "nobody", /^an e-mail address$/, inFile),
    gpuCloud(
        { ingressClass: "My Class" },
        "ingressClass",
        "My Class",
        /^the name of an IngressClass$/,
        inFile,
    ),
    gpuCloud({ storageClass: "Fast" }, "storageClass", "Fast", /^the name of a StorageClass$/, inFile),
    gpuCloud({ gpus: "simulated" }, "gpus", "simulated", /^the keys .*\bgpu\b/, noSuchKey),
    gpuCloud({ logging: false }, "logging", false, /^an object with the keys enabled,/, inFile),
    gpuCloud({ logging: { nodes: 51 } }, "logging.nodes", 51, /^a whole number from 1 to 50$/, inFile),
    gpuCloud({ logging: { collector: "vector" } }, "logging.collector", "vector", /^fluent-bit or/, inFile),
    gpuCloud({ logging: { enabled: "true" } }, "logging.enabled", "true", /^true or false$/, inFile),
    gpuCloud({ monitoring: { replicas: 11 } }, "monitoring.replicas", 11, /^a whole number from 1/, inFile),
    gpuCloud(
        { monitoring: { storageSize: "9GB" } },
        "monitoring.storageSize",
        "9GB",
        /such as 100Gi$/,
        inFile,
    ),
    gpuCloud(
        { monitoring: { storageSize: "0Gi" } },
        "monitoring.storageSize",
        "0Gi",
        /such as 100Gi$/,
        inFile,
    ),
    gpuCloud(
        { monitoring: { objectStorageSecret: { name: "thanos" } } },
        "monitoring.objectStorageSecret.key",
        undefined,
        /^a key of that Secret$/,
        inFile,
    ),
    gpuCloud(
        { monitoring: { objectStorageSecret: { name: "thanos", key: "a/b" } } },
        "monitoring.objectStorageSecret.key",
        "a/b",
        /^a key of that Secret$/,
        inFile,
    ),
    gpuCloud({ gpu: { software: "nvidia" } }, "gpu.software", "nvidia", /^operator or preinstalled$/, inFile),
    gpuCloud({ gpu: { timeSlices: 1 } }, "gpu.timeSlices", 1, /^a whole number from 2 to 64$/, inFile),
    gpuCloud({ gpu: { mig: "all-1g.10gb" } }, "gpu.mig", "all-1g.10gb", /^single or mixed$/, inFile),
    gpuCloud(
        { gpu: { software: "preinstalled", timeSlices: 4 } },
        "gpu.timeSlices",
        4,
        /^nothing with gpu\.software "preinstalled"$/,
        /^remove it, or choose gpu\.software "operator"/,
    ),
    gpuCloud(
        { gpu: { software: "preinstalled", driver: false } },
        "gpu.driver",
        false,
        /^nothing with gpu\.software "preinstalled"$/,
        /^remove it, or choose gpu\.software "operator"/,
    ),
    gpuCloud({ llm: { engine: "tgi" } }, "llm.engine", "tgi", /^vllm or ollama$/, inFile),
    gpuCloud({ llm: { model: "two words" } }, "llm.model", "two words", /^the name of a model/, inFile),
    gpuCloud({ llm: { gpus: 0 } }, "llm.gpus", 0, /^a whole number from 1 to 64$/, inFile),
    gpuCloud(
        { llm: { enabled: true, engine: "ollama", huggingFaceToken: { name: "t", key: "k" } } },
        "llm.huggingFaceToken",
        { name: "t", key: "k" },
        /^nothing with the engine ollama: it is for vllm$/,
        /or choose another engine$/,
    ),
    gpuCloud({ nodes: { source: "eks" } }, "nodes.source", "eks", /^existing or karpenter or/, inFile),
    gpuCloud(
        { nodes: { source: "eks", nodeClass, cluster: "c" } },
        "nodes.source",
        "eks",
        /^existing or karpenter or cluster-api$/,
        inFile,
    ),
    gpuCloud(
        { nodes: { source: "karpenter", maxGpus: 8 } },
        "nodes.nodeClass",
        undefined,
        /nodes\.source "karpenter" needs nodeClass, maxGpus$/,
        /^add it under pulumi-kube-observability:nodes$/,
    ),
    gpuCloud(
        { nodes: { ...karpenter, nodeClass: { group: "karpenter.k8s.aws", name: "gpu" } } },
        "nodes.nodeClass.kind",
        undefined,
        /^a kind$/,
        inFile,
    ),
    gpuCloud(
        { nodes: { ...karpenter, nodeClass: { ...nodeClass, version: "v1" } } },
        "nodes.nodeClass.version",
        "v1",
        /^the keys group, kind, name$/,
        noSuchKey,
    ),
    gpuCloud({ nodes: { ...karpenter, maxGpus: 0 } }, "nodes.maxGpus", 0, /^a whole number from 1/, inFile),
    gpuCloud(
        { nodes: { ...karpenter, instanceTypes: "p5.48xlarge" } },
        "nodes.instanceTypes",
        "p5.48xlarge",
        /^a list of instance types$/,
        inFile,
    ),
    gpuCloud(
        { nodes: { ...karpenter, instanceTypes: [] } },
        "nodes.instanceTypes",
        [],
        /^a list of instance types$/,
        inFile,
    ),
    gpuCloud(
        { nodes: { ...karpenter, cluster: "production" } },
        "nodes.cluster",
        "production",
        /^with nodes\.source "karpenter": nodeClass, maxGpus, instanceTypes$/,
        /choose the source that it belongs to$/,
    ),
    gpuCloud(
        { nodes: { maxGpus: 8 } },
        "nodes.maxGpus",
        8,
        /^with nodes\.source "existing": no other key$/,
        /choose the source that it belongs to$/,
    ),
    gpuCloud(
        { nodes: { ...clusterApi, bootstrap: undefined } },
        "nodes.bootstrap",
        undefined,
        /needs cluster, namespace, infrastructure, bootstrap$/,
        /^add it under/,
    ),
    gpuCloud(
        { nodes: { ...clusterApi, namespace: "a.b" } },
        "nodes.namespace",
        "a.b",
        /^the namespace of that Cluster$/,
        inFile,
    ),
    gpuCloud(
        { nodes: { ...clusterApi, minNodes: 5, maxNodes: 2 } },
        "nodes.minNodes",
        5,
        /^at most nodes\.maxNodes, which is 2$/,
        /^correct one of the two/,
    ),
    gpuCloud(
        { nodes: { ...clusterApi, minNodes: 1 } },
        "nodes.minNodes",
        1,
        /^a number together with nodes\.maxNodes$/,
        /^correct one of the two/,
    ),
];

const made = (component: string, args: object, ...expected: Expected): ComponentCase => ({
    component,
    args,
    expected,
});
const oneOfThese = /^choose one of these$/;
const ingress = {
    kind: "ingress",
    domain: "example.com",
    ingressClassName: "traefik",
    tls: { clusterIssuer: "i" },
};
const facts = (name: string, service: string) => ({ apiServices: [{ name, service, annotations: {} }] });

const componentCases: readonly ComponentCase[] = [
    ...badAutoscaling.map(([component, args, ...expected]) => made(component, args, ...expected)),
    ...badLlm.map(([component, args, ...expected]) => made(component, args, ...expected)),
    ...badLogs.map(([component, args, ...expected]) => made(component, args, ...expected)),
    ...badWeb.map(([component, args, ...expected]) => made(component, args, ...expected)),
    ...badDashboards.map(([component, args, ...expected]) => made(component, args, ...expected)),
    ...badGpuJobs.map(([component, args, ...expected]) => made(component, args, ...expected)),
    made(
        "CertManager",
        { issuer: { kind: "ca" } },
        "issuer.kind",
        "ca",
        /"self-signed" or "acme"/,
        oneOfThese,
    ),
    made(
        "CertManager",
        { issuer: { kind: "acme", email: "ops", ingressClass: "traefik" } },
        "issuer.email",
        "ops",
        /^one email address$/,
        /an address that somebody reads/,
    ),
    made("CertManager", { replicas: 6 }, "replicas", 6, /^a whole number from 1 to 5$/, /leave replicas out/),
    made("CertManager", { source: { mirror: gone } }, "source.mirror", gone, /directory that exists/, /path/),
    made(
        "CertManager",
        { source: { versions: { certManager: "*" } } },
        "source.versions.certManager",
        "*",
        /^an exact version such as 1\.2\.3, no range$/,
        /the one version that was tested/,
    ),
    made(
        "Keda",
        { source: { versions: { kedaCore: "1.2.3" } } },
        "source.versions.kedaCore",
        "kedaCore",
        /\bkeda, kubePrometheusStack\b/,
        /^name one of these charts$/,
    ),
    made(
        "Keda",
        { source: { mirror } },
        "source.mirror",
        mirror,
        /the chart keda 2\.20\.2/,
        /helm pull keda/,
    ),
    made("Keda", { replicas: 4 }, "replicas", 4, /^a whole number from 1 to 3$/, /leave replicas out/),
    made("Keda", { replicas: "2" }, "replicas", "2", /^a whole number from 1 to 3$/, /leave replicas out/),
    made("Keda", { watchNamespaces: [] }, "watchNamespaces", [], /at least one namespace/, /to watch all/),
    made(
        "Keda",
        { quota: { pods: "ten" } },
        "quota.pods",
        "ten",
        /^a quantity such as 10/,
        /at most one unit/,
    ),
    made(
        "Keda",
        { facts: facts("v1beta1.external.metrics.k8s.io", "a/b") },
        "facts",
        "v1beta1.external.metrics.k8s.io for keda/keda-operator-metrics-apiserver",
        /belongs to the Service a\/b$/,
        /or leave this one out$/,
    ),
    made(
        "PrometheusAdapter",
        { facts: facts("v1beta1.custom.metrics.k8s.io", "a/b") },
        "facts",
        "v1beta1.custom.metrics.k8s.io for prometheus-adapter/prometheus-adapter",
        /belongs to the Service a\/b$/,
        /or leave this one out$/,
    ),
    made(
        "PrometheusAdapter",
        { prometheusUrl: "prometheus:9090" },
        "prometheusUrl",
        "prometheus:9090",
        /^an address such as http:/,
        /^write scheme, host/,
    ),
    made("PrometheusAdapter", { relistSeconds: 1 }, "relistSeconds", 1, /from 5 to 600$/, /in that range/),
    made(
        "MetricsServer",
        { resolutionSeconds: 5 },
        "resolutionSeconds",
        5,
        /from 10 to 300$/,
        /in that range/,
    ),
    made(
        "KubePrometheusStack",
        { exposure: { kind: "nodePort", grafana: 80 } },
        "exposure.grafana",
        80,
        /^a whole number from 30000 to 32767$/,
        /in that range/,
    ),
    made(
        "KubePrometheusStack",
        { exposure: { kind: "node-port", grafana: 30000 } },
        "exposure.kind",
        "node-port",
        /^cluster, nodePort, ingress$/,
        oneOfThese,
    ),
    made(
        "KubePrometheusStack",
        { exposure: { ...ingress, domain: "example.com/grafana" } },
        "exposure.domain",
        "example.com/grafana",
        /^a domain name in lower case/,
        /without scheme, port or path/,
    ),
    made(
        "KubePrometheusStack",
        { exposure: { ...ingress, servers: ["loki"] } },
        "exposure.servers[0]",
        "loki",
        /^grafana, prometheus, alertmanager$/,
        oneOfThese,
    ),
    made("KubePrometheusStack", { retention: "10" }, "retention", "10", /Prometheus duration/, /one unit/),
    made("KubePrometheusStack", { series: "few" }, "series", "few", /^full, lean$/, oneOfThese),
    made(
        "KubePrometheusStack",
        { controlPlane: ["kubelet"] },
        "controlPlane[0]",
        "kubelet",
        /^etcd, scheduler, controllerManager, proxy$/,
        oneOfThese,
    ),
    made(
        "KubePrometheusStack",
        { storage: { prometheus: "50GB" } },
        "storage.prometheus",
        "50GB",
        /^a quantity of bytes such as 500Mi/,
        /one unit \(Ki, Mi/,
    ),
    made(
        "KubePrometheusStack",
        { storage: { prometheus: "50Gi", storageClass: "Fast" } },
        "storage.storageClass",
        "Fast",
        /^1 to 253 lower-case letters/,
        /^write it in these characters$/,
    ),
    made(
        "KubePrometheusStack",
        { storage: { prometheus: "50Gi" }, retentionSize: "60GiB" },
        "retentionSize",
        "60GiB",
        /^less than the volume, which has 50Gi$/,
        /make storage\.prometheus larger/,
    ),
    made(
        "KubePrometheusStack",
        { objectStorage: { secretName: "thanos", key: "a/b" } },
        "objectStorage.key",
        "a/b",
        /^1 to 253 letters, digits/,
        /^write the key under which/,
    ),
    made(
        "KubePrometheusStack",
        {
            openings: [{ name: "dns", direction: "egress", peer: "anywhere" }],
        },
        "openings[0].name",
        "dns",
        /^a name that no other policy of the namespace has$/,
        /^rename it$/,
    ),
    made(
        "KubePrometheusStack",
        { quota: { "requests.memory": "4 GB" } },
        "quota.requests.memory",
        "4 GB",
        /^a quantity such as/,
        /at most one unit/,
    ),
    made(
        "Logging",
        { elasticsearch: { memory: "2Gi", heap: "2Gi" } },
        "elasticsearch.heap",
        "2Gi",
        /^at most three quarters of the memory/,
        /^give less/,
    ),
    made(
        "Logging",
        { kibana: { ingress: { host: "https://kibana" } } },
        "kibana.ingress.host",
        "https://kibana",
        /^a host name in lower case/,
        /^write the name only/,
    ),
    made("Logging", { retentionDays: 0 }, "retentionDays", 0, /from 1 to 3650$/, /in that range/),
    made("Logging", { quota: { cpu: "4 cores" } }, "quota.cpu", "4 cores", /^a quantity/, /at most one unit/),
    made(
        "Logging",
        { collectorNamespace: "logging" },
        "collectorNamespace",
        "logging",
        /^a namespace of its own/,
        /name a namespace that nothing else uses/,
    ),
    made(
        "Traefik",
        { exposure: { kind: "node-port", http: 80 } },
        "exposure.http",
        80,
        /^a whole number from 30000 to 32767$/,
        /in that range/,
    ),
    made(
        "Traefik",
        { exposure: { kind: "node-port" }, httpsRedirect: true },
        "httpsRedirect",
        true,
        /^true where the port of HTTPS is known/,
        /^give exposure\.https/,
    ),
    made("Traefik", { address: "http://a" }, "address", "http://a", /without scheme/, /the address only/),
    made(
        "Traefik",
        { nodeSelector: { "ingress ready": "true" } },
        "nodeSelector.ingress ready",
        "ingress ready",
        /^a name of 1 to 63/,
        /^write it as in/,
    ),
    made("Istio", { platform: "eks" }, "platform", "eks", /"gke", "k3d"/, /^choose one of these/),
    made(
        "Istio",
        { cniNamespace: "istio-system" },
        "cniNamespace",
        "istio-system",
        /^another namespace than that of the control plane/,
        /^leave it out/,
    ),
    made(
        "Istio",
        { resources: { limits: { memory: "1 GB" } } },
        "resources.limits.memory",
        "1 GB",
        /^a quantity such as/,
        /at most one unit/,
    ),
    made(
        "Podinfo",
        { autoscaled: true, replicas: 2 },
        "replicas",
        2,
        /^no number where autoscaled is true/,
        /^leave replicas out/,
    ),
    made("Podinfo", { nodePort: 8080 }, "nodePort", 8080, /from 30000 to 32767$/, /in that range/),
    made(
        "Podinfo",
        { ingress: { className: "traefik", host: "podinfo.example.com:443" } },
        "ingress.host",
        "podinfo.example.com:443",
        /^a DNS name in lower case, without scheme and port$/,
        /^write the name only/,
    ),
    made("RedisQueue", { producerNodePort: 80 }, "producerNodePort", 80, /from 30000 to/, /in that range/),
    made(
        "RedisQueue",
        { secondsPerMessage: "1" },
        "secondsPerMessage",
        "1",
        /^a number from 0/,
        /in that range/,
    ),
    made(
        "RedisExporter",
        { address: "redis.shop.svc:6379" },
        "address",
        "redis.shop.svc:6379",
        /^an address such as redis:/,
        /^write redis:/,
    ),
    made(
        "RedisExporter",
        { address: "redis://r", password: "p", passwordSecret: { name: "s", key: "k" } },
        "passwordSecret",
        { name: "s", key: "k" },
        /^either password or passwordSecret$/,
        /^leave one of them out$/,
    ),
    made(
        "GpuOperator",
        { driverVersion: "latest" },
        "driverVersion",
        "latest",
        /^a version/,
        /release notes/,
    ),
    made(
        "GpuOperator",
        { driver: false, driverVersion: "580.95.05" },
        "driverVersion",
        "580.95.05",
        /^nothing, as driver is false$/,
        /let the operator install it/,
    ),
    made(
        "GpuOperator",
        { sharing: { timeSlicing: { replicas: 1 } } },
        "sharing.timeSlicing.replicas",
        1,
        /^a whole number from 2 to 100$/,
        /in that range/,
    ),
    made(
        "GpuOperator",
        { mig: { strategy: "mixed" }, sharing: { mps: { replicas: 2 } } },
        "sharing.mps",
        { replicas: 2 },
        /does not go with MIG$/,
        /^use timeSlicing/,
    ),
    made(
        "GpuOperator",
        { mig: { configs: { small: [{ devices: "all", instances: { "9g.1gb": 1 } }] } } },
        "mig.configs.small[0].instances.9g.1gb",
        "9g.1gb",
        /^a profile such as 1g\.10gb/,
        /nvidia-smi mig -lgip/,
    ),
    made("FakeGpuOperator", { pools: {} }, "pools", {}, /^at least one pool$/, /^leave pools out/),
    made(
        "FakeGpuOperator",
        { namespace: "gpu-operator" },
        "namespace",
        "gpu-operator",
        /^nothing of the real GPU operator's/,
        /or GpuOperator instead$/,
    ),
    made(
        "DcgmExporter",
        { customMetrics: [{ field: "GPU_UTIL", type: "gauge", help: "x" }] },
        "customMetrics[0].field",
        "GPU_UTIL",
        /^DCGM_FI_… or DCGM_EXP_…$/,
        /DCGM's list of fields/,
    ),
    made("GpuNodes", { nodes: { kind: "eks" } }, "nodes.kind", "eks", /^existing, karpenter/, oneOfThese),
    made(
        "GpuNodes",
        { nodes: { kind: "karpenter", maxGpus: 1, nodeClass: { group: "g", kind: "k" } } },
        "nodes.nodeClass.name",
        undefined,
        /^group, kind and name of a node class/,
        /kubectl get nodepools/,
    ),
    made(
        "GpuNodes",
        { nodes: { kind: "karpenter", maxGpus: 1, nodeClass, consolidation: "Always" } },
        "nodes.consolidation",
        "Always",
        /^WhenEmpty, WhenEmptyOrUnderutilized$/,
        oneOfThese,
    ),
    made(
        "GpuNodes",
        { nodes: { ...clusterApi, kind: "cluster-api", replicas: 1, autoscaling: { min: 0, max: 2 } } },
        "nodes.replicas",
        1,
        /^nothing, with autoscaling$/,
        /^leave one of the two out$/,
    ),
    made(
        "GpuNodes",
        { nodes: { kind: "existing" }, resource: "gpu" },
        "resource",
        "gpu",
        /^nvidia\.com\/gpu, /,
        /kubectl get node/,
    ),
    made("SecureNamespace", { namespace: "My_Ns" }, "namespace", "My_Ns", /^1 to 63/, /^rename it$/),
    made(
        "SecureNamespace",
        { namespace: "n", level: "none" },
        "level",
        "none",
        /^restricted, baseline, privileged$/,
        oneOfThese,
    ),
    made(
        "SecureNamespace",
        {
            namespace: "n",
            openings: [
                { name: "a", direction: "egress", peer: "anywhere" },
                { name: "a", direction: "ingress", peer: "anywhere" },
            ],
        },
        "openings[1].name",
        "a",
        /^a name that no other policy of the namespace has$/,
        /^rename it$/,
    ),
    made(
        "SecureNamespace",
        {
            namespace: "n",
            openings: [{ name: "a", direction: "egress", peer: "anywhere", ports: [0] }],
        },
        "openings[0].ports[0]",
        0,
        /^a whole number from 1 to 65535$/,
        /in that range/,
    ),
    made(
        "MonitoringManifests",
        { prometheusNodePort: 9090 },
        "prometheusNodePort",
        9090,
        /^a whole number from 30000 to 32767$/,
        /in that range/,
    ),
    made(
        "ServiceIdentity",
        { account: "my_app", namespace: "n" },
        "account",
        "my_app",
        /^1 to 253/,
        /^write it/,
    ),
    made(
        "MetricsServerManifests",
        { resolutionSeconds: 1 },
        "resolutionSeconds",
        1,
        /from 10/,
        /in that range/,
    ),
    made("KedaManifests", { namespace: "Keda" }, "namespace", "Keda", /^1 to 63/, /^rename it$/),
    made("DeadMansSwitch", { silenceSeconds: 5 }, "silenceSeconds", 5, /from 20/, /in that range/),
    made(
        "MonitoringManifests",
        { deadMansSwitchUrl: "switch" },
        "deadMansSwitchUrl",
        "switch",
        /^an address with http/,
        /^take webhookUrl of DeadMansSwitch$/,
    ),
];

type ComponentClass = new (name: string, args: object) => pulumi.ComponentResource;

/** The components of the library, by their names. */
const classes = new Map(
    Object.entries(library).flatMap(([name, value]) =>
        typeof value === "function" && value.prototype instanceof pulumi.ComponentResource
            ? [[name, value as unknown as ComponentClass] as const]
            : [],
    ),
);

/** What a program threw, and what it had registered until then. */
async function failed(program: () => unknown): Promise<{ error: unknown; resources: readonly Recorded[] }> {
    let error: unknown;
    const { resources } = await record(async () => {
        try {
            await program();
        } catch (thrown) {
            error = thrown;
        }
    });
    return { error, resources };
}

/** The lines of a message; each has to say all four things. */
function lines(message: string): Told[] {
    return message.split("\n").map((line) => {
        const parts =
            /^(?<property>\S.*?): was given (?<given>.*?); allowed: (?<allowed>.+); do: (?<fix>.+)$/.exec(
                line,
            );
        assert.ok(parts, `not in the form of a problem: ${line}`);
        return { ...parts.groups } as unknown as Told;
    });
}

function assertTold(told: Told | undefined, [property, given, allowed, fix]: Expected): void {
    assert.equal(told?.property, property);
    assert.equal(told.given, given === undefined ? "nothing" : JSON.stringify(given));
    assert.match(told.allowed, allowed);
    assert.match(told.fix, fix);
}

const title = ([property, given]: Expected) =>
    `${property} ${(JSON.stringify(given) ?? "missing").replaceAll(home, "…")}`;

describe("bad input", function () {
    // The client that asks the cluster takes a second to load.
    this.timeout(30_000);

    let cluster: FakeCluster;
    before(async () => {
        cluster = await FakeCluster.start("kind-observability", "mine");
        writeFileSync(noKubeconfig, "not a kubeconfig");
        // Every chart but one.
        mkdirSync(mirror);
        for (const { name, version } of Object.values(charts)) {
            if (name !== "keda") writeFileSync(join(mirror, `${name}-${version}.tgz`), "");
        }
    });
    after(async () => {
        await cluster.stop();
        rmSync(home, { recursive: true });
    });

    /** The whole program, with the configuration of a target that works but for what is wrong. */
    function program(target: StackCase["target"], wrong: Wrong): () => Promise<unknown> {
        const right = {
            dev: {},
            kind: { context: "mine" },
            "gpu-cloud": { context: "mine", domain: "example.com" },
        }[target];
        const values = { target, kubeconfig: cluster.kubeconfig, ...right, ...wrong };
        const entries = Object.entries(values).flatMap(([key, value]) =>
            value === undefined
                ? []
                : [[key, typeof value === "string" ? value : JSON.stringify(value)] as const],
        );
        return () => {
            const keys = entries.map(([key, value]) => [`pulumi-kube-observability:${key}`, value]);
            pulumi.runtime.setAllConfig(Object.fromEntries(keys));
            return require("../../index")();
        };
    }

    /** The lines of a message about a stack, for users and before there is anything. */
    async function refused(
        target: StackCase["target"],
        wrong: Wrong,
        apis: readonly FakeApi[] = [],
    ): Promise<Told[]> {
        cluster.apis = apis;
        const { error, resources } = await failed(program(target, wrong));
        cluster.apis = [];
        assert.ok(pulumi.RunError.isInstance(error), `not for users: ${error}`);
        assert.deepEqual(resources, []);
        const [title, ...rest] = error.message.split("\n");
        assert.equal(title, "The configuration of the stack has problems:");
        return lines(rest.join("\n"));
    }

    describe("in the configuration of a stack", () => {
        for (const target of ["dev", "kind", "gpu-cloud"] as const) {
            it(`is not what the tests of ${target} begin with`, async () => {
                const { error, resources } = await failed(program(target, {}));
                assert.equal(error, undefined);
                assert.ok(resources.length > 50, `${resources.length}`);
            });
        }

        for (const { target, wrong, apis, expected } of stackCases) {
            it(`is refused alone, before anything is made: ${target}, ${title(expected)}`, async () => {
                const told = await refused(target, wrong, apis);
                assert.equal(told.length, 1, JSON.stringify(told));
                assertTold(told[0], expected);
            });
        }

        it("is told all at once: sections, combinations, context and mirror", async () => {
            const told = await refused("gpu-cloud", {
                context: "prod",
                domain: "https://example.com",
                stroageClass: "fast",
                monitoring: { retention: "15", storageSize: "lots" },
                logging: { nodes: 0 },
                queue: { maxReplicas: "many" },
                gpu: { software: "preinstalled", timeSlices: 4 },
                nodes: { source: "karpenter", maxGpus: 0, cluster: "c" },
                chartVersions: { gpuOperator: ">=26" },
                chartMirror: mirror,
            });
            assert.deepEqual(told.map(({ property }) => property).sort(), [
                "chartMirror",
                "chartVersions.gpuOperator",
                "context",
                "domain",
                "gpu.timeSlices",
                "logging.nodes",
                "monitoring.retention",
                "monitoring.storageSize",
                "nodes.cluster",
                "nodes.maxGpus",
                "nodes.nodeClass",
                "queue.maxReplicas",
                "stroageClass",
            ]);
        });

        it("is told all at once although required keys are missing", async () => {
            const told = await refused("gpu-cloud", {
                domain: undefined,
                context: undefined,
                monitoring: { objectStorageSecret: { name: "thanos" } },
                nodes: { ...karpenter, nodeClass: { kind: 5 } },
                chartMirror: mirror,
            });
            assert.deepEqual(told.map(({ property }) => property).sort(), [
                "chartMirror",
                "context",
                "domain",
                "monitoring.objectStorageSecret.key",
                "nodes.nodeClass.group",
                "nodes.nodeClass.kind",
                "nodes.nodeClass.name",
            ]);
        });

        it("tells of every API with another owner at once", async () => {
            const told = await refused("gpu-cloud", {}, [
                ["v1beta1.custom.metrics.k8s.io", "a/a"],
                ["v1beta2.custom.metrics.k8s.io", "b/b"],
                ["v1beta1.external.metrics.k8s.io", "c/c"],
            ]);
            assert.deepEqual(
                told.map(({ property }) => property),
                ["adapter.facts", "adapter.facts", "keda.facts"],
            );
        });

        it("keeps the program from asking a cluster that may be the wrong one", async () => {
            const before = cluster.requests.length;
            await refused("kind", { mesh: "yes" }, [["v1beta1.external.metrics.k8s.io", "a/b"]]);
            assert.equal(cluster.requests.length, before);
        });
    });

    describe("in the arguments of a component", () => {
        for (const { component, args, expected } of componentCases) {
            it(`is refused alone, before anything is made: ${component}, ${title(expected)}`, async () => {
                const Component = classes.get(component);
                assert.ok(Component);
                const { error, resources } = await failed(() => new Component("it", args));
                assert.ok(pulumi.ResourceError.isInstance(error), `not for users: ${error}`);
                assert.equal(error.hideStack, true);
                assert.deepEqual(
                    resources.map(({ type, name }) => [type, name]),
                    [[`pulumi-kube-observability:index:${component}`, "it"]],
                );
                const told = lines(error.message);
                assert.equal(told.length, 1, error.message);
                assertTold(told[0], expected);
            });
        }

        it("is told all at once", async () => {
            const { error, resources } = await failed(
                () =>
                    new library.Logging("it", {
                        namespace: "Logs",
                        quota: { cpu: "many" },
                        retentionDays: 0,
                        elasticsearch: { nodes: 0, storage: "lots" },
                        kibana: { ingress: { host: "https://kibana" } },
                        source: { versions: { eckStack: "latest" } },
                    }),
            );
            assert.ok(pulumi.ResourceError.isInstance(error));
            assert.deepEqual(
                lines(error.message).map(({ property }) => property),
                [
                    "namespace",
                    "quota.cpu",
                    "retentionDays",
                    "elasticsearch.nodes",
                    "elasticsearch.storage",
                    "kibana.ingress.host",
                    "source.versions.eckStack",
                ],
            );
            assert.equal(resources.length, 1);
        });

        it("does not show a password that was written into an address", async () => {
            const { error } = await failed(
                () => new library.RedisExporter("it", { address: "redis://:canary@redis.shop.svc" }),
            );
            assert.ok(pulumi.ResourceError.isInstance(error));
            assert.match(error.message, /^address: was given "redis:\/\/\*\*\*@redis\.shop\.svc"; allowed: /);
            assert.doesNotMatch(error.message, /canary/);
        });
    });

    it("is tried with every component", () => {
        const covered = new Set(componentCases.map(({ component }) => component));
        assert.deepEqual([...covered].sort(), [...classes.keys()].sort());
    });
});
