import type * as pulumi from "@pulumi/pulumi";

/** What every recipe returns, whatever the platform: addresses that open where the program runs. */
export interface PlatformOutputs {
    readonly prometheusUrl: pulumi.Output<string>;
    readonly alertmanagerUrl: pulumi.Output<string>;
    /** The queue's producer: `POST /publish/{n}` to put it under load. */
    readonly producerUrl: pulumi.Output<string>;
    /** null where the stack has no Grafana; `notes.grafanaUrl` says why. */
    readonly grafanaUrl: pulumi.Output<string> | null;
    /** For every output that is null, the reason. */
    readonly notes: Readonly<Record<string, string>>;
}
