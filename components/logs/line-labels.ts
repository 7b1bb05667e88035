/**
 * The labels of a line of a log, as collectors write them and the store finds it by them: those that its pod's metrics
 * have, too. Only plain data, no resources.
 */
export const lineLabels = ["namespace", "pod", "container", "node", "app"] as const;
