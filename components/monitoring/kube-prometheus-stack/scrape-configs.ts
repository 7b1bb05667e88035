import type { Problem } from "../../problems";

/** One entry of `scrape_configs` as Prometheus reads it. */
export interface ScrapeConfig {
    /** Name of the job, which no other job has. */
    readonly job_name: string;
    readonly [key: string]: unknown;
}

const credentials = ["password", "credentials", "bearer_token", "client_secret", "secret_key"];

/** Problems with further scrape configurations: jobs without a name or with that of another, and secrets. */
export function checkScrapeConfigs(property: string, configs: readonly ScrapeConfig[] = []): Problem[] {
    const names = configs.map(({ job_name }) => job_name);
    return configs.flatMap((config, i) => [
        ...checkJobName(`${property}[${i}].job_name`, config.job_name, names.indexOf(config.job_name) === i),
        ...credentialPaths(config).map((path) => ({
            property: `${property}[${i}].${path}`,
            given: "a value",
            allowed: "no secret: this list is part of the chart's values, which are shown in previews",
            fix: "write a ServiceMonitor or a ScrapeConfig object that names a Secret",
        })),
    ]);
}

function checkJobName(property: string, given: string, first: boolean): Problem[] {
    return typeof given === "string" && given !== "" && first
        ? []
        : [
              {
                  property,
                  given,
                  allowed: "a name that no other job has",
                  fix: "name the job: Prometheus refuses its whole configuration otherwise",
              },
          ];
}

/** The paths of the keys whose values Prometheus treats as secrets. */
function credentialPaths(value: unknown, path = ""): string[] {
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([key, inner]) => {
        const at = path === "" ? key : `${path}.${key}`;
        return credentials.includes(key) && typeof inner === "string" ? [at] : credentialPaths(inner, at);
    });
}
