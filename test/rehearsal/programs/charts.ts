import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { Namespace } from "@pulumi/kubernetes/core/v1";
import { clusterProvider, config, type Installation, install } from "./installation";

/** Namespaces, charts in these or others, and objects of the kinds that the charts bring: what the configuration lists. */
const provider = clusterProvider();
const namespaces = (config.getObject<string[]>("namespaces") ?? []).map(
    (name) => new Namespace(name, { metadata: { name } }, { provider }),
);
const installations = (config.getObject<Installation[]>("charts") ?? []).map((installation) =>
    install(installation, { provider, dependsOn: namespaces }),
);
for (const object of config.getObject<CustomObject[]>("objects") ?? []) {
    new CustomResource(object.metadata.name, object, { provider, dependsOn: installations });
}

interface CustomObject {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly namespace: string };
    readonly spec?: object;
}
