import { AsyncLocalStorage } from "node:async_hooks";
import { RunError, runtime } from "@pulumi/pulumi";
import {
    type ReadResourceRequest,
    type RegisterResourceOutputsRequest,
    type RegisterResourceRequest,
    type RegisterResourceResponse,
    Result,
} from "@pulumi/pulumi/proto/resource_pb";
import { type Inputs, readInputs, unknown } from "./wire";

const { rootPulumiStackTypeName } = runtime;

/** A resource as the program declares it. */
export interface Registration {
    readonly urn: string;
    readonly type: string;
    readonly name: string;
    readonly parent: string;
    readonly custom: boolean;
    readonly remote: boolean;
    readonly inputs: Inputs;
    /** URNs of the resources that it waits for, through dependsOn or through the outputs that it uses. */
    readonly dependencies: readonly string[];
    /** Reference of an explicit provider, `urn::id`, or empty. */
    readonly provider: string;
    /** Set where an existing object is only read (`Service.get`). */
    readonly readId?: string;
    readonly timeoutSeconds?: number;
    readonly retain: boolean;
    readonly protect: boolean;
    /** URN of the chart that it was rendered from. */
    readonly chart?: string;
    /** Where it goes when it names no namespace. @default the provider's */
    readonly defaultNamespace?: string;
    /** What it asks for that the engine has and this runner has not. */
    readonly unsupported: readonly string[];
}

export interface Handler {
    /** Undefined where a resource failed; what depends on it then gets unknown values. Rejects only for a read. */
    resource(registration: Registration): Promise<{ id: string; state: Record<string, unknown> } | undefined>;
    stackOutputs(outputs: Record<string, unknown>): void;
}

type Callback = (error: unknown, response?: RegisterResourceResponse) => void;

/**
 * Connects the SDK to a handler through `setMocks`, and puts right what that test hook leaves out. It hands
 * `newResource` neither parent nor dependencies nor options: they go along in an AsyncLocalStorage. A rejected
 * `newResource` would end the program: instead a failure is answered as the engine answers one under
 * `--continue-on-error`, with unknown outputs, so that no `apply` which uses them runs.
 */
export async function connect(
    handler: Handler,
    project: string,
    stack: string,
    preview: boolean,
): Promise<void> {
    const current = new AsyncLocalStorage<Registration>();
    const newResource = async () => {
        const registration = current.getStore() as Registration;
        const outcome = await handler.resource(registration);
        const unknowns = () => Object.keys(registration.inputs.value).map((key) => [key, unknown]);
        return outcome ?? { id: undefined, state: Object.fromEntries(unknowns()) };
    };
    const call = ({ token }: { token: string }) => {
        throw new RunError(
            `This runner cannot call the provider function "${token}": that needs the Pulumi CLI.`,
        );
    };
    await runtime.setMocks({ newResource, call }, project, stack, preview);
    const monitor = runtime.getMonitor() as unknown as Monitor;

    // URNs as the engine makes them: the types of all parents but the stack.
    const prefix = `urn:pulumi:${stack}::${project}::`;
    monitor.newUrn = (parent, type, name) => {
        const parents = parent.split("::")[2] ?? "";
        return `${prefix}${parents && parents !== rootPulumiStackTypeName ? `${parents}$` : ""}${type}::${name}`;
    };

    const register = monitor.registerResource.bind(monitor);
    monitor.registerResource = (request, callback) => {
        const registration = fromRegister(
            request,
            monitor.newUrn(request.getParent(), request.getType(), request.getName()),
        );
        return current.run(registration, () =>
            register(request, (error, response) => {
                if (registration.custom && response?.getId() === "") {
                    response.setResult(Result.FAIL);
                }
                callback(error, response);
            }),
        );
    };

    const read = monitor.readResource.bind(monitor);
    monitor.readResource = (request, callback) => {
        const urn = monitor.newUrn(request.getParent(), request.getType(), request.getName());
        return current.run(fromRead(request, urn), () => read(request, callback));
    };

    const registerOutputs = monitor.registerResourceOutputs.bind(monitor);
    monitor.registerResourceOutputs = (request, callback) => {
        if (request.getUrn() === `${prefix}${rootPulumiStackTypeName}::${project}-${stack}`) {
            handler.stackOutputs((request.getOutputs()?.toJavaScript() ?? {}) as Record<string, unknown>);
        }
        registerOutputs(request, callback);
    };

    // The mock monitor claims these and then ignores them; claiming nothing makes the SDK refuse them aloud.
    const supports = monitor.supportsFeature.bind(monitor);
    monitor.supportsFeature = (request, callback) =>
        /transforms|hooks/i.test(request.getId())
            ? callback(null, { getHassupport: () => false })
            : supports(request, callback);
}

/** The parts of the SDK's MockMonitor that are replaced; `newUrn` is private there. */
interface Monitor {
    newUrn(parent: string, type: string, name: string): string;
    registerResource(request: RegisterResourceRequest, callback: Callback): Promise<void>;
    readResource(request: ReadResourceRequest, callback: Callback): Promise<void>;
    registerResourceOutputs(request: RegisterResourceOutputsRequest, callback: Callback): void;
    supportsFeature(
        request: { getId(): string },
        callback: (error: unknown, response: { getHassupport(): boolean }) => void,
    ): void;
}

function fromRegister(request: RegisterResourceRequest, urn: string): Registration {
    const timeouts = request.getCustomtimeouts();
    const timeout = parseDuration(timeouts?.getCreate() || timeouts?.getUpdate() || "");
    const inputs = readInputs(request.getObject()?.toJavaScript() ?? {});
    const unsupported = {
        "the option ignoreChanges": request.getIgnorechangesList().length > 0,
        "the option replaceOnChanges": request.getReplaceonchangesList().length > 0,
        "the option import": request.getImportid() !== "",
        "assets and archives": inputs.assetPaths.length > 0,
    };
    return {
        urn,
        type: request.getType(),
        name: request.getName(),
        parent: request.getParent(),
        custom: request.getCustom(),
        remote: request.getRemote(),
        inputs,
        dependencies: [...new Set(request.getDependenciesList())].sort(),
        provider: request.getProvider(),
        ...(timeout && { timeoutSeconds: timeout }),
        retain: request.getRetainondelete() === true,
        protect: request.getProtect() === true,
        unsupported: Object.entries(unsupported).flatMap(([option, used]) => (used ? [option] : [])),
    };
}

function fromRead(request: ReadResourceRequest, urn: string): Registration {
    return {
        urn,
        type: request.getType(),
        name: request.getName(),
        parent: request.getParent(),
        custom: true,
        remote: false,
        inputs: readInputs(request.getProperties()?.toJavaScript() ?? {}),
        dependencies: request.getDependenciesList(),
        provider: request.getProvider(),
        readId: request.getId(),
        retain: false,
        protect: false,
        unsupported: [],
    };
}

/** Seconds of a Go duration such as `1h30m` or `45s`. */
export function parseDuration(text: string): number {
    const units: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 0.001 };
    const parts = [...text.matchAll(/([\d.]+)(h|ms|m|s)/g)];
    return parts.reduce((sum, [, value, unit = ""]) => sum + Number(value) * (units[unit] ?? 0), 0);
}
