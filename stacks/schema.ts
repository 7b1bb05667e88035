import { z } from "zod";
import { chartKeys, chartVersionPattern } from "../components/charts/chart-source";
import { durationPattern, namePattern, objectNamePattern, secretKeyPattern } from "../components/problems";

/**
 * The keys of `Pulumi.<stack>.yaml`, for each target. Left-out values take the defaults of the components. What passes
 * here, the components accept: their messages name their own arguments, which no stack file has.
 */

const duration = (example: string) => {
    const allowed = `a Prometheus duration such as ${example}`;
    return z.string(allowed).regex(durationPattern, allowed).optional();
};
const bytes = (example: string) => {
    const allowed = `a quantity of bytes such as ${example}`;
    return z
        .string(allowed)
        .regex(/^[1-9][0-9]*(\.[0-9]+)?([KMGTP]i|[kMGTP])$/, allowed)
        .optional();
};
const whole = (min: number, max: number) => {
    const allowed = `a whole number from ${min} to ${max}`;
    return z.int(allowed).min(min, allowed).max(max, allowed).optional();
};
const number = (min: number, max: number) => {
    const allowed = `a number from ${min} to ${max}`;
    return z.number(allowed).min(min, allowed).max(max, allowed).optional();
};
const text = (allowed: string, pattern = /./) => z.string(allowed).regex(pattern, allowed).optional();
const flag = () => z.boolean("true or false").optional();
const choice = <const T extends readonly [string, ...string[]]>(...values: T) =>
    z.enum(values, values.join(" or ")).optional();
const section = <T extends z.ZodRawShape>(shape: T) =>
    z.strictObject(shape, `an object with the keys ${Object.keys(shape).join(", ")}`);

