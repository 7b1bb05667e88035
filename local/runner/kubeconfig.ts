import { existsSync, readFileSync } from "node:fs";
import type { RequestOptions } from "node:https";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";

/** Where the API server is, what to show it, and the namespace of objects that name none. */
export interface Cluster {
    readonly server: string;
    readonly namespace: string;
    readonly tls: Pick<RequestOptions, "ca" | "cert" | "key" | "servername" | "rejectUnauthorized">;
    readonly headers: Record<string, string>;
}

type Fields = Record<string, string | boolean | undefined>;
interface KubeConfigFile {
    "current-context"?: string;
    contexts?: { name: string; context: { cluster: string; user: string; namespace?: string } }[];
    clusters?: { name: string; cluster: Fields }[];
    users?: { name: string; user?: Fields }[];
}

/**
 * Reads a kubeconfig. Certificates and tokens, which is all that the embedded cluster needs, are read here;
 * anything else (exec plugins, OIDC) through the Kubernetes client, whose import alone costs half a second.
 *
 * @param wanted - name of a context. @default the current one
 */
export async function readKubeConfig(path: string, wanted?: string): Promise<Cluster> {
    const { cluster, user, ...place } = currentContext(readFileSync(path, "utf8"), path, wanted);
    if (Object.keys(user).some((field) => !plainUser.test(field)) || cluster["proxy-url"]) {
        return { ...place, ...(await credentialsFromClient(path, wanted)) };
    }
    const material = (from: Fields, field: string) =>
        from[`${field}-data`]
            ? Buffer.from(String(from[`${field}-data`]), "base64")
            : from[field] && readFileSync(resolve(dirname(path), String(from[field])));
    const ca = material(cluster, "certificate-authority");
    const cert = material(user, "client-certificate");
    const key = material(user, "client-key");
    const servername = cluster["tls-server-name"];
    const token = user.tokenFile
        ? readFileSync(resolve(dirname(path), String(user.tokenFile)), "utf8").trim()
        : user.token;
    return {
        ...place,
        tls: {
            ...(ca && { ca }),
            ...(cert && key && { cert, key }),
            ...(servername && { servername: String(servername) }),
            ...(cluster["insecure-skip-tls-verify"] === true && { rejectUnauthorized: false }),
        },
        headers: token ? { authorization: `Bearer ${token}` } : {},
    };
}

/** The server that a kubeconfig, given as text or as a path, points at. */
export function serverOf(kubeconfig: string, context?: string): string {
    const text =
        kubeconfig.includes("\n") || !existsSync(kubeconfig) ? kubeconfig : readFileSync(kubeconfig, "utf8");
    return currentContext(text, "a provider's kubeconfig", context).server;
}

function currentContext(text: string, where: string, wanted?: string) {
    const file = parse(text) as KubeConfigFile;
    const name = wanted ?? file["current-context"];
    const context = file.contexts?.find((c) => c.name === name)?.context;
    const cluster = file.clusters?.find((c) => c.name === context?.cluster)?.cluster;
    const user = file.users?.find((u) => u.name === context?.user)?.user ?? {};
    if (!context || typeof cluster?.server !== "string") {
        throw new Error(`${where}: the context "${name}" names no cluster with a server.`);
    }
    const server = cluster.server.replace(/\/$/, "");
    return { cluster, user, server, namespace: context.namespace ?? "default" };
}

const plainUser = /^(client-certificate|client-key)(-data)?$|^token(File)?$/;

async function credentialsFromClient(
    path: string,
    wanted: string | undefined,
): Promise<Pick<Cluster, "tls" | "headers">> {
    const { KubeConfig } = await import("@kubernetes/client-node");
    const config = new KubeConfig();
    config.loadFromFile(path);
    if (wanted) config.setCurrentContext(wanted);
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    const { agent: _, headers, auth, ...tls } = options;
    const basic = auth ? { authorization: `Basic ${Buffer.from(auth).toString("base64")}` } : {};
    return { tls, headers: { ...(headers as Record<string, string>), ...basic } };
}
