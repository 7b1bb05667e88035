import type * as pulumi from "@pulumi/pulumi";

/** An address that opens where the program runs, or null where there is none. */
export type Address = pulumi.Output<string> | string | null;

/** What every recipe returns, whatever the platform. */
export interface PlatformOutputs {
    readonly prometheusUrl: Address;
    readonly alertmanagerUrl: Address;
    readonly grafanaUrl: Address;
    readonly grafanaUser: string | null;
    /** A secret. */
    readonly grafanaPassword: pulumi.Output<string> | null;
    readonly kibanaUrl: Address;
    readonly kibanaUser: string | null;
    /** The queue's producer: `POST /publish/{n}` to put it under load. */
    readonly producerUrl: Address;
    /** podinfo, a web server to put under load. */
    readonly podinfoUrl: Address;
    /** The server that hashes: `POST /` to use its CPU. */
    readonly hashUrl: Address;
    /** The proxy before the servers of a language model. */
    readonly llmUrl: Address;
    /** A server with a GPU, as busy as it: `GET /` to use it. */
    readonly gpuUrl: Address;
    /** Loki, the store of logs: asked in LogQL, or with `make logs`. */
    readonly lokiUrl: Address;
    /** For every output that is null, the reason; for others, what to know about them. */
    readonly notes: Readonly<Record<string, string>>;
}
