import type { core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { containerSecurity, environment, podSecurity, resources } from "../../conventions";
import type { Images } from "../../images";
import { mountFiles, programFiles } from "../../program-files";
import type { LlmServerArgs } from "../llm-server";
import { type LlmSettings, llmSettings } from "./engines";
import { llmContainer, llmPod, modelsPath, modelsVolume } from "./pod";

/** What Ollama's image lacks: a pull that is over before the server starts, and answers to the kubelet. */
export function ollamaFiles(): Record<string, string> {
    return programFiles("ollama", "pull.sh", "probe.sh", "drain.sh");
}

/** A pod of Ollama: its model is pulled first, and loaded before it is ready. */
export function ollamaPod(
    args: LlmServerArgs,
    images: Images,
    source: pulumi.Input<string>,
): core.v1.PodSpec {
    const settings = llmSettings(args);
    const { volume, volumeMount } = mountFiles(source);
    const models = { name: modelsVolume, mountPath: modelsPath };
    const common = {
        image: images.ollama,
        imagePullPolicy: "IfNotPresent",
        securityContext: containerSecurity,
    };
    const tmp = { name: "tmp", mountPath: "/tmp" };
    return {
        ...llmPod(settings, args),
        // The volume may be large: its owner is set once, and not at every start.
        securityContext: { ...podSecurity, fsGroupChangePolicy: "OnRootMismatch" },
        initContainers: [
            {
                ...common,
                name: "pull",
                command: ["bash", "/app/pull.sh"],
                env: environment(storageEnv(settings)),
                resources: resources(["100m", "2"], ["128Mi", "1Gi"]),
                volumeMounts: [volumeMount, models, tmp],
            },
        ],
        containers: [
            {
                ...llmContainer(settings),
                ...common,
                command: ["ollama", "serve"],
                env: environment({ ...storageEnv(settings), ...serverEnv(args, settings) }),
                ...ollamaProbes(settings),
                lifecycle: { preStop: { exec: { command: ["bash", "/app/drain.sh"] } } },
                // Not writable: Ollama's API lets everybody delete a model.
                volumeMounts: [volumeMount, { ...models, readOnly: true }, tmp],
            },
        ],
        volumes: [volume, { name: "tmp", emptyDir: {} }],
    };
}

/**
 * What the kubelet asks. Whoever gives up on a load ends it, the kubelet too: so loads are asked for by those probes that
 * have all the time there is, once, and when that is over the container is started anew. The kubelet asks nothing else while
 * it starts; whether it is ready and whether it lives it asks side by side.
 */
function ollamaProbes({ startSeconds }: LlmSettings) {
    const probe = (what: string) => ({ exec: { command: ["bash", "/app/probe.sh", what] } });
    return {
        startupProbe: {
            ...probe("start"),
            periodSeconds: 2,
            timeoutSeconds: startSeconds,
            failureThreshold: 1,
        },
        // The program waits 5 s for an answer.
        readinessProbe: { ...probe("ready"), periodSeconds: 5, timeoutSeconds: 10, failureThreshold: 2 },
        livenessProbe: {
            ...probe("alive"),
            periodSeconds: 10,
            // It tries three times itself, which takes 25 s.
            timeoutSeconds: startSeconds + 30,
            failureThreshold: 1,
        },
    };
}

function storageEnv({ model }: LlmSettings) {
    return {
        MODEL: model,
        OLLAMA_MODELS: `${modelsPath}/ollama`,
        // A server that tidies up at its start would take an unfinished model away, and fails where it may not write.
        OLLAMA_NOPRUNE: 1,
        // Where it keeps a key of its own.
        HOME: "/tmp",
    };
}

function serverEnv({ contextTokens }: LlmServerArgs, settings: LlmSettings) {
    const { port, slots, startSeconds, drainSeconds } = settings;
    return {
        PORT: port,
        DRAIN_SECONDS: drainSeconds,
        OLLAMA_HOST: `0.0.0.0:${port}`,
        OLLAMA_NUM_PARALLEL: slots,
        // The queue is the proxy's. While that is replaced there are twice as many; and the kubelet asks, too.
        OLLAMA_MAX_QUEUE: 2 * slots + 2,
        OLLAMA_MAX_LOADED_MODELS: 1,
        OLLAMA_KEEP_ALIVE: -1,
        OLLAMA_LOAD_TIMEOUT: `${startSeconds}s`,
        OLLAMA_NO_CLOUD: 1,
        ...(contextTokens !== undefined && { OLLAMA_CONTEXT_LENGTH: contextTokens }),
    };
}
