import { blind, condition, containerOf, type Injury, podless, somePod, waits } from "../injury";
import { isReady, type Ward } from "../ward";

const [orders, mail, web, consumer] = ["injury/orders", "injury/mail", "injury/web", "queue/consumer"];
const otherHpa = (name: string) => ({
    spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
        maxReplicas: 2,
        metrics: [
            {
                type: "Resource",
                resource: { name: "memory", target: { type: "AverageValue", averageValue: "1Gi" } },
            },
        ],
    },
});
const image = (place: string, name: string) => (ward: Ward) =>
    ward.edit(place, (object) => {
        containerOf(object).image = name;
    });
const command = (place: string, line: string) => (ward: Ward) =>
    ward.edit(place, (object) => {
        containerOf(object).command = ["python3", "-c", line];
    });
const refersTo = (name: string) => ({
    spec: { template: { spec: { volumes: [{ name: "app", configMap: { name } }] } } },
});

/** Faults of the target, and of its pods. */
export const targetInjuries: Injury[] = [
    {
        name: "Deployment deleted",
        hop: "target",
        on: orders,
        injure: (ward) => ward.remove("deployment/orders"),
    },
    {
        name: "ScaledObject names a target that is not there",
        hop: "target",
        on: mail,
        injure: (ward) => ward.patch("scaledobject/mail", { spec: { scaleTargetRef: { name: "post" } } }),
    },
    {
        name: "second HPA on an HPA's target",
        hop: "target",
        on: web,
        injure: (ward) => ward.create("hpa/web-too", otherHpa("web")),
    },
    {
        name: "HPA on a ScaledObject's target",
        hop: "target",
        on: orders,
        injure: (ward) => ward.create("hpa/orders-too", otherHpa("orders")),
    },
    {
        name: "rollout paused",
        hop: "target",
        on: web,
        injure: (ward) => ward.patch("deployment/web", { spec: { paused: true } }),
    },
    {
        name: "target of a kind without scale",
        hop: "target",
        on: web,
        injure: (ward) =>
            ward.patch("hpa/web", {
                spec: {
                    scaleTargetRef: {
                        apiVersion: "monitoring.coreos.com/v1",
                        kind: "PrometheusRule",
                        name: "orders-autoscaler",
                    },
                },
            }),
    },
];

export const podInjuries: Injury[] = [
    {
        name: "image that is not there",
        hop: "pods",
        on: web,
        injure: image("deployment/web", "localhost/none:1"),
        shows: waits("web", /Err|BackOff/),
    },
    {
        name: "program that ends at once",
        hop: "pods",
        on: orders,
        injure: command("deployment/orders", "raise SystemExit(3)"),
        shows: waits("orders", /CrashLoop/),
    },
    {
        name: "readiness probe of a path that is not there",
        hop: "pods",
        on: web,
        injure: (ward) =>
            ward.edit("deployment/web", (object) => {
                containerOf(object).readinessProbe = {
                    httpGet: { path: "/nowhere", port: "http" },
                    periodSeconds: 1,
                };
            }),
        shows: somePod(
            "web",
            (pod) => !isReady(pod) && Date.now() - Date.parse(pod.status?.startTime ?? "") > 22_000,
        ),
    },
    {
        name: "no node with the label that is asked for",
        hop: "pods",
        on: orders,
        injure: (ward) =>
            ward.patch("deployment/orders", {
                spec: { template: { spec: { nodeSelector: { disk: "holographic" } } } },
            }),
        shows: somePod(
            "orders",
            (pod) =>
                pod.status?.phase === "Pending" &&
                Date.now() - Date.parse(pod.metadata.creationTimestamp) > 8000,
        ),
    },
    {
        name: "ConfigMap of a volume that is not there",
        hop: "pods",
        on: web,
        injure: (ward) => ward.patch("deployment/web", refersTo("none")),
        shows: somePod(
            "web",
            (pod) =>
                pod.status?.phase === "Pending" &&
                Date.now() - Date.parse(pod.metadata.creationTimestamp) > 10_000,
        ),
    },
    {
        name: "Secret of a variable that is not there",
        hop: "pods",
        on: orders,
        injure: (ward) =>
            ward.edit("deployment/orders", (object) => {
                containerOf(object).envFrom = [{ secretRef: { name: "none" } }];
            }),
        shows: waits("orders", /CreateContainerConfigError/),
    },
    {
        name: "more memory than its limit",
        hop: "pods",
        on: orders,
        injure: command("deployment/orders", "x = bytearray(10**9)\nwhile True: x[::4096] = x[::4096]"),
        shows: waits("orders", /CrashLoop/),
    },
    {
        name: "StatefulSet whose program ends",
        hop: "pods",
        on: mail,
        injure: async (ward) => {
            await ward.tell("mail-exporter", "set/20");
            await command("statefulset/mail", "raise SystemExit(1)")(ward);
        },
        shows: waits("mail", /CrashLoop/),
        heal: async (ward) => {
            await ward.tell("mail-exporter", "set/0");
        },
    },
];

