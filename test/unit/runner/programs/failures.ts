import { apiextensions, core, helm } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { RandomPet } from "@pulumi/random";

const metadata = (name: string) => ({ name, namespace: "default" });

new core.v1.ConfigMap("fine", { metadata: metadata("fine") });
const broken = new core.v1.Secret("broken", {
    metadata: metadata("broken"),
    data: { key: pulumi.secret("aGlkZGVu") },
});
const uses = new core.v1.ConfigMap("uses", {
    metadata: metadata("uses"),
    data: { uid: broken.metadata.uid },
});
new core.v1.ConfigMap("waits", { metadata: metadata("waits") }, { dependsOn: uses });
broken.metadata.apply(() => {
    throw new Error("an apply on a failed resource must not run");
});
new RandomPet("pet");
new helm.v4.Chart("chart", { chart: "some-chart", dependencyUpdate: true });
new core.v1.ConfigMap("nameless", { data: {} });
new apiextensions.CustomResource(
    "ignoring",
    { apiVersion: "v1", kind: "ConfigMap", metadata: metadata("ignoring") },
    { ignoreChanges: ["data"] },
);

const absent = core.v1.Service.get("absent", "default/absent");
new core.v1.ConfigMap("reader", { metadata: metadata("reader"), data: { address: absent.spec.clusterIP } });
