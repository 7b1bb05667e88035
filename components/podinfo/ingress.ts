import { checkObjectName, type Problem } from "../problems";

/** How an ingress controller serves podinfo. */
export interface PodinfoIngress {
    /** Name of the IngressClass, e.g. `traefik`. */
    readonly className: string;
    /** Name by which clients ask for it, e.g. `podinfo.example.com`. */
    readonly host: string;
    /** ClusterIssuer of cert-manager that signs its certificate. @default none */
    readonly clusterIssuer?: string | undefined;
    /**
     * Secret of the namespace with the certificate: written by cert-manager where `clusterIssuer` is given, else
     * there already. @default "podinfo-tls" with `clusterIssuer`; without, plain HTTP
     */
    readonly tlsSecret?: string | undefined;
}

/** The chart's values for an Ingress, or for none. */
export function ingressValues(ingress: PodinfoIngress | undefined) {
    if (ingress === undefined) {
        return { enabled: false };
    }
    const { className, host, clusterIssuer, tlsSecret } = ingress;
    const encrypted = clusterIssuer !== undefined || tlsSecret !== undefined;
    return {
        enabled: true,
        className,
        annotations: clusterIssuer === undefined ? {} : { "cert-manager.io/cluster-issuer": clusterIssuer },
        hosts: [{ host, paths: [{ path: "/", pathType: "Prefix" }] }],
        tls: encrypted ? [{ secretName: tlsSecret ?? "podinfo-tls", hosts: [host] }] : [],
    };
}

/** Problems with an ingress. */
export function checkIngress(property: string, ingress: PodinfoIngress | undefined): Problem[] {
    return ingress === undefined
        ? []
        : [
              ...checkObjectName(`${property}.className`, ingress.className),
              ...checkHost(`${property}.host`, ingress.host),
              ...checkObjectName(`${property}.clusterIssuer`, ingress.clusterIssuer),
              ...checkObjectName(`${property}.tlsSecret`, ingress.tlsSecret),
          ];
}

function checkHost(property: string, given: string): Problem[] {
    const label = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";
    return given.length <= 253 && new RegExp(`^${label}(\\.${label})*$`).test(given)
        ? []
        : [
              {
                  property,
                  given,
                  allowed: "a DNS name in lower case, without scheme and port",
                  fix: "write the name only, e.g. podinfo.example.com",
              },
          ];
}
