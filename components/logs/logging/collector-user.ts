import { Secret } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword";
import { roleSecret, rolesFile, userSecret } from "./elasticsearch";
import { collectorRole, collectorUser, credentialsName, logPattern } from "./names";

export interface CollectorUserArgs {
    /** Namespace of Elasticsearch. */
    readonly namespace: pulumi.Input<string>;
    /** Namespace of the collectors. */
    readonly collectorNamespace: pulumi.Input<string>;
}

/**
 * The user as whom the collectors write. Not the operator's `elastic`, who may do everything: collectors run on
 * every node, in a privileged namespace, and who takes one over should add logs at most, not read or delete them.
 * The operator reads user and role from Secrets beside Elasticsearch; the collectors have a Secret of their own,
 * as a pod can only use Secrets of its own namespace.
 */
export class CollectorUser extends pulumi.ComponentResource {
    constructor(name: string, args: CollectorUserArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:CollectorUser", name, {}, opts);
        const child = { parent: this };
        const { namespace } = args;

        const { result: password } = new RandomPassword(name, { length: 32, special: false }, child);
        const user = { username: collectorUser, password };
        new Secret(
            `${name}-user`,
            {
                metadata: { name: userSecret, namespace },
                type: "kubernetes.io/basic-auth",
                stringData: { ...user, roles: collectorRole },
            },
            child,
        );
        new Secret(
            `${name}-role`,
            {
                metadata: { name: roleSecret, namespace },
                stringData: { "roles.yml": rolesFile(logPattern) },
            },
            child,
        );
        new Secret(
            `${name}-credentials`,
            {
                metadata: { name: credentialsName, namespace: args.collectorNamespace },
                type: "kubernetes.io/basic-auth",
                stringData: user,
            },
            child,
        );
        this.registerOutputs();
    }
}
