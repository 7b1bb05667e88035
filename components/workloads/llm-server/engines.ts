import type { LlmServerArgs } from "../llm-server";

/** What serves a model; `simulator` is ours, speaks Ollama's API, and has no model. */
export const llmEngines = ["ollama", "vllm", "simulator"] as const;

export type LlmEngine = (typeof llmEngines)[number];

type Amounts = readonly [request: string, limit: string];

/** What an engine has where its arguments say nothing. */
interface EngineDefaults {
    readonly port: number;
    readonly model: string;
    readonly slots: number;
    readonly cpu: Amounts;
    readonly memory: Amounts;
    readonly gpus: number;
    /** Size of the volume of each pod; none where there is nothing to keep. */
    readonly storage: string | undefined;
}

/** The defaults of each engine. */
export const engineDefaults: { readonly [engine in LlmEngine]: EngineDefaults } = {
    ollama: {
        port: 11434,
        model: "qwen2:1.5b",
        slots: 4,
        cpu: ["1500m", "3"],
        // The weights, 1 GB, and the context of each slot. What is not there ends the server, so none is promised twice.
        memory: ["3Gi", "3Gi"],
        gpus: 0,
        storage: "10Gi",
    },
    vllm: {
        port: 8000,
        model: "Qwen/Qwen2.5-1.5B-Instruct",
        slots: 32,
        cpu: ["3", "8"],
        // The weights pass through it on their way to the GPU.
        memory: ["8Gi", "24Gi"],
        gpus: 1,
        storage: "50Gi",
    },
    simulator: {
        port: 11434,
        model: "qwen2:1.5b",
        slots: 4,
        cpu: ["20m", "500m"],
        memory: ["32Mi", "128Mi"],
        gpus: 0,
        storage: undefined,
    },
};

/** The arguments with their defaults. */
export interface LlmSettings {
    readonly app: string;
    readonly engine: LlmEngine;
    readonly port: number;
    readonly model: string;
    readonly slots: number;
    readonly cpu: Amounts;
    readonly memory: Amounts;
    readonly gpus: number;
    readonly storage: { readonly size: string; readonly storageClass?: string | undefined } | undefined;
    readonly longestSeconds: number;
    readonly startSeconds: number;
    readonly drainSeconds: number;
}

/** What the arguments and the defaults of the engine come to. */
export function llmSettings(args: LlmServerArgs): LlmSettings {
    const defaults = engineDefaults[args.engine];
    const size = args.storage?.size ?? defaults.storage;
    return {
        app: args.app ?? "llm",
        engine: args.engine,
        port: defaults.port,
        model: args.model ?? defaults.model,
        slots: args.slots ?? defaults.slots,
        cpu: args.cpu ?? defaults.cpu,
        memory: args.memory ?? defaults.memory,
        gpus: args.gpus ?? defaults.gpus,
        storage: size === undefined ? undefined : { ...args.storage, size },
        longestSeconds: args.longestSeconds ?? 600,
        startSeconds: args.startSeconds ?? 1800,
        drainSeconds: args.drainSeconds ?? 5,
    };
}

/** Seconds for an answer that waits in the server, after one that is as long as any: what a pod that stops may need. */
export function finishSeconds({ longestSeconds }: LlmSettings): number {
    return 2 * longestSeconds;
}
