import type { Problem } from "../../problems";

/** An address as the exporter takes it, and no more: scheme, host, port, database. */
const pattern = /^rediss?:\/\/(?<hostname>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(:(?<port>\d{1,5}))?(\/\d+)?$/;

/** Host and port of an address that `checkRedisAddress` accepts. */
export function redisHost(address: string): { hostname: string; port: number } {
    const { hostname = "", port = "6379" } = pattern.exec(address)?.groups ?? {};
    return { hostname, port: Number(port) };
}

/** The problem with an address, if there is one. A password in it is not repeated. */
export function checkRedisAddress(property: string, given: string): Problem[] {
    const match = pattern.exec(given);
    const port = Number(match?.groups?.port ?? 6379);
    if (match !== null && port >= 1 && port <= 65535) {
        return [];
    }
    const text = String(given);
    return [
        {
            property,
            given: text.replace(/\/\/.*@/s, "//***@"),
            allowed:
                "an address such as redis://redis.shop.svc:6379, rediss:// with TLS, without credentials",
            fix: text.includes("@")
                ? "take the credentials out, and give username, and password or passwordSecret"
                : "write redis:// or rediss://, the host, and at most a port (1 to 65535) and the number of a database",
        },
    ];
}
