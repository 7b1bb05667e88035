/** A Service of the cluster, as an address names it. */
export interface ServiceAddress {
    readonly scheme: "http" | "https";
    readonly name: string;
    readonly namespace: string;
    readonly port: number;
    /** Path below which the server answers, without a slash at its end. */
    readonly path: string;
}

/**
 * The Service behind an address, with or without a scheme: `http://prometheus.monitoring.svc:9090/base`,
 * `redis.queue:6379`, `redis:6379`.
 *
 * @param namespace - where a name without one is.
 * @returns undefined where the address is none of a Service: an IP, a host outside.
 */
export function serviceAddress(address: string, namespace: string): ServiceAddress | undefined {
    const parts = /^(?:([a-z+]+):\/\/)?(?:[^@/]*@)?([^:/?#]+)(?::(\d+))?([^?#]*)/i.exec(address.trim());
    if (!parts) return undefined;
    const [, scheme = "http", host = "", port, path = ""] = parts;
    const labels = host.replace(/\.$/, "").split(".");
    const [name = "", where = namespace, kind, ...domain] = labels;
    const inCluster =
        labels.length <= 2 || (kind === "svc" && (domain.length === 0 || domain[0] === "cluster"));
    if (!inCluster || !/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name)) return undefined;
    return {
        scheme: scheme === "https" ? "https" : "http",
        name,
        namespace: where,
        port: Number(port ?? (scheme === "https" ? 443 : 80)),
        path: path.replace(/\/+$/, ""),
    };
}

/** The path at the API server under which a Service's port is proxied. */
export function serviceProxy({ scheme, name, namespace, port, path }: ServiceAddress): string {
    const prefix = scheme === "https" ? "https:" : "";
    return `/api/v1/namespaces/${namespace}/services/${prefix}${name}:${port}/proxy${path}`;
}

/** The path at the API server under which a pod's port is proxied. */
export function podProxy(namespace: string, pod: string, port: number, scheme = "http"): string {
    const prefix = scheme === "https" ? "https:" : "";
    return `/api/v1/namespaces/${namespace}/pods/${prefix}${pod}:${port}/proxy`;
}
