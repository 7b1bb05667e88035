import * as runtime from "@pulumi/pulumi/runtime";

/** Values as the SDK sends them, its markers removed, and what the markers said. */
export interface Inputs {
    readonly value: Record<string, unknown>;
    /** Paths of secret values, such as `spec.containers[0].env[1].value`. */
    readonly secretPaths: string[];
    /** The secret strings themselves, longest first, to keep them out of messages. */
    readonly secrets: string[];
    /** Paths of values that a preview, or a failed resource, leaves unknown. */
    readonly unknownPaths: string[];
    /** Paths of assets and archives, which this runner cannot send anywhere. */
    readonly assetPaths: string[];
}

const { specialSigKey, specialSecretSig, unknownValue } = runtime;
// Not exported by the SDK under a public name (runtime/rpc.js, specialResourceSig).
const resourceSig = "5cf8f73096256a8f31e491e813e4eb8e";

export const unknown: string = unknownValue;

/** Reads what the SDK sent. A reference to a resource becomes its id, as a provider would read it. */
export function readInputs(wire: Record<string, unknown>): Inputs {
    const paths = () => [] as string[];
    const inputs = { secretPaths: paths(), secrets: paths(), unknownPaths: paths(), assetPaths: paths() };
    const read = (value: unknown, path: string): unknown => {
        if (value === unknownValue) {
            inputs.unknownPaths.push(path);
        }
        if (Array.isArray(value)) {
            return value.map((item, index) => read(item, `${path}[${index}]`));
        }
        if (!isRecord(value)) {
            return value;
        }
        if (value[specialSigKey] === specialSecretSig) {
            const inner = read(value.value, path);
            inputs.secretPaths.push(path);
            inputs.secrets.push(...strings(inner));
            return inner;
        }
        if (value[specialSigKey] === resourceSig) {
            return read(value.id ?? value.urn, path);
        }
        if (value[specialSigKey]) {
            inputs.assetPaths.push(path);
        }
        return mapValues(value, (inner, key) => read(inner, path ? `${path}.${key}` : key));
    };
    const value = read(wire, "") as Record<string, unknown>;
    if (value.kind === "Secret") {
        inputs.secretPaths.push("data", "stringData");
        inputs.secrets.push(...strings([value.data, value.stringData]));
    }
    inputs.secrets.sort((a, b) => b.length - a.length);
    return { value, ...inputs };
}

/** Marks a value so that the SDK makes a secret output of it. */
export function secret(value: unknown): unknown {
    return { [specialSigKey]: specialSecretSig, value };
}

/** An object as output properties: those in which an input was secret stay secret, whole, as with the engine. */
export function sealOutputs(state: Record<string, unknown>, inputs: Inputs): Record<string, unknown> {
    const sealed = new Set(inputs.secretPaths.map((path) => path.split(/[.[]/)[0]));
    return mapValues(state, (value, key) => (sealed.has(key) ? secret(value) : value));
}

/** Stack outputs for printing: secrets as `[secret]` unless asked for, values never computed as `[unknown]`. */
export function printable(wire: unknown, showSecrets: boolean): unknown {
    if (wire === unknownValue) {
        return "[unknown]";
    }
    if (Array.isArray(wire)) {
        return wire.map((item) => printable(item, showSecrets));
    }
    if (!isRecord(wire)) {
        return wire;
    }
    if (wire[specialSigKey] === specialSecretSig) {
        return showSecrets ? printable(wire.value, showSecrets) : "[secret]";
    }
    return mapValues(wire, (value) => printable(value, showSecrets));
}

/** Replaces secrets in a text: the API server quotes the values that it refuses. */
export function redact(text: string, secrets: readonly string[]): string {
    return secrets.reduce((masked, value) => masked.replaceAll(value, "[secret]"), text);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function mapValues(record: Record<string, unknown>, map: (value: unknown, key: string) => unknown) {
    return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}

/** Every string in a value, also as a Secret's data holds it. */
function strings(value: unknown): string[] {
    if (typeof value === "string" && value !== "") {
        return [value, Buffer.from(value).toString("base64")];
    }
    return typeof value === "object" && value !== null ? Object.values(value).flatMap(strings) : [];
}
