import { checkContext, checkKubeconfig } from "../components/cluster/kubeconfig";
import type { Problem } from "../components/problems";
import { project } from "./config-error";
import { usualContext } from "./kind";
import type { Target } from "./schema";

/** What there is to know of files. */
export interface Files {
    readonly fileExists: (path: string) => boolean;
    /** The names of a kubeconfig's contexts; undefined where the path leads to no kubeconfig. */
    readonly contextsOf: (path: string) => readonly string[] | undefined;
}

const key = `${project}:kubeconfig`;
const embedded = `start a cluster with "make cluster" and set KUBECONFIG to what "make kubeconfig" prints, or set ${key}`;
/** How one gets the kubeconfig of each target. */
const fixes: Readonly<Record<Target, string>> = {
    dev: embedded,
    kind: `start cluster and stack with "make kind", or set KUBECONFIG or ${key}`,
    "gpu-cloud": `set KUBECONFIG or ${key} to the file that your vendor's program wrote`,
};

/** Problems with the kubeconfig and the context in it, by which a recipe finds its cluster. */
export function accessProblems(
    target: Target | undefined,
    path: string | undefined,
    context: string | undefined,
    { fileExists, contextsOf }: Files,
): Problem[] {
    if (path === undefined || !fileExists(path)) {
        const allowed = "the path of a kubeconfig file that exists";
        return [{ property: "kubeconfig", given: path, allowed, fix: target ? fixes[target] : embedded }];
    }
    if (target === undefined || target === "dev") {
        return [];
    }
    const contexts = contextsOf(path);
    const name = context ?? (target === "kind" ? usualContext : "");
    return [
        ...checkKubeconfig("kubeconfig", path, contexts),
        // Without a name, or without contexts, there is nothing to look for.
        ...(name !== "" && contexts ? checkContext("context", name, contexts) : []),
    ];
}
