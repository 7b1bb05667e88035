import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { Secret, Service } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { appLabel, podSecurity, resources, servicePort, waitFor } from "../../conventions";
import { type Images, versionOf } from "../../images";
import { serviceMonitor } from "../../monitoring/monitors";
import type { Problem } from "../../problems";

export interface AlertmanagerArgs {
    readonly namespace: pulumi.Input<string>;
    readonly images: Images;
    /** The operator that makes the server; waited for. */
    readonly operator: pulumi.Resource;
    /** Its configuration file, YAML or JSON. Kept in a Secret. @default `alertmanagerConfig()` */
    readonly config?: pulumi.Input<string> | undefined;
    /** Where Watchdog goes. @default nowhere */
    readonly deadMansSwitchUrl?: string | undefined;
    /** Port on every node. @default none: reached inside the cluster only */
    readonly nodePort?: number | undefined;
}

const app = "alertmanager";

/** Name of the Alertmanager object; its pods are `alertmanager-main-0` and so on. */
export const alertmanagerName = "main";

/** The labels that the operator puts on the server's pods. */
export const alertmanagerPods = { ...appLabel(app), alertmanager: alertmanagerName };

/** Alertmanager, as an object for the prometheus-operator: groups alerts and sends them on. */
export class Alertmanager extends pulumi.ComponentResource {
    /** Address inside the cluster. */
    public readonly url: pulumi.Output<string>;

    constructor(name: string, args: AlertmanagerArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:Alertmanager", name, {}, opts);
        const { namespace } = args;
        const config = new Secret(
            `${name}-config`,
            {
                metadata: { name: "alertmanager-config", namespace },
                stringData: {
                    "alertmanager.yaml":
                        args.config ?? JSON.stringify(alertmanagerConfig(args.deadMansSwitchUrl)),
                },
            },
            { parent: this },
        );
        new CustomResource(
            name,
            {
                apiVersion: "monitoring.coreos.com/v1",
                kind: "Alertmanager",
                metadata: { name: alertmanagerName, namespace, annotations: waitFor("Available") },
                spec: alertmanagerSpec(args.images, config.metadata.name),
            },
            { parent: this, dependsOn: args.operator },
        );
        new Service(
            name,
            {
                metadata: { name: app, namespace, labels: appLabel(app) },
                spec: { ...servicePort("web", 9093, args.nodePort), selector: alertmanagerPods },
            },
            { parent: this },
        );
        new CustomResource(`${name}-monitor`, serviceMonitor({ app, namespace, port: "web" }), {
            parent: this,
        });
        this.url = pulumi.interpolate`http://${app}.${namespace}.svc:9093`;
        this.registerOutputs({ url: this.url });
    }
}

/** The `spec` of the Alertmanager object. */
export function alertmanagerSpec(images: Images, configSecret: pulumi.Input<string>) {
    return {
        image: images.alertmanager,
        // The operator writes flags and checks the configuration for this version, whatever the image.
        version: versionOf(images.alertmanager),
        imagePullPolicy: "IfNotPresent",
        replicas: 1,
        configSecret,
        automountServiceAccountToken: false,
        securityContext: podSecurity,
        resources: resources(["10m", "200m"], ["32Mi", "128Mi"]),
    };
}

/**
 * Alertmanager's configuration until somebody decides where alerts go: they are grouped and shown, and sent
 * nowhere, but for the Watchdog alert, which always fires: that goes to a dead man's switch, where there is one.
 */
export function alertmanagerConfig(deadMansSwitchUrl?: string) {
    return {
        route: {
            receiver: "null",
            group_by: ["namespace", "alertname"],
            group_wait: "10s",
            group_interval: "1m",
            repeat_interval: "12h",
            routes: [
                {
                    receiver: "watchdog",
                    matchers: ['alertname = "Watchdog"'],
                    // A repeat comes with the first group interval after it is due.
                    ...(deadMansSwitchUrl === undefined
                        ? { repeat_interval: "5m" }
                        : { group_wait: "0s", group_interval: "10s", repeat_interval: "8s" }),
                },
            ],
        },
        inhibit_rules: [
            {
                source_matchers: ['severity = "critical"'],
                target_matchers: ['severity =~ "warning|info"'],
                equal: ["namespace", "alertname"],
            },
        ],
        receivers: [
            { name: "null" },
            {
                name: "watchdog",
                ...(deadMansSwitchUrl !== undefined && {
                    webhook_configs: [{ url: deadMansSwitchUrl, send_resolved: false }],
                }),
            },
        ],
    };
}

/** Problems with where Watchdog goes. */
export function checkDeadMansSwitch({
    alertmanagerConfig: config,
    deadMansSwitchUrl: given,
}: {
    readonly alertmanagerConfig?: pulumi.Input<string> | undefined;
    readonly deadMansSwitchUrl?: string | undefined;
}): Problem[] {
    if (given === undefined) return [];
    const property = "deadMansSwitchUrl";
    if (config !== undefined) {
        return [
            {
                property,
                given,
                allowed: "nothing beside alertmanagerConfig, which is the whole configuration",
                fix: "route Watchdog there, or leave alertmanagerConfig out",
            },
        ];
    }
    return URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)
        ? []
        : [
              {
                  property,
                  given,
                  allowed: "an address with http or https",
                  fix: "take webhookUrl of DeadMansSwitch",
              },
          ];
}
