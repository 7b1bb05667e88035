import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { Service } from "@pulumi/kubernetes/core/v1";
import type { apps } from "@pulumi/kubernetes/types/input";
import * as pulumi from "@pulumi/pulumi";
import { appLabel, servicePort } from "../../conventions";
import type { Images } from "../../images";
import { serviceMonitor } from "../../monitoring/monitors";
import { createSource, programFiles, pythonPod } from "./python-app";

export interface ProducerArgs {
    readonly namespace: pulumi.Input<string>;
    readonly images: Images;
    /** Name of the Secret with redis' password. */
    readonly secretName: pulumi.Input<string>;
    /** The list to publish to. */
    readonly list: string;
    /** Port on every node. @default none: reached inside the cluster only */
    readonly nodePort?: number | undefined;
}

/** Name of its Deployment and Service. */
export const producerApp = "producer";

/** Publishes messages on request: `POST /publish` one, `POST /publish/{n}` n of them. */
export class Producer extends pulumi.ComponentResource {
    /** Address inside the cluster. */
    public readonly url: pulumi.Output<string>;

    constructor(name: string, args: ProducerArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:Producer", name, {}, opts);
        const app = producerApp;
        const { namespace } = args;
        const child = { parent: this };
        const source = createSource(
            `${name}-source`,
            app,
            namespace,
            programFiles("producer.py", "resp.py"),
            child,
        );
        new Deployment(
            name,
            { metadata: { name: app, namespace }, spec: producerSpec(args, source.metadata.name) },
            child,
        );
        new Service(
            name,
            {
                metadata: { name: app, namespace, labels: appLabel(app) },
                spec: { ...servicePort("http", 80, args.nodePort), selector: appLabel(app) },
            },
            child,
        );
        new CustomResource(`${name}-monitor`, serviceMonitor({ app, namespace, port: "http" }), child);
        this.url = pulumi.interpolate`http://${app}.${namespace}.svc`;
        this.registerOutputs({ url: this.url });
    }
}

/** The producer's Deployment. */
export function producerSpec(
    args: Omit<ProducerArgs, "namespace" | "nodePort">,
    source: pulumi.Input<string>,
): apps.v1.DeploymentSpec {
    return {
        replicas: 1,
        selector: { matchLabels: appLabel(producerApp) },
        template: {
            metadata: { labels: appLabel(producerApp) },
            spec: pythonPod({
                images: args.images,
                app: producerApp,
                file: "producer.py",
                source,
                secretName: args.secretName,
                env: [{ name: "QUEUE", value: args.list }],
                serves: true,
                terminationGracePeriodSeconds: 10,
            }),
        },
    };
}
