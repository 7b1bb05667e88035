import { Ingress, type IngressArgs } from "@pulumi/kubernetes/networking/v1";
import type { Provider } from "@pulumi/kubernetes/provider";
import type { Resource } from "@pulumi/pulumi";
import {
    Autoscaler,
    type AutoscalerArgs,
    CertManager,
    type CertManagerArgs,
    Dashboards,
    DcgmExporter,
    type DcgmExporterArgs,
    DeadMansSwitch,
    type DeadMansSwitchArgs,
    FakeGpuOperator,
    type FakeGpuOperatorArgs,
    GpuAlerts,
    GpuNodes,
    type GpuNodesArgs,
    GpuOperator,
    type GpuOperatorArgs,
    HashServer,
    type HashServerArgs,
    Istio,
    type IstioArgs,
    Keda,
    type KedaArgs,
    KubePrometheusStack,
    type KubePrometheusStackArgs,
    Logging,
    type LoggingArgs,
    MetricsServer,
    type MetricsServerArgs,
    Podinfo,
    type PodinfoArgs,
    PrometheusAdapter,
    type PrometheusAdapterArgs,
    RedisQueue,
    type RedisQueueArgs,
    SimulatedGpus,
    type SimulatedGpusArgs,
    Traefik,
    type TraefikArgs,
} from "../components";
import { dashboardsOf, gpuAlertsOf } from "./dashboards";
import { type GpuJobsPlan, installGpuJobs } from "./gpu-jobs";
import { type GpuServerPlan, installGpuServer } from "./gpu-rehearsal";
import { installLlm, type LlmPlan } from "./llm";

/** A platform of charts as plain data: what is installed, with which arguments. What is undefined is not. */
export interface PlatformPlan {
    readonly metricsServer: MetricsServerArgs;
    readonly monitoring: KubePrometheusStackArgs;
    readonly deadMansSwitch: DeadMansSwitchArgs;
    readonly adapter: PrometheusAdapterArgs;
    readonly keda: KedaArgs;
    readonly certManager: CertManagerArgs;
    readonly traefik: TraefikArgs | undefined;
    readonly logging: LoggingArgs | undefined;
    readonly mesh: IstioArgs | undefined;
    readonly podinfo: PodinfoArgs;
    readonly podinfoScaling: AutoscalerArgs;
    readonly hash: HashServerArgs | undefined;
    readonly llm: LlmPlan | undefined;
    readonly queue: RedisQueueArgs;
    readonly producerIngress: ProducerIngress | undefined;
    readonly gpuOperator: GpuOperatorArgs | undefined;
    readonly dcgmExporter: DcgmExporterArgs | undefined;
    readonly fakeGpuOperator: FakeGpuOperatorArgs | undefined;
    readonly simulatedGpus: SimulatedGpusArgs | undefined;
    readonly gpuServer: GpuServerPlan | undefined;
    readonly gpuNodes: GpuNodesArgs | undefined;
    readonly gpuJobs: GpuJobsPlan | undefined;
    /** Where this repository is read, for the links of dashboards to runbooks. */
    readonly runbooksUrl: string | undefined;
}

/** What the outputs of a stack are made of. */
export interface Platform {
    readonly monitoring: KubePrometheusStack;
    readonly logging: Logging | undefined;
}

/** How the queue's producer is reached from outside the cluster. */
export interface ProducerIngress {
    readonly host: string;
    readonly ingressClass: string;
    readonly clusterIssuer: string;
}

/**
 * Installs a platform. Whatever brings a monitor waits for the definitions of the prometheus-operator. What brings an
 * Ingress waits for its controllers, so that on the way back cert-manager is there until its challenges are gone;
 * Grafana's cannot, for the controllers wait for definitions that come with it.
 */
export function installPlatform(plan: PlatformPlan, provider: Provider): Platform {
    const after = (...resources: (Resource | undefined)[]) => ({
        provider,
        dependsOn: resources.filter((resource) => resource !== undefined),
    });

    new MetricsServer("metrics-server", plan.metricsServer, { provider });
    const monitoring = new KubePrometheusStack("monitoring", plan.monitoring, { provider });
    const { crds } = monitoring;
    new DeadMansSwitch("dead-mans-switch", plan.deadMansSwitch, after(crds));
    new PrometheusAdapter("prometheus-adapter", plan.adapter, after(monitoring));
    const keda = new Keda("keda", plan.keda, after(crds));
    const certManager = new CertManager("cert-manager", plan.certManager, after(crds));
    const traefik = plan.traefik && new Traefik("traefik", plan.traefik, after(crds));
    const ingressAfter = [certManager, ...(traefik ? [traefik] : [])];
    const mesh = plan.mesh && new Istio("istio", plan.mesh, after(crds));
    const podinfo = new Podinfo("podinfo", plan.podinfo, after(crds, ...ingressAfter, mesh));
    new Autoscaler("podinfo-scaling", plan.podinfoScaling, after(crds, keda, podinfo));
    if (plan.hash) new HashServer("hash", plan.hash, after(crds, ...ingressAfter));
    if (plan.llm) installLlm(plan.llm, (...others) => after(crds, ...others), keda);
    const queue = new RedisQueue("queue", { ...plan.queue, keda }, after(crds, keda));
    if (plan.producerIngress) {
        new Ingress("producer", producerIngress(plan.producerIngress, queue), after(queue, ...ingressAfter));
    }
    const logging = plan.logging && new Logging("logging", { ...plan.logging, ingressAfter }, after(crds));
    const operator = plan.gpuOperator && new GpuOperator("gpu-operator", plan.gpuOperator, after(crds));
    if (plan.dcgmExporter) new DcgmExporter("dcgm-exporter", plan.dcgmExporter, after(crds));
    const fake =
        plan.fakeGpuOperator && new FakeGpuOperator("fake-gpu-operator", plan.fakeGpuOperator, after(crds));
    const simulated =
        plan.simulatedGpus && new SimulatedGpus("simulated-gpus", plan.simulatedGpus, after(crds));
    if (plan.gpuServer) {
        installGpuServer(plan.gpuServer, (...others) => after(crds, ...others), simulated, ingressAfter);
    }
    const nodes = plan.gpuNodes && new GpuNodes("gpu-nodes", plan.gpuNodes, { provider });
    if (plan.gpuJobs) installGpuJobs(plan.gpuJobs, after, operator, fake, simulated, nodes);
    new Dashboards("dashboards", dashboardsOf(plan), after(monitoring));
    const gpuAlerts = gpuAlertsOf(plan);
    if (gpuAlerts) new GpuAlerts("gpu-alerts", gpuAlerts, after(monitoring));

    return { monitoring, logging };
}

function producerIngress(
    { host, ingressClass, clusterIssuer }: ProducerIngress,
    { namespace }: RedisQueue,
): IngressArgs {
    const service = { name: "producer", port: { name: "http" } };
    return {
        metadata: {
            name: "producer",
            namespace,
            annotations: { "cert-manager.io/cluster-issuer": clusterIssuer },
        },
        spec: {
            ingressClassName: ingressClass,
            tls: [{ secretName: "producer-tls", hosts: [host] }],
            rules: [{ host, http: { paths: [{ path: "/", pathType: "Prefix", backend: { service } }] } }],
        },
    };
}
