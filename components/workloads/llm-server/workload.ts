import type { apps, core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import type { ScaleTarget } from "../../autoscaling/autoscaler";
import { appLabel } from "../../conventions";
import { simulatedGpuLoad } from "../../gpu/simulated-gpus";
import type { Images } from "../../images";
import type { LlmServerArgs } from "../llm-server";
import { serversName } from "../queueing-proxy";
import { type LlmEngine, type LlmSettings, llmSettings } from "./engines";
import { ollamaFiles, ollamaPod } from "./ollama";
import { modelsVolume } from "./pod";
import { simulatorFiles, simulatorPod, simulatorSeries } from "./simulator";
import { vllmPod, vllmSeries } from "./vllm";

/** The files that the pods of an engine need; none of vLLM. */
export function llmFiles({ engine }: Pick<LlmServerArgs, "engine">): Record<string, string> {
    return { ollama: ollamaFiles, vllm: () => ({}), simulator: simulatorFiles }[engine]();
}

/** Series that are kept of the servers themselves; Ollama has none. */
export function llmSeries(engine: LlmEngine): readonly string[] | undefined {
    return { ollama: undefined, vllm: vllmSeries, simulator: simulatorSeries }[engine];
}

/** Whether `SimulatedGpus` asks the servers how busy they are: a simulated GPU is as busy as the slots. */
export function asksLoad(engine: LlmEngine, gpus: number): boolean {
    return engine === "simulator" && gpus > 0;
}

/** What is scaled. A volume for each pod takes a StatefulSet. */
export function llmTarget(args: LlmServerArgs): ScaleTarget {
    const { app, storage } = llmSettings(args);
    return {
        kind: storage === undefined ? "Deployment" : "StatefulSet",
        name: app,
        namespace: args.namespace,
    };
}

/** The Deployment of an engine without volumes; without `replicas` where those belong to an autoscaler. */
export function llmDeployment(
    args: LlmServerArgs,
    images: Images,
    source: pulumi.Input<string>,
): apps.v1.DeploymentSpec {
    return {
        ...common(args, images, source),
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: 0 } },
    };
}

/**
 * The StatefulSet of an engine with volumes: a claim for each pod, which stays when the pod is scaled in, so that the
 * next one has the model already, and goes with the StatefulSet. A claim for all of them would need storage that many
 * nodes write to, which few clusters have, and one pod could spoil it for all.
 */
export function llmStatefulSet(
    args: LlmServerArgs,
    images: Images,
    source: pulumi.Input<string>,
): apps.v1.StatefulSetSpec {
    const settings = llmSettings(args);
    return {
        ...common(args, images, source),
        serviceName: serversName(settings.app),
        // Pods are each other's equals: none waits for the one before it.
        podManagementPolicy: "Parallel",
        volumeClaimTemplates: [claim(settings)],
        persistentVolumeClaimRetentionPolicy: { whenScaled: "Retain", whenDeleted: "Delete" },
    };
}

function common(args: LlmServerArgs, images: Images, source: pulumi.Input<string>) {
    const { app, gpus, port } = llmSettings(args);
    const labels = appLabel(app);
    const asked = asksLoad(args.engine, gpus);
    return {
        ...(args.autoscaled ? {} : { replicas: args.replicas ?? 1 }),
        selector: { matchLabels: labels },
        template: {
            metadata: { labels, ...(asked && { annotations: simulatedGpuLoad({ port, path: "load" }) }) },
            spec: podSpec(args, images, source),
        },
    };
}

function podSpec(args: LlmServerArgs, images: Images, source: pulumi.Input<string>): core.v1.PodSpec {
    switch (args.engine) {
        case "ollama":
            return ollamaPod(args, images, source);
        case "vllm":
            return vllmPod(args, images);
        case "simulator":
            return simulatorPod(args, images, source);
    }
}

function claim({ storage }: LlmSettings): core.v1.PersistentVolumeClaim {
    return {
        metadata: { name: modelsVolume },
        spec: {
            accessModes: ["ReadWriteOnce"],
            ...(storage?.storageClass !== undefined && { storageClassName: storage.storageClass }),
            resources: { requests: { storage: storage?.size ?? "" } },
        },
    };
}
