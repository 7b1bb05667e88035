import { readFileSync } from "node:fs";
import { join } from "node:path";
import { contentHash } from "../../../components/content-hash";
import { containerSecurity, podSecurity } from "../../../components/conventions";
import { devImages } from "../../../stacks/dev-images";

const program = readFileSync(join(__dirname, "patient.py"), "utf8");

/** Namespace of all that is made ill. */
export const ward = "injury";

/** An object as it is applied. */
export interface Manifest {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: {
        readonly name: string;
        readonly namespace?: string;
        readonly labels?: Readonly<Record<string, string>>;
    };
    readonly [field: string]: unknown;
}

/** Scrape and evaluation interval of the patients, so that a fault shows within seconds. */
const interval = "5s";

const appLabels = (name: string) => ({ "app.kubernetes.io/name": name });

/** A pod that runs the patient's program; `metric` is the name of the series that it gives. */
function podSpec(name: string, metric: string, cpu: string) {
    return {
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        terminationGracePeriodSeconds: 1,
        securityContext: podSecurity,
        containers: [
            {
                name,
                image: devImages.python,
                imagePullPolicy: "IfNotPresent",
                command: ["python3", "-S", "-u", "/app/patient.py"],
                env: [{ name: "METRIC", value: metric }],
                ports: [{ name: "http", containerPort: 8000 }],
                readinessProbe: { httpGet: { path: "/healthz", port: "http" }, periodSeconds: 1 },
                resources: { requests: { cpu, memory: "24Mi" }, limits: { memory: "96Mi" } },
                securityContext: containerSecurity,
                volumeMounts: [{ name: "app", mountPath: "/app", readOnly: true }],
            },
        ],
        volumes: [{ name: "app", configMap: { name: "patient" } }],
    };
}

function template(name: string, metric: string, cpu: string) {
    // Other code is another pod.
    const annotations = { "injury/program": contentHash(program) };
    return { metadata: { labels: appLabels(name), annotations }, spec: podSpec(name, metric, cpu) };
}

function deployment(name: string, metric: string, replicas?: number, cpu = "10m"): Manifest {
    return {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name, namespace: ward },
        spec: {
            ...(replicas !== undefined && { replicas }),
            selector: { matchLabels: appLabels(name) },
            template: template(name, metric, cpu),
        },
    };
}

function statefulSet(name: string): Manifest {
    return {
        ...deployment(name, "patient_idle"),
        kind: "StatefulSet",
        spec: {
            serviceName: name,
            podManagementPolicy: "Parallel",
            selector: { matchLabels: appLabels(name) },
            template: template(name, "patient_idle", "10m"),
        },
    };
}

function service(name: string): Manifest {
    return {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name, namespace: ward, labels: appLabels(name) },
        spec: { selector: appLabels(name), ports: [{ name: "http", port: 80, targetPort: "http" }] },
    };
}

function serviceMonitor(name: string): Manifest {
    return {
        apiVersion: "monitoring.coreos.com/v1",
        kind: "ServiceMonitor",
        metadata: { name, namespace: ward, labels: appLabels(name) },
        spec: { selector: { matchLabels: appLabels(name) }, endpoints: [{ port: "http", interval }] },
    };
}

function podMonitor(name: string): Manifest {
    return {
        apiVersion: "monitoring.coreos.com/v1",
        kind: "PodMonitor",
        metadata: { name, namespace: ward, labels: appLabels(name) },
        spec: {
            selector: { matchLabels: appLabels(name) },
            podMetricsEndpoints: [{ port: "http", interval }],
        },
    };
}

/** What a pod of `web` asks for. */
export const webCpu = "50m";

/** Address of Prometheus inside the dev stack. */
export const prometheusUrl = "http://prometheus.monitoring.svc:9090";

/** What the exporter of orders gives. */
export const ordersSource = `orders_waiting{namespace="${ward}",job="orders-exporter"}`;

function scaledObject(name: string, kind: string, query: string, min: number): Manifest {
    return {
        apiVersion: "keda.sh/v1alpha1",
        kind: "ScaledObject",
        metadata: { name, namespace: ward },
        spec: {
            scaleTargetRef: { kind, name },
            minReplicaCount: min,
            maxReplicaCount: 5,
            pollingInterval: 2,
            cooldownPeriod: 5,
            advanced: { horizontalPodAutoscalerConfig: { behavior: quick } },
            triggers: [
                {
                    type: "prometheus",
                    metricType: "AverageValue",
                    metadata: {
                        serverAddress: prometheusUrl,
                        query,
                        threshold: "10",
                        ignoreNullValues: "false",
                    },
                },
            ],
        },
    };
}

/** Scaling down without long pauses, for a suite that waits for it. */
const quick = { scaleDown: { stabilizationWindowSeconds: 5 } };

/** What `orders` and `jobs` are scaled on: a series of an exporter behind a Service. */
const orders: Manifest[] = [
    deployment("orders-exporter", "orders_waiting", 1),
    service("orders-exporter"),
    serviceMonitor("orders-exporter"),
    deployment("orders", "patient_idle"),
    deployment("jobs", "patient_idle"),
];

/** `mail`: KEDA on a series of an exporter with a PodMonitor, from zero, with nothing that describes it. */
const mail: Manifest[] = [
    deployment("mail-exporter", "mail_waiting", 1),
    podMonitor("mail-exporter"),
    statefulSet("mail"),
    scaledObject("mail", "StatefulSet", `sum(mail_waiting{namespace="${ward}"})`, 0),
];

/** `web`: scaled on its cpu. */
const web: Manifest[] = [deployment("web", "patient_idle", undefined, webCpu)];

/** What is made ill, in good health, without the autoscalers of the library. */
export function healthyWard(): Manifest[] {
    return [
        { apiVersion: "v1", kind: "Namespace", metadata: { name: ward } },
        {
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: { name: "patient", namespace: ward },
            data: { "patient.py": program },
        },
        ...orders,
        ...mail,
        ...web,
    ];
}
