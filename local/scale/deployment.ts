import { join } from "node:path";
import type { Instance } from "../instance";
import type { Deployment } from "../verify/deployer";

/** The workloads that are scaled, as a program beside the dev stack of an instance. */
export function scaleDeployment({ dir, kubeconfig }: Instance): Deployment {
    return {
        stack: "scale",
        main: "local/scale/program.ts",
        config: { "pulumi-kube-observability:kubeconfig": kubeconfig },
        kubeconfig,
        home: join(dir, "pulumi", "scale"),
    };
}
