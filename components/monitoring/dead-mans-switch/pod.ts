import type { apps, rbac } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { chainLabel } from "../../autoscaling/autoscaler/chain";
import { appLabel, containerSecurity, environment, podSecurity, resources } from "../../conventions";
import type { Images } from "../../images";
import { mountFiles, programFiles, pythonCommand } from "../../program-files";

/** Name of its Deployment, Service, account and by default its namespace, and so the `job` of its series. */
export const switchApp = "dead-mans-switch";

/** The port on which it serves. */
export const switchPort = 8080;

/** What it may do in the cluster: read ConfigMaps, of which it lists those with the label of autoscalers. */
export const switchClusterRules: rbac.v1.PolicyRule[] = [
    { apiGroups: [""], resources: ["configmaps"], verbs: ["list"] },
];

/** Its program. */
export function deadMansSwitchFiles(): Record<string, string> {
    return {
        ...programFiles("dead-mans-switch", "switch.py", "alarm.py"),
        ...programFiles("gpu", "kube.py"),
    };
}

export interface SwitchPodArgs {
    readonly images: Images;
    readonly account: pulumi.Input<string>;
    /** Name of the ConfigMap with the program. */
    readonly source: pulumi.Input<string>;
    /** Its namespace, for the alert of its own. */
    readonly namespace: string;
    readonly alertmanagerUrl: string;
    readonly silenceSeconds: number;
    /** Where this repository is read. @default its alerts name pages by their paths */
    readonly runbooksUrl?: string | undefined;
}

/** The Deployment: one pod, and never two, which would end each other's alerts. */
export function deadMansSwitchSpec(args: SwitchPodArgs): apps.v1.DeploymentSpec {
    const files = mountFiles(args.source);
    const probe = { httpGet: { path: "/healthz", port: "http" } };
    const env = {
        ALERTMANAGER_URL: args.alertmanagerUrl,
        SILENCE_SECONDS: args.silenceSeconds,
        CHAIN_LABEL: chainLabel,
        NAMESPACE: args.namespace,
        ...(args.runbooksUrl !== undefined && { RUNBOOKS_URL: args.runbooksUrl }),
    };
    return {
        replicas: 1,
        strategy: { type: "Recreate" },
        selector: { matchLabels: appLabel(switchApp) },
        template: {
            metadata: { labels: appLabel(switchApp) },
            spec: {
                serviceAccountName: args.account,
                automountServiceAccountToken: true,
                enableServiceLinks: false,
                securityContext: podSecurity,
                containers: [
                    {
                        name: switchApp,
                        image: args.images.python,
                        imagePullPolicy: "IfNotPresent",
                        command: pythonCommand("switch.py"),
                        env: environment(env),
                        ports: [{ name: "http", containerPort: switchPort }],
                        readinessProbe: { ...probe, periodSeconds: 2 },
                        livenessProbe: { ...probe, initialDelaySeconds: 10, periodSeconds: 10 },
                        resources: resources(["5m", "200m"], ["24Mi", "64Mi"]),
                        securityContext: containerSecurity,
                        volumeMounts: [files.volumeMount],
                    },
                ],
                volumes: [files.volume],
            },
        },
    };
}
