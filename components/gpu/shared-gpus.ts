/**
 * What an exporter is told where pods share GPUs. For each pod it has a series then, and of two metrics, `DCGM_FI_DEV_GPU_UTIL`
 * and `DCGM_FI_DEV_FB_USED`, the pod's own part: it asks the driver what each process uses, and finds the pod of a process by
 * the pod's UID in `/proc` of the node. Without the node's processes (hostPID) or without the UIDs, which the API server has,
 * it does not say that it does not know: both are 0 for every pod, and autoscalers would take away what works.
 */
export const sharedGpuEnv = [
    { name: "KUBERNETES_VIRTUAL_GPUS", value: "true" },
    // It knows nvidia.com/gpu and nvidia.com/mig-…; pods that ask for a share under another name (`renameByDefault`) it skips.
    { name: "NVIDIA_RESOURCE_NAMES", value: "nvidia.com/gpu.shared" },
] as const;
