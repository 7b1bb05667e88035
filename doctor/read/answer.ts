/** Why something could not be read. `unreachable`: nobody answered; `error`: somebody answered that it does not work. */
export interface Failure {
    readonly kind: "missing" | "forbidden" | "timeout" | "unreachable" | "error";
    /** The server's own words. */
    readonly message: string;
    /** What was asked for, as a path. */
    readonly path: string;
    /** HTTP status, where there was an answer. */
    readonly status?: number;
}

/** What a look at the cluster gave: a value, or why there is none. */
export type Answer<T> =
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly failure: Failure };

export function found<T>(value: T): Answer<T> {
    return { ok: true, value };
}

export function failed(failure: Failure): { ok: false; failure: Failure } {
    return { ok: false, failure };
}

/** An answer with its value made into another. */
export function mapped<T, R>(answer: Answer<T>, change: (value: T) => R): Answer<R> {
    return answer.ok ? found(change(answer.value)) : answer;
}

/** The value, or a substitute where there is none: for lists of kinds that a cluster may not have. */
export function valueOr<T>(answer: Answer<T>, otherwise: T): T {
    return answer.ok ? answer.value : otherwise;
}

/** Whether nothing is there, as opposed to not having been able to look. */
export function isMissing(answer: Answer<unknown>): boolean {
    return !answer.ok && answer.failure.kind === "missing";
}

/**
 * Whether the look itself failed for a reason on our side: no right, or the API server gave no answer. Then nothing
 * can be said about the thing looked for.
 */
export function couldNotLook(answer: Answer<unknown>): answer is { ok: false; failure: Failure } {
    return !answer.ok && answer.failure.kind !== "missing";
}
