import type { batch, core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { appLabel, containerSecurity, environment, podSecurity, resources } from "../../conventions";
import type { Images } from "../../images";
import { mountFiles, pythonCommand } from "../../program-files";
import type { LoadGeneratorArgs } from "../load-generator";

/** Seconds for which a pod may wait for its node and its image, and in which it says its result, on top of its own time. */
const startSeconds = 300;

/** The Job: one pod, once, and never longer than it has to be. */
export function loadJobSpec(
    app: string,
    args: Omit<LoadGeneratorArgs, "namespace">,
    images: Images,
    source: pulumi.Input<string>,
): batch.v1.JobSpec {
    return {
        // A load that is sent twice is another one.
        backoffLimit: 0,
        activeDeadlineSeconds: deadlineSeconds(args),
        template: { metadata: { labels: appLabel(app) }, spec: loadPod(app, args, images, source) },
    };
}

/**
 * Seconds after which the Job is ended whatever it does, and its log with it. The program ends itself before: late requests
 * are sent for `timeoutSeconds` more than `seconds`, and the last of them is waited for as long again.
 */
export function deadlineSeconds({
    seconds = 60,
    timeoutSeconds = 60,
}: Pick<LoadGeneratorArgs, "seconds" | "timeoutSeconds">): number {
    return Math.ceil(seconds + 2 * timeoutSeconds) + startSeconds;
}

function loadPod(
    app: string,
    args: Omit<LoadGeneratorArgs, "namespace">,
    images: Images,
    source: pulumi.Input<string>,
): core.v1.PodSpec {
    const { volume, volumeMount } = mountFiles(source);
    return {
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        restartPolicy: "Never",
        terminationGracePeriodSeconds: 5,
        securityContext: podSecurity,
        containers: [
            {
                name: app,
                image: images.python,
                imagePullPolicy: "IfNotPresent",
                command: pythonCommand("load.py"),
                env: environment(loadEnvironment(args)),
                // Short of CPU it would be late, and measure itself.
                resources: resources(["100m", "1"], ["32Mi", "256Mi"]),
                securityContext: containerSecurity,
                volumeMounts: [volumeMount],
            },
        ],
        volumes: [volume],
    };
}

/** What the program is told. */
export function loadEnvironment(args: Omit<LoadGeneratorArgs, "namespace">): Record<string, string> {
    return {
        URL: args.url,
        METHOD: args.method ?? "GET",
        RATE: `${args.rate}`,
        SECONDS: `${args.seconds ?? 60}`,
        CONNECTIONS: `${args.connections ?? 100}`,
        TIMEOUT_SECONDS: `${args.timeoutSeconds ?? 60}`,
    };
}
