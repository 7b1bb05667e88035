import type { core } from "@pulumi/kubernetes/types/input";
import { environment, podSecurity } from "../../conventions";
import type { Images } from "../../images";
import type { LlmServerArgs } from "../llm-server";
import { finishSeconds, type LlmSettings, llmSettings } from "./engines";
import { llmContainer, llmPod, modelsPath, modelsVolume } from "./pod";

/** Series of vLLM that are kept: the load, the tokens and how long they take. */
export const vllmSeries = [
    "vllm:num_requests_(running|waiting)",
    "vllm:kv_cache_usage_perc",
    "vllm:num_preemptions_total",
    "vllm:(prompt|generation)_tokens_total",
    "vllm:request_success_total",
    "vllm:(time_to_first_token|inter_token_latency|e2e_request_latency|request_queue_time)_seconds_(bucket|sum|count)",
] as const;

/** The user of vLLM's image, of the group that may read what is in it. */
const user = { runAsUser: 2000, runAsGroup: 0, fsGroup: 2000 };
const tokenFolder = "/etc/huggingface";

/** A pod of vLLM. It listens when the model is loaded and has run once, so it is ready when it is healthy. */
export function vllmPod(args: LlmServerArgs, images: Images): core.v1.PodSpec {
    const settings = llmSettings(args);
    const health = { httpGet: { path: "/health", port: "http" } };
    const token = args.huggingFaceToken;
    return {
        ...llmPod(settings, args),
        securityContext: { ...podSecurity, ...user, fsGroupChangePolicy: "OnRootMismatch" },
        containers: [
            {
                ...llmContainer(settings),
                image: images.vllm,
                command: ["vllm", "serve"],
                args: vllmArguments(args, settings),
                env: environment(vllmEnv(args)),
                // The model is downloaded, loaded and compiled meanwhile.
                startupProbe: {
                    ...health,
                    periodSeconds: 5,
                    failureThreshold: Math.ceil(settings.startSeconds / 5),
                },
                readinessProbe: { ...health, periodSeconds: 5, timeoutSeconds: 5 },
                livenessProbe: { ...health, periodSeconds: 10, timeoutSeconds: 10, failureThreshold: 6 },
                // Told to stop it refuses what comes, and ends with what it has; so not before all know.
                lifecycle: { preStop: { exec: { command: ["sleep", `${settings.drainSeconds}`] } } },
                volumeMounts: [
                    { name: modelsVolume, mountPath: modelsPath },
                    { name: "shm", mountPath: "/dev/shm" },
                    { name: "tmp", mountPath: "/tmp" },
                    ...(token ? [{ name: "token", mountPath: tokenFolder, readOnly: true }] : []),
                ],
            },
        ],
        volumes: [
            // Its processes pass tensors to each other through it; the usual 64 MiB are not enough.
            { name: "shm", emptyDir: { medium: "Memory", sizeLimit: "4Gi" } },
            { name: "tmp", emptyDir: {} },
            ...(token ? [tokenVolume(token)] : []),
        ],
    };
}

function vllmArguments(args: LlmServerArgs, settings: LlmSettings): string[] {
    const { model, slots, port, gpus } = settings;
    return [
        model,
        `--served-model-name=${model}`,
        `--port=${port}`,
        `--max-num-seqs=${slots}`,
        `--tensor-parallel-size=${gpus}`,
        `--shutdown-timeout=${finishSeconds(settings)}`,
        ...(args.contextTokens === undefined ? [] : [`--max-model-len=${args.contextTokens}`]),
        ...(args.engineArguments ?? []),
    ];
}

/** Everything that it keeps is on the volume: weights, and what it compiles, which a restart then need not do again. */
function vllmEnv({ huggingFaceToken }: LlmServerArgs) {
    return {
        HOME: modelsPath,
        HF_HOME: `${modelsPath}/huggingface`,
        VLLM_CACHE_ROOT: `${modelsPath}/vllm`,
        // PyTorch asks for a name, and fails for a user without one.
        USER: "vllm",
        VLLM_NO_USAGE_STATS: 1,
        ...(huggingFaceToken && { HF_TOKEN_PATH: `${tokenFolder}/token` }),
    };
}

/** As a file: containers' environments are written to the node's disk. */
function tokenVolume({ name, key }: NonNullable<LlmServerArgs["huggingFaceToken"]>): core.v1.Volume {
    return {
        name: "token",
        secret: { secretName: name, items: [{ key, path: "token" }], defaultMode: 0o440 },
    };
}
