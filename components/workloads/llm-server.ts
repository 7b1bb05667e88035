import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { Deployment, StatefulSet } from "@pulumi/kubernetes/apps/v1";
import * as pulumi from "@pulumi/pulumi";
import type { ScaleTarget } from "../autoscaling/autoscaler";
import type { GpuPodPlacement } from "../gpu/gpu-nodes";
import { type Images, withImages } from "../images";
import { podMonitor } from "../monitoring/monitors";
import type { SecretKey } from "../monitoring/redis-exporter";
import { checkDuration, checkName, checkWhole, type Problem, reject } from "../problems";
import { createFiles } from "../program-files";
import {
    checkEngine,
    checkEngineArguments,
    checkModel,
    checkProxy,
    checkSimulation,
    checkStorage,
    checkToken,
} from "./llm-server/checks";
import { type LlmEngine, llmSettings } from "./llm-server/engines";
import { llmProxy } from "./llm-server/proxy";
import type { LlmSimulation } from "./llm-server/simulator";
import { llmDeployment, llmFiles, llmSeries, llmStatefulSet, llmTarget } from "./llm-server/workload";
import { QueueingProxy, type QueueingProxyArgs } from "./queueing-proxy";
import { checkAmounts, checkReplicas } from "./web-server/checks";

export type { LlmEngine } from "./llm-server/engines";
export { llmServerOpenings } from "./llm-server/openings";
export { type LlmScaling, llmServerScaling } from "./llm-server/scaling";
export type { LlmSimulation } from "./llm-server/simulator";

export interface LlmServerArgs {
    /** Namespace to install into: one whose policies let the proxy through, see `llmServerOpenings`. */
    readonly namespace: string;
    /** What serves the model: `ollama`, `vllm`, or our `simulator`, which has none and speaks Ollama's API. */
    readonly engine: LlmEngine;
    /** Name of the servers, their PodMonitor and HAProxy's backend; the proxy is called NAME-proxy. @default "llm" */
    readonly app?: string | undefined;
    /** The model, as the engine calls it. @default "qwen2:1.5b"; of vLLM "Qwen/Qwen2.5-1.5B-Instruct" */
    readonly model?: string | undefined;
    /** Answers that a server works on at a time, 1 to 1000; others wait in the proxy. @default 4; of vLLM 32 */
    readonly slots?: number | undefined;
    /** Tokens of prompt and answer together, 256 to 10000000; not the simulator's. @default the engine's, of the model */
    readonly contextTokens?: number | undefined;
    /** Servers, 0 to 1000; not with `autoscaled`. @default 1 */
    readonly replicas?: number | undefined;
    /** Whether an autoscaler owns the servers: their number is then never set. See `llmServerScaling`. @default false */
    readonly autoscaled?: boolean | undefined;
    /** Cores that a server asks for, and the most that it gets. @default ["1500m", "3"], of vLLM ["3", "8"] */
    readonly cpu?: readonly [request: string, limit: string] | undefined;
    /** Memory that it asks for, and the most that it gets. @default ["3Gi", "3Gi"], of vLLM ["8Gi", "24Gi"] */
    readonly memory?: readonly [request: string, limit: string] | undefined;
    /** GPUs of each server, 1 to 64. @default none; of vLLM 1 */
    readonly gpus?: number | undefined;
    /** Where servers land: `pod` of GpuNodes' `podPlacement()`. @default any node, with GPUs where they need some */
    readonly placement?: GpuPodPlacement["pod"] | undefined;
    /** Volume of each server for models: its size, "10Gi" unless given (vLLM "50Gi"), and its class. */
    readonly storage?:
        | { readonly size?: string | undefined; readonly storageClass?: string | undefined }
        | undefined;
    /** Seconds of the longest answer, 1 to 3600: a server that stops has twice that to end with what it has. @default 600 */
    readonly longestSeconds?: number | undefined;
    /** Seconds that a server has to load its model, 10 to 86400; vLLM also to download it. @default 1800 */
    readonly startSeconds?: number | undefined;
    /** Seconds for which a server that is told to stop goes on taking requests, 0 to 600. @default 5 */
    readonly drainSeconds?: number | undefined;
    /** vLLM: a Secret of the namespace with a token of Hugging Face, for models that ask for one. @default none */
    readonly huggingFaceToken?: SecretKey | undefined;
    /** vLLM: further options of `vllm serve`, such as "--gpu-memory-utilization=0.93". @default none */
    readonly engineArguments?: readonly string[] | undefined;
    /** The simulator: what an answer costs. */
    readonly simulation?: LlmSimulation | undefined;
    /**
     * What the proxy is told about the queue; see `QueueingProxy`. Its alerts are later than there unless it says when:
     * `slowSeconds` is `longestSeconds`, `withoutServersSeconds` half of `queueTimeout`.
     */
    readonly proxy?: LlmProxyArgs | undefined;
    /** How often the servers are scraped, as a duration such as "5s"; Ollama has no metrics. @default "5s" */
    readonly scrapeInterval?: string | undefined;
    /** Images to run instead of the pinned ones. @default `images` */
    readonly images?: Partial<Images> | undefined;
}

