import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Api } from "./api";
import type { Outcome } from "./events";
import type { Helm, ReleaseInputs } from "./helm";
import { helmRecords, removePending, removeRecord } from "./helm-records";
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
    const note = removed.map(({ secret, status }) => `removed ${secret}, which a killed run left ${status}`);
    if (records.at(-1)?.status === "uninstalling") {
        await helm.uninstall(inputs.namespace, inputs.name);
        note.push("finished its uninstall, which was killed");
    }
    await helm.install(inputs);
    await inventory.enter({ ...entry, digest });
    return { ...outcome, ...(note.length > 0 && { note: note.join("; ") }) };
}

/**
 * Uninstalls a release, whatever state a killed run left it in. Helm deletes what its last revision lists. Where
 * that one is of an upgrade that did not end, its objects go first, and then those of the one that it was to replace.
 */
export async function removeRelease(api: Api, helm: Helm, { namespace = "", name }: Entry): Promise<void> {
    const records = await helmRecords(api, namespace, name);
    const last = records.findLastIndex(({ status }) => status === "deployed");
    const unfinished = last < 0 ? [] : records.slice(last + 1).reverse();
    for (const record of unfinished) {
        await helm.uninstall(namespace, name, ["--keep-history", "--no-hooks"]);
        await removeRecord(api, record);
    }
    await helm.uninstall(namespace, name);
}

/** Changes when the release must be installed again: its inputs, or the chart where it is an archive or a folder. */
function digestOf(inputs: ReleaseInputs): string {
    const hash = createHash("sha256").update(JSON.stringify(inputs));
    for (const file of filesOf(inputs.chart)) {
        hash.update(`\0${file}\0`).update(readFileSync(file));
    }
    return hash.digest("hex").slice(0, 16);
}

/** The files of a chart in this file system; none of one that is elsewhere. */
function filesOf(chart: string): string[] {
    const below = statSync(chart, { throwIfNoEntry: false })?.isDirectory()
        ? readdirSync(chart, { recursive: true, encoding: "utf8" }).sort()
        : [""];
    return below
        .map((path) => join(chart, path))
        .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
}
