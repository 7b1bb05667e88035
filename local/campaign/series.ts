/** Points of one series; `t` in seconds from the start of the campaign, and null where there is a gap. */
export interface Series {
    readonly name: string;
    readonly points: readonly { readonly t: number; readonly value: number | null }[];
}

/** What Prometheus knows of the proxy and its servers meanwhile. */
export interface Recorded {
    readonly queue: readonly Series[];
    readonly sessions: readonly Series[];
    readonly frontend: readonly Series[];
    readonly replicas: readonly Series[];
    /** Why there is nothing, where there is nothing. */
    readonly problem?: string;
}

/** What is asked for each of them, of the proxy with this name; the label by which its series are told apart. */
export function queries(
    proxy: string,
): Record<keyof Omit<Recorded, "problem">, [expr: string, label: string]> {
    const of = `{proxy="${proxy}"}`;
    return {
        queue: [`sum(haproxy_backend_current_queue${of})`, "waiting"],
        sessions: [`sum by (server) (haproxy_server_current_sessions${of})`, "server"],
        frontend: [`sum(haproxy_frontend_current_sessions${of})`, "connections"],
        replicas: [`max(haproxy_backend_active_servers${of})`, "replicas"],
    };
}

export const nothingRecorded: Omit<Recorded, "problem"> = {
    queue: [],
    sessions: [],
    frontend: [],
    replicas: [],
};

/** More points than a picture has pixels are of no use. */
const mostPoints = 1000;

/**
 * Asks Prometheus for all of them. A report is only better for it, so that where it cannot answer the campaign still counts.
 *
 * @param from - milliseconds since 1970, as `until`
 */
export async function recordedSeries(
    prometheusUrl: string,
    proxy: string,
    from: number,
    until: number,
): Promise<Recorded> {
    try {
        const asked = Object.entries(queries(proxy)).map(async ([name, [expr, label]]) => {
            const url = rangeUrl(prometheusUrl, expr, from, until);
            const answer = await fetch(url, { signal: AbortSignal.timeout(30_000) });
            if (!answer.ok) throw new Error(`it answers HTTP ${answer.status}`);
            return [name, seriesIn(await answer.json(), label, from)] as const;
        });
        const found = { ...nothingRecorded, ...Object.fromEntries(await Promise.all(asked)) };
        if (found.queue.length > 0) return found;
        return { ...found, problem: `${prometheusUrl} has no series of the proxy "${proxy}"` };
    } catch (error) {
        return { ...nothingRecorded, problem: `${prometheusUrl}: ${(error as Error).message}` };
    }
}

function rangeUrl(prometheusUrl: string, query: string, from: number, until: number): URL {
    const url = new URL(
        "api/v1/query_range",
        prometheusUrl.endsWith("/") ? prometheusUrl : `${prometheusUrl}/`,
    );
    const step = Math.max(1, Math.ceil((until - from) / 1000 / mostPoints));
    const parameters = { query, start: `${from / 1000}`, end: `${until / 1000}`, step: `${step}` };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return url;
}

/** The series of a `query_range` answer, each named by its label, or as the label where it has none. */
export function seriesIn(answer: unknown, label: string, from: number): Series[] {
    const { data } = answer as {
        data?: { result?: { metric: Record<string, string>; values: [number, string][] }[] };
    };
    return (data?.result ?? []).map(({ metric, values }) => ({
        name: metric[label] ?? label,
        points: values.map(([time, value]) => ({ t: time - from / 1000, value: Number(value) })),
    }));
}
