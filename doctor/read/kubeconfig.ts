import type { RequestOptions } from "node:http";
import type { RequestOptions as HttpsRequestOptions } from "node:https";
import type { User } from "@kubernetes/client-node";
import type { Connection } from "./api";

export interface ClusterChoice {
    /** Path of a kubeconfig. @default KUBECONFIG, `~/.kube/config`, or the pod's own service account */
    readonly kubeconfig?: string | undefined;
    /** Context of the kubeconfig. @default its current one */
    readonly context?: string | undefined;
    /** User to act as, e.g. "system:serviceaccount:tools:doctor". @default none */
    readonly as?: string | undefined;
}

/** There is no cluster to look at. */
export class NoClusterError extends Error {}

/**
 * The cluster that the choice names, with every kind of credentials that kubectl knows.
 *
 * @throws NoClusterError where the kubeconfig cannot be read or does not have the context.
 */
export async function connect(choice: ClusterChoice): Promise<Connection> {
    // Here, because the import alone takes half a second, which `--help` need not wait for.
    const { KubeConfig } = await import("@kubernetes/client-node");
    const config = new KubeConfig();
    try {
        if (choice.kubeconfig) config.loadFromFile(choice.kubeconfig);
        else config.loadFromDefault();
    } catch (error) {
        throw new NoClusterError(`The kubeconfig cannot be read: ${(error as Error).message}.`);
    }
    if (choice.context) {
        const names = config.getContexts().map(({ name }) => name);
        if (!names.includes(choice.context)) {
            throw new NoClusterError(
                `The kubeconfig has no context "${choice.context}"; it has: ${names.join(", ") || "none"}.`,
            );
        }
        config.setCurrentContext(choice.context);
    }
    const cluster = config.getCurrentCluster();
    // Where it finds no kubeconfig, the client makes one of its own, for an API server that nobody has any more.
    if (!cluster || cluster.server === "http://localhost:8080") {
        throw new NoClusterError(
            "There is no cluster to look at: set KUBECONFIG, or name a file with --kubeconfig.",
        );
    }
    return {
        server: cluster.server.replace(/\/$/, ""),
        credentials: async () => {
            const options: HttpsRequestOptions = {};
            try {
                await config.applyToHTTPSOptions(options);
            } catch (error) {
                throw credentialError(config.getCurrentUser(), error as Error);
            }
            const headers = {
                ...(options.headers as Record<string, string>),
                ...(choice.as && { "impersonate-user": choice.as }),
            };
            return { ...(options as RequestOptions), headers };
        },
    };
}

/** What a credential plugin says means little to who does not know that there is one; a missing one says nothing at all. */
export function credentialError(user: Pick<User, "exec" | "authProvider"> | null, error: Error): Error {
    const command = user?.exec?.command ?? user?.authProvider?.config?.exec?.command;
    if (command === undefined) return error;
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    const said = missing ? "it is not on the PATH" : error.message.trim() || "it did not say why";
    return new Error(`the kubeconfig's credential plugin \`${command}\` failed: ${said}`);
}
