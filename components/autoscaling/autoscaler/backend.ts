import { checkChoice, type Problem } from "../../problems";
import type { AutoscalerArgs } from "../autoscaler";
import { type Backend, backends } from "./chain";
import type { AutoscalerPlan } from "./plan";
import { isResource } from "./signal";

const bringerOf: Readonly<Record<Backend, string>> = {
    resource: "MetricsServer",
    "prometheus-adapter": "PrometheusAdapter",
    keda: "Keda",
};

/** Problems with who is to move the replicas: the cluster has to have it, and it has to know the signals. */
export function checkBackend(
    { backend, platform, signals }: AutoscalerArgs,
    plan: AutoscalerPlan,
): Problem[] {
    const unknown = [
        ...checkChoice("backend", backend, backends),
        ...checkChoice("platform.backend", platform?.backend, backends),
    ];
    if (unknown.length > 0) return unknown;
    const { chain } = plan;
    const has = plan.platform.backends;
    const foreign = signals.filter((signal) => !isResource(signal)).map(({ name }) => name);
    const property = backend === undefined ? "platform.backend" : "backend";
    const problems: Problem[] = [];
    if (backend === undefined && platform?.backend === undefined) {
        // Nobody asked for what was chosen, so that what there is to choose from is what is wrong.
        if (has.length === 0 || (foreign.length > 0 && !has.includes(chain.backend))) {
            problems.push({
                property: "platform.backends",
                given: has,
                allowed: `"keda" or "prometheus-adapter" among them, for ${foreign.join(", ") || "any signal"}; "resource" for cpu and memory`,
                fix: "install one (Keda, PrometheusAdapter, MetricsServer), and name it there",
            });
        }
        return problems;
    }
    if (!has.includes(chain.backend)) {
        problems.push({
            property,
            given: chain.backend,
            allowed: `what this stack has: ${has.join(", ") || "nothing"}`,
            fix: `choose one of them, or install what brings "${chain.backend}" (${bringerOf[chain.backend]})`,
        });
    }
    if (chain.backend === "resource" && foreign.length > 0) {
        problems.push({
            property,
            given: "resource",
            allowed: `"prometheus-adapter" or "keda" for ${foreign.join(", ")}: plain HPAs know cpu and memory only`,
            fix: "choose one of these, or leave backend out",
        });
    }
    return problems;
}

/** Problems with what KEDA alone can be told. */
export function checkKedaPace({ pace }: AutoscalerArgs, { chain }: AutoscalerPlan): Problem[] {
    if (chain.backend === "keda") return [];
    const given = { pollingSeconds: pace?.pollingSeconds, cooldownSeconds: pace?.cooldownSeconds };
    return Object.entries(given)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => ({
            property: `pace.${name}`,
            given: value,
            allowed: `nothing with the back end "${chain.backend}": KEDA alone polls and cools down`,
            fix: 'leave it out, or choose the back end "keda"',
        }));
}
