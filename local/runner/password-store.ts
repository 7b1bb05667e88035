import { createHash } from "node:crypto";
import type { Api } from "./api";
import type { Outcome } from "./events";
import { runnerNamespace, secrets } from "./inventory";
import type { Registration } from "./monitor";
import type { KubernetesObject } from "./objects";
import { type PasswordArgs, passwordKey, randomPassword } from "./password";
import { sealOutputs, secret, unknown } from "./wire";

interface Store {
    readonly api: Api;
    readonly preview: boolean;
    readonly enter: (object: KubernetesObject) => Promise<void>;
}

/**
 * A generated password stays the same across runs: it is kept in a Secret of the runner's namespace, which is
 * in the inventory like any object, and is made anew when an argument, such as a keeper, changes.
 */
export async function keepPassword(
    { api, preview, enter }: Store,
    registration: Registration,
): Promise<Outcome> {
    const { urn, inputs } = registration;
    const hash = createHash("sha256").update(urn).digest("hex").slice(0, 16);
    const metadata = { name: `password-${hash}`, namespace: runnerNamespace };
    const object = { apiVersion: "v1", kind: "Secret", metadata };
    const live = await api.get(secrets, runnerNamespace, metadata.name);
    const stored = live?.data as { result: string; arguments: string } | undefined;
    const args = base64(passwordKey(inputs.value));
    const same = stored?.arguments === args;
    await enter(object);
    let result = stored && same ? Buffer.from(stored.result, "base64").toString() : unknown;
    if (!same && !preview) {
        result = randomPassword(inputs.value as unknown as PasswordArgs);
        const data = { result: base64(result), arguments: args };
        await api.apply(secrets, { ...object, data }, { force: true });
    }
    const state = { ...sealOutputs(inputs.value, inputs), result: secret(result) };
    return { operation: !stored ? "create" : same ? "unchanged" : "replace", id: "none", state };
}

function base64(text: string): string {
    return Buffer.from(text).toString("base64");
}
