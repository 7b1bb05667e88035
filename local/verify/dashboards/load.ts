import { setTimeout as sleep } from "node:timers/promises";
import { kubectl } from "../../cluster";
import type { Instance } from "../../instance";
import { Drive } from "../../scale/drive";
import { Flow } from "../faults/flow";
import { gpuRequests, llmRequests, namespace } from "./subjects";

/** Addresses on this machine. */
export interface Addresses {
    readonly producer: string;
    readonly llm: string;
}

/** Load on everything that a dashboard shows, until it is stopped. */
export class BoardLoad {
    private constructor(
        private readonly drive: Drive,
        private readonly flow: Flow,
        private readonly generating: Promise<unknown>,
        private readonly ended: AbortController,
    ) {}

    /** @throws Error when the instance has no running cluster, or no server with a GPU. */
    static async start(instance: Instance, { producer, llm }: Addresses): Promise<BoardLoad> {
        const what = [`--namespace=${namespace}`, "get", "service", "gpu"];
        const address = await kubectl(instance, [...what, "--output=jsonpath={.spec.clusterIP}"]);
        const drive = await Drive.start(instance);
        await drive.set({ kind: "hold", subject: "gpu", url: `http://${address}/`, amount: gpuRequests });
        const flow = new Flow(producer);
        flow.level = "calm";
        const ended = new AbortController();
        const generating = Promise.all(
            Array.from({ length: llmRequests }, () => generate(llm, ended.signal)),
        );
        return new BoardLoad(drive, flow, generating, ended);
    }

    async stop(): Promise<void> {
        this.ended.abort();
        this.drive.stop();
        await this.flow.stop();
        await this.generating;
    }
}

/** One answer after the other. What fails is asked again: the panels tell of it. */
async function generate(url: string, signal: AbortSignal): Promise<void> {
    const body = JSON.stringify({
        model: "qwen2:1.5b",
        prompt: "If you visit Paris, I suggest that you",
        stream: false,
    });
    while (!signal.aborted) {
        await fetch(`${url}/api/generate`, { method: "POST", body, signal })
            .then((answer) => answer.arrayBuffer())
            .catch(() => sleep(500));
    }
}
