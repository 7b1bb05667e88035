import { checkName, checkObjectName, checkSecretKey, checkWhole, type Problem } from "../../../problems";
import { fresh } from "../freshness";
import { selector } from "../promql";
import { type DirectTrigger, placeholders, type Signal } from "../signal";
import {
    type CommonSignalArgs,
    checkCommon,
    checkNeeded,
    checkTarget,
    checkText,
    defaultScrapeSeconds,
} from "./checks";

export interface QueueLengthArgs extends CommonSignalArgs {
    /** The redis list. */
    readonly list: string;
    /** Items in the list for each replica, above 0. */
    readonly itemsPerReplica: number;
    /** `job` of the redis exporter's series. @default "redis-exporter" */
    readonly job?: string | undefined;
    /** Namespace of the redis exporter. @default the target's */
    readonly namespace?: string | undefined;
    /**
     * Where KEDA finds redis itself. It then asks redis and not Prometheus: sooner, and over fewer hops.
     * @default KEDA reads the recorded series, as the other back ends do
     */
    readonly redis?: RedisAddress | undefined;
}

interface SecretKey {
    readonly name: string;
    readonly key: string;
}

/** How KEDA reaches a redis server. */
export interface RedisAddress {
    /** `host:port`. */
    readonly address: string;
    /** A key of a Secret in the target's namespace with the password. @default none is needed */
    readonly password?: SecretKey | undefined;
    /** A key of a Secret in the target's namespace with the user's name, where redis has users. @default the default user */
    readonly username?: SecretKey | undefined;
    /** Number of the database that has the list, 0 to 1000. @default 0 */
    readonly database?: number | undefined;
    /** Whether redis speaks TLS, with a certificate that KEDA's image trusts. @default false */
    readonly tls?: boolean | undefined;
}

/** The length of a redis list, in items; of `redis_key_size` of the redis exporter, and of redis itself under KEDA. */
export function queueLength(args: QueueLengthArgs): Signal {
    const exporter = {
        namespace: args.namespace ?? placeholders.namespace,
        job: args.job ?? "redis-exporter",
    };
    return {
        kind: "queue",
        name: args.name ?? "queue",
        unit: "items",
        target: args.itemsPerReplica,
        survivesZero: true,
        scrapeSeconds: args.scrapeSeconds ?? defaultScrapeSeconds,
        measured: { expr: listLength(args, exporter), up: selector("up", exporter) },
        direct: args.redis && directTrigger(args, args.redis),
        problems: checkQueue(args),
    };
}

/**
 * Redis has no empty lists: the exporter says 0 of a key that it is told to check (REDIS_EXPORTER_CHECK_SINGLE_KEYS) and
 * that redis does not have. Of one that it is not told to check it says nothing, and nothing it is.
 */
function listLength(args: QueueLengthArgs, exporter: { namespace: string; job: string }): string {
    const seconds = args.scrapeSeconds ?? defaultScrapeSeconds;
    return `max(${fresh(selector("redis_key_size", { ...exporter, key: args.list }), seconds)})`;
}

function directTrigger(args: QueueLengthArgs, redis: RedisAddress): DirectTrigger {
    const { address, password, username, database, tls } = redis;
    return {
        type: "redis",
        metadata: {
            address,
            listName: args.list,
            listLength: `${args.itemsPerReplica}`,
            activationListLength: "0",
            ...(database !== undefined && { databaseIndex: `${database}` }),
            ...(tls && { enableTLS: "true" }),
        },
        secrets: [
            ...(username ? [{ parameter: "username", ...username }] : []),
            ...(password ? [{ parameter: "password", ...password }] : []),
        ],
    };
}

function checkQueue(args: QueueLengthArgs): Problem[] {
    const { address, password, username, database } = args.redis ?? {};
    return [
        ...checkCommon(args),
        ...checkNeeded("list", args.list, "the name of a redis list"),
        ...checkTarget("itemsPerReplica", args.itemsPerReplica),
        ...checkText("job", args.job, "the job of the exporter's series"),
        ...checkName("namespace", args.namespace),
        ...(args.redis === undefined || /^[^\s:]+:[0-9]+$/.test(`${address}`)
            ? []
            : [
                  {
                      property: "redis.address",
                      given: address,
                      allowed: "host:port, such as redis.queue.svc:6379",
                      fix: "write the Service and its port",
                  },
              ]),
        // Redis counts whole items, and so does its trigger.
        ...(args.redis && !Number.isInteger(args.itemsPerReplica)
            ? [
                  {
                      property: "itemsPerReplica",
                      given: args.itemsPerReplica,
                      allowed: "a whole number where KEDA asks redis itself",
                      fix: "round it, or leave out redis",
                  },
              ]
            : []),
        ...checkReference("redis.password", password),
        ...checkReference("redis.username", username),
        ...checkWhole("redis.database", database, 0, 1000),
    ];
}

/** Problems with where a secret is; one that was given itself is not repeated. */
function checkReference(property: string, given: SecretKey | undefined): Problem[] {
    if (given === undefined) return [];
    const { name, key } = Object(given) as Partial<SecretKey>;
    if (typeof name === "string" && typeof key === "string") {
        return [...checkObjectName(`${property}.name`, name), ...checkSecretKey(`${property}.key`, key)];
    }
    return [
        {
            property,
            given: typeof given === "object" ? given : "something else",
            allowed: "name and key of a Secret in the target's namespace",
            fix: "put it into a Secret, and write { name, key } of it",
        },
    ];
}
