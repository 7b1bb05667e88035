import type { Api } from "./api";
import { apply, plan } from "./apply";
import { awaitExistence, awaitReady } from "./await";
import { chartInputs } from "./chart";
import type { Outcome } from "./events";
import type { ChartInputs, Helm } from "./helm";
import type { Entry, Inventory } from "./inventory";
import { serverOf } from "./kubeconfig";
import type { Registration } from "./monitor";
import { declaredObject, type KubernetesObject, kindOf, parseId, passwordType, releaseType } from "./objects";
import type { RunnerOptions } from "./options";
import { keepPassword } from "./password-store";
import { applyRelease, releaseKind } from "./release";
import { sealOutputs, unknown } from "./wire";

type Say = (reason: string) => void;

/** Brings single resources into the cluster, or in a preview asks the API server what that would do. */
export class Provisioner {
    /** Default namespaces of explicit providers, by URN. */
    private readonly namespaces = new Map<string, string>();

    constructor(
        readonly api: Api,
        readonly inventory: Inventory,
        readonly preview: boolean,
        readonly helm: Helm,
        private readonly options: Pick<RunnerOptions, "gate" | "readSeconds">,
    ) {}

    /** @param onReason - told what the resource still waits for. */
    async run(registration: Registration, onReason: Say): Promise<Outcome> {
        if (registration.type.startsWith("pulumi:providers:")) {
            return this.provider(registration);
        }
        if (registration.readId !== undefined) {
            return this.read(registration, registration.readId, onReason);
        }
        if (registration.type === passwordType) {
            const { api, inventory, preview } = this;
            return keepPassword(
                { api, preview, enter: (object) => inventory.enter(entryOf(registration, object)) },
                registration,
            );
        }
        if (registration.type === releaseType) {
            return this.release(registration);
        }
        return this.object(registration, onReason);
    }

    /** The objects of a chart, as Helm renders it for this cluster. */
    render(inputs: ChartInputs): Promise<KubernetesObject[]> {
        return this.helm.template(inputs);
    }

    private async release(registration: Registration): Promise<Outcome> {
        const inputs = chartInputs(registration);
        const { name, namespace } = inputs;
        const entry = entryOf(registration, { ...releaseKind, metadata: { name, namespace } });
        const outcome = await applyRelease(this, entry, inputs);
        return { ...outcome, state: sealOutputs(outcome.state, registration.inputs) };
    }

    private async object(registration: Registration, onReason: Say): Promise<Outcome> {
        const { inputs } = registration;
        const object = declaredObject(inputs.value);
        const { apiVersion, kind } = object;
        const resource = await this.api.resource(apiVersion, kind, this.preview ? undefined : onReason);
        if (!resource) {
            if (this.preview) {
                await this.inventory.enter(entryOf(registration, object));
                return this.planned(registration, object, {
                    operation: "create",
                    note: "its kind is not in the cluster yet",
                });
            }
            throw new Error(
                `the cluster serves no ${kind} of ${apiVersion}: install its CRD first, and depend on that.`,
            );
        }
        if (resource.namespaced) {
            object.metadata.namespace ??=
                registration.defaultNamespace ?? this.defaultNamespace(registration);
        }
        const enter = () => this.inventory.enter(entryOf(registration, object));
        if (this.preview) {
            await enter();
            const unknowns = inputs.unknownPaths.join(", ");
            const live =
                unknowns && (await this.api.get(resource, object.metadata.namespace, object.metadata.name));
            return this.planned(
                registration,
                object,
                unknowns
                    ? { operation: live ? "update" : "create", note: `known only after the run: ${unknowns}` }
                    : await plan(this.api, resource, object, inputs.secretPaths),
            );
        }
        await this.options.gate?.(object, onReason);
        const applied = await apply(this.api, resource, object, enter);
        const ready = await awaitReady(
            this.api,
            resource,
            applied.object,
            registration.timeoutSeconds,
            onReason,
        );
        return { ...applied, id: idOf(object), state: outputsOf(ready, registration) };
    }

    /** Properties of an object not made yet are its inputs; what the server fills in is unknown. */
    private planned(
        registration: Registration,
        object: KubernetesObject,
        planned: Awaited<ReturnType<typeof plan>>,
    ) {
        const { spec: _, ...known } = registration.inputs.value;
        const state =
            planned.operation === "create" || !planned.object
                ? sealOutputs(known, registration.inputs)
                : outputsOf(planned.object, registration);
        return { ...planned, id: idOf(object), state };
    }

    private async read(registration: Registration, id: string, onReason: Say): Promise<Outcome> {
        const { apiVersion, kind } = kindOf(registration.type);
        const resource = await this.api.resource(apiVersion, kind, this.preview ? undefined : onReason);
        if (!resource && this.preview) {
            return { operation: "read", id, state: {} };
        }
        if (!resource) {
            throw new Error(`the cluster serves no ${kind} of ${apiVersion}, so "${id}" cannot be read.`);
        }
        const { name, namespace = this.defaultNamespace(registration) } = parseId(id);
        const object = this.preview
            ? await this.api.get(resource, namespace, name)
            : await awaitExistence(this.api, resource, namespace, name, this.options.readSeconds ?? 120);
        return { operation: "read", id, state: object ? outputsOf(object, registration) : {} };
    }

    private defaultNamespace({ provider }: Registration): string {
        const urn = provider.slice(0, provider.lastIndexOf("::"));
        return this.namespaces.get(urn) ?? this.api.cluster.namespace;
    }

    /** A provider carries a default namespace, no more: there is one cluster, that of the runner's kubeconfig. */
    private async provider({ urn, inputs }: Registration): Promise<Outcome> {
        const { namespace, kubeconfig, context, renderYamlToDirectory } = inputs.value as Record<
            string,
            string
        >;
        const server = kubeconfig && kubeconfig !== unknown ? serverOf(kubeconfig, context) : undefined;
        if (renderYamlToDirectory || (server && server !== this.api.cluster.server)) {
            const what = renderYamlToDirectory
                ? "renders YAML to a directory"
                : `is for the cluster at ${server}`;
            throw new Error(`this provider ${what}; the runner deploys to ${this.api.cluster.server} alone.`);
        }
        if (namespace) {
            this.namespaces.set(urn, namespace);
        }
        return { operation: "unchanged", id: "runner", state: {} };
    }
}

function entryOf(registration: Registration, object: KubernetesObject): Entry {
    const { urn, dependencies, retain, protect, chart } = registration;
    const { name, namespace } = object.metadata;
    const { apiVersion, kind } = object;
    return {
        urn,
        apiVersion,
        kind,
        ...(namespace && { namespace }),
        name,
        dependsOn: dependencies,
        ...(retain && { retain }),
        ...(protect && { protect }),
        ...(chart !== undefined && { chart }),
    };
}

function idOf({ metadata }: KubernetesObject): string {
    return metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name;
}

/** An object as output properties; managedFields are bulk that no program reads. */
function outputsOf(object: KubernetesObject, { inputs }: Registration): Record<string, unknown> {
    const { managedFields: _, ...metadata } = object.metadata;
    return sealOutputs({ ...object, metadata }, inputs);
}
