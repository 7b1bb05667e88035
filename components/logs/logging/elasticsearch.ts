import { checkAmount, checkBytes, checkObjectName, checkWhole, type Problem } from "../../problems";
import { collectorRole, collectorUser, elasticsearchName } from "./names";

export interface ElasticsearchArgs {
    /** Nodes, 1 to 50. Two keep every log twice; only from three on does one that fails stop nothing. @default 2 */
    readonly nodes?: number | undefined;
    /** CPU that each node is promised, e.g. "500m"; it may use two cores. @default "250m" */
    readonly cpu?: string | undefined;
    /** Memory of each node, promised and at most, e.g. "4Gi". @default "2Gi" */
    readonly memory?: string | undefined;
    /** The part of the memory that is Java's heap, at most three quarters. @default half, which Elasticsearch takes itself */
    readonly heap?: string | undefined;
    /** Disk of each node. It has to hold the logs of all days of retention: full disks take no logs. @default "20Gi" */
    readonly storage?: string | undefined;
    /** StorageClass of the disks. @default the cluster's default */
    readonly storageClass?: string | undefined;
    /** Whether the disks stay when this component goes, and the namespace that they are in. @default false */
    readonly keepData?: boolean | undefined;
}

/** Names of the Secrets from which Elasticsearch takes the collectors' user and role. */
export const userSecret = `${collectorUser}-user`;
export const roleSecret = `${collectorUser}-role`;

/** The values of the chart eck-elasticsearch. */
export function elasticsearchValues(args: ElasticsearchArgs = {}) {
    return {
        enabled: true,
        fullnameOverride: elasticsearchName,
        auth: { fileRealm: [{ secretName: userSecret }], roles: [{ secretName: roleSecret }] },
        volumeClaimDeletePolicy: args.keepData
            ? "DeleteOnScaledownOnly"
            : "DeleteOnScaledownAndClusterDeletion",
        nodeSets: [nodeSet(args)],
    };
}

function nodeSet(args: ElasticsearchArgs) {
    const memory = args.memory ?? "2Gi";
    return {
        name: "default",
        count: args.nodes ?? 2,
        config: {
            // Else the node's kernel would have to be told to allow more mappings, by a privileged container.
            "node.store.allow_mmap": false,
            // Not out of the cluster, which its NetworkPolicy would not let it do.
            "ingest.geoip.downloader.enabled": false,
        },
        podTemplate: {
            spec: {
                containers: [
                    {
                        name: "elasticsearch",
                        resources: {
                            requests: { cpu: args.cpu ?? "250m", memory },
                            limits: { cpu: "2", memory },
                        },
                        ...(args.heap !== undefined && { env: heapOf(args.heap) }),
                    },
                ],
            },
        },
        volumeClaimTemplates: [
            {
                // The operator knows the data by this name.
                metadata: { name: "elasticsearch-data" },
                spec: {
                    accessModes: ["ReadWriteOnce"],
                    resources: { requests: { storage: args.storage ?? "20Gi" } },
                    ...(args.storageClass !== undefined && { storageClassName: args.storageClass }),
                },
            },
        ],
    };
}

function heapOf(heap: string) {
    const size = `${Math.floor(bytes(heap) / 2 ** 20)}m`;
    return [{ name: "ES_JAVA_OPTS", value: `-Xms${size} -Xmx${size}` }];
}

/** The role of the collectors, as Elasticsearch reads it from a file: to add logs, and nothing else. */
export function rolesFile(pattern: string): string {
    return [
        `${collectorRole}:`,
        "  cluster: [monitor]",
        "  indices:",
        `    - names: ["${pattern}"]`,
        "      privileges: [auto_configure, create_doc]",
        "",
    ].join("\n");
}

/** Problems with the arguments of Elasticsearch. */
export function checkElasticsearch(property: string, args: ElasticsearchArgs = {}): Problem[] {
    const sizes = [
        ...checkBytes(`${property}.memory`, args.memory),
        ...checkBytes(`${property}.heap`, args.heap),
    ];
    return [
        ...checkWhole(`${property}.nodes`, args.nodes, 1, 50),
        ...checkAmount(`${property}.cpu`, args.cpu),
        ...sizes,
        ...(sizes.length === 0 ? checkHeap(`${property}.heap`, args.heap, args.memory ?? "2Gi") : []),
        ...checkBytes(`${property}.storage`, args.storage),
        ...checkObjectName(`${property}.storageClass`, args.storageClass),
    ];
}

function checkHeap(property: string, heap: string | undefined, memory: string): Problem[] {
    return heap === undefined || bytes(heap) <= bytes(memory) * 0.75
        ? []
        : [
              {
                  property,
                  given: heap,
                  allowed: `at most three quarters of the memory, which is ${memory}: Elasticsearch needs the rest beside it`,
                  fix: "give less, or leave it out for half of the memory, or give more memory",
              },
          ];
}

/** The number that a quantity of bytes stands for; of quantities that `checkBytes` accepts. */
export function bytes(quantity: string): number {
    const [, number, unit] = /^([0-9.]+)([kKMGTPE]?i?)$/.exec(quantity) ?? [];
    const power = " KMGTPE".indexOf((unit ?? "").charAt(0).toUpperCase() || " ");
    return Number(number) * (unit?.endsWith("i") ? 1024 : 1000) ** power;
}
