/**
 * What `make verify-faults` looks at, beside the dev stack of an instance: autoscalers of every kind with a demand that
 * can be told, and two that are wrong on purpose. `subjects.ts` says what each is.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { HorizontalPodAutoscaler } from "@pulumi/kubernetes/autoscaling/v2";
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { Autoscaler, SecureNamespace, WebServer } from "../../../components";
import { alertRules } from "../../../components/autoscaling/autoscaler/alerts";
import { planAutoscaler } from "../../../components/autoscaling/autoscaler/plan";
import { prometheusRule } from "../../../components/monitoring/monitors";
import { createFiles, mountFiles } from "../../../components/program-files";
import { queueScaling } from "../../../components/workloads/redis-queue/scaling";
import { devImages as images } from "../../../stacks/dev-images";
import {
    exporterMonitor,
    exporterSpec,
    idleDeployment,
    naiveHpa,
    naiveRule,
    naiveScaledObject,
} from "./objects";
import * as faults from "./subjects";

const config = new pulumi.Config();
const provider = new Provider("cluster", {
    kubeconfig: config.require("kubeconfig"),
    upsertExistingObjects: true,
});

const secured = new SecureNamespace(
    "faults",
    {
        namespace: faults.namespace,
        openings: [{ name: "all-in", direction: "ingress", peer: "anywhere" }],
    },
    { provider },
);
const { namespace } = secured;
const inNamespace = { provider, dependsOn: secured };

deployExporters();
for (const { name, control } of faults.subjects) {
    const scaling = faults.autoscalers[name];
    if (scaling === undefined && !control) continue;
    const target = name === "cpu" ? server() : idle(name);
    if (scaling) new Autoscaler(name, scaling, { provider, dependsOn: target });
    else createNaive(name, target);
}
watchConsumer();

function deployExporters(): void {
    const program = readFileSync(join(__dirname, "exporter.py"), "utf8");
    const source = createFiles(
        "exporter-source",
        "exporter",
        namespace,
        { "exporter.py": program },
        inNamespace,
    );
    const { volume, volumeMount } = mountFiles(source.metadata.name);
    for (const app of [faults.exporter, faults.stampedExporter]) {
        const spec = exporterSpec(app, volume, volumeMount);
        new Deployment(app, { metadata: { name: app, namespace }, spec }, inNamespace);
        new CustomResource(`${app}-monitor`, exporterMonitor(app), inNamespace);
    }
}

function idle(name: string): Deployment {
    const { metadata, spec } = idleDeployment(name);
    return new Deployment(name, { metadata, spec }, inNamespace);
}

function server(): Deployment {
    const { deployment } = new WebServer(
        "cpu-server",
        {
            namespace,
            images,
            app: "cpu",
            autoscaled: true,
            slots: 8,
            serviceSeconds: 0.02,
            cpuMilliseconds: faults.cpuMilliseconds,
            drainSeconds: 1,
        },
        inNamespace,
    );
    return deployment;
}

function createNaive(name: string, target: Deployment): void {
    const after = { provider, dependsOn: target };
    if (name === "naive-keda") new CustomResource(name, naiveScaledObject, after);
    else {
        new CustomResource(`${name}-recording`, naiveRule, after);
        new HorizontalPodAutoscaler(name, naiveHpa, after);
    }
}

/** The dev stack's own alerts on the consumer wait for a minute: the same rules, with the delay of the others. */
function watchConsumer(): void {
    const plan = planAutoscaler({ ...queueScaling({}), platform: faults.platform });
    const rules = prometheusRule("consumer-alerts-at-once", namespace, alertRules(plan));
    new CustomResource("consumer-alerts", rules, inNamespace);
}
