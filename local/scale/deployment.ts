import { join } from "node:path";
import type { Instance } from "../instance";
import type { Deployment } from "../verify/deployer";

/** The subjects of `bench-scale` with these names, each with its autoscaler, as a program beside the dev stack. */
export function benchDeployment(
    { dir, kubeconfig }: Instance,
    subjects: readonly { readonly name: string }[],
    copies = 1,
): Deployment {
    return {
        stack: "bench",
        main: "local/scale/bench-program.ts",
        config: {
            "pulumi-kube-observability:kubeconfig": kubeconfig,
            "pulumi-kube-observability:copies": `${copies}`,
            "pulumi-kube-observability:subjects": JSON.stringify(subjects.map(({ name }) => name)),
        },
        kubeconfig,
        home: join(dir, "pulumi", "bench"),
    };
}
