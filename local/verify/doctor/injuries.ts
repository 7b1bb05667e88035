import {
    apiInjuries,
    autoscalerInjuries,
    limitInjuries,
    metricInjuries,
    ruleInjuries,
} from "./injuries/scaling";
import {
    monitorInjuries,
    prometheusInjuries,
    scrapeInjuries,
    seriesInjuries,
    serviceInjuries,
} from "./injuries/way";
import { endpointInjuries, podInjuries, targetInjuries } from "./injuries/workload";
import type { Injury } from "./injury";

/** Every fault, in the order of the hops. Those of Prometheus come last: it forgets with each start. */
export const injuries: readonly Injury[] = [
    ...targetInjuries,
    ...podInjuries,
    ...endpointInjuries,
    ...serviceInjuries,
    ...monitorInjuries,
    ...scrapeInjuries,
    ...seriesInjuries,
    ...ruleInjuries,
    ...apiInjuries,
    ...metricInjuries,
    ...autoscalerInjuries,
    ...limitInjuries,
    ...prometheusInjuries,
];