/** So short that there is room for the name of a server before it. */
const domainName = /^(?=.{1,240}$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/;

const queue = section({
    maxReplicas: whole(1, 1000),
    itemsPerReplica: whole(1, 1000000),
    cooldownSeconds: whole(0, 86400),
    pollingSeconds: whole(1, 3600),
    secondsPerMessage: number(0, 20),
}).default({});

/** A language model, scaled on its queue; on charts there is none where there is no such section. */
const llm = {
    enabled: flag(),
    /** Answers that a server works on at a time. */
    slots: whole(1, 1000),
    /** Whether a server stays while nobody asks: 0 or 1. */
    minReplicas: whole(0, 1),
    maxReplicas: whole(1, 200),
    /** Seconds without a request after which the last server goes. */
    cooldownSeconds: whole(0, 86400),
    /** Of an answer: a server that goes has twice that to end. */
    longestSeconds: whole(1, 3600),
    model: text("the name of a model such as qwen2:1.5b", /^[A-Za-z0-9][-A-Za-z0-9._:/@]{0,200}$/),
};
const contextTokens = whole(256, 10000000);

/** What every target has. */
const anywhere = {
    /** Path of the cluster's kubeconfig. Default: the environment's KUBECONFIG. */
    kubeconfig: text("the path of a kubeconfig file"),
};

const exactVersion = "an exact version such as 1.2.3, no range";
/** Exact versions instead of the table's, to hold one chart back or try one. */
const chartVersions = z
    .partialRecord(
        z.enum(chartKeys),
        z.string(exactVersion).regex(chartVersionPattern, exactVersion),
        "an object with keys of components/charts/pins.ts and exact versions",
    )
    .default({});

/** What every target made of charts has. */
const onCharts = {
    ...anywhere,
    /** Directory of charts, OCI prefix or HTTP repository in place of all upstream locations. */
    chartMirror: text("a directory, an OCI prefix (oci://…) or an HTTP repository (https://…)"),
    chartVersions,
    /** Domain below which Grafana, Prometheus and the others have their host names. */
    domain: text("a domain such as observability.example.com", domainName),
    queue,
    /** Istio, and podinfo in its mesh. */
    mesh: flag(),
    /** The server that hashes, with its autoscaler on CPU. */
    hash: flag(),
};

/** The simulator of Ollama alone: there is nothing to take a model from. */
const simulatedLlm = {
    ...llm,
    tokensPerSecond: number(0.1, 100000),
    meanTokens: number(1, 100000),
    distribution: choice("constant", "exponential", "lognormal"),
    /** From the start of a server until its model is loaded. */
    loadSeconds: number(0, 3600),
};

const dev = section({
    target: z.literal("dev"),
    ...anywhere,
    monitoring: section({ scrapeInterval: duration("15s"), retention: duration("7d") }).default({}),
    queue,
    /** podinfo, with its autoscaler on requests. */
    podinfo: flag(),
    /** The server that hashes, with its autoscaler on CPU. */
    hash: flag(),
    /** Loki, and a collector that sends it the logs of all pods. */
    logs: flag(),
    /** The simulator of Ollama behind its proxy, scaled on its queue: there unless `enabled` is false. */
    llm: section(simulatedLlm).optional(),
    /** Whether the node offers GPUs that are simulated. */
    gpus: choice("simulated", "none"),
    /** A server with such a GPU, with its autoscaler on how busy that is. */
    gpuServer: flag(),
    /** Whether a pod asks for such a GPU, and adds two vectors on the CPU. */
    smokeTest: flag(),
});

const kind = section({
    target: z.literal("kind"),
    ...onCharts,
    /** Context of the kubeconfig. */
    context: text("the name of a kubeconfig context"),
    monitoring: section({ scrapeInterval: duration("15s"), retention: duration("1d") }).default({}),
    /** Elasticsearch, Kibana and Fluent Bit: they ask for 6.3 GiB of memory. */
    logging: flag(),
    gpus: choice("simulated", "none"),
    /** Whether a pod asks for a simulated GPU, and adds two vectors on the CPU. */
    smokeTest: flag(),
    /** Ollama on the CPU. */
    llm: section({ ...llm, contextTokens }).optional(),
});

const secretKey = section({
    name: z.string("the name of a Secret").regex(objectNamePattern, "the name of a Secret"),
    key: z.string("a key of that Secret").regex(secretKeyPattern, "a key of that Secret"),
});

/** An object that exists already, by group, kind and name. */
const reference = <G extends string>(group: G) =>
    section({
        [group]: z.string("an API group").min(1, "an API group"),
        kind: z.string("a kind").min(1, "a kind"),
        name: z.string("a name").min(1, "a name"),
    } as Record<G | "kind" | "name", z.ZodString>);

const gpuCloud = section({
    target: z.literal("gpu-cloud"),
    ...onCharts,
    context: z.string("the name of a kubeconfig context").min(1, "the name of a kubeconfig context"),
    domain: z
        .string("a domain such as observability.example.com")
        .regex(domainName, "a domain such as observability.example.com"),
    /** Address for Let's Encrypt; without one certificates are self-signed. */
    acmeEmail: text("an e-mail address", /^[^@\s]+@[^@\s]+\.[^@\s]+$/),
    /** An IngressClass that the cluster has; without one Traefik is installed. */
    ingressClass: text("the name of an IngressClass", objectNamePattern),
    /** Whether kubelets may present certificates that the cluster's CA did not sign, as on most kubeadm clusters. */
    kubeletInsecureTls: flag(),
    /** Public hosts for podinfo and the queue's producer, which have no login. Default: inside the cluster only. */
    demo: flag(),
    /** Class of all volumes. Default: the cluster's default class. */
    storageClass: text("the name of a StorageClass", objectNamePattern),
    monitoring: section({
        scrapeInterval: duration("30s"),
        retention: duration("15d"),
        storageSize: bytes("100Gi"),
        replicas: whole(1, 10),
        /** A Secret in the monitoring namespace with the object store's configuration, for Thanos. */
        objectStorageSecret: secretKey.optional(),
    }).default({}),
    logging: section({
        enabled: flag(),
        nodes: whole(1, 50),
        storageSize: bytes("200Gi"),
        retentionDays: whole(1, 3650),
        collector: choice("fluent-bit", "fluentd"),
    }).default({}),
    gpu: section({
        /** Who brings drivers and device plugins: our GPU operator, or the cluster has them already. */
        software: choice("operator", "preinstalled"),
        driver: flag(),
        toolkit: flag(),
        /** Pods that share one GPU by taking turns. */
        timeSlices: whole(2, 64),
        mig: choice("single", "mixed"),
        /** Whether `up` adds two vectors on a GPU, and fails where that fails. */
        smokeTest: flag(),
    }).default({}),
    /** PyTorch on several pods: a network learns to read digits. */
    training: section({
        enabled: flag(),
        workers: whole(1, 1000),
        gpusPerWorker: whole(0, 16),
        data: choice("mnist", "synthetic"),
        epochs: whole(1, 1000000),
        storageSize: bytes("1Gi"),
        /** Whether pods of many nodes can mount the class of its volume. */
        sharedStorage: flag(),
    }).optional(),
    llm: section({
        ...llm,
        contextTokens,
        engine: choice("vllm", "ollama"),
        /** Of each server. */
        gpus: whole(1, 64),
        storageSize: bytes("50Gi"),
        /** A Secret in the namespace `llm`, for models for which Hugging Face asks for a token. */
        huggingFaceToken: secretKey.optional(),
    }).optional(),
    /** Where GPU nodes come from: `source` alone, or with the keys of its kind. */
    nodes: section({
        source: choice("existing", "karpenter", "cluster-api"),
        /** Karpenter: the provider's description of machines. */
        nodeClass: reference("group").optional(),
        /** Karpenter: instance types that may be bought. Default: any with GPUs. */
        instanceTypes: z
            .array(z.string("an instance type").min(1, "an instance type"), "a list of instance types")
            .min(1, "a list of instance types")
            .optional(),
        /** Karpenter: the most GPUs at a time. */
        maxGpus: whole(1, 10000),
        /** Cluster API: the Cluster, its namespace, and the templates of its machines. */
        cluster: text("the name of a Cluster", namePattern),
        namespace: text("the namespace of that Cluster", namePattern),
        infrastructure: reference("apiGroup").optional(),
        bootstrap: reference("apiGroup").optional(),
        minNodes: whole(0, 1000),
        maxNodes: whole(1, 1000),
    }).default({}),
});

/** By target. */
export const schemas = { dev, kind, "gpu-cloud": gpuCloud };

/** The names of the recipes. */
export type Target = keyof typeof schemas;

export type DevConfig = Configured<typeof dev>;
export type KindConfig = Configured<typeof kind>;
export type GpuCloudConfig = Configured<typeof gpuCloud>;

/** A checked configuration, its kubeconfig found. */
type Configured<T extends z.ZodType> = z.output<T> & { readonly kubeconfig: string };
