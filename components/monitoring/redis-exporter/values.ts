import { containerSecurity, environment, podSecurity, resources } from "../../conventions";
import type { RedisExporterArgs, RedisExporterValues } from "../redis-exporter";

/** Name of its release, Deployment and Service, and so the `job` of its series. */
export const exporterApp = "redis-exporter";
export const exporterPort = 9121;

/** Name of the Secret that is made of `password`. */
export const passwordSecretName = "redis-exporter-auth";

/** A key as it is given, in its two parts; the database is 0 where none is named, and the key empty where that is missing. */
export function splitKey(given: string): { database: string; key: string } {
    const [, database = "0", key = ""] = /^(?:db(\d+)=)?(.*)$/s.exec(given) ?? [];
    return { database, key };
}

/** Keys as the exporter reads them: escaped, since commas and equals signs part them. */
export function keysVariable(keys: readonly string[]): string {
    return keys
        .map(splitKey)
        .map(({ database, key }) => `db${database}=${encodeURIComponent(key)}`)
        .join(",");
}

/** The password as the exporter reads it from a file: by the address, and the user, with which it connects. */
export function passwordFile(address: string, username: string | undefined, password: string): string {
    const user = username === undefined ? "" : `${username}@`;
    return JSON.stringify({ [address.replace("://", `://${user}`)]: password });
}

/** The chart's values. */
export function redisExporterValues(args: RedisExporterArgs): RedisExporterValues {
    return {
        nameOverride: exporterApp,
        fullnameOverride: exporterApp,
        redisAddress: args.address,
        auth: authOf(args),
        redisTlsConfig:
            args.caSecret === undefined
                ? { enabled: false }
                : {
                      enabled: true,
                      caCertFile: { secret: { name: args.caSecret.name, key: args.caSecret.key } },
                  },
        env: environment(variables(args)),
        // It asks nothing of the API server.
        rbac: { create: false },
        service: { portName: "metrics" },
        serviceMonitor: { enabled: false },
        podSecurityContext: podSecurity,
        securityContext: containerSecurity,
        resources: resources(["10m", "200m"], ["16Mi", "64Mi"]),
    };
}

/**
 * Where the password is. Of its own Secret it is a file: containerd writes the environment of every container to
 * the node's disk, in clear. A Secret of others holds it as it is, and the exporter takes that from the environment only.
 */
function authOf({ password, passwordSecret }: RedisExporterArgs) {
    if (password !== undefined) {
        const secret = { name: passwordSecretName, key: "passwords.json" };
        return { enabled: true, redisPasswordFile: { secret } };
    }
    return passwordSecret === undefined
        ? { enabled: false }
        : { enabled: true, secret: { name: passwordSecret.name, key: passwordSecret.key } };
}

function variables({ keys = [], username }: RedisExporterArgs): Record<string, string> {
    return {
        REDIS_EXPORTER_REDIS_ONLY_METRICS: "true",
        // Shorter than a scrape may take, so that a hanging redis is reported, not a hanging exporter.
        REDIS_EXPORTER_CONNECTION_TIMEOUT: "2s",
        // Else what a string holds becomes a label.
        REDIS_EXPORTER_DISABLE_EXPORTING_KEY_VALUES: "true",
        ...(keys.length > 0 && { REDIS_EXPORTER_CHECK_SINGLE_KEYS: keysVariable(keys) }),
        // Not by the chart, which writes it without quotes, and not at all beside a password file.
        ...(username !== undefined && { REDIS_USER: username }),
    };
}
