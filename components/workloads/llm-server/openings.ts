import { appLabel } from "../../conventions";
import { simulatedGpusApp } from "../../gpu/simulated-gpus/pod";
import type { Opening } from "../../namespaces/secure-namespace";
import type { LlmServerArgs } from "../llm-server";
import { queueingProxyOpenings } from "../queueing-proxy";
import { engineDefaults } from "./engines";
import { asksLoad, llmSeries } from "./workload";

/**
 * What lets clients to the proxy, it to the servers, them to their models, Prometheus to all, and `SimulatedGpus` in
 * `gpuNamespace` to simulators that have GPUs, for their namespace.
 */
export function llmServerOpenings(
    args: Pick<LlmServerArgs, "app" | "engine" | "gpus">,
    monitoringNamespace = "monitoring",
    gpuNamespace = simulatedGpusApp,
): Opening[] {
    const app = args.app ?? "llm";
    const { port, storage, gpus } = engineDefaults[args.engine];
    const gpusAsk = asksLoad(args.engine, args.gpus ?? gpus);
    const pods = appLabel(app);
    const metrics: Opening = {
        name: `${app}-metrics`,
        pods,
        direction: "ingress",
        peer: { namespace: monitoringNamespace },
        ports: [port],
    };
    const load: Opening = { ...metrics, name: `${app}-load`, peer: { namespace: gpuNamespace } };
    const models: Opening = {
        name: `${app}-to-models`,
        pods,
        direction: "egress",
        peer: "anywhere",
        ports: [443],
    };
    return [
        ...queueingProxyOpenings({ app, serverPort: port }, monitoringNamespace),
        ...(llmSeries(args.engine) === undefined ? [] : [metrics]),
        ...(gpusAsk ? [load] : []),
        ...(storage === undefined ? [] : [models]),
    ];
}
