import { type Backend, signals } from "../../components";
import { named, type Subject } from "./subjects";

const common = { settings: "ours", base: 1, goal: 3, direct: false } as const;

/** Memory that a request holds. Of 32 MiB and less the C library keeps some for the next one. */
export const requestMiB = 40;

/** Signals that `bench-scale` does not measure, and a test sees to work: memory, and an expression of one's own. */
export const furtherSubjects: readonly Subject[] = [
    memorySubject("resource"),
    memorySubject("keda"),
    promqlSubject("prometheus-adapter"),
    promqlSubject("keda"),
];

/**
 * Four requests at a time: with what a pod has anyway 200 MiB, on three pods. They stay at their pod: each pod's memory is
 * read at a moment of its own, up to 15 s apart, so requests that move between the pods are counted twice, or not at all.
 */
function memorySubject(backend: Backend): Subject {
    return {
        ...common,
        ...named(backend, "ours", 0)("memory"),
        title: "memory, 1 to 3",
        demand: "stay",
        from: 0,
        to: 4,
        signals: [signals.memory({ average: "70Mi" })],
        workload: { memory: true },
        windowSeconds: 0,
    };
}

/** Answers each second, of the server's own counter. */
function promqlSubject(backend: Backend): Subject {
    const own = 'namespace="<<namespace>>",job="<<target>>"';
    const answers = signals.promql({
        name: "answers",
        expr: `sum(rate(http_responses_total{${own}}[4s]))`,
        unit: "answers/s",
        perReplica: 3,
        scrapeSeconds: 1,
        up: `up{${own}}`,
    });
    return {
        ...common,
        ...named(backend, "ours", 0)("promql"),
        title: "PromQL, 1 to 3",
        demand: "rate",
        from: 2,
        to: 8,
        signals: [answers],
        workload: {},
        windowSeconds: 4,
    };
}
