import { loadScenario } from "./load-scenario";

/**
 * Requests a second. The talk's `hey -c 10 -q 2` makes about 19.95 of 20; a rate that is measured wavers, and with any
 * more than 20 a fifth replica would be right as long as there are fewer than four.
 */
const rate = 19.5;

export const web = loadScenario({
    name: "web",
    title: "podinfo at 20 requests a second: four replicas, 5 each",
    shows:
        "A web server that is scaled on requests per second: 5 for each replica. At 20 requests a second it settles at " +
        "four replicas, and without any it comes back to one.",
    needs: "podinfoUrl",
    target: { namespace: "podinfo", name: "podinfo" },
    replicas: { min: 1, max: 20 },
    demand: {
        query: 'autoscaler:demand{namespace="podinfo",autoscaler="podinfo"}',
        unit: "requests/s",
        perReplica: 5,
    },
    plan: (url, short) => ({
        url,
        method: "GET",
        timeoutSeconds: 10,
        arrivals: { kind: "even", phases: [{ seconds: short ? 75 : 120, rate }], seed: 1 },
        reuseConnections: false,
    }),
    steady: { from: 4, to: 4, seconds: 30 },
    within: { settleSeconds: 45, backSeconds: 150 },
});
