import { parseAllDocuments, type ScalarTag } from "yaml";
import type { KubernetesObject } from "./objects";
import { isRecord } from "./wire";

/** What Kubernetes' YAML has beyond version 1.2: octal numbers (file modes) and more words for true and false. */
const older: ScalarTag[] = [
    {
        tag: "tag:yaml.org,2002:int",
        default: true,
        test: /^[-+]?0[0-7]+$/,
        resolve: (text) => Number.parseInt(text, 8),
    },
    {
        tag: "tag:yaml.org,2002:bool",
        default: true,
        test: /^(yes|Yes|YES|on|On|ON)$/,
        resolve: () => true,
    },
    {
        tag: "tag:yaml.org,2002:bool",
        default: true,
        test: /^(no|No|NO|off|Off|OFF)$/,
        resolve: () => false,
    },
];

/** The objects in a stream of YAML documents, lists taken apart. */
export function parseManifests(text: string): KubernetesObject[] {
    const documents = parseAllDocuments(text, {
        customTags: (tags) => [...older, ...tags],
        uniqueKeys: false,
        merge: true,
    });
    const values = Array.isArray(documents) ? documents.map((document) => read(document)) : [];
    return values.flatMap((value) => (isRecord(value) ? itemsOf(value) : []));
}

function read(document: ReturnType<typeof parseAllDocuments<never>>[number]): unknown {
    const [error] = document.errors;
    if (error) {
        throw new Error(`a document of the chart is no YAML: ${error.message}`);
    }
    return document.toJS();
}

function itemsOf(value: Record<string, unknown>): KubernetesObject[] {
    return typeof value.kind === "string" && value.kind.endsWith("List") && Array.isArray(value.items)
        ? value.items.filter(isRecord).flatMap(itemsOf)
        : [withoutNulls(value) as unknown as KubernetesObject];
}

/** Null says "not set", as to the provider; applied, it would take the field from whoever has set it. */
function withoutNulls(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(withoutNulls);
    }
    if (!isRecord(value)) {
        return value;
    }
    const set = Object.entries(value).filter(([, inner]) => inner !== null);
    return Object.fromEntries(set.map(([key, inner]) => [key, withoutNulls(inner)]));
}
