import type { core } from "@pulumi/kubernetes/types/input";
import { softAntiAffinity } from "../../anti-affinity";
import { appLabel, containerSecurity, resources } from "../../conventions";
import { gpuPlacement } from "../../gpu/gpu-nodes/placement";
import type { LlmServerArgs } from "../llm-server";
import { finishSeconds, type LlmSettings } from "./engines";

/** The volume with the models: a claim of each pod where there is storage. */
export const modelsVolume = "models";
export const modelsPath = "/models";

/** Of the pod, beside its containers and volumes. */
export function llmPod(
    settings: LlmSettings,
    { placement }: LlmServerArgs,
): Omit<core.v1.PodSpec, "containers"> {
    const { app, gpus, drainSeconds } = settings;
    return {
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        terminationGracePeriodSeconds: drainSeconds + finishSeconds(settings) + 30,
        affinity: softAntiAffinity(appLabel(app)),
        ...gpuPlacement(gpus, placement).placement,
    };
}

/** Of the container that serves, beside what it runs. */
export function llmContainer(settings: LlmSettings) {
    const { app, cpu, memory, gpus, port } = settings;
    const { requests, limits } = resources(cpu, memory);
    const ofGpus = gpuPlacement(gpus, undefined).limits;
    return {
        name: app,
        imagePullPolicy: "IfNotPresent",
        ports: [{ name: "http", containerPort: port }],
        resources: { requests: { ...requests, ...ofGpus }, limits: { ...limits, ...ofGpus } },
        securityContext: containerSecurity,
    };
}
