/**
 * Five times the same four servers, each before with another way to balance: what `make bench-balance` compares. Simulators of
 * Ollama with one slot each, so that a request's time is exactly what it asks for.
 */
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { Service } from "@pulumi/kubernetes/core/v1";
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { LlmServer, llmServerOpenings, queueingProxyOpenings, SecureNamespace } from "../../components";
import { appLabel, servicePort } from "../../components/conventions";
import { withImages } from "../../components/images";
import { createFiles } from "../../components/program-files";
import { llmSettings } from "../../components/workloads/llm-server/engines";
import { llmDeployment, llmFiles } from "../../components/workloads/llm-server/workload";
import { proxyName, serversName } from "../../components/workloads/queueing-proxy";
import { proxySpec } from "../../components/workloads/queueing-proxy/pod";
import { devImages } from "../../stacks/dev-images";
import { choosing, namespace as name, type Policy, plain, queue, servers, serversOf } from "./policies";
import { choosingCfg } from "./proxy-cfg";

const images = withImages(devImages);
const config = new pulumi.Config();
const provider = new Provider("cluster", {
    kubeconfig: config.require("kubeconfig"),
    upsertExistingObjects: true,
});
const { port } = llmSettings(serversOf(plain));

const openings = [
    {
        name: "plain-in",
        pods: appLabel(plain.app),
        direction: "ingress",
        peer: "anywhere",
        ports: [port],
    } as const,
    ...choosing.flatMap(({ app }) => queueingProxyOpenings({ app, serverPort: port })),
    ...llmServerOpenings(serversOf(queue)),
];
const walls = new SecureNamespace(name, { namespace: name, openings }, { provider });
const { namespace } = walls;
const home = { provider, dependsOn: walls };

createServers(plain);
createService(plain.app);
for (const policy of choosing) {
    createServers(policy);
    createProxy(policy);
}
new LlmServer(queue.app, { ...serversOf(queue), images: devImages }, home);

function createServers(policy: Policy): void {
    const { app } = policy;
    const args = serversOf(policy);
    const source = createFiles(`${app}-source`, app, namespace, llmFiles(args), home);
    const spec = llmDeployment(args, images, source.metadata.name);
    new Deployment(app, { metadata: { name: app, namespace }, spec }, home);
}

function createProxy({ app, balance }: (typeof choosing)[number]): void {
    const headless = { clusterIP: "None", selector: appLabel(app), ports: [{ name: "http", port }] };
    const metadata = { name: serversName(app), namespace };
    new Service(`${app}-servers`, { metadata, spec: headless }, home);
    const proxy = proxyName(app);
    const cfg = choosingCfg({
        balance,
        serversName: `${serversName(app)}.${name}.svc.cluster.local`,
        serverPort: port,
        servers,
    });
    const source = createFiles(`${app}-config`, proxy, namespace, { "haproxy.cfg": cfg }, home);
    const spec = proxySpec(proxy, images, source.metadata.name, { drainSeconds: 1, requests: 3500 });
    new Deployment(proxy, { metadata: { name: proxy, namespace }, spec }, home);
    createService(proxy);
}

function createService(app: string): void {
    const spec = { ...servicePort("http", 80, undefined), selector: appLabel(app) };
    new Service(app, { metadata: { name: app, namespace }, spec }, home);
}
