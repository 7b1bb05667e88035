import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { HorizontalPodAutoscaler } from "@pulumi/kubernetes/autoscaling/v2";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { waitFor } from "../conventions";
import { prometheusRule } from "../monitoring/monitors";
import { reject } from "../problems";
import { alertRules } from "./autoscaler/alerts";
import type { ScalingPace } from "./autoscaler/behavior";
import { type Backend, type Chain, chainKey, chainLabel } from "./autoscaler/chain";
import { hpaSpec } from "./autoscaler/hpa";
import { autoscalerPanels } from "./autoscaler/panels";
import { type AutoscalerPlan, planAutoscaler, ruleName } from "./autoscaler/plan";
import type { AutoscalingPlatform } from "./autoscaler/platform";
import { recordingRules } from "./autoscaler/recording";
import {
    authenticationName,
    authenticationSpec,
    type KedaPace,
    scaledObjectSpec,
} from "./autoscaler/scaled-object";
import type { Signal } from "./autoscaler/signal";
import type { ScaleTarget } from "./autoscaler/target";
import { takeTarget } from "./autoscaler/targets";
import { validateAutoscaler } from "./autoscaler/validate";

export type { ScalingPace } from "./autoscaler/behavior";
export {
    type Backend,
    type Chain,
    type ChainSignal,
    chainKey,
    chainLabel,
    demandSeries,
    type Hop,
} from "./autoscaler/chain";
export { autoscalerPanels, type Panel } from "./autoscaler/panels";
export type { AlertDelays, AutoscalingPlatform } from "./autoscaler/platform";
export type { KedaPace } from "./autoscaler/scaled-object";
export type { Signal } from "./autoscaler/signal";
export * as signals from "./autoscaler/signals";
export type { ScaleTarget, TargetContainer } from "./autoscaler/target";

export interface AutoscalerArgs {
    /** What is scaled. Its own `spec.replicas` must not be set: they belong to the autoscaler. */
    readonly target: ScaleTarget;
    /** What it acts on, made by the functions of `signals`. With several, the one that asks for most decides. */
    readonly signals: readonly Signal[];
    /** The fewest replicas, 0 to 1000. @default 1 */
    readonly minReplicas?: number | undefined;
    /** The most replicas, 1 to 1000. */
    readonly maxReplicas: number;
    /** Who moves the replicas. @default what the platform says; "resource" for cpu and memory alone */
    readonly backend?: Backend | undefined;
    /** What the cluster offers. @default all back ends, Prometheus where KubePrometheusStack has it */
    readonly platform?: AutoscalingPlatform | undefined;
    /** How fast replicas come and go. @default up at once; down by half each 15 s, after a minute */
    readonly pace?: (ScalingPace & KedaPace) | undefined;
    /** Replicas to have while a metric is missing; KEDA only. @default those that there are */
    readonly fallbackReplicas?: number | undefined;
    /** Name of the HPA, and with KEDA of the ScaledObject. @default the target's */
    readonly name?: string | undefined;
}

/**
 * Scales a workload on signals: the rules that record its demand, the HPA or ScaledObject that acts on it, the alerts
 * that watch both, and a description of the chain for the doctor and for dashboards.
 *
 * It never reads a missing metric as zero: without one the replicas stay as they are, and an alert names the autoscaler
 * and the hop that is broken.
 *
 * Needs the CustomResourceDefinitions of the prometheus-operator, and of KEDA where that is the back end. Alerts need
 * the series of kube-state-metrics.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range, before anything is created.
 */
export class Autoscaler extends pulumi.ComponentResource {
    /** Name of the HPA. */
    public readonly hpaName: string;
    /** Who moves the replicas. */
    public readonly backend: Backend;
    /** From the workload's metric to its replicas, as data. */
    public readonly chain: Chain;

    constructor(name: string, args: AutoscalerArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:Autoscaler", name, {}, opts);
        reject(this, validateAutoscaler(args));
        reject(this, takeTarget(this, name, args.target, args.name));
        const plan = planAutoscaler(args);
        const { chain } = plan;
        const child = { parent: this, dependsOn: opts?.dependsOn ?? [] };

        createRules();
        createDescription();
        if (chain.backend === "keda") createScaledObject();
        else createHpa();

        this.hpaName = chain.autoscaler;
        this.backend = chain.backend;
        this.chain = chain;
        this.registerOutputs({ hpaName: this.hpaName, backend: this.backend });

        function createRules() {
            const rules = ruleName(chain.autoscaler);
            const recorded = recordingRules(plan);
            const { ruleLabels } = plan.platform;
            if (recorded.rules.length > 0) {
                new CustomResource(
                    `${name}-rules`,
                    prometheusRule(rules, chain.namespace, recorded, ruleLabels),
                    child,
                );
            }
            const alerts = alertRules(plan);
            new CustomResource(
                `${name}-alerts`,
                prometheusRule(`${rules}-alerts`, chain.namespace, alerts, ruleLabels),
                child,
            );
        }

        function createDescription() {
            new ConfigMap(
                `${name}-chain`,
                {
                    metadata: {
                        name: ruleName(chain.autoscaler),
                        namespace: chain.namespace,
                        labels: { [chainLabel]: chain.autoscaler },
                    },
                    data: {
                        [chainKey]: JSON.stringify(chain, undefined, 2),
                        "panels.json": JSON.stringify(autoscalerPanels(chain), undefined, 2),
                    },
                },
                child,
            );
        }

        function createHpa() {
            new HorizontalPodAutoscaler(
                name,
                {
                    metadata: { name: chain.autoscaler, namespace: chain.namespace },
                    spec: hpaSpec(plan, args.pace),
                },
                child,
            );
        }

        function createScaledObject() {
            for (const signal of plan.signals) {
                const spec = authenticationSpec(signal);
                if (spec === undefined) continue;
                const metadata = {
                    name: authenticationName(chain.autoscaler, signal.chain.signal),
                    namespace: chain.namespace,
                };
                new CustomResource(
                    `${name}-${signal.chain.signal}-auth`,
                    { apiVersion: "keda.sh/v1alpha1", kind: "TriggerAuthentication", metadata, spec },
                    child,
                );
            }
            new CustomResource(
                name,
                {
                    apiVersion: "keda.sh/v1alpha1",
                    kind: "ScaledObject",
                    metadata: {
                        name: chain.autoscaler,
                        namespace: chain.namespace,
                        annotations: {
                            // What was an HPA of this library's becomes KEDA's, where the back end is changed.
                            "scaledobject.keda.sh/transfer-hpa-ownership": "true",
                            ...(settlesAtOnce(plan) && waitFor("Ready")),
                        },
                    },
                    spec: scaledObjectSpec(plan, args.pace),
                },
                child,
            );
        }
    }
}

/** A recorded series takes Prometheus a while to take up; until then the ScaledObject is not Ready, and rightly so. */
function settlesAtOnce({ chain }: AutoscalerPlan): boolean {
    return chain.signals.every(({ via }) => via === "direct" || via === "resource");
}
