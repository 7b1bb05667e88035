import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import type { Api } from "./api";
import type { Outcome } from "./events";
import type { Helm, ReleaseInputs } from "./helm";
import { helmRecords, removePending } from "./helm-records";
import type { Entry, Inventory } from "./inventory";

/** How a Helm release stands in the inventory: not an object that the API server knows. */
export const releaseKind = { apiVersion: "helm.sh/v3", kind: "Release" } as const;

interface Place {
    readonly api: Api;
    readonly helm: Helm;
    readonly inventory: Inventory;
    readonly preview: boolean;
}

/**
 * Brings a release to what is declared. It is compared by its inputs, like the provider does, so a release is
 * unchanged where the last run that succeeded had the same ones and Helm says `deployed`.
 */
export async function applyRelease(
    { api, helm, inventory, preview }: Place,
    entry: Entry,
    inputs: ReleaseInputs,
): Promise<Outcome> {
    const records = await helmRecords(api, inputs.namespace, inputs.name);
    const digest = digestOf(inputs);
    const installed = records.at(-1)?.status === "deployed";
    const unchanged = installed && inventory.find(entry)?.digest === digest;
    const operation = records.length === 0 ? "create" : unchanged ? "unchanged" : "update";
    const outcome = { operation, id: `${inputs.namespace}/${inputs.name}`, state: { ...inputs } } as const;
    if (preview || unchanged) {
        await inventory.enter({ ...entry, digest });
        return outcome;
    }
    // Without the digest until it is done: a run that is killed leaves a release that the next one goes over again.
    await inventory.enter(entry);
    const removed = await removePending(api, records);
    await helm.install(inputs);
    await inventory.enter({ ...entry, digest });
    const note = removed.map(({ secret, status }) => `removed ${secret}, which a killed run left ${status}`);
    return { ...outcome, ...(note.length > 0 && { note: note.join("; ") }) };
}

/** Uninstalls a release, whatever state a killed run left it in. */
export async function removeRelease(api: Api, helm: Helm, { namespace = "", name }: Entry): Promise<void> {
    await removePending(api, (await helmRecords(api, namespace, name)).slice(1));
    await helm.uninstall(namespace, name);
}

/** Changes when the release must be installed again: its inputs, or the chart where it is a file. */
function digestOf(inputs: ReleaseInputs): string {
    const hash = createHash("sha256").update(JSON.stringify(inputs));
    const file = statSync(inputs.chart, { throwIfNoEntry: false });
    if (file?.isFile()) {
        hash.update(readFileSync(inputs.chart));
    }
    return hash.digest("hex").slice(0, 16);
}
