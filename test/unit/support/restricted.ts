/** The rules of the library for every pod, as a checker of its own, independent of the code that follows them. */

// biome-ignore-all lint/suspicious/noExplicitAny: pod specs as they come, wrong ones too

/** What a pod spec breaks of the "restricted" Pod Security level and of a read-only image; by short names. */
export function violations(pod: any): string[] {
    const found: string[] = [];
    const broken = (name: string, is: boolean) => is && found.push(name);
    const security = pod.securityContext ?? {};
    broken("runAsNonRoot", security.runAsNonRoot !== true);
    broken("runAsUser", !(security.runAsUser > 0));
    broken("seccomp", security.seccompProfile?.type !== "RuntimeDefault");
    for (const flag of ["hostNetwork", "hostPID", "hostIPC"]) broken(flag, pod[flag] === true);
    for (const volume of pod.volumes ?? []) broken("hostPath", volume.hostPath !== undefined);
    for (const container of [...(pod.containers ?? []), ...(pod.initContainers ?? [])]) {
        const own = container.securityContext ?? {};
        broken("privilegeEscalation", own.allowPrivilegeEscalation !== false);
        broken("capabilities", JSON.stringify(own.capabilities) !== '{"drop":["ALL"]}');
        broken("readOnlyRootFilesystem", own.readOnlyRootFilesystem !== true);
        broken("privileged", own.privileged === true);
        broken("runAsRoot", own.runAsUser === 0 || own.runAsNonRoot === false);
        broken(
            "hostPort",
            (container.ports ?? []).some((port: any) => port.hostPort !== undefined),
        );
    }
    return [...new Set(found)].sort();
}

/** The requests and limits that a container lacks. */
export function missingResources(container: any): string[] {
    return ["requests.cpu", "requests.memory", "limits.cpu", "limits.memory"].filter((path) => {
        const [half, kind] = path.split(".") as [string, string];
        return container.resources?.[half]?.[kind] === undefined;
    });
}
