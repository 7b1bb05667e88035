import type { LoadedGroup, Sample, ScrapeTarget } from "../snapshot-source";
import { type Answer, failed, found, mapped } from "./answer";
import type { Labels } from "./objects";

/** Reads a path of one Prometheus, such as `/api/v1/targets`. */
export type Ask = (path: string) => Promise<Answer<string>>;

interface Vector {
    readonly resultType: string;
    readonly result: readonly { readonly metric: Labels; readonly value: readonly [number, string] }[];
}

/** Prometheus' HTTP API, as far as it is needed. */
export class PrometheusApi {
    constructor(private readonly ask: Ask) {}

    /** Whether it answers questions: not merely its port. */
    answers(): Promise<Answer<unknown>> {
        return this.data("/api/v1/query?query=1");
    }

    async targets(): Promise<Answer<ScrapeTarget[]>> {
        const answer = await this.data<{ activeTargets: ScrapeTarget[] }>("/api/v1/targets?state=active");
        return mapped(answer, ({ activeTargets }) => activeTargets ?? []);
    }

    async groups(): Promise<Answer<LoadedGroup[]>> {
        const answer = await this.data<{ groups: LoadedGroup[] }>("/api/v1/rules?type=record");
        return mapped(answer, ({ groups }) => groups ?? []);
    }

    runtime(): Promise<Answer<{ reloadConfigSuccess?: boolean; lastConfigTime?: string }>> {
        return this.data("/api/v1/status/runtimeinfo");
    }

    /** Label sets that a selector had within the last hour. */
    series(selector: string, now: number): Promise<Answer<Labels[]>> {
        const start = Math.round(now / 1000) - 3600;
        const query = new URLSearchParams({ "match[]": selector, start: String(start), limit: "200" });
        return this.data(`/api/v1/series?${query}`);
    }

    /** The value of an expression now. */
    async query(expression: string): Promise<Answer<Sample[]>> {
        const data = await this.data<Vector | { resultType: "scalar"; result: [number, string] }>(
            `/api/v1/query?${new URLSearchParams({ query: expression })}`,
        );
        return mapped(data, (answer) => {
            if (answer.resultType === "scalar") {
                const [at, value] = answer.result as [number, string];
                return [{ labels: {}, value: numberOf(value), at }];
            }
            return (answer as Vector).result
                .filter(({ value }) => value !== undefined)
                .map(({ metric, value: [at, value] }) => ({ labels: metric, value: numberOf(value), at }));
        });
    }

    /** The samples of a selector, each with the time at which it was taken. */
    async samples(selector: string): Promise<Answer<Sample[]>> {
        const [values, times] = await Promise.all([
            this.query(selector),
            this.query(`timestamp(${selector})`),
        ]);
        if (!values.ok || !times.ok) return values;
        const key = ({ __name__: _, ...labels }: Labels) => JSON.stringify(Object.entries(labels).sort());
        const taken = new Map(times.value.map(({ labels, value }) => [key(labels), value]));
        return found(
            values.value.map((sample) => ({ ...sample, at: taken.get(key(sample.labels)) ?? sample.at })),
        );
    }

    private async data<T>(path: string): Promise<Answer<T>> {
        const answer = await this.ask(path);
        if (!answer.ok) return answer;
        try {
            const { status, data, error } = JSON.parse(answer.value) as {
                status: string;
                data: T;
                error?: string;
            };
            if (status === "success") return found(data);
            return failed({ kind: "error", message: error ?? "no success", path });
        } catch {
            return failed({ kind: "error", message: `not Prometheus: ${answer.value.slice(0, 60)}`, path });
        }
    }
}

function numberOf(text: string): number {
    return text === "+Inf" ? Infinity : text === "-Inf" ? -Infinity : Number(text);
}
