import type { batch, core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { contentHash } from "../../content-hash";
import { appLabel, containerSecurity, environment, podSecurity, resources } from "../../conventions";
import type { Images } from "../../images";
import { mountFiles } from "../../program-files";
import { gpuPlacement } from "../gpu-nodes/placement";
import { simulatedGpuLoad } from "../simulated-gpus/annotations";
import type { TrainingJobArgs } from "../training-job";
import { together } from "./storage";

type Args = Omit<TrainingJobArgs, "namespace">;

/** Where worker 0 keeps the rendezvous. */
export const rendezvousPort = 29400;

/** The most GPUs, and so processes, of a worker. */
export const mostGpus = 16;

/** Names one training: a worker that comes back when it is over finds by this name that nothing is left to do. */
export function runName(app: string, args: Args, files: Record<string, string>): string {
    return `${app}-${contentHash(JSON.stringify([trainArguments(args), args.workers, args.gpusPerWorker, files]))}`;
}

/** The Job; `source` is the name of the ConfigMap with the program. */
export function trainingSpec(
    app: string,
    run: string,
    args: Args,
    images: Images,
    source: pulumi.Input<string>,
): batch.v1.JobSpec {
    const workers = args.workers ?? 2;
    return {
        completionMode: "Indexed",
        completions: workers,
        parallelism: workers,
        backoffLimitPerIndex: args.retries ?? 6,
        // The others would wait for one that is given up.
        maxFailedIndexes: 0,
        podReplacementPolicy: "Failed",
        podFailurePolicy: {
            rules: [
                // Nodes that are drained or lost, and pods that have to make room, are not the training's failures. Only
                // the pod itself has this condition: that the others do not fail with it is up to worker.py.
                { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
                // By this status the program says that it was started with a mistake.
                { action: "FailJob", onExitCodes: { operator: "In", values: [2] } },
            ],
        },
        ...(args.ttlSeconds !== undefined && { ttlSecondsAfterFinished: args.ttlSeconds }),
        template: {
            metadata: {
                labels: appLabel(app),
                ...(args.simulated && { annotations: simulatedGpuLoad(100) }),
            },
            spec: trainingPod(app, run, args, images, source),
        },
    };
}

function trainingPod(
    app: string,
    run: string,
    args: Args,
    images: Images,
    source: pulumi.Input<string>,
): core.v1.PodSpec {
    const { volume, volumeMount } = mountFiles(source);
    const { placement, limits: gpus } = gpuPlacement(args.gpusPerWorker ?? 0, args.placement);
    const { requests, limits } = resources(args.cpu ?? ["1", "2"], args.memory ?? ["1Gi", "4Gi"]);
    return {
        ...placement,
        ...together(app, args.storage),
        // With the Job's name and its number, each worker's name: <app>-<number>.<app>
        subdomain: app,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        // The Job replaces pods, each of them with a count of its own.
        restartPolicy: "Never",
        securityContext: podSecurity,
        containers: [
            {
                name: app,
                image: images.pytorch,
                imagePullPolicy: "IfNotPresent",
                command: ["python3", "-u", "/app/worker.py", ...trainArguments(args)],
                env: trainEnvironment(app, run, args),
                ports: [{ name: "rendezvous", containerPort: rendezvousPort }],
                resources: { requests: { ...requests, ...gpus }, limits: { ...limits, ...gpus } },
                securityContext: containerSecurity,
                volumeMounts: [
                    volumeMount,
                    { name: "checkpoint", mountPath: "/checkpoint" },
                    { name: "scratch", mountPath: "/tmp" },
                    { name: "shared-memory", mountPath: "/dev/shm" },
                ],
            },
        ],
        volumes: [
            volume,
            { name: "checkpoint", persistentVolumeClaim: { claimName: app } },
            { name: "scratch", emptyDir: {} },
            // NCCL's way between the processes of a pod; a container has 64 MiB of its own. Part of the memory limit.
            { name: "shared-memory", emptyDir: { medium: "Memory", sizeLimit: "1Gi" } },
        ],
    };
}

/** The arguments of train.py. */
export function trainArguments(args: Args): string[] {
    const length = args.steps !== undefined ? { steps: args.steps } : { epochs: args.epochs ?? 1 };
    const values = {
        data: args.data ?? "mnist",
        "data-folder": "/tmp/data",
        ...length,
        batch: args.batch ?? 64,
        checkpoint: "/checkpoint",
        "checkpoint-every": args.checkpointEvery ?? 100,
        "log-every": args.logEvery ?? 10,
        device: usesGpus(args) ? "gpu" : "cpu",
    };
    return Object.entries(values).flatMap(([name, value]) => [`--${name}`, `${value}`]);
}

function usesGpus(args: Args): boolean {
    return (args.gpusPerWorker ?? 0) > 0 && !args.simulated;
}

function trainEnvironment(app: string, run: string, args: Args): core.v1.EnvVar[] {
    const processes = Math.max(1, args.gpusPerWorker ?? 0);
    const values = {
        WORKERS: args.workers ?? 2,
        PROCESSES: processes,
        RENDEZVOUS: `${app}-0.${app}:${rendezvousPort}`,
        RUN: run,
        HOME: "/tmp",
        // Where NVIDIA's runtime is the nodes' default, the image would be given all GPUs of the node.
        ...(!usesGpus(args) && { NVIDIA_VISIBLE_DEVICES: "void" }),
    };
    const plain = environment(values);
    // PyTorch counts the cores of the node, not those of the pod. With several processes torchrun gives each one thread.
    const threads = { name: "OMP_NUM_THREADS", valueFrom: { resourceFieldRef: { resource: "limits.cpu" } } };
    return processes === 1 ? [...plain, threads] : plain;
}
