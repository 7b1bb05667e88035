/** An answer of the API server that is not a success; `message` is the server's own. */
export class ApiError extends Error {
    constructor(
        readonly status: number,
        message: string,
        readonly reason = "",
        readonly retryAfterSeconds?: number,
    ) {
        super(message);
    }
}

export function isMissing(error: unknown): boolean {
    return error instanceof ApiError && error.status === 404;
}

/** Whether the same request may succeed later. `expectOthers`: also where it waits for another object. */
export function isTransient(error: unknown, expectOthers = false): boolean {
    if (!(error instanceof ApiError)) {
        return /ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|socket hang up|no answer in/.test(String(error));
    }
    const { status, message } = error;
    const awaitsOthers =
        /^namespaces ".*" not found|could not find the requested resource|serviceaccount ".*" not found/;
    // As 500 the server also reports objects that it cannot decode, which no patience helps.
    const passing = /webhook|etcd|timeout|timed out|deadline|connection|unavailable/i;
    return (
        status === 429 ||
        status > 500 ||
        (status === 500 && passing.test(message)) ||
        (expectOthers && awaitsOthers.test(message))
    );
}

/** Reads an answer that is not a success. */
export function apiError(status: number, text: string, retryAfter: string | undefined): ApiError {
    let answer: { message?: string; reason?: string } = {};
    try {
        answer = JSON.parse(text);
    } catch {
        // Not every refusal is a Status object: a proxy or a starting API server answers in plain text.
    }
    return new ApiError(
        status,
        answer.message ?? `${status} ${text.trim()}`,
        answer.reason,
        Number(retryAfter) || undefined,
    );
}
