import { meshOpenings } from "../../ingress/istio/mesh";
import { acmeSolverOpening, type Opening } from "../../namespaces/secure-namespace";
import type { PodinfoArgs } from "../podinfo";
import { httpPort } from "./values";

/** What goes in and out of the namespace: clients, Prometheus among them, come from anywhere. */
export function podinfoOpenings(args: PodinfoArgs): Opening[] {
    const { mesh, meshNamespace: namespace, monitoringNamespace, ingress } = args;
    return [
        { name: "clients", direction: "ingress", peer: "anywhere", ports: [httpPort] },
        ...(mesh ? meshOpenings({ namespace, monitoringNamespace }) : []),
        ...(ingress?.clusterIssuer === undefined ? [] : [acmeSolverOpening]),
    ];
}
