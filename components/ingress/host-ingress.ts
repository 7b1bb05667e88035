import type { networking } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { appLabel } from "../conventions";
import { checkObjectName, type Problem } from "../problems";

/** How an ingress controller serves an application. */
export interface HostIngress {
    /** Name of the IngressClass, e.g. `traefik`. */
    readonly className: string;
    /** Name by which clients ask for it, e.g. `podinfo.example.com`. */
    readonly host: string;
    /** ClusterIssuer of cert-manager that signs its certificate. @default none */
    readonly clusterIssuer?: string | undefined;
    /**
     * Secret of the namespace with the certificate: written by cert-manager where `clusterIssuer` is given, else
     * there already. @default that of `tlsSecretOf` with `clusterIssuer`; without, plain HTTP
     */
    readonly tlsSecret?: string | undefined;
}

/** Name of the Secret with the certificate of an application; undefined for plain HTTP. */
export function tlsSecretOf(app: string, { clusterIssuer, tlsSecret }: HostIngress): string | undefined {
    return tlsSecret ?? (clusterIssuer === undefined ? undefined : `${app}-tls`);
}

/** By which cert-manager knows that it is to make that Secret. */
export function issuerAnnotations({ clusterIssuer }: HostIngress): Record<string, string> {
    return clusterIssuer === undefined ? {} : { "cert-manager.io/cluster-issuer": clusterIssuer };
}

/** The Ingress of an application, to the port `http` of the Service of its name. */
export function hostIngress(app: string, namespace: pulumi.Input<string>, ingress: HostIngress) {
    const { className, host } = ingress;
    const secretName = tlsSecretOf(app, ingress);
    const service = { name: app, port: { name: "http" } };
    const spec: networking.v1.IngressSpec = {
        ingressClassName: className,
        tls: secretName === undefined ? [] : [{ secretName, hosts: [host] }],
        rules: [{ host, http: { paths: [{ path: "/", pathType: "Prefix", backend: { service } }] } }],
    };
    const annotations = issuerAnnotations(ingress);
    return { metadata: { name: app, namespace, labels: appLabel(app), annotations }, spec };
}

/** Problems with an ingress. */
export function checkIngress(property: string, ingress: HostIngress | undefined): Problem[] {
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
