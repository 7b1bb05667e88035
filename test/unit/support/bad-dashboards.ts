/** Component, arguments, and what is told of the one thing that is wrong: property, value, allowed, what to do. */
type Case = readonly [
    component: string,
    args: object,
    property: string,
    given: unknown,
    allowed: RegExp,
    fix: RegExp,
];

const sources = ["nodes"];

/** Bad input to what shows and tells. */
export const badDashboards: readonly Case[] = [
    [
        "Dashboards",
        { sources: ["node"] },
        "sources[0]",
        "node",
        /^nodes, containers, objects,/,
        /one of these/,
    ],
    ["Dashboards", { sources: [] }, "sources", [], /at least one dashboard/, /leave this component out/],
    ["Dashboards", { sources, namespace: "N" }, "namespace", "N", /lower-case letters/, /./],
    ["Dashboards", { sources, gpuMetrics: ["GPU"] }, "gpuMetrics[0]", "GPU", /^DCGM_FI_/, /list of fields/],
    [
        "Dashboards",
        { sources, runbooksUrl: "https://git.example.com/" },
        "runbooksUrl",
        "https://git.example.com/",
        /without a slash at its end$/,
        /README\.md/,
    ],
    [
        "DeadMansSwitch",
        { runbooksUrl: "git.example.com" },
        "runbooksUrl",
        "git.example.com",
        /^an address with http or https/,
        /README\.md/,
    ],
    [
        "GpuAlerts",
        { idleMinutes: 4 },
        "idleMinutes",
        4,
        /^"never", or a whole number from 5 to 1440$/,
        /in that range/,
    ],
    [
        "GpuAlerts",
        { temperatureCelsius: "85" },
        "temperatureCelsius",
        "85",
        /from 30 to 120$/,
        /in that range/,
    ],
    ["GpuAlerts", { memoryPercent: 0.97 }, "memoryPercent", 0.97, /from 50 to 100$/, /in that range/],
    ["GpuAlerts", { metrics: [], objects: false }, "metrics", [], /at least one alert/, /leave metrics out/],
    [
        "QueueingProxy",
        { namespace: "shop", app: "web", slots: 4, slowSeconds: 0 },
        "slowSeconds",
        0,
        /from 1 to 3600$/,
        /in that range/,
    ],
];
