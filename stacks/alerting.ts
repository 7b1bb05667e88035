import { deadMansSwitchUrl, type KubePrometheusStackArgs } from "../components";
import type { Problem } from "../components/problems";
import type { KindConfig } from "./schema";

type Choices = KindConfig["alerts"];

/** Where alerts of a platform go: to the switch, which tells when there are none any more, and to people if any are named. */
export function alertReceiversOf(choices: Choices): NonNullable<KubePrometheusStackArgs["alertReceivers"]> {
    const { webhookUrl, slackUrl, slackChannel } = choices ?? {};
    return {
        deadMansSwitch: { url: deadMansSwitchUrl(), intervalSeconds: 15 },
        ...(webhookUrl !== undefined && { webhook: { url: webhookUrl } }),
        ...(slackUrl !== undefined &&
            slackChannel !== undefined && { slack: { webhookUrl: slackUrl, channel: slackChannel } }),
    };
}

/** Problems with where alerts go. An address is a credential, so none is shown. */
export function alertingProblems(choices: Choices): Problem[] {
    const { slackUrl, slackChannel } = choices ?? {};
    return [
        ...(["webhookUrl", "slackUrl"] as const).flatMap((key) => addressProblems(key, choices?.[key])),
        ...((slackUrl === undefined) === (slackChannel === undefined)
            ? []
            : [
                  {
                      property: "alerts",
                      given: `slack${slackUrl === undefined ? "Channel" : "Url"} alone`,
                      allowed: "slackUrl and slackChannel, or neither",
                      fix: "add the other one, or remove it",
                  },
              ]),
    ];
}

function addressProblems(key: "webhookUrl" | "slackUrl", given: string | undefined): Problem[] {
    // What is no text, the schema tells of.
    return typeof given !== "string" || (/^https?:\/\/\S+$/.test(given) && URL.canParse(given))
        ? []
        : [
              {
                  property: `alerts.${key}`,
                  given: "what is not shown, as it may be a credential",
                  allowed: "an address with http or https",
                  fix: `pulumi config set --secret --path 'pulumi-kube-observability:alerts.${key}' https://…`,
              },
          ];
}
