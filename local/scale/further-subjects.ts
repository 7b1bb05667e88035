import { type Backend, signals } from "../../components";
import { named, type Subject } from "./subjects";

const common = {
    settings: "ours",
    demand: "hold",
    from: 0,
    to: 8,
    base: 1,
    windowSeconds: 0,
    direct: false,
} as const;

/** Signals that `bench-scale` does not measure, and a test sees to work: memory, and an expression of one's own. */
export const furtherSubjects: readonly Subject[] = [
    memorySubject("resource"),
    memorySubject("keda"),
    promqlSubject("prometheus-adapter"),
    promqlSubject("keda"),
];

/** Eight requests at a time, each of which holds 20 MiB: with what a pod has anyway 200 MiB, on three or four pods. */
function memorySubject(backend: Backend): Subject {
    return {
        ...common,
        ...named(backend, "ours", 0)("memory"),
        title: "memory, 1 to 3",
        goal: 3,
        signals: [signals.memory({ average: "70Mi" })],
        workload: { memory: true },
    };
}

/** Requests that a server works on, of its own gauge. */
function promqlSubject(backend: Backend): Subject {
    const own = 'namespace="<<namespace>>",job="<<target>>"';
    const busy = signals.promql({
        name: "busy",
        expr: `sum(http_requests_in_flight{${own}})`,
        unit: "requests",
        perReplica: 3,
        scrapeSeconds: 1,
        up: `up{${own}}`,
    });
    return {
        ...common,
        ...named(backend, "ours", 0)("promql"),
        title: "PromQL, 1 to 3",
        goal: 3,
        signals: [busy],
        workload: {},
    };
}
