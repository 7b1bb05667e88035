import { appLabel } from "../../conventions";
import type { Opening } from "../../namespaces/secure-namespace";
import type { LlmServerArgs } from "../llm-server";
import { queueingProxyOpenings } from "../queueing-proxy";
import { engineDefaults } from "./engines";
import { llmSeries } from "./workload";

/** What lets clients to the proxy, it to the servers, them to their models, and Prometheus to all, for their namespace. */
export function llmServerOpenings(
    args: Pick<LlmServerArgs, "app" | "engine">,
    monitoringNamespace = "monitoring",
): Opening[] {
    const app = args.app ?? "llm";
    const { port, storage } = engineDefaults[args.engine];
    const pods = appLabel(app);
    const metrics: Opening = {
        name: `${app}-metrics`,
        pods,
        direction: "ingress",
        peer: { namespace: monitoringNamespace },
        ports: [port],
    };
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
        ...(storage === undefined ? [] : [models]),
    ];
}
