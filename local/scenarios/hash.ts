import { loadScenario } from "./load-scenario";

/**
 * Each keeps a pod at its limit of 200m of CPU, as long as no two meet in the same one: three are more than the 500m of which
 * ten pods are to use 50m each. With fewer clients, how many pods are right is a matter of chance: hashes are few and
 * long, and each pod is measured over other seconds.
 */
const clients = 3;

export const hash = loadScenario({
    name: "hash",
    title: "A server that hashes, scaled on its CPU",
    shows:
        "Work that cannot be put off: three clients have one password hashed after the other. Each keeps a pod at its CPU limit, " +
        "four times what a pod is to use, so that all ten come that there may be; without clients there is one again.",
    needs: "hashUrl",
    target: { namespace: "hash", name: "hash" },
    replicas: { min: 1, max: 10 },
    demand: {
        query: '1000 * sum(rate(container_cpu_usage_seconds_total{namespace="hash",container="hash"}[1m]))',
        unit: "millicores",
        perReplica: 50,
    },
    plan: (url) => ({
        url,
        method: "POST",
        body: "correct horse battery staple",
        timeoutSeconds: 60,
        arrivals: { kind: "clients", phases: [{ seconds: 120, clients }] },
        reuseConnections: false,
    }),
    // CPU is measured, and not counted: where two clients meet in a pod, one or two fewer are right.
    steady: { from: 8, to: 10, seconds: 20 },
    within: { settleSeconds: 100, backSeconds: 240 },
});
