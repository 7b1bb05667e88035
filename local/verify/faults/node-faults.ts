import type { Fault } from "./fault";

/** Faults of the control plane. Its supervisor starts again what was killed, within a second. */
export const nodeFaults: readonly Fault[] = [
    {
        name: "API server restarted",
        expected: [],
        begin: async (stage) => stage.kill("kube-apiserver"),
        end: async () => {},
    },
    {
        name: "API server down for a minute",
        expected: [],
        seconds: 60,
        begin: async (stage) => stage.service("down", "kube-apiserver"),
        end: async (stage) => stage.service("up", "kube-apiserver"),
    },
    {
        name: "controller-manager restarted",
        expected: [],
        begin: async (stage) => stage.kill("kube-controller-manager"),
        end: async () => {},
    },
    {
        name: "controller-manager down for a minute",
        expected: [],
        seconds: 60,
        begin: async (stage) => stage.service("down", "kube-controller-manager"),
        end: async (stage) => stage.service("up", "kube-controller-manager"),
    },
];
