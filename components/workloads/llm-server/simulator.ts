import type { core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { environment, podSecurity } from "../../conventions";
import type { Images } from "../../images";
import { mountFiles, programFiles, pythonCommand } from "../../program-files";
import type { LlmServerArgs } from "../llm-server";
import type { Distribution } from "../web-server/pod";
import { type LlmSettings, llmSettings } from "./engines";
import { llmContainer, llmPod } from "./pod";

/** What an answer of the simulator costs. */
export interface LlmSimulation {
    /** Tokens that each answer has a second, 0.1 to 100000, however many there are at a time. @default 50 */
    readonly tokensPerSecond?: number | undefined;
    /** Tokens of a prompt that are read a second, 1 to 1000000. @default 1000 */
    readonly promptTokensPerSecond?: number | undefined;
    /** Mean tokens of an answer, 1 to 100000. @default 100 */
    readonly meanTokens?: number | undefined;
    /** How that length is spread; none is more than ten times the mean. @default "constant" */
    readonly distribution?: Distribution | undefined;
    /** Seconds from the start of a pod until its model is loaded, 0 to 3600. @default 0 */
    readonly loadSeconds?: number | undefined;
    /** Requests that wait in a pod, 0 to 10000; others are answered with 503, as by Ollama. @default 512 */
    readonly maxQueue?: number | undefined;
}

/** Series of the simulator that are kept. */
export const simulatorSeries = [
    "http_requests_total",
    "http_responses_total",
    "http_requests_in_flight",
    "http_requests_waiting",
    "http_slots",
    "ollama_simulator_tokens_generated_total",
    "ollama_simulator_tokens_per_second",
    "ollama_simulator_requests_abandoned_total",
] as const;

/** The simulator's program: on top of the web server's. */
export function simulatorFiles(): Record<string, string> {
    return {
        ...programFiles("ollama-simulator", "simulator.py", "answers.py", "counts.py", "generation.py"),
        ...programFiles("web", "server.py", "work.py", "metrics.py", "request.py"),
    };
}

/** A pod of the simulator. */
export function simulatorPod(
    args: LlmServerArgs,
    images: Images,
    source: pulumi.Input<string>,
): core.v1.PodSpec {
    const settings = llmSettings(args);
    const { volume, volumeMount } = mountFiles(source);
    return {
        ...llmPod(settings, args),
        securityContext: podSecurity,
        containers: [
            {
                ...llmContainer(settings),
                image: images.python,
                command: pythonCommand("simulator.py"),
                env: environment(simulatorEnv(args.simulation, settings)),
                // The kubelet asks at once, and then each second: a pod is Ready within a second of its model.
                readinessProbe: { ...get("/ready"), periodSeconds: 1, failureThreshold: 3 },
                livenessProbe: { ...get("/healthz"), initialDelaySeconds: 10, timeoutSeconds: 5 },
                volumeMounts: [volumeMount],
            },
        ],
        volumes: [volume],
    };
}

function get(path: string) {
    return { httpGet: { path, port: "http" } };
}

function simulatorEnv(simulation: LlmSimulation = {}, settings: LlmSettings) {
    const { model, slots, port, drainSeconds } = settings;
    return {
        MODEL: model,
        PORT: port,
        OLLAMA_NUM_PARALLEL: slots,
        OLLAMA_MAX_QUEUE: simulation.maxQueue ?? 512,
        TOKENS_PER_SECOND: simulation.tokensPerSecond ?? 50,
        PROMPT_TOKENS_PER_SECOND: simulation.promptTokensPerSecond ?? 1000,
        MEAN_TOKENS: simulation.meanTokens ?? 100,
        DISTRIBUTION: simulation.distribution ?? "constant",
        LOAD_SECONDS: simulation.loadSeconds ?? 0,
        DRAIN_SECONDS: drainSeconds,
    };
}
