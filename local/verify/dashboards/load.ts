import { setTimeout as sleep } from "node:timers/promises";
import { Flow } from "../faults/flow";
import { gpuRequests, llmRequests, podinfoPause } from "./subjects";

/** Addresses on this machine: the outputs of the dev stack. */
export interface Addresses {
    readonly producerUrl: string;
    readonly podinfoUrl: string;
    readonly hashUrl: string;
    readonly llmUrl: string;
    readonly gpuUrl: string;
}

/** Load on everything that a dashboard shows, until it is stopped. */
export class BoardLoad {
    private constructor(
        private readonly flow: Flow,
        private readonly asking: Promise<unknown>,
        private readonly ended: AbortController,
    ) {}

    static start({ producerUrl, podinfoUrl, hashUrl, llmUrl, gpuUrl }: Addresses): BoardLoad {
        const flow = new Flow(producerUrl);
        flow.level = "calm";
        const ended = new AbortController();
        const prompt = {
            model: "qwen2:1.5b",
            prompt: "If you visit Paris, I suggest that you",
            stream: false,
        };
        const generate = { method: "POST", body: JSON.stringify(prompt) };
        const password = { method: "POST", body: "correct horse battery staple" };
        const { signal } = ended;
        const asking = Promise.all([
            keepAsking(podinfoUrl, {}, signal, podinfoPause),
            // One after the other keeps a pod at its limit, which is work for four.
            keepAsking(hashUrl, password, signal),
            ...times(llmRequests, () => keepAsking(`${llmUrl}/api/generate`, generate, signal)),
            ...times(gpuRequests, () => keepAsking(gpuUrl, {}, signal)),
        ]);
        return new BoardLoad(flow, asking, ended);
    }

    async stop(): Promise<void> {
        this.ended.abort();
        await this.flow.stop();
        await this.asking;
    }
}

function times<T>(count: number, make: () => T): T[] {
    return Array.from({ length: count }, make);
}

/** One answer after the other, with a pause between them. What fails is asked again: the panels tell of it. */
async function keepAsking(
    url: string,
    request: RequestInit,
    signal: AbortSignal,
    pauseMilliseconds = 0,
): Promise<void> {
    while (!signal.aborted) {
        await fetch(url, { ...request, signal })
            .then((answer) => answer.arrayBuffer())
            .catch(() => sleep(500));
        if (pauseMilliseconds > 0) await sleep(pauseMilliseconds);
    }
}
