/** Component, arguments, and what is told of the one thing that is wrong: property, value, allowed, what to do. */
type Case = readonly [
    component: string,
    args: object,
    property: string,
    given: unknown,
    allowed: RegExp,
    fix: RegExp,
];

const address = /^an address such as http:\/\/loki\.loki\.svc:3100\/otlp, without/;

/** Bad input to what collects and keeps logs without charts. */
export const badLogs: readonly Case[] = [
    ["LokiManifests", { namespace: "Logs" }, "namespace", "Logs", /lower-case letters/, /^rename it$/],
    ["LokiManifests", { retentionDays: 0.5 }, "retentionDays", 0.5, /from 1 to 30$/, /in that range/],
    ["LokiManifests", { size: "2 GB" }, "size", "2 GB", /^a quantity of bytes/, /one unit/],
    ["LokiManifests", { nodePort: 3100 }, "nodePort", 3100, /from 30000 to 32767$/, /in that range/],
    [
        "LokiManifests",
        { collectorNamespace: "-" },
        "collectorNamespace",
        "-",
        /lower-case letters/,
        /^rename it$/,
    ],
    ["LokiManifests", { scrapeInterval: 5 }, "scrapeInterval", 5, /^a Prometheus duration/, /one unit/],
    ["LogCollectorManifests", { namespace: "a.b" }, "namespace", "a.b", /lower-case letters/, /^rename it$/],
    ["LogCollectorManifests", { storeUrl: "loki:3100" }, "storeUrl", "loki:3100", address, /otlpUrl/],
    [
        "LogCollectorManifests",
        { storeUrl: "http://me:canary@loki.example.com/otlp" },
        "storeUrl",
        "http://***@loki.example.com/otlp",
        address,
        /otlpUrl/,
    ],
    [
        "LogCollectorManifests",
        { storeUrl: "http://loki.loki.svc:3100/otlp/" },
        "storeUrl",
        "http://loki.loki.svc:3100/otlp/",
        address,
        /otlpUrl/,
    ],
    [
        "LogCollectorManifests",
        { monitoringNamespace: "" },
        "monitoringNamespace",
        "",
        /lower-case letters/,
        /^rename it$/,
    ],
];
