import type { QueueResult } from "./queue-result";

/** What became of the messages, for example `200 of 200 processed, 0 lost, 0 doubled`. */
export function describeCounts({ published, processed, lost, doubled }: QueueResult): string {
    const show = (value: number | null) => value ?? "unknown";
    return `${show(processed)} of ${show(published)} processed, ${show(lost)} lost, ${show(doubled)} doubled`;
}

/** A time as part of a file name, in UTC: `2026-01-31T12-00-00`. */
export function fileTime(iso: string): string {
    return iso.slice(0, 19).replaceAll(":", "-");
}
