import { Job } from "@pulumi/kubernetes/batch/v1";
import { PersistentVolumeClaim, Service } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { appLabel } from "../conventions";
import { type Images, withImages } from "../images";
import type { Opening } from "../namespaces/secure-namespace";
import { type Problem, reject } from "../problems";
import { createFiles, programFiles } from "../program-files";
import type { GpuPodPlacement } from "./gpu-nodes";
import { checkTraining } from "./training-job/checks";
import { rendezvousPort, runName, trainingSpec } from "./training-job/job";
import { claimSpec, type TrainingStorage } from "./training-job/storage";

export type { TrainingStorage } from "./training-job/storage";

export interface TrainingJobArgs {
    /** Namespace to install into: one whose policies let its workers to each other, see `trainingJobOpenings`. */
    readonly namespace: pulumi.Input<string>;
    /** Name of its Job, Service and claim. @default "training" */
    readonly app?: string | undefined;
    /** Images to run instead of the pinned ones. @default `images` */
    readonly images?: Partial<Images> | undefined;
    /** Pods that train together, 1 to 1000. @default 2 */
    readonly workers?: number | undefined;
    /** GPUs of each, one process for each GPU, 0 to 16; 0: one process on the CPU. @default 0 */
    readonly gpusPerWorker?: number | undefined;
    /** Where its pods land: `pod` of GpuNodes' `podPlacement()`. @default any node, with GPUs where it needs some */
    readonly placement?: GpuPodPlacement["pod"] | undefined;
    /** Whether its GPUs are those of `SimulatedGpus`: asked for, and then the CPU trains. @default false */
    readonly simulated?: boolean | undefined;
    /** MNIST, which its pods download, or pictures of the same shape that they make. @default "mnist" */
    readonly data?: "mnist" | "synthetic" | undefined;
    /** How often all examples are seen, 1 to 1000000; not with `steps`. @default 1 */
    readonly epochs?: number | undefined;
    /** Steps, 1 to 1000000000. @default as many as `epochs` are */
    readonly steps?: number | undefined;
    /** Examples of each process in a step, 1 to 60000. @default 64 */
    readonly batch?: number | undefined;
    /** Steps between two checkpoints: what a lost worker costs at most, 1 to 1000000000. @default 100 */
    readonly checkpointEvery?: number | undefined;
    /** Steps between two lines of its log, 1 to 1000000000. @default 10 */
    readonly logEvery?: number | undefined;
    /** The volume with the checkpoint. @default 1Gi of the default class, all workers on one node */
    readonly storage?: TrainingStorage | undefined;
    /** Cores that a worker asks for, and the most that it gets. @default ["1", "2"] */
    readonly cpu?: readonly [request: string, limit: string] | undefined;
    /** Memory that a worker asks for, and the most that it gets. @default ["1Gi", "4Gi"] */
    readonly memory?: readonly [request: string, limit: string] | undefined;
    /**
     * How often each worker's pod may fail before the training does, 0 to 1000. One whose training gets nowhere fails; that
     * workers are evicted is no failure, of none of them, as long as there is a new checkpoint in between. @default 6
     */
    readonly retries?: number | undefined;
    /** Seconds after its end when the Job and its logs are removed, 0 to 31536000. @default none: they stay */
    readonly ttlSeconds?: number | undefined;
}

/**
 * A network that learns to read digits, on many pods together: PyTorch's DistributedDataParallel, NCCL between GPUs, Gloo
 * between CPUs. A worker that is lost is replaced, and all go on from the last checkpoint. `up` does not wait for its end.
 *
 * Other arguments replace the Job; the checkpoint stays, and more `steps` continue from it. It goes with the component.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range.
 */
export class TrainingJob extends pulumi.ComponentResource {
    /** Name of the Job, whose first pod, `<name>-0-…`, logs the progress. */
    public readonly jobName: string;

    constructor(name: string, args: TrainingJobArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:TrainingJob", name, {}, opts);
        reject(this, validateTrainingJob(args));
        const { namespace } = args;
        const app = args.app ?? "training";
        const child = { parent: this, dependsOn: opts?.dependsOn ?? [] };
        // A claim whose class waits for a pod is not bound before there is one; a Service has none before it starts.
        const metadata = { name: app, namespace, annotations: { "pulumi.com/skipAwait": "true" } };

        const source = createFiles(`${name}-source`, app, namespace, trainingFiles(), child);
        const claim = new PersistentVolumeClaim(name, { metadata, spec: claimSpec(args.storage) }, child);
        const service = createService();
        createJob();

        this.jobName = app;
        this.registerOutputs({ jobName: this.jobName });

        function createService() {
            // The workers' names are to be known before the workers are ready: they look for each other to become so.
            const ports = [{ name: "rendezvous", port: rendezvousPort }];
            const found = {
                clusterIP: "None",
                publishNotReadyAddresses: true,
                selector: appLabel(app),
                ports,
            };
            return new Service(
                name,
                { metadata: { ...metadata, labels: appLabel(app) }, spec: found },
                child,
            );
        }

        function createJob() {
            const run = runName(app, args, trainingFiles());
            const spec = trainingSpec(app, run, args, withImages(args.images), source.metadata.name);
            const job = { ...metadata, labels: appLabel(app) };
            // Deleted before the next one is made: two trainings would write one checkpoint.
            const order = { dependsOn: [claim, service], deleteBeforeReplace: true };
            new Job(name, { metadata: job, spec }, { parent: child.parent, ...order });
        }
    }
}

/** The training's program. */
export function trainingFiles(): Record<string, string> {
    const files = ["worker.py", "agent.py", "attempts.py", "train.py", "checkpoint.py", "digits.py"];
    return programFiles("training", ...files);
}

/** Problems with the arguments. */
export function validateTrainingJob(args: TrainingJobArgs): Problem[] {
    return checkTraining(args);
}

/**
 * What lets workers to each other, and out to where MNIST is, for the namespace that they are installed into.
 *
 * @param data as the component's: MNIST is downloaded over HTTPS from hosts that change
 */
export function trainingJobOpenings(app = "training", data: TrainingJobArgs["data"] = "mnist"): Opening[] {
    const pods = appLabel(app);
    const download: Opening = {
        name: `${app}-download`,
        pods,
        direction: "egress",
        peer: "anywhere",
        ports: [443],
    };
    return [
        // NCCL and Gloo listen where there is room.
        { name: `${app}-from-workers`, pods, direction: "ingress", peer: { pods } },
        { name: `${app}-to-workers`, pods, direction: "egress", peer: { pods } },
        ...(data === "mnist" ? [download] : []),
    ];
}
