import * as pulumi from "@pulumi/pulumi";

/**
 * The SDK's mocks as a recorder: which resources a program registers, with which inputs, in which order.
 * It proves neither that a cluster accepts them nor that they work; test/cluster does.
 */

/** A resource as the engine would have received it. */
export interface Recorded {
    /** Last part of the type token for Kubernetes objects ("Deployment"), else the whole token. */
    readonly kind: string;
    readonly type: string;
    /** Name in the program. */
    readonly name: string;
    /** Inputs, secrets in clear. */
    // biome-ignore lint/suspicious/noExplicitAny: tests read the inputs of every kind of resource
    readonly inputs: any;
    /** Names of the top-level inputs that were marked secret. */
    readonly secrets: readonly string[];
    /** Reference of the explicit provider, empty without one. */
    readonly provider: string;
    readonly custom: boolean;
}

/** A password that no manifest contains by accident. */
export const password = "correct-horse-battery-staple";

/** What the embedded cluster writes for the recipe to read. */
export const localEndpoints = {
    "30090": "http://127.0.0.1:9090",
    "30093": "http://127.0.0.1:9093",
    "30080": "http://127.0.0.1:8080",
    "30898": "http://127.0.0.1:9898",
    "30800": "http://127.0.0.1:8000",
    "30434": "http://127.0.0.1:11434",
    "30801": "http://127.0.0.1:8001",
    "30310": "http://127.0.0.1:3100",
};

export interface Recording {
    /** Every resource, in the order of registration. */
    readonly resources: readonly Recorded[];
    /** "start KIND NAME" and "end KIND NAME" of every custom resource, in order. */
    readonly events: readonly string[];
    /** The URN of every resource; a child's tells the type of its parent. */
    readonly urns: readonly string[];
}

/**
 * Runs a program and waits for all its resources.
 *
 * @param slow resources that take 150 ms to be ready, so that what waits for them can be told from what does not
 */
export async function record(
    program: () => unknown,
    slow: (resource: Recorded) => boolean = () => false,
): Promise<Recording> {
    const resources: Recorded[] = [];
    const events: string[] = [];
    await pulumi.runtime.setMocks(
        {
            call: () => ({}),
            newResource: async (args) => {
                const resource = recorded(args);
                resources.push(resource);
                if (resource.custom) events.push(`start ${resource.kind} ${resource.name}`);
                if (slow(resource)) await new Promise((resolve) => setTimeout(resolve, 150));
                if (resource.custom) events.push(`end ${resource.kind} ${resource.name}`);
                return { id: `${args.name}-id`, state: { ...args.inputs, ...liveState(args) } };
            },
        },
        "pulumi-kube-observability",
        "test",
    );
    const monitor = pulumi.runtime.getMonitor() as unknown as {
        getRegisteredResources(): Map<string, unknown>;
    };
    await program();
    await pulumi.runtime.disconnect();
    return { resources, events, urns: [...monitor.getRegisteredResources().keys()] };
}

/** The one resource of a kind whose Kubernetes name is `objectName`. */
export function object({ resources }: Recording, kind: string, objectName: string): Recorded {
    const found = resources.filter((r) => r.kind === kind && r.inputs.metadata?.name === objectName);
    if (found.length !== 1) {
        const there = resources.filter((r) => r.kind === kind).map((r) => r.inputs.metadata?.name);
        throw new Error(
            `${found.length} of kind ${kind} are named ${objectName}; there: ${there.join(", ")}`,
        );
    }
    return found[0] as Recorded;
}

/** Kind, name in the program and Kubernetes name of every custom resource, sorted: registration has no fixed order. */
export function named({ resources }: Recording): [kind: string, name: string, objectName: string][] {
    return resources
        .filter((r) => r.custom)
        .map((r): [string, string, string] => [r.kind, r.name, r.inputs.metadata?.name])
        .sort((a, b) => (a.join() < b.join() ? -1 : 1));
}

/** Whether `first` was over before `second` began; both as "KIND NAME". */
export function inOrder({ events }: Recording, first: string, second: string): boolean {
    const [end, start] = [events.indexOf(`end ${first}`), events.indexOf(`start ${second}`)];
    if (end < 0 || start < 0) throw new Error(`not registered: ${end < 0 ? first : second}`);
    return end < start;
}

/** The value of an output. */
export function promiseOf<T>(output: pulumi.Output<T>): Promise<T> {
    return new Promise((resolve) => {
        output.apply(resolve);
    });
}

function recorded(args: pulumi.runtime.MockResourceArgs): Recorded {
    const isKubernetes = args.type.startsWith("kubernetes:");
    const entries = Object.entries(args.inputs).map(([key, value]) => [key, ...opened(value)] as const);
    const inputs = Object.fromEntries(entries.map(([key, value]) => [key, value]));
    return {
        kind: isKubernetes ? `${inputs.kind ?? args.type.split(":").at(-1)}` : args.type,
        type: args.type,
        name: args.name,
        inputs,
        secrets: entries.filter(([, , secret]) => secret).map(([key]) => key),
        provider: args.provider ?? "",
        custom: args.custom ?? false,
    };
}

/** The mocks hand a secret over as an object with a signature; this is the value and whether it was one. */
function opened(value: unknown): [value: unknown, secret: boolean] {
    const signature = "4dabf18193072939515e22adb298388d";
    return typeof value === "object" && value !== null && signature in value && "value" in value
        ? [value.value, true]
        : [value, false];
}

function liveState(args: pulumi.runtime.MockResourceArgs) {
    if (args.type === "random:index/randomPassword:RandomPassword") return { result: password };
    if (args.name === "local-endpoints") return { data: localEndpoints };
    return {};
}
