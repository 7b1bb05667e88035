import { kubectl } from "../cluster";
import type { Instance } from "../instance";
import { cgroupProcesses } from "../node/cgroups";
import { endpoints } from "../node/network";
import { findNode } from "../node/node";

/** What runs, for a person to read. */
export async function status(instance: Instance): Promise<string> {
    const record = await findNode(instance);
    const left = cgroupProcesses(instance.id);
    if (!record) {
        return left.length === 0
            ? "No cluster runs here. `make up` starts one."
            : `The node has ended, ${left.length} of its processes have not: \`make down\` removes them.`;
    }
    const addresses = Object.keys(endpoints).map((name) => {
        const scheme = name === "api-server" ? "https" : "http";
        return `  ${name.padEnd(13)} ${scheme}://127.0.0.1:${record.ports[name as keyof typeof endpoints]}`;
    });
    const pods = await kubectl(instance, ["get", "pods", "--all-namespaces"]).catch(
        (error: Error) => error.message,
    );
    return [
        `Cluster ${instance.id} runs since ${record.startedAt}, ${left.length} processes.`,
        ...addresses,
        `  kubeconfig    ${instance.kubeconfig}`,
        `  logs          ${instance.dir}/var/log`,
        "",
        pods,
    ].join("\n");
}
