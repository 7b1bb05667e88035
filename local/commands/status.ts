import { kubectl } from "../cluster";
import type { Instance } from "../instance";
import { cgroupProcesses } from "../node/cgroups";
import { type EndpointName, endpoints, type Ports } from "../node/network";
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
    const pods = await kubectl(instance, ["get", "pods", "--all-namespaces"]).catch(
        (error: Error) => error.message,
    );
    return [
        `Cluster ${instance.id} runs since ${record.startedAt}, ${left.length} processes.`,
        ...addressLines(record.ports, await servedPorts(instance)),
        `  kubeconfig    ${instance.kubeconfig}`,
        `  logs          ${instance.dir}/var/log`,
        "",
        pods,
    ].join("\n");
}

/**
 * The address of each endpoint; of those that nothing serves only their names, for their ports are forwarded all the same.
 *
 * @param served ports of the node that Services have; undefined where that is not known
 */
export function addressLines(ports: Ports, served: ReadonlySet<number> | undefined): string[] {
    const names = Object.keys(endpoints) as EndpointName[];
    const isServed = (name: EndpointName) =>
        name === "api-server" || (served?.has(endpoints[name].nodePort) ?? true);
    const absent = names.filter((name) => !isServed(name));
    return [
        ...names.filter(isServed).map((name) => {
            const scheme = name === "api-server" ? "https" : "http";
            return `  ${name.padEnd(13)} ${scheme}://127.0.0.1:${ports[name]}`;
        }),
        ...(absent.length === 0
            ? []
            : [`  not there     ${absent.join(", ")}: switched off, or not deployed`]),
    ];
}

/** Ports of the node that a Service has; undefined where the API server does not say. */
async function servedPorts(instance: Instance): Promise<ReadonlySet<number> | undefined> {
    const ports = "{.items[*].spec.ports[*].nodePort}";
    const found = await kubectl(instance, [
        "get",
        "services",
        "--all-namespaces",
        `--output=jsonpath=${ports}`,
    ]).catch(() => undefined);
    return found === undefined ? undefined : new Set(found.split(" ").map(Number));
}
