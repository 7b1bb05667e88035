import { ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from "@pulumi/kubernetes/rbac/v1";
import type { rbac } from "@pulumi/kubernetes/types/input";
import * as pulumi from "@pulumi/pulumi";
import { checkName, checkObjectName, type Problem, reject } from "../problems";

export interface ServiceIdentityArgs {
    /** Name of the ServiceAccount, and of the roles made for it. */
    readonly account: string;
    /** Namespace of the ServiceAccount. */
    readonly namespace: pulumi.Input<string>;
    /** What it may do in the whole cluster. @default nothing */
    readonly clusterRules?: readonly rbac.v1.PolicyRule[];
    /** What it may do in single namespaces, by the namespace's role in the program. @default nothing */
    readonly namespaceRules?: Readonly<Record<string, NamespaceRules>>;
    /** Existing ClusterRoles to bind it to, e.g. `system:auth-delegator`. @default none */
    readonly existingClusterRoles?: readonly string[];
    /** Existing Roles to bind it to. @default none */
    readonly existingRoles?: readonly { readonly namespace: string; readonly role: string }[];
}

/** What an account may do in one namespace. */
export interface NamespaceRules {
    readonly namespace: pulumi.Input<string>;
    readonly rules: readonly rbac.v1.PolicyRule[];
}

/**
 * Who a workload is towards the API server, and exactly what it may do there. Depend on the identity, not on
 * its account: a controller that starts before its roles are bound fails its first requests.
 *
 * @throws pulumi.ResourceError when `account`, or the namespace of an existing role, is not a Kubernetes name.
 */
export class ServiceIdentity extends pulumi.ComponentResource {
    /** Name of the ServiceAccount. */
    public readonly account: pulumi.Output<string>;

    constructor(name: string, args: ServiceIdentityArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:ServiceIdentity", name, args, opts);
        reject(this, validateServiceIdentity(args));
        const subjects = [{ kind: "ServiceAccount", name: args.account, namespace: args.namespace }];
        const child = { parent: this };

        const account = new ServiceAccount(
            name,
            {
                metadata: { name: args.account, namespace: args.namespace },
                // Pods ask for the token themselves, so a pod that borrows the account gets none by accident.
                automountServiceAccountToken: false,
            },
            child,
        );
        if (args.clusterRules) grantInCluster(args.clusterRules);
        for (const [where, { namespace, rules }] of Object.entries(args.namespaceRules ?? {})) {
            grantInNamespace(where, namespace, rules);
        }
        for (const role of args.existingClusterRoles ?? []) joinClusterRole(role);
        for (const { namespace, role } of args.existingRoles ?? []) joinRole(namespace, role);

        this.account = account.metadata.name;
        this.registerOutputs({ account: this.account });

        function grantInCluster(rules: readonly rbac.v1.PolicyRule[]) {
            const metadata = { name: args.account };
            new ClusterRole(`${name}-cluster`, { metadata, rules: [...rules] }, child);
            const roleRef = {
                apiGroup: "rbac.authorization.k8s.io",
                kind: "ClusterRole",
                name: args.account,
            };
            new ClusterRoleBinding(`${name}-cluster`, { metadata, roleRef, subjects }, child);
        }

        function grantInNamespace(
            where: string,
            namespace: pulumi.Input<string>,
            rules: readonly rbac.v1.PolicyRule[],
        ) {
            const metadata = { name: args.account, namespace };
            new Role(`${name}-${where}`, { metadata, rules: [...rules] }, child);
            const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: args.account };
            new RoleBinding(`${name}-${where}`, { metadata, roleRef, subjects }, child);
        }

        function joinClusterRole(role: string) {
            const metadata = { name: `${args.account}:${role}` };
            const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role };
            new ClusterRoleBinding(`${name}-${role}`, { metadata, roleRef, subjects }, child);
        }

        function joinRole(namespace: string, role: string) {
            const metadata = { name: `${args.account}:${role}`, namespace };
            const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: role };
            new RoleBinding(`${name}-${role}`, { metadata, roleRef, subjects }, child);
        }
    }
}

/** Problems with the arguments: names that Kubernetes would refuse. */
export function validateServiceIdentity(args: ServiceIdentityArgs): Problem[] {
    return [
        ...checkObjectName("account", args.account),
        ...(args.existingRoles ?? []).flatMap(({ namespace }, i) =>
            checkName(`existingRoles[${i}].namespace`, namespace),
        ),
    ];
}
