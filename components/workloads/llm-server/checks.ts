import {
    checkBytes,
    checkChoice,
    checkObjectName,
    checkSecretKey,
    checkWhole,
    type Problem,
} from "../../problems";
import type { LlmServerArgs } from "../llm-server";
import { validateQueueingProxy } from "../queueing-proxy";
import { checkNumber } from "../web-server/checks";
import { distributions } from "../web-server/pod";
import { engineDefaults, type LlmEngine, llmEngines } from "./engines";

/** Problems with arguments of one engine that are given to another. */
export function checkEngine(args: LlmServerArgs): Problem[] {
    const ofEngines = {
        storage: ["ollama", "vllm"],
        contextTokens: ["ollama", "vllm"],
        huggingFaceToken: ["vllm"],
        engineArguments: ["vllm"],
        simulation: ["simulator"],
    } as const satisfies Partial<Record<keyof LlmServerArgs, readonly LlmEngine[]>>;
    const unknown = checkChoice("engine", args.engine ?? "", llmEngines);
    if (unknown.length > 0) return unknown;
    return Object.entries(ofEngines).flatMap(([property, engines]: [string, readonly LlmEngine[]]) => {
        const given = args[property as keyof typeof ofEngines];
        return given === undefined || engines.includes(args.engine)
            ? []
            : [
                  {
                      property,
                      given,
                      allowed: `nothing with the engine ${args.engine}: it is for ${engines.join(" and ")}`,
                      fix: `leave ${property} out, or choose another engine`,
                  },
              ];
    });
}

/** The problem with a model's name, if there is one. */
export function checkModel(given: string | undefined): Problem[] {
    return given === undefined || /^[A-Za-z0-9][-A-Za-z0-9._:/@]{0,200}$/.test(given)
        ? []
        : [
              {
                  property: "model",
                  given,
                  allowed: "a name such as qwen2:1.5b (Ollama) or Qwen/Qwen2.5-1.5B-Instruct (vLLM)",
                  fix: "take it from the library of Ollama, or from Hugging Face",
              },
          ];
}

/** Problems with the volumes. */
export function checkStorage(given: LlmServerArgs["storage"]): Problem[] {
    return [
        ...checkBytes("storage.size", given?.size),
        ...checkObjectName("storage.storageClass", given?.storageClass),
    ];
}

/** Problems with the Secret that holds a token. */
export function checkToken(given: LlmServerArgs["huggingFaceToken"]): Problem[] {
    return given === undefined
        ? []
        : [
              ...checkObjectName("huggingFaceToken.name", given.name ?? ""),
              ...checkSecretKey("huggingFaceToken.key", given.key ?? ""),
          ];
}

/** What arguments of the component say already: twice, one of them would not count. */
const taken: Readonly<Record<string, string>> = {
    "--model": "model",
    "--served-model-name": "model",
    "--host": "namespace",
    "--port": "namespace",
    "--max-num-seqs": "slots",
    "--tensor-parallel-size": "gpus",
    "--shutdown-timeout": "longestSeconds",
    "--max-model-len": "contextTokens",
    "--hf-token": "huggingFaceToken",
};

/** Problems with further arguments of vLLM. */
export function checkEngineArguments(given: LlmServerArgs["engineArguments"]): Problem[] {
    return (given ?? []).flatMap((argument, i) => {
        const option = /^--[a-z0-9][-a-z0-9.]*(?==|$)/.exec(argument)?.[0];
        const other = option === undefined ? undefined : taken[option];
        return option !== undefined && other === undefined
            ? []
            : [
                  {
                      property: `engineArguments[${i}]`,
                      given: argument,
                      allowed:
                          "an option of vllm serve that no other argument sets, as --name or --name=value",
                      fix: other ? `use ${other} instead` : "write option and value as one text",
                  },
              ];
    });
}

/** Problems with what the proxy is told, and with how many requests it would have of that many slots. */
export function checkProxy(args: LlmServerArgs): Problem[] {
    const slots = args.slots ?? engineDefaults[args.engine]?.slots ?? 1;
    const problems = validateQueueingProxy({ ...args.proxy, namespace: "any", app: "any", slots });
    return problems
        .filter(({ property }) => property !== "slots")
        .map((problem) => ({ ...problem, property: `proxy.${problem.property}` }));
}

/** Problems with the simulation. */
export function checkSimulation(given: LlmServerArgs["simulation"] = {}): Problem[] {
    return [
        ...checkNumber("simulation.tokensPerSecond", given.tokensPerSecond, 0.1, 100000),
        ...checkNumber("simulation.promptTokensPerSecond", given.promptTokensPerSecond, 1, 1000000),
        ...checkNumber("simulation.meanTokens", given.meanTokens, 1, 100000),
        ...checkChoice("simulation.distribution", given.distribution, distributions),
        ...checkNumber("simulation.loadSeconds", given.loadSeconds, 0, 3600),
        ...checkWhole("simulation.maxQueue", given.maxQueue, 0, 10000),
    ];
}
