import type { Hop } from "../../../components/autoscaling/autoscaler/chain";
import { ward as namespace } from "./objects";
import type { isReady, Ward } from "./ward";

/** A fault: what is done, at which hop it is, and how one sees that it works. */
export interface Injury {
    readonly name: string;
    /** The hop at which it is done. */
    readonly hop: Hop;
    /** The autoscaler that suffers, `namespace/name`. */
    readonly on: string;
    readonly injure: (ward: Ward) => Promise<void>;
    /** Whether it shows. @default at once */
    readonly shows?: (ward: Ward) => Promise<boolean>;
    /** What puts right what `restore` cannot: words told to pods. */
    readonly heal?: (ward: Ward) => Promise<void>;
}

const external = `/apis/external.metrics.k8s.io/v1beta1/namespaces/${namespace}`;

/** KEDA has no value for a ScaledObject's first trigger. */
export const blind = (name: string) => async (ward: Ward) => {
    const query = { labelSelector: `scaledobject.keda.sh/name=${name}` };
    const answer = await ward.api
        .send<{ items: unknown[] }>("GET", `${external}/s0-prometheus`, { query, patienceSeconds: 0 })
        .catch(() => ({ items: [] }));
    return answer.items.length === 0;
};

/** A pod of an app is as a function says. */
export const somePod =
    (app: string, is: (pod: Parameters<typeof isReady>[0]) => boolean, where = namespace) =>
    async (ward: Ward) =>
        (await ward.pods(app, where)).some(is);

/** A pod's container waits for a reason. */
export const waits = (app: string, reason: RegExp) =>
    somePod(app, ({ status }) =>
        (status?.containerStatuses ?? []).some((container: { state?: { waiting?: { reason?: string } } }) =>
            reason.test(container.state?.waiting?.reason ?? ""),
        ),
    );

/** An app has no pod at all. */
export const podless =
    (app: string, where = namespace) =>
    async (ward: Ward) =>
        (await ward.pods(app, where)).length === 0;

/** An object has a condition. */
export const condition =
    (place: string, type: string, status: string, reason?: RegExp) => async (ward: Ward) => {
        const object = await ward.get(place);
        const found = object?.status?.conditions?.find((one: { type: string }) => one.type === type);
        return found?.status === status && (reason === undefined || reason.test(found.reason ?? ""));
    };

/** Prometheus has none, or some, of a series. */
export const series =
    (query: string, there: (samples: { value: [number, string] }[]) => boolean) => async (ward: Ward) => {
        const path = "/api/v1/namespaces/monitoring/services/prometheus:9090/proxy/api/v1/query";
        const answer = await ward.api.send<{ data: { result: { value: [number, string] }[] } }>("GET", path, {
            query: { query },
            patienceSeconds: 0,
        });
        return there(answer.data.result);
    };

/** A series gets no new samples: with its scrape pool gone, Prometheus would go on giving the last one for minutes. */
export const fading = (selector: string) =>
    series(`time() - timestamp(${selector}) < 15`, (samples) => samples.length === 0);

/** The container of a workload's template, to change. */
export function containerOf(object: {
    spec: { template: { spec: { containers: Record<string, unknown>[] } } };
}) {
    const [container] = object.spec.template.spec.containers;
    if (!container) throw new Error("the workload has no container");
    return container;
}

/** A change of a workload that scales it to a number. */
export const replicas = (number: number) => ({ spec: { replicas: number } });
