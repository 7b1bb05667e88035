import { type LlmServerArgs, llmServerOpenings } from "../../components";
import { proxyName } from "../../components/workloads/queueing-proxy";
import { devImages } from "../../stacks/dev-images";

/** Namespace, servers and HAProxy's backend of the campaign on the embedded cluster. */
export const app = "campaign";

/** Service that is asked. */
export const service = proxyName(app);

/** As the campaign of the original had it: four pods, one answer at a time. An answer takes a second in the mean. */
export const server: LlmServerArgs = {
    namespace: app,
    app,
    engine: "simulator",
    images: devImages,
    slots: 1,
    replicas: 4,
    cpu: ["10m", "1"],
    simulation: { tokensPerSecond: 50, meanTokens: 50, distribution: "exponential" },
};

export const openings = llmServerOpenings(server);
