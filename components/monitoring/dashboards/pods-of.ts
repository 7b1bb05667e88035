/** What Kubernetes makes the random part of a name of: no vowels, and nothing that looks like one. */
const random = "[b-df-hj-np-tv-xz24-9]";

/**
 * Matches the pods of a Deployment (ReplicaSet and pod have a random part each) and of a StatefulSet (a number), and of no
 * workload whose name goes on after that name: `llm-proxy-…` is none of `llm`. To be used with `pod=~`.
 *
 * @param workload its name, or a variable of Grafana
 */
export function podsOf(workload: string): string {
    return `${workload}-(${random}{1,10}-${random}{5}|[0-9]+)`;
}
