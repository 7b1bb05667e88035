import type { core } from "@pulumi/kubernetes/types/input";

/** What every object and pod of the library carries. Only plain data, no resources. */

/** User and group of the library's pods: `nobody`, in every image used here. */
export const nobody = 65534;

/** Labels as Kubernetes keeps them. */
export type Labels = Readonly<Record<string, string>>;

/** The label by which Services, monitors and policies find an application's pods. */
export function appLabel(app: string): Labels {
    return { "app.kubernetes.io/name": app };
}

/** The pod half of the "restricted" Pod Security level. */
export const podSecurity: core.v1.PodSecurityContext = {
    runAsNonRoot: true,
    runAsUser: nobody,
    runAsGroup: nobody,
    fsGroup: nobody,
    seccompProfile: { type: "RuntimeDefault" },
};

/** The container half of the "restricted" Pod Security level, and no writing to the image. */
export const containerSecurity: core.v1.SecurityContext = {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
};

/** Requests and limits of a container: `[request, limit]` for each of cpu (cores) and memory (bytes). */
export function resources(
    cpu: readonly [string, string],
    memory: readonly [string, string],
): core.v1.ResourceRequirements {
    return { requests: { cpu: cpu[0], memory: memory[0] }, limits: { cpu: cpu[1], memory: memory[1] } };
}

/** The environment of a container, from plain values by their names. */
export function environment(values: Readonly<Record<string, string | number>>): core.v1.EnvVar[] {
    return Object.entries(values).map(([name, value]) => ({ name, value: `${value}` }));
}

/**
 * Makes `pulumi up` wait for a condition. The provider knows the built-in kinds;
 * of a custom resource it would not wait for anything.
 */
export function waitFor(condition: string): Labels {
    return { "pulumi.com/waitFor": `condition=${condition}` };
}

/** The type and port of a Service: open on every node at `nodePort` when one is given, else inside the cluster. */
export function servicePort(
    name: string,
    port: number,
    nodePort: number | undefined,
): Pick<core.v1.ServiceSpec, "type" | "ports"> {
    return nodePort === undefined
        ? { type: "ClusterIP", ports: [{ name, port, targetPort: name }] }
        : { type: "NodePort", ports: [{ name, port, targetPort: name, nodePort }] };
}
