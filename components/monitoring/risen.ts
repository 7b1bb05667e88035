/**
 * By how much a counter has risen within 5 minutes, where it has. One that is new has risen from nothing: many programs
 * have no counter of what has not happened yet, and `increase` does not see the first time.
 *
 * @param labels by which it is added up, such as "namespace, pod"
 */
export function risen(counter: string, labels: string): string {
    const sum = (of: string) => `sum by (${labels}) (${of})`;
    return `${sum(`increase(${counter}[5m])`)} > 0 or (${sum(counter)} unless ${sum(`${counter} offset 5m`)}) > 0`;
}
