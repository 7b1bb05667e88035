import { checkWhole, type Problem } from "../../problems";
import type { QueueingProxyArgs } from "../queueing-proxy";

/** Of requests that wait and are served: with six files for each, HAProxy stays below the half a million that a container may open. */
export const mostRequests = 50000;

/** Problems with how many requests there may be, and at how many servers, each and together. */
export function checkAmounts(args: Pick<QueueingProxyArgs, "slots" | "maxServers" | "maxQueue">): Problem[] {
    const { slots, maxServers = 20, maxQueue = 1000 } = args;
    const problems = [
        ...checkWhole("slots", slots, 1, 1000),
        ...checkWhole("maxServers", maxServers, 1, 200),
        ...checkWhole("maxQueue", maxQueue, 1, 10000),
    ];
    const tooMany = maxQueue + maxServers * slots > mostRequests;
    if (problems.length > 0 || !tooMany) return problems;
    const most = Math.floor((mostRequests - maxQueue) / slots);
    return [
        {
            property: "maxServers",
            given: maxServers,
            allowed: `at most ${most} with ${slots} slots each and a queue of ${maxQueue}: one proxy has ${mostRequests} requests at a time`,
            fix: "choose fewer servers, fewer slots or a shorter queue, or a proxy for each part of the servers",
        },
    ];
}

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
