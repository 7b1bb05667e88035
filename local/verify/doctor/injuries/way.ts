import { blind, condition, containerOf, fading, type Injury, podless, replicas, series } from "../injury";
import { ward as namespace } from "../objects";
import { isReady, type Ward } from "../ward";

const [orders, mail, consumer] = ["injury/orders", "injury/mail", "queue/consumer"];
const endpoint = (change: object) => (ward: Ward) =>
    ward.edit("servicemonitor/orders-exporter", ({ spec }) => Object.assign(spec.endpoints[0], change));
const podEndpoint = (change: object) => (ward: Ward) =>
    ward.edit("podmonitor/mail-exporter", ({ spec }) => Object.assign(spec.podMetricsEndpoints[0], change));
const port = (change: object) => (ward: Ward) =>
    ward.edit("service/orders-exporter", ({ spec }) => Object.assign(spec.ports[0], change));

const exporterUp = `up{namespace="${namespace}",job="orders-exporter"}`;

/** Faults of Services. */
export const serviceInjuries: Injury[] = [
    {
        name: "Service selects other pods",
        hop: "service",
        on: orders,
        injure: (ward) =>
            ward.patch("service/orders-exporter", {
                spec: { selector: { "app.kubernetes.io/name": "orders-export" } },
            }),
        shows: blind("orders"),
    },
    {
        name: "Service deleted",
        hop: "service",
        on: orders,
        injure: (ward) => ward.remove("service/orders-exporter"),
        shows: blind("orders"),
    },
    {
        name: "Service leads to a port by a name that no pod has",
        hop: "service",
        on: orders,
        injure: port({ targetPort: "web" }),
        shows: blind("orders"),
    },
    {
        name: "Service leads to a port where nothing listens",
        hop: "service",
        on: orders,
        injure: port({ targetPort: 8001 }),
        shows: blind("orders"),
    },
    {
        name: "port of the Service renamed",
        hop: "service",
        on: orders,
        injure: port({ name: "web" }),
        shows: blind("orders"),
    },
    {
        name: "label of the Service changed",
        hop: "service",
        on: orders,
        injure: (ward) =>
            ward.patch("service/orders-exporter", {
                metadata: { labels: { "app.kubernetes.io/name": "orders-other" } },
            }),
        shows: blind("orders"),
    },
    {
        name: "port of a PodMonitor's pods renamed",
        hop: "service",
        on: mail,
        injure: (ward) =>
            ward.edit("deployment/mail-exporter", (object) => {
                object.spec.strategy = { type: "Recreate" };
                const container = containerOf(object);
                container.ports = [{ name: "web", containerPort: 8000 }];
                container.readinessProbe = { httpGet: { path: "/healthz", port: "web" }, periodSeconds: 1 };
            }),
        shows: blind("mail"),
    },
    {
        name: "Service of redis selects other pods",
        hop: "service",
        on: consumer,
        injure: (ward) =>
            ward.patch("service/queue/redis", { spec: { selector: { "app.kubernetes.io/name": "rediss" } } }),
    },
];

/** Faults of monitors, and of what Prometheus takes of them. */
export const monitorInjuries: Injury[] = [
    {
        name: "ServiceMonitor selects another label",
        hop: "monitor",
        on: orders,
        injure: (ward) =>
            ward.patch("servicemonitor/orders-exporter", {
                spec: { selector: { matchLabels: { "app.kubernetes.io/name": "order-exporter" } } },
            }),
        shows: blind("orders"),
    },
    {
        name: "ServiceMonitor asks for a port that is not there",
        hop: "monitor",
        on: orders,
        injure: endpoint({ port: "metrics" }),
        shows: blind("orders"),
    },
    {
        name: "ServiceMonitor asks at another path",
        hop: "monitor",
        on: orders,
        injure: endpoint({ path: "/actuator" }),
        shows: blind("orders"),
    },
    {
        name: "ServiceMonitor asks with TLS",
        hop: "monitor",
        on: orders,
        injure: endpoint({ scheme: "https" }),
        shows: blind("orders"),
    },
    {
        name: "ServiceMonitor deleted",
        hop: "monitor",
        on: orders,
        injure: (ward) => ward.remove("servicemonitor/orders-exporter"),
        shows: fading(`orders_waiting{namespace="${namespace}"}`),
    },
    {
        name: "ServiceMonitor looks into another namespace",
        hop: "monitor",
        on: orders,
        injure: (ward) =>
            ward.patch("servicemonitor/orders-exporter", {
                spec: { namespaceSelector: { matchNames: ["default"] } },
            }),
        shows: blind("orders"),
    },
    {
        name: "PodMonitor deleted",
        hop: "monitor",
        on: mail,
        injure: (ward) => ward.remove("podmonitor/mail-exporter"),
        shows: fading(`mail_waiting{namespace="${namespace}"}`),
    },
    {
        name: "PodMonitor selects another label",
        hop: "monitor",
        on: mail,
        injure: (ward) =>
            ward.patch("podmonitor/mail-exporter", {
                spec: { selector: { matchLabels: { "app.kubernetes.io/name": "post" } } },
            }),
        shows: blind("mail"),
    },
    {
        name: "Prometheus takes only monitors with a release label",
        hop: "monitor",
        on: orders,
        injure: (ward) =>
            ward.patch("prometheus/monitoring/main", {
                spec: { serviceMonitorSelector: { matchLabels: { release: "kps" } } },
            }),
        shows: fading(`orders_waiting{namespace="${namespace}"}`),
    },
    {
        name: "Prometheus takes PodMonitors of one namespace only",
        hop: "monitor",
        on: mail,
        injure: (ward) =>
            ward.patch("prometheus/monitoring/main", {
                spec: {
                    podMonitorNamespaceSelector: {
                        matchLabels: { "kubernetes.io/metadata.name": "monitoring" },
                    },
                },
            }),
        shows: fading(`mail_waiting{namespace="${namespace}"}`),
    },
];

