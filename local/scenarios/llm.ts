import { loadScenario } from "./load-scenario";

/** Of each server, as the dev stack has it. */
const slots = 4;

export const llm = loadScenario({
    name: "llm",
    title: "A language model (simulated) from zero: requests are held until there is a server",
    shows:
        "Servers of a language model behind one queue, of which there are none while nobody asks. The first requests wait in " +
        "the proxy for the first server, and none fails; twelve clients have three servers, and without any there are none again.",
    needs: "llmUrl",
    target: { namespace: "llm", name: "llm" },
    replicas: { min: 0, max: 4 },
    demand: {
        query: 'autoscaler:demand{namespace="llm",autoscaler="llm",signal="in-flight"}',
        unit: "requests in flight",
        perReplica: 1.25 * slots,
    },
    plan: (url, short) => ({
        url: `${url}/api/generate`,
        method: "POST",
        body: JSON.stringify({
            model: "qwen2:1.5b",
            prompt: "If you visit Paris, I suggest that you",
            stream: false,
        }),
        headers: { "Content-Type": "application/json" },
        timeoutSeconds: 120,
        arrivals: {
            kind: "clients",
            phases: [
                { seconds: short ? 15 : 30, clients: 2 },
                { seconds: short ? 30 : 60, clients: 3 * slots },
            ],
        },
        reuseConnections: false,
    }),
    steady: { from: 3, to: 3, seconds: 15 },
    within: { settleSeconds: 45, backSeconds: 120 },
});
