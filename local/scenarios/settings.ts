import type { Stage } from "./scenario";

/** How a workload is set on the running stack: what `Pulumi.dev.yaml` may change, a scenario does not know before. */
export interface RunningSettings {
    readonly minReplicas: number;
    readonly maxReplicas: number;
    /** Seconds without demand after which the last replica goes. */
    readonly cooldownSeconds: number;
    /** Of its autoscaler's first signal, as KEDA has it. */
    readonly trigger: Readonly<Record<string, string>>;
    /** The environment of its container. */
    readonly environment: Readonly<Record<string, string>>;
}

/** A ScaledObject and a Deployment as the API server tells of them, as far as they are needed here. */
export interface ScaledWorkload {
    readonly scaledObject: {
        readonly spec: {
            readonly minReplicaCount?: number;
            readonly maxReplicaCount: number;
            readonly cooldownPeriod: number;
            readonly triggers: readonly { readonly metadata: Readonly<Record<string, string>> }[];
        };
    };
    readonly deployment: {
        readonly spec: {
            readonly template: {
                readonly spec: {
                    readonly containers: readonly {
                        readonly env?: readonly { readonly name: string; readonly value?: string }[];
                    }[];
                };
            };
        };
    };
}

/**
 * Asks the cluster.
 *
 * @throws Error with kubectl's words where one of the two is not there.
 */
export async function runningSettings(
    kubectl: Stage["kubectl"],
    { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<RunningSettings> {
    const get = async (kind: string) =>
        JSON.parse(await kubectl(["--namespace", namespace, "get", kind, name, "--output=json"]));
    return settingsOf({ scaledObject: await get("scaledobject"), deployment: await get("deployment") });
}

/** What the two objects say. */
export function settingsOf({ scaledObject, deployment }: ScaledWorkload): RunningSettings {
    const { minReplicaCount = 0, maxReplicaCount, cooldownPeriod, triggers } = scaledObject.spec;
    const [container] = deployment.spec.template.spec.containers;
    return {
        minReplicas: minReplicaCount,
        maxReplicas: maxReplicaCount,
        cooldownSeconds: cooldownPeriod,
        trigger: triggers[0]?.metadata ?? {},
        environment: Object.fromEntries((container?.env ?? []).map(({ name, value = "" }) => [name, value])),
    };
}
