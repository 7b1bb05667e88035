/** What `make campaign` asks on the embedded cluster: a simulator of Ollama behind its proxy, beside the dev stack. */
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { LlmServer, SecureNamespace } from "../../components";
import { app, openings, server } from "./subject";

const config = new pulumi.Config();
const provider = new Provider("cluster", {
    kubeconfig: config.require("kubeconfig"),
    upsertExistingObjects: true,
});
const walls = new SecureNamespace(app, { namespace: app, openings }, { provider });
new LlmServer(`${app}-llm`, server, { provider, dependsOn: walls });
