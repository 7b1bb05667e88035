/** Fields of the objects around an autoscaler: Services, monitors, rules, quotas, APIServices. */

import type { Condition, Labels, Named, Reference, Selector } from "./objects";

export interface ServicePort {
    readonly name?: string;
    readonly port: number;
    readonly targetPort?: number | string;
}

export interface Service extends Named {
    readonly spec: {
        readonly type?: string;
        readonly selector?: Labels;
        readonly ports?: readonly ServicePort[];
        readonly externalName?: string;
    };
}

export interface EndpointSlice extends Named {
    readonly ports?: readonly { readonly name?: string; readonly port?: number }[] | null;
    readonly endpoints?:
        | readonly {
              readonly addresses: readonly string[];
              readonly conditions?: { readonly ready?: boolean };
              readonly targetRef?: { readonly kind?: string; readonly name?: string };
          }[]
        | null;
}

export interface MonitorEndpoint {
    readonly port?: string;
    readonly portNumber?: number;
    readonly targetPort?: number | string;
    readonly path?: string;
    readonly scheme?: string;
    readonly interval?: string;
    readonly metricRelabelings?: readonly unknown[];
    readonly basicAuth?: unknown;
    readonly authorization?: unknown;
    readonly bearerTokenFile?: string;
    readonly bearerTokenSecret?: unknown;
    readonly oauth2?: unknown;
    readonly tlsConfig?: unknown;
    readonly params?: Readonly<Record<string, readonly string[]>>;
}

export interface NamespaceChoice {
    readonly any?: boolean;
    readonly matchNames?: readonly string[];
}

/** A ServiceMonitor (`endpoints`) or a PodMonitor (`podMetricsEndpoints`). */
export interface Monitor extends Named {
    readonly spec: {
        readonly jobLabel?: string;
        readonly selector: Selector;
        readonly namespaceSelector?: NamespaceChoice;
        readonly endpoints?: readonly MonitorEndpoint[];
        readonly podMetricsEndpoints?: readonly MonitorEndpoint[];
    };
}

export interface PrometheusObject extends Named {
    readonly spec: {
        readonly replicas?: number;
        readonly paused?: boolean;
        readonly scrapeInterval?: string;
        readonly evaluationInterval?: string;
        readonly routePrefix?: string;
        readonly portName?: string;
        readonly serviceMonitorSelector?: Selector | null;
        readonly serviceMonitorNamespaceSelector?: Selector | null;
        readonly podMonitorSelector?: Selector | null;
        readonly podMonitorNamespaceSelector?: Selector | null;
        readonly ruleSelector?: Selector | null;
        readonly ruleNamespaceSelector?: Selector | null;
    };
    readonly status?: { readonly availableReplicas?: number; readonly conditions?: readonly Condition[] };
}

export interface RuleObject extends Named {
    readonly spec?: {
        readonly groups?: readonly {
            readonly name: string;
            readonly interval?: string;
            readonly rules?: readonly {
                readonly record?: string;
                readonly expr?: string | number;
                readonly labels?: Labels;
            }[];
        }[];
    };
}

export interface ApiService extends Named {
    readonly spec: {
        readonly group?: string;
        readonly version?: string;
        readonly service?: {
            readonly name: string;
            readonly namespace: string;
            readonly port?: number;
        } | null;
    };
    readonly status?: { readonly conditions?: readonly Condition[] };
}

export interface Quota extends Named {
    readonly status?: { readonly hard?: Labels; readonly used?: Labels };
}

export interface Budget extends Named {
    readonly spec: {
        readonly minAvailable?: number | string;
        readonly maxUnavailable?: number | string;
        readonly selector?: Selector;
    };
    readonly status?: {
        readonly disruptionsAllowed?: number;
        readonly expectedPods?: number;
        readonly currentHealthy?: number;
        readonly conditions?: readonly Condition[];
    };
}

export interface Event extends Named {
    readonly involvedObject: Reference & { readonly uid?: string };
    readonly type?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly count?: number;
    readonly firstTimestamp?: string | null;
    readonly lastTimestamp?: string | null;
    readonly eventTime?: string | null;
    readonly series?: { readonly lastObservedTime?: string; readonly count?: number };
}

export interface Namespace extends Named {
    readonly status?: { readonly phase?: string };
}

export interface ConfigMap extends Named {
    readonly data?: Labels;
}

export interface PodMetrics extends Named {
    readonly timestamp?: string;
    readonly containers: readonly { readonly name: string; readonly usage: Labels }[];
}

/** An answer of the custom metrics API. */
export interface CustomMetricValues {
    readonly items: readonly {
        readonly describedObject?: Reference;
        readonly metric?: { readonly name: string };
        readonly metricName?: string;
        readonly timestamp?: string;
        readonly value: string;
    }[];
}

/** An answer of the external metrics API. */
export interface ExternalMetricValues {
    readonly items: readonly {
        readonly metricName: string;
        readonly timestamp?: string;
        readonly value: string;
    }[];
}
