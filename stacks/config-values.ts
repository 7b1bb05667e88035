import type { z } from "zod";
import type { Problem } from "../components/problems";
import { project } from "./config-error";

/** Configuration values by their keys, as they come and whatever they are. */
export type RawValues = Readonly<Record<string, unknown>>;

/** Values of keys that hold more than text, taken out of their JSON. */
export function decoded(raw: Readonly<Record<string, string>>, schema: z.ZodObject): RawValues {
    const entries = Object.entries(raw).map(([key, text]) => {
        const type = Object.hasOwn(schema.shape, key) ? schema.shape[key] : undefined;
        return [key, type && !isText(type) ? fromJson(text) : text];
    });
    return Object.fromEntries(entries);
}

function isText(type: z.core.$ZodType): boolean {
    const { def } = unwrapped(type);
    return def.type === "string" || def.type === "enum" || def.type === "literal";
}

function fromJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return text; // Not JSON, so not what the key holds: the schema says so, with the text that was given.
    }
}

/** What a type is when a value is there. */
function unwrapped(type: z.core.$ZodType): z.ZodType {
    const { def } = type as z.ZodType;
    return def.type === "optional" || def.type === "default"
        ? unwrapped((def as unknown as { innerType: z.ZodType }).innerType)
        : (type as z.ZodType);
}

/** What a schema has against the values. */
export function schemaProblems(schema: z.ZodObject, values: RawValues): Problem[] {
    const issues = schema.safeParse(values).error?.issues ?? [];
    return issues.flatMap((issue) => problemsOf(issue, values, schema));
}

function problemsOf(issue: z.core.$ZodIssue, values: unknown, schema: z.ZodObject): Problem[] {
    if (issue.code === "unrecognized_keys") {
        const known = keysAt(schema, issue.path).join(", ");
        return issue.keys.map((key) => ({
            property: [...issue.path, key].join("."),
            given: valueAt(values, [...issue.path, key]),
            allowed: `the keys ${known}`,
            fix: "correct the name of the key or remove it from Pulumi.<stack>.yaml",
        }));
    }
    const property = issue.path.join(".");
    return [
        {
            property,
            given: valueAt(values, issue.path),
            allowed: issue.message,
            fix: `correct ${project}:${property} in Pulumi.<stack>.yaml`,
        },
    ];
}

/** The keys that an object at a path may have. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
    const type = unwrapped(schema);
    if (type.def.type === "record") {
        return (type as z.ZodRecord<z.ZodEnum>).keyType.options.map(String);
    }
    const { shape } = type as z.ZodObject;
    const [first, ...rest] = path;
    return first === undefined ? Object.keys(shape) : keysAt(shape[String(first)] as z.ZodType, rest);
}

/**
 * A configuration of what is right in the values, as if the rest had been left out: by it the rest of the problems
 * is found. Without problems it is the configuration. Required keys that are missing, are missing here, too.
 */
export function soundPart(schema: z.ZodObject, values: RawValues): RawValues {
    const { data, error } = schema.partial().safeParse(values);
    if (error === undefined) {
        return data as RawValues;
    }
    const sound = structuredClone(values);
    for (const issue of error.issues) {
        const paths =
            issue.code === "unrecognized_keys"
                ? issue.keys.map((key) => [...issue.path, key])
                : // What has to be there and is not, takes with it what it belongs to.
                  [valueAt(values, issue.path) === undefined ? issue.path.slice(0, -1) : issue.path];
        for (const path of paths) {
            const last = path.at(-1) as string;
            delete (valueAt(sound, path.slice(0, -1)) as Record<string, unknown> | undefined)?.[last];
        }
    }
    return soundPart(schema, sound);
}

function valueAt(values: unknown, path: readonly PropertyKey[]): unknown {
    return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], values);
}
