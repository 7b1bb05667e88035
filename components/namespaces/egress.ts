import type { Opening } from "./secure-namespace";

/**
 * The opening for connections to a host. To a Service by its full name (`redis.shop.svc`, with or without the
 * cluster's domain) it opens that Service's namespace, on every port: policies see the port of the pod, which need
 * not be that of the Service. To any other host it opens the one port.
 */
export function egressTo(name: string, hostname: string, port: number): Opening {
    const namespace = /^[a-z0-9-]+\.([a-z0-9-]+)\.svc(\.|$)/i.exec(hostname)?.[1];
    return namespace === undefined
        ? { name, direction: "egress", peer: "anywhere", ports: [port] }
        : { name, direction: "egress", peer: { namespace } };
}
