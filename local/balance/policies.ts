import type { LlmServerArgs } from "../../components/workloads/llm-server";

/** Namespace of everything that is compared. */
export const namespace = "balance";

/** Servers of each policy; each works on one request at a time. */
export const servers = 4;

/** What stands before the servers: nothing but a Service, a proxy that only chooses, or our queue. */
export interface Policy {
    /** Name of its servers. */
    readonly app: string;
    readonly title: string;
    /** How HAProxy chooses among servers that it sends any number of requests to; undefined where it does not. */
    readonly balance?: "roundrobin" | "leastconn" | "random(2)";
    /** Service whose address is asked. */
    readonly service: string;
}

export const plain: Policy = { app: "plain", title: "plain Service (random)", service: "plain" };
export const queue: Policy = { app: "queue", title: "single queue (QueueingProxy)", service: "queue-proxy" };

/** Policies in which a proxy chooses a server at once, and requests queue there. */
export const choosing: readonly (Policy & Required<Pick<Policy, "balance">>)[] = [
    { app: "turns", title: "HAProxy roundrobin", balance: "roundrobin", service: "turns-proxy" },
    { app: "two", title: "HAProxy random(2): two choices", balance: "random(2)", service: "two-proxy" },
    { app: "least", title: "HAProxy leastconn", balance: "leastconn", service: "least-proxy" },
];

export const policies: readonly Policy[] = [plain, ...choosing, queue];

/** The servers of a policy: those of all policies are alike. */
export function serversOf({ app }: Policy): LlmServerArgs {
    return {
        namespace,
        app,
        engine: "simulator",
        slots: 1,
        replicas: servers,
        // A limit below one core is a pause of up to a tenth of a second for whoever reaches it.
        cpu: ["10m", "1"],
        longestSeconds: 60,
        // Where they are not queued before it.
        simulation: { maxQueue: 10_000 },
    };
}
