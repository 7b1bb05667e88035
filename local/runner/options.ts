import type { RunEvent } from "./events";
import type { KubernetesObject } from "./objects";

/** Resolves when an object may be applied; `say` tells the reader what it waits for. */
export type Gate = (object: KubernetesObject, say: (reason: string) => void) => Promise<void>;

export interface RunnerOptions {
    /** Absolute path of the program, as `readProject` gives it. */
    readonly program: string;
    readonly project: string;
    readonly stack: string;
    /** Values by `project:key`. */
    readonly config?: Readonly<Record<string, string>>;
    /** Path of the kubeconfig whose current context is the cluster. */
    readonly kubeconfig: string;
    readonly onEvent?: (event: RunEvent) => void;
    /** Holds objects back in `up`, until what they need from outside the cluster is there. */
    readonly gate?: Gate;
    /** Helm's program, for charts. @default "helm", from the PATH */
    readonly helm?: string | undefined;
    /** Seconds to wait for the API server to answer at all. @default 5 */
    readonly connectSeconds?: number;
    /** Seconds to wait for an object that the program reads but does not make. @default 120 */
    readonly readSeconds?: number;
}
