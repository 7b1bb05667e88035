import { join } from "node:path";
import type { Instance } from "../../instance";
import { runnerDeployer } from "../deployer";

/** Puts the library's autoscalers on the workloads that are made ill. */
export async function deployAutoscalers({ dir, kubeconfig }: Instance): Promise<void> {
    const { failures } = await runnerDeployer("").up({
        stack: "doctor",
        main: "local/verify/doctor/program.ts",
        config: { "pulumi-kube-observability:kubeconfig": kubeconfig },
        kubeconfig,
        home: join(dir, "pulumi", "doctor"),
    });
    if (failures.length > 0) throw new Error(failures.join("\n"));
}