/** Faults of Prometheus, and of its scrapes. */
export const prometheusInjuries: Injury[] = [
    {
        name: "Prometheus scaled to nothing",
        hop: "prometheus",
        on: orders,
        injure: (ward) => ward.patch("prometheus/monitoring/main", replicas(0)),
        shows: podless("prometheus", "monitoring"),
    },
    {
        name: "Prometheus does not start",
        hop: "prometheus",
        on: mail,
        injure: (ward) =>
            ward.patch("prometheus/monitoring/main", {
                spec: { additionalArgs: [{ name: "no.such.flag" }] },
            }),
        shows: async (ward) =>
            (await ward.pods("prometheus", "monitoring")).some(
                (pod) =>
                    !isReady(pod) &&
                    (pod.status?.containerStatuses ?? []).some(
                        ({ restartCount }: { restartCount: number }) => restartCount > 0,
                    ),
            ),
    },
    {
        // Open connections outlive a Service for a while: KEDA may still have values.
        name: "Service of Prometheus deleted",
        hop: "prometheus",
        on: orders,
        injure: (ward) => ward.remove("service/monitoring/prometheus"),
    },
    {
        name: "Service of Prometheus selects other pods",
        hop: "prometheus",
        on: mail,
        injure: (ward) =>
            ward.patch("service/monitoring/prometheus", { spec: { selector: { prometheus: "other" } } }),
    },
];

export const scrapeInjuries: Injury[] = [
    {
        name: "endpoint slower than scrapeTimeout",
        hop: "scrape",
        on: orders,
        injure: async (ward) => {
            await endpoint({ scrapeTimeout: "1s" })(ward);
            await ward.tell("orders-exporter", "slow/1.6");
        },
        // Not the last sample of a pod that is gone.
        shows: series(
            `max_over_time(${exporterUp}[20s]) == 0 and count_over_time(${exporterUp}[20s]) >= 4`,
            (samples) => samples.length > 0,
        ),
        heal: (ward) => ward.tell("orders-exporter", "slow/0"),
    },
    {
        name: "more labels than the monitor allows",
        hop: "scrape",
        on: orders,
        injure: (ward) => ward.patch("servicemonitor/orders-exporter", { spec: { labelLimit: 2 } }),
        shows: blind("orders"),
    },
    {
        name: "relabelling drops the target",
        hop: "scrape",
        on: mail,
        injure: podEndpoint({
            relabelings: [{ sourceLabels: ["namespace"], regex: namespace, action: "drop" }],
        }),
        shows: blind("mail"),
    },
];

/** Faults of the series itself. */
export const seriesInjuries: Injury[] = [
    {
        name: "value is NaN",
        hop: "series",
        on: orders,
        injure: (ward) => ward.tell("orders-exporter", "set/NaN"),
        shows: series(`orders_waiting{namespace="${namespace}"}`, (samples) =>
            samples.some(({ value }) => value[1] === "NaN"),
        ),
        heal: (ward) => ward.tell("orders-exporter", "set/0"),
    },
    {
        name: "exporter's clock is minutes behind",
        hop: "series",
        on: orders,
        injure: (ward) => ward.tell("orders-exporter", "set/stale"),
        shows: series(
            `time() - timestamp(orders_waiting{namespace="${namespace}"}) > 60`,
            (samples) => samples.length > 0,
        ),
        heal: (ward) => ward.tell("orders-exporter", "set/0"),
    },
    {
        name: "metricRelabelings drop the series",
        hop: "series",
        on: orders,
        injure: endpoint({
            metricRelabelings: [{ sourceLabels: ["__name__"], regex: "orders_.*", action: "drop" }],
        }),
        shows: blind("orders"),
    },
    {
        name: "relabelling changes the job",
        hop: "series",
        on: orders,
        injure: endpoint({ relabelings: [{ targetLabel: "job", replacement: "shop" }] }),
        shows: blind("orders"),
    },
    {
        name: "trigger asks for a series by a wrong name",
        hop: "series",
        on: mail,
        injure: (ward) =>
            ward.edit("scaledobject/mail", ({ spec }) => {
                spec.triggers[0].metadata.query = `sum(mail_wating{namespace="${namespace}"})`;
            }),
        shows: condition("scaledobject/mail", "Ready", "False"),
    },
];
