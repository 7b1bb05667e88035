/** A line as Loki has it. */
export interface LogLine {
    /** When it was written, nanoseconds since 1970. */
    readonly time: bigint;
    /** `namespace`, `pod`, `container`, `node`, `app`, `log_iostream`: stdout or stderr, and `observed_timestamp`: when it was read. */
    readonly labels: Readonly<Record<string, string>>;
    readonly text: string;
}

/** Which lines: those of a query in LogQL, between two times, the last `limit` of them. */
export interface LineQuery {
    readonly query: string;
    /** Milliseconds since 1970. */
    readonly from: number;
    /** Milliseconds since 1970. @default now */
    readonly to?: number;
    /** At most 5000. */
    readonly limit: number;
}

const timeoutMilliseconds = 20_000;

/**
 * Lines of a Loki, the oldest first.
 *
 * @throws Error when it does not answer, or refuses the query, with its words.
 */
export async function queryLines(lokiUrl: string, asked: LineQuery): Promise<LogLine[]> {
    const url = new URL("/loki/api/v1/query_range", lokiUrl);
    url.searchParams.set("query", asked.query);
    url.searchParams.set("start", `${Math.floor(asked.from)}000000`);
    url.searchParams.set("end", `${Math.ceil(asked.to ?? Date.now() + 1000)}000000`);
    url.searchParams.set("limit", `${asked.limit}`);
    url.searchParams.set("direction", "backward");
    const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutMilliseconds) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`Loki answered ${answer.status}: ${text.trim()}`);
    return linesOf(JSON.parse(text));
}

interface Streams {
    readonly data: {
        readonly result: readonly {
            readonly stream: Readonly<Record<string, string>>;
            readonly values: readonly (readonly [time: string, text: string])[];
        }[];
    };
}

/** The lines of an answer, the oldest first; lines of one moment as Loki has them. */
export function linesOf(answer: Streams): LogLine[] {
    const lines = answer.data.result.flatMap(({ stream, values }) =>
        values.map(([time, text]) => ({ time: BigInt(time), labels: stream, text })),
    );
    return lines.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}
