import { join } from "node:path";
import type { Instance } from "../../instance";
import { runnerDeployer } from "../deployer";

/** Puts the autoscalers under test beside the dev stack of an instance. */
export async function deployFaults({ dir, kubeconfig }: Instance): Promise<void> {
    const { failures } = await runnerDeployer("").up({
        stack: "faults",
        main: "local/verify/faults/program.ts",
        config: { "pulumi-kube-observability:kubeconfig": kubeconfig },
        kubeconfig,
        home: join(dir, "pulumi", "faults"),
    });
    if (failures.length > 0) throw new Error(failures.join("\n"));
}
