import { loadScenario } from "./load-scenario";

/**
 * One client that always waits for a hash keeps one pod at its limit: 200m of CPU, and at 50 % of the 100m that each pod
 * asks for that is enough for four, on any machine.
 */
const clients = 1;

export const hash = loadScenario({
    name: "hash",
    title: "A server that hashes, scaled on its CPU",
    shows:
        "Work that cannot be put off: one client after the other has a password hashed. The pod that does so is at its CPU " +
        "limit, four times what a pod is to use, so that four come, or five with what pods use at rest.",
    needs: "hashUrl",
    target: { namespace: "hash", name: "hash" },
    replicas: { min: 1, max: 10 },
    demand: {
        query: '1000 * sum(rate(container_cpu_usage_seconds_total{namespace="hash",container="hash"}[1m]))',
        unit: "millicores",
        perReplica: 50,
    },
    plan: (url, short) => ({
        url,
        method: "POST",
        body: "correct horse battery staple",
        timeoutSeconds: 60,
        arrivals: { kind: "clients", phases: [{ seconds: short ? 90 : 120, clients }] },
        reuseConnections: false,
    }),
    // CPU is measured, and not counted: one more or less is right.
    steady: { from: 3, to: 5, seconds: 30 },
    within: { settleSeconds: 60, backSeconds: 180 },
});
