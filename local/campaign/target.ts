import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { renderProblem } from "../../components/problems";
import { llmSettings } from "../../components/workloads/llm-server/engines";
import { kubectl } from "../cluster";
import { mustRun, outputs } from "../commands/program";
import type { Instance } from "../instance";
import { findNode, networkOf } from "../node/node";
import { afterFailure } from "../tidied";
import { asking } from "../verify/dashboards/ask";
import { type Deployer, type Deployment, runnerDeployer } from "../verify/deployer";
import { app, server, service } from "./subject";

/** What is asked, and who measures it meanwhile. */
export interface Target {
    /** In words. */
    readonly what: string;
    /** Address that is asked. */
    readonly url: string;
    readonly model: string;
    /** HAProxy's backend, by which its series are found. */
    readonly proxy: string;
    readonly prometheusUrl?: string | undefined;
    /** Network to ask from. @default the host's */
    readonly within?: readonly string[] | undefined;
    /** Removes what was made for it. */
    readonly remove: () => Promise<void>;
}

/** What a user says of an endpoint of his. */
export interface Endpoint {
    /** Address of Ollama or of a server that speaks OpenAI's completions, with or without the path of its API. */
    readonly url: string;
    readonly prometheus?: string | undefined;
    /** @default "qwen2:1.5b" */
    readonly model?: string | undefined;
    /** Name of HAProxy's backend. @default "llm", as LlmServer's */
    readonly proxy?: string | undefined;
}

/**
 * Any endpoint, on any stack.
 *
 * @throws Error when its address is none.
 */
export function endpointTarget({ url, prometheus, model, proxy }: Endpoint): Target {
    if (!URL.canParse(url) || !/^https?:/.test(url)) {
        const allowed = "an address with http or https, such as http://localhost:11434";
        throw new Error(
            renderProblem({ property: "--url", given: url, allowed, fix: "write the whole address" }),
        );
    }
    const address = new URL(url);
    if (address.pathname === "/") address.pathname = "/api/generate";
    return {
        what: address.href,
        url: address.href,
        model: model ?? llmSettings(server).model,
        proxy: proxy ?? "llm",
        prometheusUrl: prometheus,
        remove: async () => {},
    };
}

/**
 * Four pods of the simulator of their own, beside the dev stack of an instance, which measures them.
 *
 * @param signal - ends it early; what was made until then is removed
 * @throws Error when it does not run, or its Prometheus does not find them.
 */
export async function devTarget(instance: Instance, signal?: AbortSignal): Promise<Target> {
    await mustRun(instance);
    const { prometheusUrl } = (await outputs(instance, false)) as { prometheusUrl?: string };
    const record = await findNode(instance);
    if (!prometheusUrl || !record) throw new Error("The stack has no Prometheus; run `make up` first.");
    const runner = runnerDeployer("");
    const remove = () => removed(runner, deployment(instance));
    try {
        const { failures } = await runner.up(deployment(instance));
        if (failures.length > 0) throw new Error(failures.join("\n"));
        signal?.throwIfAborted();
        const replicas = server.replicas ?? 1;
        await untilMeasured(prometheusUrl, replicas, signal);
        const address = await kubectl(instance, [
            `--namespace=${app}`,
            "get",
            "service",
            service,
            "--output=jsonpath={.spec.clusterIP}",
        ]);
        return {
            what: `${replicas} pods of the simulator of Ollama behind QueueingProxy, one slot each`,
            url: `http://${address}/api/generate`,
            model: llmSettings(server).model,
            proxy: app,
            prometheusUrl,
            within: networkOf(record),
            remove,
        };
    } catch (error) {
        return afterFailure(error, remove);
    }
}

/**
 * Removes what the campaign has made.
 *
 * @throws Error with why not all of it is gone, and the command that removes the rest.
 */
export async function removed(deployer: Pick<Deployer, "destroy">, what: Deployment): Promise<void> {
    const { failures } = await deployer
        .destroy(what)
        .catch(({ message }: Error) => ({ failures: [message] }));
    if (failures.length === 0) return;
    throw new Error(
        [
            ...failures,
            `Not all that the campaign has made is removed; do: eval "$(make -s env)"; kubectl delete namespace ${app}`,
        ].join("\n"),
    );
}

function deployment({ kubeconfig, dir }: Instance): Deployment {
    return {
        stack: "campaign",
        main: "local/campaign/program.ts",
        config: { "pulumi-kube-observability:kubeconfig": kubeconfig },
        kubeconfig,
        home: join(dir, "pulumi", "campaign"),
    };
}

/** Prometheus is told of new pods by its operator, and looks then. */
async function untilMeasured(
    prometheusUrl: string,
    replicas: number,
    signal: AbortSignal | undefined,
    patienceSeconds = 120,
): Promise<void> {
    const deadline = Date.now() + patienceSeconds * 1000;
    const { values } = asking(prometheusUrl);
    for (;;) {
        const [found] = await values(`haproxy_backend_active_servers{proxy="${app}"}`).catch(() => []);
        if (found === replicas) return;
        signal?.throwIfAborted();
        if (Date.now() > deadline)
            throw new Error(`Prometheus does not see ${replicas} servers behind the proxy "${app}"`);
        await sleep(1000);
    }
}
