import type { Api, Resource } from "./api";
import { ApiError, isMissing } from "./api-error";
import { changes, diffLines } from "./diff";
import type { Operation } from "./events";
import { type KubernetesObject, label } from "./objects";
import { waitGone } from "./removal";

export interface Applied {
    readonly operation: Operation;
    readonly object: KubernetesObject;
    readonly note?: string;
}

const goneSeconds = 300;

/** Kinds that may be deleted and made again where a field cannot be changed: they hold no data of their own. */
const replaceable =
    /^(Deployment|DaemonSet|StatefulSet|Job|Pod|RoleBinding|ClusterRoleBinding|StorageClass)$/;

/**
 * Applies an object, server-side. Fields of another manager are taken over, and the note says so: a run must
 * bring what the program declares, whoever edited it meanwhile. Fields never declared stay with their owners.
 *
 * @param enter - called before anything is created.
 */
export async function apply(
    api: Api,
    resource: Resource,
    object: KubernetesObject,
    enter: () => Promise<void>,
): Promise<Applied> {
    const { namespace, name } = object.metadata;
    let live = await api.get(resource, namespace, name);
    if (live?.metadata.deletionTimestamp) {
        await waitGone(api, resource, namespace, name, goneSeconds);
        live = undefined;
    }
    await enter();
    try {
        const [applied, note] = await applyForced(api, resource, object, false);
        // Compared by content: for some kinds the server writes anew, with other managedFields, what is the same.
        const operation = !live ? "create" : changes(live, applied).length > 0 ? "update" : "unchanged";
        return { operation, object: applied, ...note };
    } catch (error) {
        if (!isImmutable(error) || !replaceable.test(object.kind)) {
            throw explained(error, object);
        }
        await api.remove(resource, namespace, name);
        await waitGone(api, resource, namespace, name, goneSeconds);
        return { operation: "replace", object: await api.apply(resource, object, { force: true }) };
    }
}

export interface Plan {
    readonly operation: Operation;
    /** The object as it would be, where the server could say. */
    readonly object?: KubernetesObject;
    readonly diff?: readonly string[];
    readonly note?: string;
}

/** Asks the server, by a dry run, what applying an object would do. */
export async function plan(
    api: Api,
    resource: Resource,
    object: KubernetesObject,
    secretPaths: readonly string[],
): Promise<Plan> {
    const live = await api.get(resource, object.metadata.namespace, object.metadata.name);
    try {
        const [applied, note] = await applyForced(api, resource, object, true);
        const changed = live ? changes(live, applied) : [];
        const operation = !live ? "create" : changed.length > 0 ? "update" : "unchanged";
        return { operation, object: applied, diff: diffLines(changed, secretPaths), ...note };
    } catch (error) {
        if (!live && isMissing(error)) {
            return {
                operation: "create",
                note: `the server could not check it yet: ${(error as Error).message}`,
            };
        }
        if (isImmutable(error) && replaceable.test(object.kind)) {
            return { operation: "replace", note: brief(error) };
        }
        throw explained(error, object);
    }
}

async function applyForced(
    api: Api,
    resource: Resource,
    object: KubernetesObject,
    dryRun: boolean,
): Promise<[KubernetesObject, { note?: string }]> {
    try {
        return [await api.apply(resource, object, { dryRun }), {}];
    } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 409) {
            throw error;
        }
        const note = `fields taken over: ${error.message.replace(/^Apply failed with /, "").replaceAll("\n", " ")}`;
        return [await api.apply(resource, object, { force: true, dryRun }), { note }];
    }
}

export function isImmutable(error: unknown): boolean {
    const texts =
        /field is immutable|cannot change roleRef|updates to .* are forbidden|Forbidden: updates to|may not change fields/;
    return error instanceof ApiError && error.status === 422 && texts.test(error.message);
}

/** The server's message without the value that it refuses, which is often a whole pod template. */
function brief(error: unknown): string {
    return (error as Error).message.replaceAll(/Invalid value: .*: (?=field is immutable)/gs, "");
}

function explained(error: unknown, object: KubernetesObject): unknown {
    if (!isImmutable(error)) {
        return error;
    }
    const { name, namespace } = object.metadata;
    return new Error(
        `${brief(error)}\nThis field cannot be changed on a live object, and the runner replaces only kinds ` +
            `without data of their own. Delete ${label({ kind: object.kind, namespace, name })} yourself, or rename it.`,
    );
}
