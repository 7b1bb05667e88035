import { checkObjectName, checkSecretKey, type Problem } from "../../problems";
import type { RedisExporterArgs, SecretKey } from "../redis-exporter";
import { splitKey } from "./values";

/** Problems with a reference to one key of a Secret. */
export function checkSecret(property: string, given: SecretKey | undefined): Problem[] {
    return given === undefined
        ? []
        : [
              ...checkObjectName(`${property}.name`, given.name),
              ...checkSecretKey(`${property}.key`, given.key ?? ""),
          ];
}

/** The problem with the name of a user of redis, if there is one. */
export function checkUsername(property: string, given: string | undefined): Problem[] {
    return given === undefined || /^[-._~A-Za-z0-9]+$/.test(given)
        ? []
        : [
              {
                  property,
                  given,
                  allowed: "letters, digits, hyphens, underscores, dots and tildes",
                  fix: "give redis a user with such a name",
              },
          ];
}

/** The problems with keys to measure. */
export function checkKeys(property: string, given: readonly string[] | undefined): Problem[] {
    return (given ?? []).flatMap((text, i) => {
        const { database, key } = splitKey(text);
        return key !== "" && Number(database) <= 65535
            ? []
            : [
                  {
                      property: `${property}[${i}]`,
                      given: text,
                      allowed: "a key of redis, alone or after its database, e.g. jobs or db2=jobs",
                      fix: "name the key",
                  },
              ];
    });
}

/** Problems with arguments that do not go together. */
export function checkCombinations(args: RedisExporterArgs): Problem[] {
    const auth = args.values?.auth as Readonly<Record<string, unknown>> | undefined;
    return [
        ...problemIf(args.password !== undefined && args.passwordSecret !== undefined, {
            property: "passwordSecret",
            given: args.passwordSecret,
            allowed: "either password or passwordSecret",
            fix: "leave one of them out",
        }),
        ...problemIf(args.caSecret !== undefined && !String(args.address).startsWith("rediss://"), {
            property: "caSecret",
            given: args.caSecret,
            allowed: "a CA where the address says that redis speaks TLS (rediss://)",
            fix: "write rediss://, or leave caSecret out",
        }),
        ...problemIf(args.createNamespace === false && args.namespace === undefined, {
            property: "namespace",
            given: undefined,
            allowed: "the name of a namespace that exists, where createNamespace is false",
            fix: "name it",
        }),
        ...problemIf(args.createNamespace === false && args.quota !== undefined, {
            property: "quota",
            given: args.quota,
            allowed: "a quota for a namespace that is created here",
            fix: "leave quota out, or let the namespace be created",
        }),
        ...problemIf(Boolean(auth?.redisPassword), {
            property: "values.auth.redisPassword",
            given: "a password",
            allowed: "no password in values: it would be readable in them",
            fix: "give password or passwordSecret",
        }),
    ];
}

function problemIf(is: boolean, problem: Problem): Problem[] {
    return is ? [problem] : [];
}
