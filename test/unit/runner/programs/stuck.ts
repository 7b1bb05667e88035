import { core } from "@pulumi/kubernetes";

new core.v1.ConfigMap("stuck", {
    metadata: { name: "stuck" },
    data: { never: new Promise<string>(() => {}) },
});