/** Arguments of `QueueingProxy` that are for its users to choose. */
export type LlmProxyArgs = Partial<
    Omit<QueueingProxyArgs, "namespace" | "app" | "servers" | "serverPort" | "slots" | "images">
>;

/**
 * Servers of a large language model behind one queue: each gets as many requests at a time as it has slots, the others
 * wait in the proxy, also while there is no server. A server is Ready when its model is loaded and has answered, and a
 * server that is told to stop ends with the answers that it has begun.
 *
 * Needs the CustomResourceDefinitions of the prometheus-operator; vLLM needs GPUs; Ollama and vLLM a StorageClass.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range.
 */
export class LlmServer extends pulumi.ComponentResource {
    /** Address inside the cluster, of the proxy: requests go here, and not to the servers. */
    public readonly url: pulumi.Output<string>;
    /** The servers: what an autoscaler has to wait for. A StatefulSet, but of the simulator. */
    public readonly workload: Deployment | StatefulSet;
    /** The same as the target of an autoscaler. */
    public readonly target: ScaleTarget;

    constructor(name: string, args: LlmServerArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:LlmServer", name, {}, opts);
        reject(this, validateLlmServer(args));
        const { namespace } = args;
        const { app, storage, startSeconds } = llmSettings(args);
        const images = withImages(args.images);
        const child = { parent: this, dependsOn: opts?.dependsOn ?? [] };

        const source = createSource();
        const metadata = { name: app, namespace };
        this.workload = storage === undefined ? createDeployment() : createStatefulSet();
        createMonitor();
        const proxy = new QueueingProxy(`${name}-proxy`, llmProxy(args, images), child);

        this.url = proxy.url;
        this.target = llmTarget(args);
        this.registerOutputs({ url: this.url });

        function createSource() {
            const files = llmFiles(args);
            if (Object.keys(files).length === 0) return "";
            return createFiles(`${name}-source`, app, namespace, files, child).metadata.name;
        }

        function createDeployment() {
            return new Deployment(name, { metadata, spec: llmDeployment(args, images, source) }, child);
        }

        function createStatefulSet() {
            // Each pod downloads its model first.
            const time = `${startSeconds + 1800}s`;
            return new StatefulSet(
                name,
                { metadata, spec: llmStatefulSet(args, images, source) },
                { ...child, customTimeouts: { create: time, update: time } },
            );
        }

        function createMonitor() {
            const series = llmSeries(args.engine);
            if (series === undefined) return;
            const interval = args.scrapeInterval ?? "5s";
            const monitor = podMonitor({ app, namespace, port: "http", interval, keep: series.join("|") });
            new CustomResource(`${name}-monitor`, monitor, child);
        }
    }
}

/** Problems with the arguments. */
export function validateLlmServer(args: LlmServerArgs): Problem[] {
    return [
        ...checkName("namespace", args.namespace),
        ...checkEngine(args),
        ...checkName("app", args.app),
        ...checkModel(args.model),
        ...checkWhole("slots", args.slots, 1, 1000),
        ...checkWhole("contextTokens", args.contextTokens, 256, 10000000),
        ...checkReplicas(args),
        ...checkAmounts("cpu", args.cpu),
        ...checkAmounts("memory", args.memory),
        ...checkWhole("gpus", args.gpus, 1, 64),
        ...checkStorage(args.storage),
        ...checkWhole("longestSeconds", args.longestSeconds, 1, 3600),
        ...checkWhole("startSeconds", args.startSeconds, 10, 86400),
        ...checkWhole("drainSeconds", args.drainSeconds, 0, 600),
        ...checkToken(args.huggingFaceToken),
        ...checkEngineArguments(args.engineArguments),
        ...checkSimulation(args.simulation),
        ...checkProxy(args),
        ...checkDuration("scrapeInterval", args.scrapeInterval),
    ];
}
