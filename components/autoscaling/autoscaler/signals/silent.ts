/**
 * Has a value where pods that are Ready, and so have their share of the demand, cannot be scraped. One that is not Ready, that
 * starts or crashes, has no share: nothing is missing then.
 */
export function silentPods(up: string): string {
    return `count(${up} == 0 and on (namespace, pod) kube_pod_status_ready{condition="true"} == 1)`;
}
