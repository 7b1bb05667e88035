/** The fields of Kubernetes objects that the doctor reads, as the API server writes them. */

export type Labels = Readonly<Record<string, string>>;

export interface Selector {
    readonly matchLabels?: Labels;
    readonly matchExpressions?: readonly {
        readonly key: string;
        readonly operator: string;
        readonly values?: readonly string[];
    }[];
}

export interface Metadata {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly labels?: Labels;
    readonly annotations?: Labels;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly generation?: number;
    readonly ownerReferences?: readonly {
        readonly kind: string;
        readonly name: string;
        readonly uid: string;
    }[];
    readonly managedFields?: readonly { readonly time?: string; readonly subresource?: string }[];
}

export interface Named {
    readonly metadata: Metadata;
}

export interface Condition {
    readonly type: string;
    readonly status: string;
    readonly reason?: string;
    readonly message?: string;
    readonly lastTransitionTime?: string;
}

export interface Reference {
    readonly apiVersion?: string;
    readonly kind?: string;
    readonly name: string;
}

export interface MetricTarget {
    readonly type: "Utilization" | "AverageValue" | "Value";
    readonly averageUtilization?: number;
    readonly averageValue?: string;
    readonly value?: string;
}

export interface MetricIdentifier {
    readonly name: string;
    readonly selector?: Selector;
}

/** One entry of an HPA's `spec.metrics`. */
export interface MetricSpec {
    readonly type: "Resource" | "ContainerResource" | "Pods" | "Object" | "External";
    readonly resource?: { readonly name: string; readonly target: MetricTarget };
    readonly containerResource?: {
        readonly name: string;
        readonly container: string;
        readonly target: MetricTarget;
    };
    readonly pods?: { readonly metric: MetricIdentifier; readonly target: MetricTarget };
    readonly object?: {
        readonly metric: MetricIdentifier;
        readonly describedObject: Reference;
        readonly target: MetricTarget;
    };
    readonly external?: { readonly metric: MetricIdentifier; readonly target: MetricTarget };
}

export interface Hpa extends Named {
    readonly spec: {
        readonly scaleTargetRef: Reference;
        readonly minReplicas?: number;
        readonly maxReplicas: number;
        readonly metrics?: readonly MetricSpec[];
        readonly behavior?: {
            readonly scaleUp?: {
                readonly selectPolicy?: string;
                readonly stabilizationWindowSeconds?: number;
            };
            readonly scaleDown?: { readonly selectPolicy?: string };
        };
    };
    readonly status?: {
        readonly currentReplicas?: number;
        readonly desiredReplicas?: number;
        readonly conditions?: readonly Condition[];
        readonly lastScaleTime?: string;
    };
}

export interface Trigger {
    readonly type: string;
    readonly name?: string;
    readonly metricType?: string;
    readonly metadata: Readonly<Record<string, string>>;
    readonly authenticationRef?: { readonly name: string; readonly kind?: string };
}

export interface ScaledObject extends Named {
    readonly spec: {
        readonly scaleTargetRef: Reference;
        readonly minReplicaCount?: number;
        readonly maxReplicaCount?: number;
        readonly idleReplicaCount?: number;
        readonly pollingInterval?: number;
        readonly fallback?: { readonly replicas: number; readonly failureThreshold: number };
        readonly triggers: readonly Trigger[];
        readonly advanced?: {
            readonly horizontalPodAutoscalerConfig?: { readonly name?: string };
        };
    };
    readonly status?: {
        readonly conditions?: readonly Condition[];
        readonly hpaName?: string;
        readonly externalMetricNames?: readonly string[];
        readonly health?: Readonly<
            Record<string, { readonly numberOfFailures?: number; readonly status?: string }>
        >;
        readonly pausedReplicaCount?: number;
    };
}

export interface Probe {
    readonly initialDelaySeconds?: number;
    readonly periodSeconds?: number;
    readonly failureThreshold?: number;
}

export interface Container {
    readonly name: string;
    readonly image?: string;
    readonly args?: readonly string[];
    readonly command?: readonly string[];
    readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
    readonly resources?: { readonly requests?: Labels; readonly limits?: Labels };
    readonly readinessProbe?: Probe;
    readonly startupProbe?: Probe;
}

export interface PodTemplate {
    readonly metadata?: Partial<Metadata>;
    readonly spec: {
        readonly containers: readonly Container[];
        readonly initContainers?: readonly (Container & { readonly restartPolicy?: string })[];
    };
}

/** A Deployment, a StatefulSet, a ReplicaSet, or anything else that has a scale. */
export interface Workload extends Named {
    readonly kind?: string;
    readonly spec?: {
        readonly replicas?: number;
        readonly selector?: Selector;
        readonly template?: PodTemplate;
        readonly paused?: boolean;
        readonly progressDeadlineSeconds?: number;
    };
    readonly status?: {
        readonly replicas?: number;
        readonly readyReplicas?: number;
        readonly observedGeneration?: number;
        readonly currentRevision?: string;
        readonly updateRevision?: string;
        readonly conditions?: readonly Condition[];
    };
}

/** The scale subresource, as far as autoscalers use it. */
export interface Scale {
    readonly spec: { readonly replicas?: number };
    readonly status: { readonly replicas: number; readonly selector?: string };
}

interface ContainerState {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly running?: { readonly startedAt?: string };
    readonly terminated?: {
        readonly reason?: string;
        readonly exitCode: number;
        readonly message?: string;
        readonly finishedAt?: string;
    };
}

export interface ContainerStatus {
    readonly name: string;
    readonly ready: boolean;
    readonly started?: boolean;
    readonly restartCount: number;
    readonly state?: ContainerState;
    readonly lastState?: ContainerState;
}

export interface Pod extends Named {
    readonly spec: PodTemplate["spec"] & { readonly nodeName?: string };
    readonly status?: {
        readonly phase?: string;
        readonly reason?: string;
        readonly message?: string;
        readonly podIP?: string;
        readonly startTime?: string;
        readonly conditions?: readonly Condition[];
        readonly containerStatuses?: readonly ContainerStatus[];
        readonly initContainerStatuses?: readonly ContainerStatus[];
    };
}
