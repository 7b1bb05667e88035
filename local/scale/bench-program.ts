/**
 * The subjects of `make bench-scale`, beside the dev stack of an instance: for each kind of settings a namespace with
 * redis and its exporter, and for each subject a server, what measures it, and its autoscaler. The simulated GPUs are the
 * dev stack's.
 */
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import {
    Autoscaler,
    QueueingProxy,
    queueingProxyOpenings,
    SecureNamespace,
    WebServer,
    webServerOpenings,
} from "../../components";
import { appLabel } from "../../components/conventions";
import { simulatedGpusApp } from "../../components/gpu/simulated-gpus/pod";
import { withImages } from "../../components/images";
import {
    QueueExporter,
    redisExporterApp,
    redisExporterPort,
} from "../../components/workloads/redis-queue/exporter";
import { Redis, redisApp, redisPort } from "../../components/workloads/redis-queue/redis";
import { devImages } from "../../stacks/dev-images";
import { furtherSubjects, requestMiB } from "./further-subjects";
import {
    allSubjects,
    type Demand,
    namespaceOf,
    type Settings,
    type Subject,
    scalingOf,
    scrapeSeconds,
} from "./subjects";

const images = withImages(devImages);
const config = new pulumi.Config();
const provider = new Provider("cluster", {
    kubeconfig: config.require("kubeconfig"),
    upsertExistingObjects: true,
});
const wanted = config.requireObject<string[]>("subjects");
const known = [...allSubjects(config.requireNumber("copies")), ...furtherSubjects];
const subjects = known.filter(({ name }) => wanted.includes(name));

/** Seconds of a request. What stays is let go and taken again with each, so there are few. */
const serviceSeconds: Readonly<Record<Demand, number>> = { queue: 1, rate: 0.02, hold: 1, stay: 10 };

for (const settings of ["ours", "chart defaults"] as const) deploy(settings);

function deploy(settings: Settings): void {
    const own = subjects.filter((subject) => subject.settings === settings);
    if (own.length === 0) return;
    const name = namespaceOf[settings];
    const seconds = scrapeSeconds[settings];
    const { namespace } = new SecureNamespace(
        name,
        { namespace: name, openings: openings(own) },
        { provider },
    );
    const redis = new Redis(`${name}-redis`, { namespace, images }, { provider });
    new QueueExporter(
        `${name}-exporter`,
        {
            namespace,
            images,
            secretName: redis.secretName,
            list: own
                .filter(({ demand }) => demand === "queue")
                .map((subject) => subject.name)
                .join(","),
            scrapeInterval: `${seconds}s`,
        },
        { provider },
    );
    for (const subject of own) deploySubject(subject, namespace, `${seconds}s`);
}

function deploySubject(subject: Subject, namespace: pulumi.Input<string>, scrapeInterval: string): void {
    const { name: app, workload, demand } = subject;
    const server = new WebServer(
        app,
        {
            namespace,
            images,
            app,
            autoscaled: true,
            slots: workload.gpu ? 10 : workload.proxy ? 2 : 8,
            serviceSeconds: serviceSeconds[demand],
            cpuMilliseconds: workload.cpu ? 15 : 0,
            memoryMiB: workload.memory ? requestMiB : 0,
            // All subjects at their goals at once have to fit on the node.
            cpu: [workload.cpu ? "50m" : "5m", "1"],
            drainSeconds: 1,
            scrapeInterval,
            ...(workload.gpu && { gpus: 1 }),
        },
        { provider },
    );
    if (workload.proxy) {
        const args = {
            namespace: namespaceOf[subject.settings],
            app,
            slots: 2,
            scrapeInterval,
            drainSeconds: 5,
            images,
        };
        new QueueingProxy(`${app}-proxy`, args, { provider, dependsOn: server });
    }
    new Autoscaler(app, scalingOf(subject), { provider, dependsOn: server.deployment });
}

/** KEDA and the exporter to redis; Prometheus to whatever is measured; the driver, on the node, to the rest. */
function openings(own: readonly Subject[]) {
    const redis = { pods: appLabel(redisApp), ports: [redisPort] };
    const exporter = appLabel(redisExporterApp);
    return [
        {
            name: "exporter-to-redis",
            direction: "egress",
            pods: exporter,
            peer: { pods: redis.pods },
            ports: redis.ports,
        },
        { name: "redis-in", direction: "ingress", ...redis, peer: "anywhere" },
        {
            name: "exporter-in",
            direction: "ingress",
            pods: exporter,
            peer: "anywhere",
            ports: [redisExporterPort],
        },
        ...own.flatMap(({ name, workload }) => [
            ...webServerOpenings(name, ["anywhere", { namespace: simulatedGpusApp }]),
            ...(workload.proxy ? queueingProxyOpenings({ app: name }) : []),
        ]),
    ] as const;
}
