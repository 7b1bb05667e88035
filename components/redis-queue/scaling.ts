import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import * as pulumi from "@pulumi/pulumi";
import { waitFor } from "../conventions";
import { consumerApp } from "./consumer";
import { redisApp, redisPort } from "./redis";

export interface QueueScalingArgs {
    readonly namespace: pulumi.Input<string>;
    /** Name of the Secret with redis' password. */
    readonly secretName: pulumi.Input<string>;
    /** The list whose length decides. */
    readonly list: string;
    readonly maxReplicas: number;
    /** Messages in the list for each replica. */
    readonly itemsPerReplica: number;
    /** Seconds between two looks at the list. */
    readonly pollingSeconds: number;
    /** Seconds that the list has to be empty before the last replica goes. */
    readonly cooldownSeconds: number;
    /** What has to be there first: KEDA and the target. */
    readonly after: pulumi.Resource[];
}

/** Scales the consumer on the length of the list, from and to zero, by KEDA. */
export class QueueScaling extends pulumi.ComponentResource {
    constructor(name: string, args: QueueScalingArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:QueueScaling", name, {}, opts);
        const { namespace } = args;
        const afterKeda = { parent: this, dependsOn: args.after };
        const credentials = new CustomResource(
            `${name}-auth`,
            {
                apiVersion: "keda.sh/v1alpha1",
                kind: "TriggerAuthentication",
                metadata: { name: "redis", namespace },
                spec: {
                    secretTargetRef: [{ parameter: "password", name: args.secretName, key: "password" }],
                },
            },
            afterKeda,
        );
        new CustomResource(
            name,
            {
                apiVersion: "keda.sh/v1alpha1",
                kind: "ScaledObject",
                metadata: { name: consumerApp, namespace, annotations: waitFor("Ready") },
                spec: scaledObjectSpec(args, credentials.metadata.name),
            },
            afterKeda,
        );
        this.registerOutputs();
    }
}

/** The `spec` of the ScaledObject. */
export function scaledObjectSpec(
    args: Omit<QueueScalingArgs, "after" | "secretName">,
    triggerAuthentication: pulumi.Input<string>,
) {
    return {
        scaleTargetRef: { name: consumerApp },
        minReplicaCount: 0,
        maxReplicaCount: args.maxReplicas,
        pollingInterval: args.pollingSeconds,
        cooldownPeriod: args.cooldownSeconds,
        advanced: {
            horizontalPodAutoscalerConfig: {
                name: consumerApp,
                behavior: scalingBehaviour(args.maxReplicas),
            },
        },
        triggers: [
            {
                type: "redis",
                metricType: "AverageValue",
                metadata: {
                    address: pulumi.interpolate`${redisApp}.${args.namespace}.svc:${redisPort}`,
                    listName: args.list,
                    listLength: `${args.itemsPerReplica}`,
                    activationListLength: "0",
                },
                authenticationRef: { name: triggerAuthentication },
            },
        ],
    };
}

/**
 * Up at once: from one replica to all of them in a single step. Down with care: the greatest need of the last
 * half minute counts, and at most half of the replicas go every 15 s. The step from one to zero is KEDA's.
 */
export function scalingBehaviour(maxReplicas: number) {
    return {
        scaleUp: {
            stabilizationWindowSeconds: 0,
            selectPolicy: "Max",
            policies: [{ type: "Pods", value: maxReplicas, periodSeconds: 1 }],
        },
        scaleDown: {
            stabilizationWindowSeconds: 30,
            selectPolicy: "Max",
            policies: [{ type: "Percent", value: 50, periodSeconds: 15 }],
        },
    };
}
