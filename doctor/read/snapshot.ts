import { groupsOf, planSignals, type SignalPlan } from "../chain/plan";
import type { MetricsApiFacts, Snapshot, Subject } from "../snapshot";
import { valueOr } from "./answer";
import type { Reads } from "./api";
import { readMetricsApi } from "./metrics-api";
import type { Budget, Event, Quota } from "./objects-around";
import { type Prometheus, readPrometheus } from "./prometheus";
import { readSignal } from "./signal";
import { readTarget } from "./target";
import type { World } from "./world";

/** What a run shares between its autoscalers. */
export interface Session {
    readonly reads: Reads;
    readonly world: World;
    readonly all: readonly Subject[];
    /** Where to ask Prometheus instead of at its address in the cluster. */
    readonly prometheusUrl?: string | undefined;
    /** Prometheus by address, each looked at once. */
    readonly prometheuses: Map<string, Promise<Prometheus>>;
}

/** Everything about one autoscaler, as it is now. */
export async function readSnapshot(session: Session, subject: Subject): Promise<Snapshot> {
    const { reads, world } = session;
    const { namespace } = subject;
    const now = Date.now();
    const plans = planSignals(subject);
    const keda = subject.scaledObject !== undefined || subject.chain?.backend === "keda";
    const [target, apis, events, quotas, budgets] = await Promise.all([
        readTarget(reads, subject, session.all),
        Promise.all(
            groupsOf(subject.hpa, plans).map((group) =>
                readMetricsApi(reads, world, group, keda && group === "external.metrics.k8s.io"),
            ),
        ),
        reads.list<Event>(`/api/v1/namespaces/${namespace}/events?limit=500`),
        reads.list<Quota>(`/api/v1/namespaces/${namespace}/resourcequotas`),
        reads.list<Budget>(`/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`),
    ]);
    const reading = {
        reads,
        world,
        subject,
        target,
        now,
        prometheusOf: (plan: SignalPlan) => prometheusOf(session, subject, plan, apis),
        versions: (spec: NonNullable<SignalPlan["spec"]>) => versionsFor(spec.type, apis),
    };
    const signals = await Promise.all(plans.map((plan) => readSignal(reading, plan)));
    const { namespaces, controllerRenewed } = world;
    return {
        now,
        subject,
        target,
        signals,
        apis,
        around: { events, quotas, budgets, namespaces, controllerRenewed },
    };
}

async function prometheusOf(
    { reads, world, prometheuses, prometheusUrl }: Session,
    { namespace, chain }: Subject,
    { address }: SignalPlan,
    apis: readonly MetricsApiFacts[],
): Promise<Prometheus> {
    const own = address === "adapter" ? apis.find(({ asks }) => asks !== undefined)?.asks?.address : address;
    const asked = own ?? chain?.prometheusUrl;
    const key = `${asked ?? ""} ${namespace}`;
    const known = prometheuses.get(key) ?? readPrometheus(reads, world, asked, namespace, prometheusUrl);
    prometheuses.set(key, known);
    return known;
}

function versionsFor(type: string, apis: readonly MetricsApiFacts[]): string[] {
    const group = type === "External" ? "external.metrics.k8s.io" : "custom.metrics.k8s.io";
    const api = apis.find((candidate) => candidate.group === group);
    return valueOr(api?.apiServices ?? { ok: true, value: [] }, []).flatMap(({ spec }) => spec.version ?? []);
}
