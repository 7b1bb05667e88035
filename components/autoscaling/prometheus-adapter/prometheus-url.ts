import { defaultNamespace, inClusterUrl } from "../../monitoring/kube-prometheus-stack/names";
import type { Problem } from "../../problems";

/** The parts of Prometheus' address. */
export interface PrometheusAddress {
    readonly scheme: "http" | "https";
    readonly hostname: string;
    /** Absent where it is that of the scheme. */
    readonly port?: number;
    /** Empty, or with a slash before and none behind. */
    readonly path: string;
}

/** Takes an address that `checkPrometheusUrl` accepts apart. @default the address of KubePrometheusStack */
export function prometheusAddress(url = inClusterUrl("prometheus", defaultNamespace)): PrometheusAddress {
    const { protocol, hostname, port, pathname } = new URL(url);
    return {
        scheme: protocol === "https:" ? "https" : "http",
        hostname,
        ...(port !== "" && { port: Number(port) }),
        path: pathname.replace(/\/+$/, ""),
    };
}

/** The problem with the address of Prometheus, if there is one. A password in it is not repeated. */
export function checkPrometheusUrl(property: string, given: string | undefined): Problem[] {
    if (given === undefined) {
        return [];
    }
    const allowed = "an address such as http://prometheus.monitoring.svc:9090, without credentials and query";
    if (!URL.canParse(given) || !/^https?:\/\/[^/]/.test(given)) {
        return [
            {
                property,
                given: withoutCredentials(given),
                allowed,
                fix: "write scheme, host and, if it is not the scheme's, port",
            },
        ];
    }
    const { username, password, search, hash } = new URL(given);
    if (username !== "" || password !== "") {
        const fix =
            "take them out: values are no place for secrets; give the adapter a Prometheus that lets it in";
        return [{ property, given: withoutCredentials(given), allowed, fix }];
    }
    return search === "" && hash === "" && !given.includes("{{")
        ? []
        : [{ property, given, allowed, fix: "leave out what follows the path" }];
}

function withoutCredentials(url: string): string {
    return url.replace(/\/\/.*@/s, "//***@");
}
