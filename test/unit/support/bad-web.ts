/** Component, arguments, and what is told of the one thing that is wrong: property, value, allowed, what to do. */
type Case = readonly [
    component: string,
    args: object,
    property: string,
    given: unknown,
    allowed: RegExp,
    fix: RegExp,
];

const url = "http://web.shop.svc";
const load = (wrong: object) => ({ namespace: "shop", url, rate: 5, ...wrong });

/** Bad input to web servers, and to what puts load on them. */
export const badWeb: readonly Case[] = [
    ["HashServer", { n: 15000 }, "n", 15000, /^a power of two from 2 to 1048576$/, /such as 16384/],
    ["HashServer", { r: 0 }, "r", 0, /^a whole number from 1 to 64$/, /in that range/],
    [
        "HashServer",
        { n: 65536, r: 8, slots: 2 },
        "memory[1]",
        "128Mi",
        /^at least 148Mi: each of the slots/,
        /^raise it, or lower n, r or slots$/,
    ],
    [
        "HashServer",
        { n: 1048576, r: 16, memory: ["1Gi", "4Gi"] },
        "r",
        16,
        /^at most 8 with n 1048576: 1 GiB/,
        /^lower r or n/,
    ],
    ["HashServer", { utilization: 0.5 }, "utilization", 0.5, /^a whole number of percent/, /^choose one/],
    ["HashServer", { maxReplicas: 0 }, "maxReplicas", 0, /^a whole number from 1 to 1000$/, /in that range/],
    [
        "HashServer",
        { ingress: { className: "traefik", host: "hash.example.com/" } },
        "ingress.host",
        "hash.example.com/",
        /^a DNS name in lower case/,
        /^write the name only/,
    ],
    ["HashServer", { load: { rate: 0 } }, "load.rate", 0, /^a number from 0\.01 to 500$/, /in that range/],
    [
        "LoadGenerator",
        load({ url: "web:80" }),
        "url",
        "web:80",
        /^an address with http/,
        /address of the Serv/,
    ],
    [
        "LoadGenerator",
        load({ url: undefined }),
        "url",
        undefined,
        /^an address with http/,
        /inside the cluster/,
    ],
    ["LoadGenerator", load({ method: "get" }), "method", "get", /^GET, POST$/, /^choose one of these$/],
    [
        "LoadGenerator",
        load({ rate: 400, seconds: 3000 }),
        "seconds",
        3000,
        /^at most 2500 with a rate of 400: a million requests$/,
        /fewer seconds, or a lower rate/,
    ],
    [
        "PodinfoManifests",
        { autoscaled: true, replicas: 2 },
        "replicas",
        2,
        /^no number where autoscaled is true/,
        /^leave replicas out/,
    ],
    ["PodinfoManifests", { nodePort: 8080 }, "nodePort", 8080, /from 30000 to 32767$/, /in that range/],
    [
        "PodinfoManifests",
        { scrapeInterval: "5" },
        "scrapeInterval",
        "5",
        /^a Prometheus duration/,
        /one unit/,
    ],
];
