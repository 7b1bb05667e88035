import type { Named } from "../read/objects";

/**
 * When somebody last changed an object, in milliseconds since 1970: the latest entry of its managed fields that is
 * not about its status. Undefined where the cluster does not tell.
 */
export function lastChange(object: Named | undefined): number | undefined {
    const times = (object?.metadata.managedFields ?? [])
        .filter(({ subresource }) => subresource !== "status")
        .map(({ time }) => Date.parse(time ?? ""))
        .filter(Number.isFinite);
    const created = Date.parse(object?.metadata.creationTimestamp ?? "");
    if (times.length > 0) return Math.max(...times);
    return Number.isFinite(created) ? created : undefined;
}

/** Changes closer to each other than this come from one hand: an installation, not a fault. */
const togetherMs = 5000;

/**
 * Of two objects that do not fit each other, whether the first is the one that was changed last. The one that reads
 * the other is to blame where the cluster does not tell.
 */
export function changedLater(first: Named | undefined, other: Named | undefined): boolean {
    const [mine, theirs] = [lastChange(first), lastChange(other)];
    return mine !== undefined && theirs !== undefined && mine - theirs > togetherMs;
}
