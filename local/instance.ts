import { createHash } from "node:crypto";
import { resolve } from "node:path";

/** The checkout this file is in. */
export const checkout = resolve(__dirname, "..");

/**
 * An embedded cluster of this checkout. Everything that must not meet another
 * one is derived from the checkout's path and the instance's name: two clones,
 * or a test run beside a running stack, share nothing but the cache.
 */
export interface Instance {
    /** `dev` for the user's own, another name for tests. */
    readonly name: string;
    /** Unique on this machine; the name of the node's control group. */
    readonly id: string;
    /** Everything the instance writes; removed by `make down`. */
    readonly dir: string;
    /** Host-side kubeconfig with the administrator's client certificate. */
    readonly kubeconfig: string;
}

export function instance(name = "dev", root = checkout): Instance {
    const hash = createHash("sha256").update(root).digest("hex").slice(0, 8);
    const dir = resolve(root, ".cluster", name);
    return { name, id: `kube-observability-${name}-${hash}`, dir, kubeconfig: resolve(dir, "kubeconfig") };
}
