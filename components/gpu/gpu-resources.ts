/**
 * What nodes offer and pods ask for, under the names that kube-state-metrics gives it, as an expression: whole GPUs, shares
 * of one where they are told apart (`renameByDefault`), and MIG instances by their size (`mixed`).
 */
export const gpuResources = "nvidia_com_(gpu(_shared)?|mig_.+)";
