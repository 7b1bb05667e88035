import type { batch, core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { appLabel, containerSecurity, podSecurity, resources } from "../../conventions";
import type { Images } from "../../images";
import { mountFiles, pythonCommand } from "../../program-files";
import { gpuPlacement } from "../gpu-nodes/placement";
import { simulatedGpuLoad } from "../simulated-gpus/annotations";
import type { VectorAddArgs } from "../vector-add";

/** Seconds that a Job may take where no other number is given. */
export function defaultDeadline(repeatSeconds = 0): number {
    return 1800 + repeatSeconds;
}

/** The Job; `source` is the name of the ConfigMap with the program for GPUs that are simulated. */
export function vectorAddSpec(
    app: string,
    args: Omit<VectorAddArgs, "namespace">,
    images: Images,
    source: pulumi.Input<string> | undefined,
): batch.v1.JobSpec {
    return {
        backoffLimit: args.retries ?? 3,
        activeDeadlineSeconds: args.deadlineSeconds ?? defaultDeadline(args.repeatSeconds),
        ...(args.ttlSeconds !== undefined && { ttlSecondsAfterFinished: args.ttlSeconds }),
        template: {
            metadata: {
                labels: appLabel(app),
                // It does nothing else while it runs.
                ...(args.simulated && { annotations: simulatedGpuLoad(100) }),
            },
            spec: vectorAddPod(app, args, images, source),
        },
    };
}

function vectorAddPod(
    app: string,
    args: Omit<VectorAddArgs, "namespace">,
    images: Images,
    source: pulumi.Input<string> | undefined,
): core.v1.PodSpec {
    const { placement, limits: gpu } = gpuPlacement(1, args.placement);
    const files = args.simulated && source !== undefined ? mountFiles(source) : undefined;
    const { requests, limits } = resources(
        ["100m", "1"],
        args.simulated ? ["32Mi", "64Mi"] : ["256Mi", "1Gi"],
    );
    return {
        ...placement,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        // Each try is a pod of its own, so that the log of one that failed stays.
        restartPolicy: "Never",
        securityContext: podSecurity,
        containers: [
            {
                name: app,
                image: args.simulated ? images.python : images.cudaSample,
                imagePullPolicy: "IfNotPresent",
                command: args.simulated ? pythonCommand("vector_add.py") : ["/bin/sh", "-c", cudaScript],
                env: [
                    { name: "REPEAT_SECONDS", value: `${args.repeatSeconds ?? 0}` },
                    // It would be kept in a home that cannot be written.
                    { name: "CUDA_CACHE_DISABLE", value: "1" },
                ],
                resources: { requests: { ...requests, ...gpu }, limits: { ...limits, ...gpu } },
                securityContext: containerSecurity,
                ...(files && { volumeMounts: [files.volumeMount] }),
            },
        ],
        ...(files && { volumes: [files.volume] }),
    };
}

/** NVIDIA's sample, at least once. It says what it does the first time, and at the end how often it was done. */
export const cudaScript = `
end=$(($(date +%s) + REPEAT_SECONDS)) times=0
while [ "$times" -eq 0 ] || [ "$(date +%s)" -lt "$end" ]; do
    said=$(/cuda-samples/vectorAdd 2>&1) || { status=$?; echo "$said"; exit "$status"; }
    [ "$times" -ne 0 ] || echo "$said"
    times=$((times + 1))
done
echo "added $times times"
`.trim();
