import type { CustomResourceOptions, Resource } from "@pulumi/pulumi";
import {
    Autoscaler,
    type AutoscalerArgs,
    type AutoscalingPlatform,
    LlmServer,
    type LlmServerArgs,
    llmServerOpenings,
    llmServerScaling,
    SecureNamespace,
} from "../components";

/** A server of a language model, and how it is scaled. */
export interface LlmPlan {
    readonly server: LlmServerArgs;
    readonly scaling: AutoscalerArgs;
}

/** What the stacks have in common. */
interface LlmChoices {
    readonly enabled?: boolean | undefined;
    readonly model?: string | undefined;
    readonly slots?: number | undefined;
    readonly longestSeconds?: number | undefined;
    readonly minReplicas?: number | undefined;
    readonly maxReplicas?: number | undefined;
    readonly cooldownSeconds?: number | undefined;
}

/** Why a stack of charts has no language model. */
const noLlm = "the language model is switched off in this stack (pulumi-kube-observability:llm.enabled)";

/** Why a stack of charts has no address of it outside the cluster. */
export function llmReason(plan: LlmPlan | undefined): string {
    return plan === undefined
        ? noLlm
        : "it has no login, so it is not reached from outside the cluster: " +
              `kubectl --namespace ${plan.server.namespace} port-forward service/llm-proxy 8080:80`;
}

/** Seconds without a request after which the last server goes, where nobody says: loading a model takes long, too. */
const usualCooldownSeconds = 300;

/** The plan where it is switched on: scaled on its queue, to zero unless one server is to stay. */
export function llmPlan(
    choices: LlmChoices | undefined,
    platform: AutoscalingPlatform,
    own: Pick<LlmServerArgs, "engine"> & Partial<LlmServerArgs>,
): LlmPlan | undefined {
    if (!choices?.enabled) return undefined;
    const { model, slots, longestSeconds, minReplicas = 0, maxReplicas = 4 } = choices;
    const { cooldownSeconds = usualCooldownSeconds } = choices;
    const server: LlmServerArgs = {
        namespace: "llm",
        model,
        slots,
        longestSeconds,
        autoscaled: true,
        ...own,
        proxy: { ...own.proxy, maxServers: maxReplicas },
    };
    return {
        server,
        scaling: llmServerScaling(server, { minReplicas, platform, pace: { cooldownSeconds } }),
    };
}

/** Installs it, in a namespace of its own. */
export function installLlm(
    { server, scaling }: LlmPlan,
    options: (...after: Resource[]) => CustomResourceOptions,
    autoscaler?: Resource,
): LlmServer {
    const openings = llmServerOpenings(server);
    const namespace = new SecureNamespace("llm", { namespace: server.namespace, openings }, options());
    const llm = new LlmServer("llm", server, options(namespace));
    new Autoscaler("llm-scaling", scaling, options(llm, ...(autoscaler ? [autoscaler] : [])));
    return llm;
}
