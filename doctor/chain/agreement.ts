import type { Reading } from "../snapshot";
import type { QueryFacts } from "../snapshot-source";

/** By how much a value may differ from Prometheus' of the last two minutes. */
const tolerance = 0.1;

/** The whole of what a metrics API answered. */
export function total({ values }: Reading): number {
    return values.reduce((sum, { value }) => sum + value, 0);
}

/** The smallest and the largest value that Prometheus had lately, now included; undefined where it had none. */
export function lately({ range, now }: QueryFacts): { min: number; max: number } | undefined {
    const current =
        now.ok && now.value.length > 0 ? now.value.reduce((sum, { value }) => sum + value, 0) : undefined;
    const known = [range?.min, range?.max, current].filter(
        (value) => value !== undefined && Number.isFinite(value),
    );
    return known.length === 0
        ? undefined
        : { min: Math.min(...(known as number[])), max: Math.max(...(known as number[])) };
}

/** Whether a value is one that Prometheus had lately, or near to it. */
export function agrees(value: number, query: QueryFacts): boolean {
    const span = lately(query);
    if (!span || !Number.isFinite(value)) return true;
    const room = Math.max(1, tolerance * Math.max(Math.abs(span.min), Math.abs(span.max)));
    return value >= span.min - room && value <= span.max + room;
}
