import { type HostIngress, issuerAnnotations, tlsSecretOf } from "../../ingress/host-ingress";

/** The chart's values for an Ingress, or for none. */
export function ingressValues(ingress: HostIngress | undefined) {
    if (ingress === undefined) {
        return { enabled: false };
    }
    const { className, host } = ingress;
    const secretName = tlsSecretOf("podinfo", ingress);
    return {
        enabled: true,
        className,
        annotations: issuerAnnotations(ingress),
        hosts: [{ host, paths: [{ path: "/", pathType: "Prefix" }] }],
        tls: secretName === undefined ? [] : [{ secretName, hosts: [host] }],
    };
}
