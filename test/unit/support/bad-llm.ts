/** Component, arguments, and what is told of the one thing that is wrong: property, value, allowed, what to do. */
type Case = readonly [
    component: string,
    args: object,
    property: string,
    given: unknown,
    allowed: RegExp,
    fix: RegExp,
];

/** Bad input to what serves language models. */
export const badLlm: readonly Case[] = [
    [
        "LlmServer",
        { namespace: "llm", engine: "tgi" },
        "engine",
        "tgi",
        /^ollama, vllm, simulator$/,
        /^choose one of these$/,
    ],
    [
        "LlmServer",
        { namespace: "llm", engine: "ollama", engineArguments: ["--enforce-eager"] },
        "engineArguments",
        ["--enforce-eager"],
        /^nothing with the engine ollama: it is for vllm$/,
        /or choose another engine$/,
    ],
    [
        "LlmServer",
        { namespace: "llm", engine: "vllm", engineArguments: ["--max-num-seqs=4"] },
        "engineArguments[0]",
        "--max-num-seqs=4",
        /^an option of vllm serve that no other argument sets/,
        /^use slots instead$/,
    ],
    [
        "LlmServer",
        { namespace: "llm", engine: "simulator", proxy: { queueTimeout: "2h" } },
        "proxy.queueTimeout",
        "2h",
        /^a duration of at most an hour/,
        /^choose a shorter one/,
    ],
];
