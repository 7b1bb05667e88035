import { type LoadScenario, runLoadScenario } from "./load-scenario";
import type { Scenario } from "./scenario";
import { type RunningSettings, runningSettings } from "./settings";

const target = { namespace: "llm", name: "llm" };

const about = {
    name: "llm",
    title: "A language model (simulated) from zero: requests are held until there is a server",
    shows:
        "Servers of a language model behind one queue, of which there are none while nobody asks. The first requests wait in " +
        "the proxy for the first server, and none fails; clients that keep two and a half servers busy have three, and without " +
        "any there are none again.",
    needs: "llmUrl",
} as const;

export const llm: Scenario = {
    ...about,
    run: async (stage) => {
        // First: where it is switched off, this says so.
        stage.url(about.needs);
        return runLoadScenario(llmLoad(await runningSettings(stage.kubectl, target)), stage);
    },
};

/** The load for servers as they are set: for three of them, or for as many as there may be. */
export function llmLoad(settings: RunningSettings): LoadScenario {
    const { minReplicas, maxReplicas, cooldownSeconds, environment } = settings;
    const slots = Number(environment.OLLAMA_NUM_PARALLEL);
    const steady = Math.max(minReplicas, Math.min(3, maxReplicas));
    return {
        ...about,
        target,
        replicas: { min: minReplicas, max: maxReplicas },
        demand: {
            query: 'autoscaler:demand{namespace="llm",autoscaler="llm",signal="in-flight"}',
            unit: "requests in flight",
            perReplica: 1.25 * slots,
        },
        plan: (url, short) => ({
            url: `${url}/api/generate`,
            method: "POST",
            body: JSON.stringify({
                model: environment.MODEL,
                prompt: "If you visit Paris, I suggest that you",
                stream: false,
            }),
            headers: { "Content-Type": "application/json" },
            timeoutSeconds: 120,
            arrivals: {
                kind: "clients",
                phases: [
                    { seconds: short ? 15 : 30, clients: Math.min(2, slots) },
                    { seconds: short ? 30 : 60, clients: 3 * slots },
                ],
            },
            reuseConnections: false,
        }),
        steady: { from: steady, to: steady, seconds: 15 },
        within: { settleSeconds: 45, backSeconds: 100 + cooldownSeconds },
    };
}
