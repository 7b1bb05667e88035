import assert from "node:assert/strict";
import { ServiceIdentity } from "../../components/namespaces/service-identity";
import { named, object, record } from "./support/mocks";

describe("ServiceIdentity", () => {
    it("creates an account without a token and no role unless rules are given", async () => {
        const recording = await record(() => {
            new ServiceIdentity("id", { account: "app", namespace: "ns" });
        });
        assert.deepEqual(named(recording), [["ServiceAccount", "id", "app"]]);
        assert.equal(object(recording, "ServiceAccount", "app").inputs.automountServiceAccountToken, false);
    });

    it("binds exactly what is asked for to the account", async () => {
        const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }];
        const recording = await record(() => {
            new ServiceIdentity("id", {
                account: "app",
                namespace: "ns",
                clusterRules: rules,
                namespaceRules: { other: { namespace: "there", rules } },
                existingClusterRoles: ["system:auth-delegator"],
                existingRoles: [{ namespace: "kube-system", role: "reader" }],
            });
        });
        assert.deepEqual(named(recording), [
            ["ClusterRole", "id-cluster", "app"],
            ["ClusterRoleBinding", "id-cluster", "app"],
            ["ClusterRoleBinding", "id-system:auth-delegator", "app:system:auth-delegator"],
            ["Role", "id-other", "app"],
            ["RoleBinding", "id-other", "app"],
            ["RoleBinding", "id-reader", "app:reader"],
            ["ServiceAccount", "id", "app"],
        ]);
        for (const binding of recording.resources.filter((r) => r.kind.endsWith("Binding"))) {
            assert.deepEqual(binding.inputs.subjects, [
                { kind: "ServiceAccount", name: "app", namespace: "ns" },
            ]);
        }
        assert.equal(object(recording, "Role", "app").inputs.metadata.namespace, "there");
        assert.equal(object(recording, "RoleBinding", "app:reader").inputs.metadata.namespace, "kube-system");
        assert.deepEqual(object(recording, "ClusterRole", "app").inputs.rules, rules);
    });
});
