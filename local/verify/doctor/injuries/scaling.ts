import { blind, condition, containerOf, type Injury, podless, replicas, somePod } from "../injury";
import { ward as namespace, prometheusUrl } from "../objects";
import { isReady, until, type Ward } from "../ward";

const [orders, jobs, mail, web, consumer] = [
    "injury/orders",
    "injury/jobs",
    "injury/mail",
    "injury/web",
    "queue/consumer",
];
const rule = (change: object) => (ward: Ward) =>
    ward.edit("rule/autoscaler-orders", ({ spec }) => Object.assign(spec.groups[0].rules[0], change));
const trigger = (place: string, change: object) => (ward: Ward) =>
    ward.edit(place, ({ spec }) => Object.assign(spec.triggers[0].metadata, change));
const failing = (name: string) => condition(`scaledobject/${name}`, "Ready", "False");

/** Faults of recording rules. */
export const ruleInjuries: Injury[] = [
    {
        name: "PrometheusRule deleted",
        hop: "rule",
        on: orders,
        injure: (ward) => ward.remove("rule/autoscaler-orders"),
        shows: blind("orders"),
    },
    {
        name: "expression that is no PromQL",
        hop: "rule",
        on: orders,
        injure: rule({ expr: "sum by (namespace (orders_waiting)" }),
        shows: blind("orders"),
    },
    {
        name: "expression that is never true",
        hop: "rule",
        on: orders,
        injure: rule({ expr: "sum by (namespace) (orders_waiting) > 1e9" }),
        shows: blind("orders"),
    },
    {
        name: "expression of a series by a wrong name",
        hop: "rule",
        on: orders,
        injure: rule({ expr: "sum by (namespace) (orders_wating)" }),
        shows: blind("orders"),
    },
    {
        name: "rule records with another label",
        hop: "rule",
        on: orders,
        injure: rule({ labels: { namespace, autoscaler: "order", signal: "queue" } }),
        shows: blind("orders"),
    },
    {
        name: "rule that cannot be evaluated",
        hop: "rule",
        on: orders,
        injure: rule({ expr: "orders_waiting + on (namespace) up" }),
        shows: blind("orders"),
    },
    {
        name: "Prometheus takes only rules with a release label",
        hop: "rule",
        on: orders,
        injure: (ward) =>
            ward.patch("prometheus/monitoring/main", {
                spec: { ruleSelector: { matchLabels: { release: "kps" } } },
            }),
        shows: blind("orders"),
    },
];

/** Faults of the metrics APIs. */
export const apiInjuries: Injury[] = [
    {
        name: "prometheus-adapter stopped",
        hop: "metrics-api",
        on: jobs,
        injure: (ward) => ward.patch("deployment/prometheus-adapter/prometheus-adapter", replicas(0)),
        shows: podless("prometheus-adapter", "prometheus-adapter"),
    },
    {
        name: "prometheus-adapter asks Prometheus at a wrong address",
        hop: "metrics-api",
        on: jobs,
        injure: (ward) =>
            ward.edit("deployment/prometheus-adapter/prometheus-adapter", (object) => {
                const container = containerOf(object);
                const args = container.args as string[];
                container.args = args.map((argument) =>
                    argument.replace("prometheus.monitoring", "prom.monitoring"),
                );
            }),
        shows: condition("hpa/jobs", "ScalingActive", "False"),
    },
    {
        name: "APIServices of custom metrics deleted",
        hop: "metrics-api",
        on: jobs,
        injure: async (ward) => {
            for (const version of ["v1beta1", "v1beta2"])
                await ward.remove(`apiservice//${version}.custom.metrics.k8s.io`);
        },
    },
    {
        name: "APIService of external metrics deleted",
        hop: "metrics-api",
        on: orders,
        injure: (ward) => ward.remove("apiservice//v1beta1.external.metrics.k8s.io"),
    },
    {
        name: "APIService of resource metrics deleted",
        hop: "metrics-api",
        on: web,
        injure: (ward) => ward.remove("apiservice//v1beta1.metrics.k8s.io"),
    },
    {
        name: "APIService points at another Service",
        hop: "metrics-api",
        on: mail,
        injure: (ward) =>
            ward.patch("apiservice//v1beta1.external.metrics.k8s.io", {
                spec: { service: { name: "keda-metrics" } },
            }),
    },
    {
        name: "KEDA's operator stopped",
        hop: "metrics-api",
        on: orders,
        injure: (ward) => ward.patch("deployment/keda/keda-operator", replicas(0)),
        shows: podless("keda-operator", "keda"),
    },
    {
        name: "KEDA's metrics server stopped",
        hop: "metrics-api",
        on: consumer,
        injure: (ward) => ward.patch("deployment/keda/keda-metrics-apiserver", replicas(0)),
        shows: podless("keda-metrics-apiserver", "keda"),
    },
    {
        name: "metrics-server stopped",
        hop: "metrics-api",
        on: web,
        injure: (ward) => ward.patch("deployment/kube-system/metrics-server", replicas(0)),
        shows: podless("metrics-server", "kube-system"),
    },
    {
        name: "Service of KEDA's metrics server selects other pods",
        hop: "metrics-api",
        on: mail,
        injure: (ward) =>
            ward.patch("service/keda/keda-metrics-apiserver", {
                spec: { selector: { "app.kubernetes.io/name": "keda-metrics" } },
            }),
    },
    {
        name: "Service of KEDA's operator selects other pods",
        hop: "metrics-api",
        on: mail,
        injure: async (ward) => {
            await ward.patch("service/keda/keda-operator", {
                spec: { selector: { "app.kubernetes.io/name": "keda" } },
            });
            // The connection that is open goes on; it is not made again.
            for (const { metadata } of await ward.pods("keda-metrics-apiserver", "keda")) {
                await ward.api.send("DELETE", `/api/v1/namespaces/keda/pods/${metadata.name}`, { body: {} });
            }
        },
        shows: blind("mail"),
    },
    {
        name: "KEDA's operator crashes",
        hop: "metrics-api",
        on: mail,
        injure: (ward) =>
            ward.edit("deployment/keda/keda-operator", (object) => {
                object.spec.strategy = { type: "Recreate" };
                containerOf(object).args = ["--no-such-flag"];
            }),
        shows: somePod(
            "keda-operator",
            (pod) => (pod.status?.containerStatuses?.[0]?.restartCount ?? 0) > 0,
            "keda",
        ),
    },
];

