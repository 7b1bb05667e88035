import { gpuServerSlots } from "../../stacks/gpu-rehearsal";
import { loadScenario } from "./load-scenario";

/** Work for one GPU and a half. */
const clients = 1.5 * gpuServerSlots;

export const gpu = loadScenario({
    name: "gpu",
    title: "A server with a GPU (simulated), scaled on how busy it is",
    shows:
        "Pods that each hold a GPU, and DCGM's metrics of it, on which they are scaled: 60 % of each, one to three. Work for " +
        "one GPU and a half takes three of them, at 50 % each.",
    needs: "gpuUrl",
    target: { namespace: "gpu-server", name: "gpu-server" },
    replicas: { min: 1, max: 3 },
    demand: {
        query: 'autoscaler:demand{namespace="gpu-server",autoscaler="gpu-server"}',
        unit: "% of a GPU",
        perReplica: 60,
    },
    plan: (url, short) => ({
        url,
        method: "GET",
        timeoutSeconds: 60,
        arrivals: { kind: "clients", phases: [{ seconds: short ? 45 : 90, clients }] },
        reuseConnections: false,
    }),
    steady: { from: 3, to: 3, seconds: 20 },
    within: { settleSeconds: 20, backSeconds: 150 },
});
