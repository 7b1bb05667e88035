import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import type { apps } from "@pulumi/kubernetes/types/input";
import * as pulumi from "@pulumi/pulumi";
import { appLabel } from "../../conventions";
import type { Images } from "../../images";
import { podMonitor } from "../../monitoring/monitors";
import { createSource, programFiles, pythonPod } from "./python-app";

export interface ConsumerArgs {
    readonly namespace: pulumi.Input<string>;
    readonly images: Images;
    /** Name of the Secret with redis' password. */
    readonly secretName: pulumi.Input<string>;
    /** The list to take messages from. */
    readonly list: string;
    /** Seconds of work for each message. */
    readonly secondsPerMessage: number;
}

/** Name of its Deployment: the target of the autoscaler. */
export const consumerApp = "consumer";

/** Takes messages from the list, works on each, and finishes the one it has when it is told to stop. */
export class Consumer extends pulumi.ComponentResource {
    /** What the autoscaler has to wait for. */
    public readonly deployment: Deployment;

    constructor(name: string, args: ConsumerArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:Consumer", name, {}, opts);
        const app = consumerApp;
        const { namespace } = args;
        const child = { parent: this };
        const source = createSource(
            `${name}-source`,
            app,
            namespace,
            programFiles("consumer.py", "resp.py"),
            child,
        );
        this.deployment = new Deployment(
            name,
            { metadata: { name: app, namespace }, spec: consumerSpec(args, source.metadata.name) },
            child,
        );
        // Pods, not a Service: at zero replicas a Service would have nothing behind it, and `up` would wait for it.
        new CustomResource(`${name}-monitor`, podMonitor({ app, namespace, port: "http" }), child);
        this.registerOutputs();
    }
}

/** The consumer's Deployment, without `replicas`: those belong to the autoscaler. */
export function consumerSpec(
    args: Omit<ConsumerArgs, "namespace">,
    source: pulumi.Input<string>,
): apps.v1.DeploymentSpec {
    return {
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: 0 } },
        selector: { matchLabels: appLabel(consumerApp) },
        template: {
            metadata: { labels: appLabel(consumerApp) },
            spec: pythonPod({
                images: args.images,
                app: consumerApp,
                file: "consumer.py",
                source,
                secretName: args.secretName,
                env: [
                    { name: "QUEUE", value: args.list },
                    { name: "PER_MESSAGE_SECONDS", value: `${args.secondsPerMessage}` },
                ],
                // Nobody asks whether a consumer is ready: it takes its work itself. And the kubelet probes at most
                // once a second, so that asking would add up to a second to each scale-up.
                serves: false,
                // The work on one message, and time to reach redis once more to say that it is done.
                terminationGracePeriodSeconds: 30,
            }),
        },
    };
}