const objectMetric =
    (change: (metric: { name: string; selector: { matchLabels: Record<string, string> } }) => void) =>
    (ward: Ward) =>
        ward.edit("hpa/jobs", ({ spec }) => change(spec.metrics[0].object.metric));

const borrowed = (name: string, labels: object) => ({
    spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
        minReplicas: 1,
        maxReplicas: 4,
        metrics: [
            {
                type: "External",
                external: {
                    metric: { name, selector: { matchLabels: labels } },
                    target: { type: "AverageValue", averageValue: "10" },
                },
            },
        ],
    },
});

/** Faults in what a metrics API is asked for. */
export const metricInjuries: Injury[] = [
    {
        name: "HPA asks the custom metrics API for a metric by a wrong name",
        hop: "metric",
        on: jobs,
        injure: objectMetric((metric) => {
            metric.name = "autoscaler_demands";
        }),
        shows: condition("hpa/jobs", "ScalingActive", "False"),
    },
    {
        name: "HPA asks the custom metrics API with a wrong selector",
        hop: "metric",
        on: jobs,
        injure: objectMetric((metric) => {
            metric.selector.matchLabels.signal = "queues";
        }),
        shows: condition("hpa/jobs", "ScalingActive", "False"),
    },
    {
        name: "HPA asks for a metric that nobody serves",
        hop: "metric",
        on: web,
        injure: (ward) =>
            ward.edit("hpa/web", (object) =>
                Object.assign(object, {
                    spec: borrowed("s0-prometheus", { "scaledobject.keda.sh/name": "nobody" }).spec,
                }),
            ),
        shows: condition("hpa/web", "ScalingActive", "False"),
    },
    {
        name: "HPA asks for a metric by a wrong name",
        hop: "metric",
        on: web,
        injure: (ward) =>
            ward.edit("hpa/web", (object) =>
                Object.assign(object, {
                    spec: borrowed("s7-prometheus", { "scaledobject.keda.sh/name": "orders" }).spec,
                }),
            ),
        shows: condition("hpa/web", "ScalingActive", "False"),
    },
];

