import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { checkout } from "../../instance";
import { type Manifest, ward } from "./objects";

const name = "doctor";

/** Who the doctor is while it is tested: somebody with the role of the docs, and no more. */
export const doctorUser = `system:serviceaccount:${ward}:${name}`;

/** The ClusterRole that stands in docs/doctor.md. @throws Error where the page has none. */
export function documentedRole(): Manifest {
    const page = readFileSync(join(checkout, "docs/doctor.md"), "utf8");
    const [, yaml] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
    const role = yaml === undefined ? undefined : (parse(yaml) as Manifest);
    if (role?.kind !== "ClusterRole") throw new Error("docs/doctor.md has no ClusterRole");
    return role;
}

/** The role, and who has it. */
export function roleObjects(): Manifest[] {
    const role = documentedRole();
    return [
        role,
        {
            apiVersion: "rbac.authorization.k8s.io/v1",
            kind: "ClusterRoleBinding",
            metadata: { name: role.metadata.name },
            roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role.metadata.name },
            subjects: [{ kind: "ServiceAccount", name, namespace: ward }],
        },
    ];
}
