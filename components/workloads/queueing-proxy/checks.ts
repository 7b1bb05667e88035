import type { Problem } from "../../problems";

/** HAProxy knows no weeks, and would read 1y as 1. */
export function checkQueueTimeout(given: string | undefined): Problem[] {
    const [, count, unit] = /^([1-9][0-9]*)(ms|s|m|h)$/.exec(given ?? "10m") ?? [];
    const seconds = { ms: 0.001, s: 1, m: 60, h: 3600 }[unit ?? ""] ?? Number.POSITIVE_INFINITY;
    return Number(count) * seconds <= 3600
        ? []
        : [
              {
                  property: "queueTimeout",
                  given,
                  allowed: "a duration of at most an hour such as 500ms, 30s, 10m or 1h",
                  fix: "choose a shorter one; clients that wait longer are better served by a queue of messages",
              },
          ];
}
