/** Labels that a series has of its target. */
const ofTargets = ["namespace", "pod"];

/**
 * By how much a counter has risen within 5 minutes, where it has. One that is new has risen from nothing: many programs
 * have no counter of what has not happened yet, and `increase` does not see the first time.
 *
 * It is new only where somebody looked before. After Prometheus was away, or has lost its data, all counters are new to
 * it: so one of the targets has to have answered 6 to 8 minutes ago, and the counter's own, if there was one, 5 minutes
 * ago. That window tells of samples in it, while an instant would find older ones, too.
 *
 * @param labels by which it is added up, such as "namespace, pod"; `namespace` is one of them
 * @param up the series `up` of its targets, such as `up{job="loki"}`
 */
export function risen(counter: string, labels: string, up: string): string {
    const sum = (of: string) => `sum by (${labels}) (${of})`;
    const own = labels.split(", ").filter((label) => ofTargets.includes(label));
    const first = `(${sum(counter)} unless ${sum(`${counter} offset 5m`)}) > 0`;
    const looked = `max_over_time(${up}[2m] offset 6m) == 1`;
    const away = `${up} offset 5m == 0`;
    return `${sum(`increase(${counter}[5m])`)} > 0 or ${first} and on (namespace) ${looked} unless on (${own.join(", ")}) ${away}`;
}
