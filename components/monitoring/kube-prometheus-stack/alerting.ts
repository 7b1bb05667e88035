import * as pulumi from "@pulumi/pulumi";
import { checkWhole, type Problem } from "../../problems";

/** Where alerts go. Addresses are credentials, so they may be secrets. */
export interface AlertReceivers {
    /** A Slack channel, by an incoming webhook. */
    readonly slack?: { readonly webhookUrl: pulumi.Input<string>; readonly channel: string } | undefined;
    /** Anything that takes Alertmanager's JSON over HTTP. */
    readonly webhook?: { readonly url: pulumi.Input<string> } | undefined;
    /**
     * A service that raises the alarm when it is not called, as long as Prometheus, its rules and Alertmanager work;
     * `intervalSeconds` is how often, 10 to 3600. `DeadMansSwitch` wants 15. @default every five minutes
     */
    readonly deadMansSwitch?:
        | { readonly url: pulumi.Input<string>; readonly intervalSeconds?: number | undefined }
        | undefined;
}

/**
 * Alertmanager's configuration file: the user's own, or one for the receivers. Without either, alerts are grouped
 * and shown, and sent nowhere.
 */
export function alertmanagerFile(
    config: pulumi.Input<string> | undefined,
    receivers: AlertReceivers | undefined,
): pulumi.Output<string> {
    return config !== undefined
        ? pulumi.secret(config)
        : pulumi.secret(
              pulumi.output(receivers ?? {}).apply((known) => JSON.stringify(alertmanagerConfig(known))),
          );
}

/** Alertmanager's configuration for the receivers, with the inhibitions that the chart's rules are written for. */
export function alertmanagerConfig({ slack, webhook, deadMansSwitch }: pulumi.Unwrap<AlertReceivers>) {
    const people = {
        name: "people",
        ...(slack && {
            slack_configs: [{ api_url: slack.webhookUrl, channel: slack.channel, send_resolved: true }],
        }),
        ...(webhook && { webhook_configs: [{ url: webhook.url, send_resolved: true }] }),
    };
    const watchdog = {
        matchers: ['alertname = "Watchdog"'],
        receiver: deadMansSwitch ? "dead-mans-switch" : "null",
        // A repeat comes with the first group interval after it is due.
        ...(deadMansSwitch && { group_wait: "0s", ...repeat(deadMansSwitch.intervalSeconds) }),
    };
    return {
        global: { resolve_timeout: "5m" },
        route: {
            receiver: slack || webhook ? "people" : "null",
            group_by: ["namespace", "alertname"],
            group_wait: "30s",
            group_interval: "5m",
            repeat_interval: "12h",
            routes: [watchdog],
        },
        inhibit_rules: inhibitions,
        receivers: [
            { name: "null" },
            ...(slack || webhook ? [people] : []),
            ...(deadMansSwitch
                ? [{ name: "dead-mans-switch", webhook_configs: [{ url: deadMansSwitch.url }] }]
                : []),
        ],
    };
}

function repeat(seconds: number | undefined) {
    return seconds === undefined
        ? { group_interval: "1m", repeat_interval: "4m" }
        : { group_interval: `${seconds}s`, repeat_interval: `${seconds - 1}s` };
}

const inhibitions = [
    {
        source_matchers: ['severity = "critical"'],
        target_matchers: ['severity =~ "warning|info"'],
        equal: ["namespace", "alertname"],
    },
    {
        source_matchers: ['severity = "warning"'],
        target_matchers: ['severity = "info"'],
        equal: ["namespace", "alertname"],
    },
    // An alert of level info is shown only while something worse fires in its namespace.
    {
        source_matchers: ['alertname = "InfoInhibitor"'],
        target_matchers: ['severity = "info"'],
        equal: ["namespace"],
    },
    { target_matchers: ['alertname = "InfoInhibitor"'] },
];

/** Problems with where alerts go: two answers, or an empty one. */
export function checkAlerting(
    config: pulumi.Input<string> | undefined,
    receivers: AlertReceivers | undefined,
): Problem[] {
    if (receivers === undefined) return [];
    if (config !== undefined) {
        return [
            {
                property: "alertReceivers",
                given: Object.keys(receivers),
                allowed: "nothing beside alertmanagerConfig, which is the whole configuration",
                fix: "move the receivers into alertmanagerConfig, or leave that one out",
            },
        ];
    }
    const property = "alertReceivers.deadMansSwitch.intervalSeconds";
    const interval = checkWhole(property, receivers.deadMansSwitch?.intervalSeconds, 10, 3600);
    return Object.values(receivers).some((receiver) => receiver !== undefined)
        ? interval
        : [
              {
                  property: "alertReceivers",
                  given: receivers,
                  allowed: "one or more of slack, webhook, deadMansSwitch",
                  fix: "name a receiver, or leave alertReceivers out",
              },
          ];
}
