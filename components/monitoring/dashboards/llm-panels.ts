import type { BoardPanel } from "./board";
import { podsOf } from "./pods-of";

/** Pods of the servers, without those of their proxy: as a backend it is called as they are. */
const servers = `namespace="$namespace",pod=~"${podsOf("$proxy")}"`;
const rate = (counter: string) => `rate(${counter}{${servers}}[$__rate_interval])`;

/** Panels of the simulator that stands in for Ollama, which itself tells Prometheus nothing. */
export const llmPanels: readonly BoardPanel[] = [
    {
        title: "Tokens (simulator)",
        unit: "short",
        description:
            "Tokens of answers that are done, in each second. The simulator counts them with the last one.",
        needs: ["llm"],
        emptyBecause: "there are no servers",
        queries: [
            { legend: "{{pod}}", expr: `sum by (pod) (${rate("ollama_simulator_tokens_generated_total")})` },
        ],
    },
    {
        title: "Slots in use (simulator)",
        unit: "percentunit",
        max: 1,
        description: "The share of each server's slots that have a request.",
        needs: ["llm"],
        emptyBecause: "there are no servers",
        queries: [
            {
                legend: "{{pod}}",
                expr: `sum by (pod) (http_requests_in_flight{${servers}}) / sum by (pod) (http_slots{${servers}})`,
            },
        ],
    },
    {
        title: "Answers that nobody waited for (simulator)",
        unit: "reqps",
        description: "Requests whose client went away before the end.",
        needs: ["llm"],
        emptyBecause: "there are no servers",
        queries: [
            {
                legend: "abandoned",
                expr: `sum(${rate("ollama_simulator_requests_abandoned_total")})`,
            },
        ],
    },
];

/** Seconds within which half and 95 of 100 requests pass a stage. */
function quantiles(histogram: string): BoardPanel["queries"] {
    return [0.5, 0.95].map((quantile) => ({
        legend: `${100 * quantile} %`,
        expr: `histogram_quantile(${quantile}, sum by (le) (${rate(`${histogram}_bucket`)}))`,
    }));
}

/** Panels of vLLM. */
export const vllmPanels: readonly BoardPanel[] = [
    {
        title: "Tokens (vLLM)",
        unit: "short",
        description: "Tokens read and written in each second.",
        needs: ["vllm"],
        emptyBecause: "there are no servers",
        queries: [
            { legend: "prompts", expr: `sum(${rate("vllm:prompt_tokens_total")})` },
            { legend: "answers", expr: `sum(${rate("vllm:generation_tokens_total")})` },
        ],
    },
    {
        title: "Requests in the engine (vLLM)",
        unit: "short",
        description: "With a queue before it hardly any wait here: more slots than the engine has are wrong.",
        needs: ["vllm"],
        emptyBecause: "there are no servers",
        queries: [
            { legend: "running", expr: `sum(vllm:num_requests_running{${servers}})` },
            { legend: "waiting", expr: `sum(vllm:num_requests_waiting{${servers}})` },
        ],
    },
    {
        title: "Time to the first token (vLLM)",
        unit: "s",
        description: "From the arrival at the engine; the wait at the proxy comes before.",
        needs: ["vllm"],
        emptyBecause: "nothing is generated",
        queries: quantiles("vllm:time_to_first_token_seconds"),
    },
    {
        title: "Time between two tokens (vLLM)",
        unit: "s",
        description: "The pace that a reader sees.",
        needs: ["vllm"],
        emptyBecause: "nothing is generated",
        queries: quantiles("vllm:inter_token_latency_seconds"),
    },
    {
        title: "KV cache (vLLM)",
        unit: "percentunit",
        max: 1,
        description: "The share of the cache in use. When it is full, requests are put back and begin anew.",
        needs: ["vllm"],
        emptyBecause: "there are no servers",
        queries: [{ legend: "{{pod}}", expr: `max by (pod) (vllm:kv_cache_usage_perc{${servers}})` }],
    },
    {
        title: "Requests put back (vLLM)",
        unit: "reqps",
        description: "Preemptions: the cache was full.",
        needs: ["vllm"],
        emptyBecause: "there are no servers",
        queries: [{ legend: "{{pod}}", expr: `sum by (pod) (${rate("vllm:num_preemptions_total")})` }],
    },
];
