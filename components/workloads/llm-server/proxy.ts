import { durationSeconds } from "../../autoscaling/autoscaler/promql";
import type { Images } from "../../images";
import type { LlmServerArgs } from "../llm-server";
import { haproxyArgs, type QueueingProxyArgs } from "../queueing-proxy";
import { llmSettings } from "./engines";

/**
 * The proxy of the servers. Its alerts fit models: no answer is slow that may take as long, and a server that is started
 * from zero has to load its model first, so that none is told to be missing before half of the time for which requests wait.
 */
export function llmProxy(args: LlmServerArgs, images: Images): QueueingProxyArgs {
    const { app, port, slots, longestSeconds } = llmSettings(args);
    const own = { ...args.proxy, namespace: args.namespace, app, serverPort: port, slots, images };
    const queueSeconds = durationSeconds(haproxyArgs(own).queueTimeout) ?? 0;
    return {
        ...own,
        slowSeconds: own.slowSeconds ?? longestSeconds,
        withoutServersSeconds: own.withoutServersSeconds ?? Math.max(1, Math.floor(queueSeconds / 2)),
    };
}
