import { newerThan } from "../../components/autoscaling/autoscaler/freshness";
import { kubectl } from "../cluster";
import type { Instance } from "../instance";
import type { Order } from "./driver";
import { namespaceOf, type Settings, type Subject } from "./subjects";

/** Where the subjects are reached from inside the node, and redis' passwords. */
export interface Addresses {
    readonly order: (subject: Subject, amount: number) => Omit<Order, "id">;
}

interface ServiceList {
    readonly items: readonly { metadata: { name: string }; spec: { clusterIP: string } }[];
}

/** Reads them from the cluster. */
export async function addressesOf(instance: Instance, settings: readonly Settings[]): Promise<Addresses> {
    const known = await Promise.all(
        settings.map(async (one) => {
            const namespace = `--namespace=${namespaceOf[one]}`;
            const list: ServiceList = JSON.parse(
                await kubectl(instance, [namespace, "get", "services", "--output=json"]),
            );
            const password = await kubectl(instance, [
                namespace,
                "get",
                "secret",
                "redis-auth",
                "--output=jsonpath={.data.password}",
            ]);
            const addresses = new Map(
                list.items.map(({ metadata, spec }) => [metadata.name, spec.clusterIP]),
            );
            return [one, { addresses, password: Buffer.from(password, "base64").toString() }] as const;
        }),
    );
    const bySettings = new Map(known);
    return {
        order: ({ name, settings: one, demand, workload }, amount) => {
            const { addresses, password } = bySettings.get(one) ?? { addresses: new Map(), password: "" };
            const address = (service: string) => addresses.get(service) ?? "";
            if (demand === "queue")
                return { kind: "queue", subject: name, url: `${address("redis")}:6379`, amount, password };
            const url = `http://${address(workload.proxy ? `${name}-proxy` : name)}/`;
            return { kind: demand, subject: name, url, amount };
        },
    };
}

/** Seconds between two values of a recorded demand, with some to spare. */
const recordingSeconds = 3;

/** The demand of a subject's first signal, as it is being recorded; undefined where it is not: Prometheus keeps the last value. */
export async function recordedDemand(
    prometheusUrl: string,
    { name, settings, signals: [signal] }: Subject,
): Promise<number | undefined> {
    const labels = `namespace="${namespaceOf[settings]}",autoscaler="${name}",signal="${signal?.name}"`;
    const query = new URLSearchParams({ query: newerThan(`autoscaler:demand{${labels}}`, recordingSeconds) });
    const answer = await fetch(`${prometheusUrl}/api/v1/query?${query}`, {
        signal: AbortSignal.timeout(5000),
    });
    const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
    const [found] = data.result;
    return found && Number(found.value[1]);
}
