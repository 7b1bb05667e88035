import { checkChartSource } from "../../charts/chart-source";
import { checkQuota } from "../../namespaces/secure-namespace";
import { checkName, checkWhole, type Problem } from "../../problems";
import type { LoggingArgs } from "../logging";
import { collectorFacts, collectors } from "./collector";
import { checkElasticsearch } from "./elasticsearch";
import { checkKibana } from "./kibana";

/** Problems with the arguments. */
export function validateLogging(args: LoggingArgs): Problem[] {
    const unknown = checkCollector("collector", args.collector);
    const collector = unknown.length === 0 ? [collectorFacts[args.collector ?? "fluent-bit"].chart] : [];
    return [
        ...checkName("namespace", args.namespace),
        ...checkName("operatorNamespace", args.operatorNamespace),
        ...checkName("collectorNamespace", args.collectorNamespace),
        ...checkDifferent(args),
        ...checkQuota("quota", args.quota),
        ...unknown,
        ...checkWhole("retentionDays", args.retentionDays, 1, 3650),
        ...checkElasticsearch("elasticsearch", args.elasticsearch),
        ...checkKibana("kibana", args.kibana),
        ...checkName("monitoringNamespace", args.monitoringNamespace),
        ...checkChartSource("source", args.source, [
            "eckOperator",
            "eckOperatorCrds",
            "eckStack",
            ...collector,
        ]),
    ];
}

/** The three namespaces, whoever named them. */
export function namespacesOf(args: LoggingArgs) {
    return {
        namespace: args.namespace ?? "logging",
        operatorNamespace: args.operatorNamespace ?? "elastic-system",
        collectorNamespace: args.collectorNamespace ?? "log-collectors",
    };
}

/** A namespace is made once, and has one Pod Security level. */
function checkDifferent(args: LoggingArgs): Problem[] {
    const named = Object.entries(namespacesOf(args));
    return named.flatMap(([property, given], i) =>
        named.slice(0, i).some(([, earlier]) => earlier === given)
            ? [
                  {
                      property,
                      given,
                      allowed: "a namespace of its own: the others have other rights",
                      fix: "leave it out, or name a namespace that nothing else uses",
                  },
              ]
            : [],
    );
}

function checkCollector(property: string, given: string | undefined): Problem[] {
    return given === undefined || collectors.some((collector) => collector === given)
        ? []
        : [
              {
                  property,
                  given,
                  allowed: collectors.map((collector) => `"${collector}"`).join(" or "),
                  fix: "choose one of these",
              },
          ];
}
