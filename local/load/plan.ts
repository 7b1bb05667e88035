import { type Problem, renderProblems } from "../../components/problems";
import { arrivalTimes } from "./arrivals";

/** Requests for so long, so often. */
export interface RatePhase {
    readonly seconds: number;
    /** Requests a second; 0 is a pause. */
    readonly rate: number;
}

/** Requests for so long, from so many clients. */
export interface ClientPhase {
    readonly seconds: number;
    /** Clients, each of which asks anew as soon as it is answered. */
    readonly clients: number;
}

/**
 * When requests are sent.
 *
 * `even`, `poisson` and `trace` are open loops: a request is sent when it is due, whatever became of those before it.
 * `clients` is a closed one: a server that is slow is asked less, and nobody counts the requests that were not made, so that
 * its latency looks better than that of the same load from independent users.
 */
export type Arrivals =
    | { readonly kind: "even" | "poisson"; readonly phases: readonly RatePhase[]; readonly seed: number }
    | {
          readonly kind: "trace";
          /** Seconds from the start, ascending. */
          readonly at: readonly number[];
          /** What each request sends; empty where all send `body`. */
          readonly bodies: readonly string[];
      }
    | { readonly kind: "clients"; readonly phases: readonly ClientPhase[] };

/** A load: what is sent where, and when. */
export interface LoadPlan {
    /** Address with http or https; no other is asked, redirections are answers. */
    readonly url: string;
    readonly method: "GET" | "POST";
    readonly body?: string;
    readonly headers?: Readonly<Record<string, string>>;
    /** Seconds after which a request counts as failed, from when it is sent; 0.1 to 3600. */
    readonly timeoutSeconds: number;
    readonly arrivals: Arrivals;
    /** Whether a connection serves several requests; without, a Service chooses a pod anew for each. */
    readonly reuseConnections: boolean;
    /** Numbers of the answer's JSON whose sum is handed on as `value`, such as Ollama's "eval_duration". @default none */
    readonly answerFields?: readonly string[];
}

/** More is no load for one machine with everything on it. */
export const mostRequests = 100_000;
export const mostSeconds = 3600;

/** Seconds of a plan until its last request is due; of clients, until they stop. */
export function planSeconds(arrivals: Arrivals): number {
    return arrivals.kind === "trace" ? (arrivals.at.at(-1) ?? 0) : total(arrivals.phases);
}

function total(phases: readonly { readonly seconds: number }[]): number {
    return phases.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** @throws Error with every problem of a plan, a line each. */
export function mustBeSound(plan: LoadPlan): void {
    const problems = planProblems(plan);
    if (problems.length > 0) throw new Error(renderProblems(problems));
}

/** Problems with a plan. */
export function planProblems({ url, method, timeoutSeconds, arrivals }: LoadPlan): Problem[] {
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    const problems = [
        check("url", url, ["http:", "https:"].includes(parsed?.protocol ?? ""), "an http or https address"),
        check("method", method, ["GET", "POST"].includes(method), "GET or POST"),
        within("timeoutSeconds", timeoutSeconds, 0.1, 3600),
        ...arrivalProblems(arrivals),
    ].flat();
    return problems.length > 0 ? problems : amountProblems(arrivals);
}

function arrivalProblems(arrivals: Arrivals): Problem[] {
    if (arrivals.kind === "trace") {
        const { at, bodies } = arrivals;
        const ascending = at.every((time, i) => time >= (at[i - 1] ?? 0));
        return [
            ...check(
                "arrivals.at",
                at.length,
                at.length > 0 && ascending,
                "ascending times of zero and more",
            ),
            ...check(
                "arrivals.bodies",
                bodies.length,
                [0, at.length].includes(bodies.length),
                "none, or one for each time",
            ),
        ];
    }
    const amount = arrivals.kind === "clients" ? "clients" : "rate";
    return [
        ...check("arrivals.phases", arrivals.phases, arrivals.phases.length > 0, "at least one phase"),
        ...arrivals.phases.flatMap((phase, i) => [
            ...within(`arrivals.phases[${i}].seconds`, phase.seconds, 0.1, mostSeconds),
            ...("clients" in phase
                ? whole(`arrivals.phases[${i}].clients`, phase.clients, 0, 1000)
                : within(`arrivals.phases[${i}].${amount}`, phase.rate, 0, 1000)),
        ]),
    ];
}

/** Only of a plan that is sound otherwise: what it comes to. */
function amountProblems(arrivals: Arrivals): Problem[] {
    const seconds = within("arrivals, in seconds", planSeconds(arrivals), 0, mostSeconds);
    if (seconds.length > 0 || arrivals.kind === "clients") return seconds;
    return within("arrivals, in requests", arrivalTimes(arrivals).length, 1, mostRequests);
}

function within(property: string, given: number, least: number, most: number): Problem[] {
    return check(property, given, given >= least && given <= most, `a number from ${least} to ${most}`);
}

function whole(property: string, given: number, least: number, most: number): Problem[] {
    const allowed = `a whole number from ${least} to ${most}`;
    return check(property, given, Number.isInteger(given) && given >= least && given <= most, allowed);
}

function check(property: string, given: unknown, isAllowed: boolean, allowed: string): Problem[] {
    return isAllowed ? [] : [{ property, given, allowed, fix: "choose what is allowed" }];
}