/** Faults of HPAs and ScaledObjects. */
export const autoscalerInjuries: Injury[] = [
    {
        name: "ScaledObject paused",
        hop: "autoscaler",
        on: orders,
        injure: (ward) =>
            ward.patch("scaledobject/orders", {
                metadata: { annotations: { "autoscaling.keda.sh/paused": "true" } },
            }),
    },
    {
        name: "trigger asks Prometheus at a wrong address",
        hop: "autoscaler",
        on: orders,
        injure: trigger("scaledobject/orders", {
            serverAddress: prometheusUrl.replace("prometheus.", "prom."),
        }),
        shows: blind("orders"),
    },
    {
        name: "trigger asks Prometheus at a wrong port",
        hop: "autoscaler",
        on: mail,
        injure: trigger("scaledobject/mail", { serverAddress: prometheusUrl.replace("9090", "9099") }),
        shows: failing("mail"),
    },
    {
        name: "query that is no PromQL",
        hop: "autoscaler",
        on: mail,
        injure: trigger("scaledobject/mail", { query: "sum(mail_waiting" }),
        shows: failing("mail"),
    },
    {
        name: "query that gives several values",
        hop: "autoscaler",
        on: mail,
        injure: trigger("scaledobject/mail", { query: "up" }),
        shows: failing("mail"),
    },
    {
        name: "utilisation of pods without requests",
        hop: "autoscaler",
        on: web,
        injure: (ward) =>
            ward.edit("deployment/web", (object) => {
                containerOf(object).resources = { limits: { memory: "96Mi" } };
            }),
        shows: somePod(
            "web",
            (pod) => isReady(pod) && pod.spec.containers[0].resources?.requests?.cpu === undefined,
        ),
    },
    {
        name: "container that is not there",
        hop: "autoscaler",
        on: web,
        injure: (ward) =>
            ward.edit("hpa/web", ({ spec }) => {
                spec.metrics = [
                    {
                        type: "ContainerResource",
                        containerResource: {
                            name: "cpu",
                            container: "sidecar",
                            target: { type: "Utilization", averageUtilization: 60 },
                        },
                    },
                ];
            }),
    },
    {
        name: "HPA's target scaled to zero by hand",
        hop: "autoscaler",
        on: web,
        injure: (ward) => ward.patch("deployment/web", replicas(0)),
        shows: podless("web"),
    },
    {
        name: "credentials that are not there",
        hop: "autoscaler",
        on: consumer,
        injure: async (ward) => {
            await ward.edit("triggerauth/queue/autoscaler-consumer-queue", ({ spec }) => {
                spec.secretTargetRef[0].key = "passwort";
            });
            // KEDA goes on with the connection that it has until the ScaledObject changes.
            await ward.patch("scaledobject/queue/consumer", { spec: { pollingInterval: 2 } });
        },
        shows: condition("scaledobject/queue/consumer", "Ready", "False"),
    },
    {
        name: "trigger asks redis at a wrong address",
        hop: "autoscaler",
        on: consumer,
        injure: trigger("scaledobject/queue/consumer", { address: "redis-master.queue.svc:6379" }),
        shows: condition("scaledobject/queue/consumer", "Ready", "False"),
    },
    { name: "HPA deleted", hop: "autoscaler", on: jobs, injure: (ward) => ward.remove("hpa/jobs") },
    {
        name: "ScaledObject deleted",
        hop: "autoscaler",
        on: orders,
        injure: (ward) => ward.remove("scaledobject/orders"),
    },
];

const demand = (amount: number) => (ward: Ward) => ward.tell("orders-exporter", `set/${amount}`);
const atOne = demand(0);
const short = async (ward: Ward) => {
    const deployment = await ward.get("deployment/orders");
    return (deployment?.spec?.replicas ?? 0) > (deployment?.status?.readyReplicas ?? 0) && (await aged(ward));
};
const aged = async (ward: Ward) =>
    Date.now() - Date.parse((await ward.get("hpa/orders"))?.status?.lastScaleTime ?? "") > 8000;
const selector = { matchLabels: { "app.kubernetes.io/name": "orders" } };

/** What stands in the way of more pods. */
export const limitInjuries: Injury[] = [
    {
        name: "more wanted than the maximum",
        hop: "limits",
        on: orders,
        injure: demand(400),
        shows: condition("hpa/orders", "ScalingLimited", "True", /TooManyReplicas/),
        heal: atOne,
    },
    {
        name: "quota of pods used up",
        hop: "limits",
        on: orders,
        injure: async (ward) => {
            const pods = ["orders", "jobs", "orders-exporter", "mail", "mail-exporter", "web"];
            await until(90, async () =>
                (await ward.pods("orders")).length === 1 && (await ward.pods("jobs")).length === 1
                    ? true
                    : undefined,
            );
            const now = (await Promise.all(pods.map((app) => ward.pods(app)))).flat().length;
            await ward.create("quota/small", { spec: { hard: { pods: String(now) } } });
            await demand(30)(ward);
        },
        shows: short,
        heal: atOne,
    },
    {
        name: "LimitRange below what the pods ask for",
        hop: "limits",
        on: orders,
        injure: async (ward) => {
            await ward.create("limitrange/small", {
                spec: { limits: [{ type: "Container", max: { memory: "32Mi" } }] },
            });
            await demand(30)(ward);
        },
        shows: short,
        heal: atOne,
    },
    {
        name: "no room on the nodes for one more pod",
        hop: "limits",
        on: orders,
        injure: async (ward) => {
            await ward.patch("node//embedded", { spec: { unschedulable: true } });
            await demand(30)(ward);
        },
        shows: short,
        heal: atOne,
    },
    {
        name: "disruption budget that never allows any",
        hop: "limits",
        on: orders,
        injure: (ward) => ward.create("pdb/orders", { spec: { maxUnavailable: 0, selector } }),
    },
    {
        name: "two disruption budgets of the same pods",
        hop: "limits",
        on: orders,
        injure: async (ward) => {
            await ward.create("pdb/orders", { spec: { maxUnavailable: 1, selector } });
            await ward.create("pdb/orders-too", { spec: { maxUnavailable: 1, selector } });
        },
    },
    {
        name: "scaling up switched off",
        hop: "limits",
        on: web,
        injure: (ward) =>
            ward.patch("hpa/web", { spec: { behavior: { scaleUp: { selectPolicy: "Disabled" } } } }),
    },
];
