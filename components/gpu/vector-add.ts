import { Job } from "@pulumi/kubernetes/batch/v1";
import * as pulumi from "@pulumi/pulumi";
import { contentHash } from "../content-hash";
import { appLabel } from "../conventions";
import { type Images, withImages } from "../images";
import { checkWhole, type Problem, reject } from "../problems";
import { createFiles, programFiles } from "../program-files";
import type { GpuPodPlacement } from "./gpu-nodes";
import { checkJobName } from "./job-name";
import { defaultDeadline, vectorAddSpec } from "./vector-add/pod";

export interface VectorAddArgs {
    /** Namespace to install into. Its pod opens no connection, and nobody opens one to it. */
    readonly namespace: pulumi.Input<string>;
    /** Name of its Job, to which a hash of what it runs is added. @default "vector-add" */
    readonly app?: string | undefined;
    /** Images to run instead of the pinned ones. @default `images` */
    readonly images?: Partial<Images> | undefined;
    /** Where its pod lands: `pod` of GpuNodes' `podPlacement()`. @default any node that offers `nvidia.com/gpu` */
    readonly placement?: GpuPodPlacement["pod"] | undefined;
    /** Whether its GPU is simulated, as those of `SimulatedGpus`: then the CPU adds, and its log says so. @default false */
    readonly simulated?: boolean | undefined;
    /** Seconds for which it adds again and again, so that a graph shows it, 0 to 86400; 0: once. @default 0 */
    readonly repeatSeconds?: number | undefined;
    /** How often it is tried again after a failure, 0 to 100. @default 3 */
    readonly retries?: number | undefined;
    /** Seconds for all of it, images and nodes that have to be made included, 60 to 604800. @default 1800, and `repeatSeconds` */
    readonly deadlineSeconds?: number | undefined;
    /**
     * Seconds after its end when the Job and its log are removed, 0 to 31536000. An `up` that looks at the cluster after
     * that runs it again. @default none: they stay
     */
    readonly ttlSeconds?: number | undefined;
    /** Whether `up` waits for the result, and fails where it is a failure. @default true */
    readonly wait?: boolean | undefined;
}

/**
 * Adds two vectors on a GPU: the smallest proof that node, driver, device plugin, runtime and CUDA work together. NVIDIA's
 * sample, run as a Job; what makes it another one makes it run again.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range.
 */
export class VectorAdd extends pulumi.ComponentResource {
    /** Name of the Job. */
    public readonly jobName: string;

    constructor(name: string, args: VectorAddArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:VectorAdd", name, {}, opts);
        reject(this, validateVectorAdd(args));
        const { namespace } = args;
        const app = args.app ?? "vector-add";
        const child = { parent: this, dependsOn: opts?.dependsOn ?? [] };

        const source = args.simulated
            ? createFiles(`${name}-source`, app, namespace, vectorAddFiles(), child)
            : undefined;
        const spec = vectorAddSpec(app, args, withImages(args.images), source?.metadata.name);
        this.jobName = vectorAddJobName(app, args);
        createJob();
        this.registerOutputs({ jobName: this.jobName });

        function createJob() {
            const annotations = args.wait === false ? { "pulumi.com/skipAwait": "true" } : {};
            const metadata = {
                name: vectorAddJobName(app, args),
                namespace,
                labels: appLabel(app),
                annotations,
            };
            const create = `${deadline(args) + 60}s`;
            new Job(name, { metadata, spec }, { ...child, customTimeouts: { create } });
        }
    }
}

/** The program for GPUs that are simulated. */
export function vectorAddFiles(): Record<string, string> {
    return programFiles("gpu", "vector_add.py");
}

/** A Job runs once: what is to run again has another name. */
export function vectorAddJobName(app: string, args: Omit<VectorAddArgs, "namespace">): string {
    const files = args.simulated ? vectorAddFiles() : {};
    return `${app}-${contentHash(JSON.stringify([vectorAddSpec(app, args, withImages(args.images), ""), files]))}`;
}

/** Problems with the arguments. */
export function validateVectorAdd(args: VectorAddArgs): Problem[] {
    return [
        ...checkJobName("app", args.app),
        ...checkWhole("repeatSeconds", args.repeatSeconds, 0, 86400),
        ...checkWhole("retries", args.retries, 0, 100),
        ...checkWhole("deadlineSeconds", args.deadlineSeconds, 60, 604800),
        ...checkDeadline(args),
        ...checkWhole("ttlSeconds", args.ttlSeconds, 0, 31536000),
    ];
}

function checkDeadline({ deadlineSeconds, repeatSeconds = 0 }: VectorAddArgs): Problem[] {
    return deadlineSeconds === undefined || deadlineSeconds > repeatSeconds
        ? []
        : [
              {
                  property: "deadlineSeconds",
                  given: deadlineSeconds,
                  allowed: `more than repeatSeconds, ${repeatSeconds}`,
                  fix: "raise deadlineSeconds, or leave it out: its default has room for repeatSeconds",
              },
          ];
}

function deadline(args: Pick<VectorAddArgs, "deadlineSeconds" | "repeatSeconds">): number {
    return args.deadlineSeconds ?? defaultDeadline(args.repeatSeconds);
}