/** Faults of what gives the metric. */
export const endpointInjuries: Injury[] = [
    {
        name: "exporter scaled to nothing",
        hop: "endpoint",
        on: orders,
        injure: (ward) => ward.patch("deployment/orders-exporter", { spec: { replicas: 0 } }),
        shows: podless("orders-exporter"),
    },
    {
        name: "exporter deleted",
        hop: "endpoint",
        on: orders,
        injure: (ward) => ward.remove("deployment/orders-exporter"),
        shows: podless("orders-exporter"),
    },
    {
        name: "exporter crashes",
        hop: "endpoint",
        on: mail,
        injure: async (ward) => {
            await ward.patch("deployment/mail-exporter", {
                spec: { strategy: { type: "Recreate", rollingUpdate: null } },
            });
            await command("deployment/mail-exporter", "raise SystemExit(1)")(ward);
        },
        shows: waits("mail-exporter", /CrashLoop/),
    },
    {
        name: "exporter hangs",
        hop: "endpoint",
        on: orders,
        injure: (ward) => ward.tell("orders-exporter", "hang/600"),
        shows: condition("scaledobject/orders", "Ready", "False"),
        heal: async (ward) => {
            for (const { metadata } of await ward.pods("orders-exporter")) {
                await ward.api.send("DELETE", `/api/v1/namespaces/injury/pods/${metadata.name}`, {
                    body: {},
                });
            }
        },
    },
    {
        name: "exporter answers with a page",
        hop: "endpoint",
        on: mail,
        injure: (ward) => ward.tell("mail-exporter", "set/html"),
        heal: (ward) => ward.tell("mail-exporter", "set/0"),
    },
    {
        name: "exporter no longer has the metric",
        hop: "endpoint",
        on: orders,
        injure: (ward) => ward.tell("orders-exporter", "set/none"),
        shows: blind("orders"),
        heal: (ward) => ward.tell("orders-exporter", "set/0"),
    },
    {
        name: "exporter's image is not there",
        hop: "endpoint",
        on: orders,
        injure: async (ward) => {
            await ward.patch("deployment/orders-exporter", {
                spec: { strategy: { type: "Recreate", rollingUpdate: null } },
            });
            await image("deployment/orders-exporter", "localhost/none:1")(ward);
        },
        shows: waits("orders-exporter", /Err|BackOff/),
    },
    {
        name: "exporter listens at another port",
        hop: "endpoint",
        on: mail,
        injure: (ward) =>
            ward.edit("deployment/mail-exporter", (object) => {
                object.spec.strategy = { type: "Recreate" };
                const container = containerOf(object);
                container.env = [...(container.env as object[]), { name: "PORT", value: "9000" }];
                delete container.readinessProbe;
            }),
        shows: somePod(
            "mail-exporter",
            (pod) => isReady(pod) && pod.spec.containers[0].readinessProbe === undefined,
        ),
    },
    {
        name: "redis stopped",
        hop: "endpoint",
        on: consumer,
        injure: (ward) => ward.patch("deployment/queue/redis", { spec: { replicas: 0 } }),
        shows: async (ward) =>
            (await ward.get("deployment/queue/redis"))?.status?.readyReplicas === undefined,
    },
    {
        name: "redis crashes",
        hop: "endpoint",
        on: consumer,
        injure: (ward) =>
            ward.edit("deployment/queue/redis", (object) => {
                containerOf(object).args = ["/etc/redis/none.conf"];
            }),
        shows: somePod(
            "redis",
            (pod) => (pod.status?.containerStatuses?.[0]?.restartCount ?? 0) > 1,
            "queue",
        ),
    },
];
