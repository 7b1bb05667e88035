import { apps, core } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";

/** A small stack: a component whose children use each other's live outputs. */
class App extends pulumi.ComponentResource {
    readonly address: pulumi.Output<string>;
    readonly password: pulumi.Output<string>;
    /** What the cluster holds of the Secret. */
    readonly stored: pulumi.Output<Record<string, string>>;

    constructor(name: string, { extra }: { extra: boolean }) {
        super("test:index:App", name, { extra });
        const child = { parent: this };
        const space = new core.v1.Namespace("space", { metadata: { name: "space" } }, child);
        const namespace = space.metadata.name;
        const { result } = new RandomPassword("password", { length: 24 }, child);
        const secret = new core.v1.Secret(
            "secret",
            { metadata: { name: "secret", namespace }, stringData: { result } },
            child,
        );
        const service = new core.v1.Service(
            "service",
            { metadata: { name: "service", namespace }, spec: { ports: [{ port: 80 }] } },
            child,
        );
        const data = { address: service.spec.clusterIP };
        const settings = new core.v1.ConfigMap(
            "settings",
            { metadata: { name: "settings", namespace }, data },
            child,
        );
        const labels = { app: "web" };
        const containers = [{ name: "web", image: "web:1", env: [{ name: "PASSWORD", value: result }] }];
        const template = { metadata: { labels }, spec: { containers } };
        new apps.v1.Deployment(
            "web",
            { metadata: { name: "web", namespace }, spec: { selector: { matchLabels: labels }, template } },
            { ...child, dependsOn: [settings, secret] },
        );
        if (extra) {
            new core.v1.ConfigMap("extra", { metadata: { name: "extra", namespace } }, child);
        }
        this.address = service.spec.clusterIP;
        this.password = result;
        this.stored = secret.data;
        this.registerOutputs({ address: this.address });
    }
}

const app = new App("app", { extra: new pulumi.Config().getBoolean("extra") ?? false });
export const address = app.address;
export const password = app.password;
export const stored = app.stored;
