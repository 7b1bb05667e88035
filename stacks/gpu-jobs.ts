import type { CustomResourceOptions, Resource } from "@pulumi/pulumi";
import {
    type GpuPodPlacement,
    SecureNamespace,
    TrainingJob,
    type TrainingJobArgs,
    trainingJobOpenings,
    VectorAdd,
    type VectorAddArgs,
} from "../components";
import { validateTrainingJob } from "../components/gpu/training-job";
import { validateVectorAdd } from "../components/gpu/vector-add";
import type { Problem } from "../components/problems";

/** Jobs that use GPUs, in a namespace of their own; what is undefined is not installed. */
export interface GpuJobsPlan {
    readonly namespace: string;
    readonly smokeTest: VectorAddArgs | undefined;
    readonly training: TrainingJobArgs | undefined;
}

/** What the stacks have in common. */
interface GpuJobsChoices {
    readonly smokeTest?: boolean | undefined;
    readonly training?:
        | {
              readonly enabled?: boolean | undefined;
              readonly workers?: number | undefined;
              readonly gpusPerWorker?: number | undefined;
              readonly data?: "mnist" | "synthetic" | undefined;
              readonly epochs?: number | undefined;
              readonly storageSize?: string | undefined;
              readonly storageClass?: string | undefined;
              readonly sharedStorage?: boolean | undefined;
          }
        | undefined;
}

const namespace = "gpu-jobs";

/** The plan where one of them is switched on. */
export function gpuJobsPlan(
    { smokeTest, training }: GpuJobsChoices,
    placement: GpuPodPlacement["pod"] | undefined,
    simulated = false,
): GpuJobsPlan | undefined {
    if (!smokeTest && !training?.enabled) return undefined;
    return {
        namespace,
        smokeTest: smokeTest ? { namespace, placement, simulated } : undefined,
        training: training?.enabled ? trainingArgs(training, placement, simulated) : undefined,
    };
}

function trainingArgs(
    choices: NonNullable<GpuJobsChoices["training"]>,
    placement: GpuPodPlacement["pod"] | undefined,
    simulated: boolean,
): TrainingJobArgs {
    const { workers, data, epochs, storageSize: size, storageClass, sharedStorage: shared } = choices;
    const gpusPerWorker = choices.gpusPerWorker ?? 1;
    return {
        namespace,
        workers,
        gpusPerWorker,
        data,
        epochs,
        storage: { size, storageClass, shared },
        // Without GPUs it has no business on nodes that have some.
        ...(gpusPerWorker > 0 && { placement, simulated }),
    };
}

/** Problems with the plan. */
export function gpuJobsProblems({ smokeTest, training }: GpuJobsPlan): Problem[] {
    return [
        ...(smokeTest ? validateVectorAdd(smokeTest) : []),
        ...(training ? validateTrainingJob(training) : []),
    ];
}

/** Installs them, after what brings the GPUs. */
export function installGpuJobs(
    plan: GpuJobsPlan,
    options: (...after: (Resource | undefined)[]) => CustomResourceOptions,
    ...gpus: (Resource | undefined)[]
): void {
    const { smokeTest, training } = plan;
    const openings = training ? trainingJobOpenings(training.app, training.data) : [];
    const home = new SecureNamespace("gpu-jobs", { namespace: plan.namespace, openings }, options());
    if (smokeTest) new VectorAdd("smoke-test", smokeTest, options(home, ...gpus));
    if (training) new TrainingJob("training", training, options(home, ...gpus));
}
