import type { Ward } from "./ward";

/**
 * Until Prometheus has a change of a monitor or a rule, minutes may go by: the reloader looks for it every 3 minutes
 * where it gets no word of changed files, and the kubelet copies Secrets about once a minute. A suite of dozens of
 * changes cannot wait for that.
 */
const prometheus = "/apis/monitoring.coreos.com/v1/namespaces/monitoring/prometheuses/main";

/** Lets the reloader look every second, for as long as the ward is open. */
export async function hurryReloader(ward: Ward): Promise<void> {
    const set = await ward.api.send<{ spec: { template: { spec: { containers: Container[] } } } }>(
        "GET",
        "/apis/apps/v1/namespaces/monitoring/statefulsets/prometheus-main",
    );
    const reloader = set.spec.template.spec.containers.find(({ name }) => name === "config-reloader");
    const args = (reloader?.args ?? []).filter((argument) => !argument.startsWith("--watch-interval"));
    const containers = [{ name: "config-reloader", args: [...args, "--watch-interval=1s"] }];
    await change(ward, { spec: { containers } });
}

/** Leaves the reloader as it was. */
export async function leaveReloader(ward: Ward): Promise<void> {
    await change(ward, { spec: { containers: null } });
}

/** Lets the kubelet look at Prometheus' pod, and so at its Secrets, now. */
export async function nudge(ward: Ward): Promise<void> {
    for (const { metadata } of await ward.pods("prometheus", "monitoring")) {
        const body = { metadata: { annotations: { "injury/nudge": String(Date.now()) } } };
        const path = `/api/v1/namespaces/monitoring/pods/${metadata.name}`;
        await ward.api
            .send("PATCH", path, { body, contentType: "application/merge-patch+json" })
            .catch(() => {
                // It may have gone in between: then there is nothing to hurry.
            });
    }
}

interface Container {
    readonly name: string;
    readonly args?: readonly string[];
}

async function change(ward: Ward, body: object): Promise<void> {
    await ward.api.send("PATCH", prometheus, { body, contentType: "application/merge-patch+json" });
}
