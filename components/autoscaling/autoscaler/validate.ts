import { checkDuration, checkName, checkWhole, type Problem } from "../../problems";
import type { AutoscalerArgs } from "../autoscaler";
import { checkPrometheusUrl } from "../prometheus-adapter/prometheus-url";
import { checkBackend, checkKedaPace } from "./backend";
import { checkPace } from "./behavior";
import { checkExpression } from "./expression";
import { type AutoscalerPlan, planAutoscaler } from "./plan";
import { checkShape } from "./shape";
import { isResource, type Signal } from "./signal";
import { checkScaleTarget, checkTargetContainers } from "./target";
import { checkZero } from "./zero";

/** Problems with the arguments: all of them, each with its property. */
export function validateAutoscaler(args: AutoscalerArgs): Problem[] {
    const shape = checkShape(args);
    if (shape.length > 0) return [...shape, ...checkBounds(args)];
    const plan = planAutoscaler(args);
    return [
        ...checkName("name", args.name),
        ...checkName("target.namespace", args.target.namespace),
        ...checkName("target.name", args.target.name),
        ...checkScaleTarget(args.target),
        ...checkBounds(args),
        ...checkBackend(args, plan),
        ...checkSignals(args.signals),
        ...args.signals.flatMap((signal, index) => [
            ...signal.problems.map((problem) => ({
                ...problem,
                property: `signals[${index}].${problem.property}`,
            })),
            ...checkTargetContainers(`signals[${index}]`, signal, args.target),
        ]),
        ...plan.signals.flatMap((signal, index) => checkExpression(`signals[${index}]`, signal)),
        ...checkZero(args, plan),
        ...checkFallback(args, plan),
        ...checkPace("pace", args.pace),
        ...checkWhole("pace.pollingSeconds", args.pace?.pollingSeconds, 1, 3600),
        ...checkWhole("pace.cooldownSeconds", args.pace?.cooldownSeconds, 0, 86400),
        ...checkKedaPace(args, plan),
        ...checkPlatform(args),
    ];
}

function checkBounds({ minReplicas = 1, maxReplicas }: AutoscalerArgs): Problem[] {
    const problems = [
        ...checkWhole("minReplicas", minReplicas, 0, 1000),
        ...checkWhole("maxReplicas", maxReplicas ?? Number.NaN, 1, 1000).map((problem) => ({
            ...problem,
            given: maxReplicas,
            fix: "choose a number in that range: it has no default",
        })),
    ];
    if (problems.length > 0 || minReplicas <= maxReplicas) return problems;
    return [
        {
            property: "minReplicas",
            given: minReplicas,
            allowed: `at most maxReplicas, ${maxReplicas}`,
            fix: "lower it, or raise maxReplicas",
        },
    ];
}

function checkSignals(signals: readonly Signal[]): Problem[] {
    if (signals.length === 0) {
        return [
            {
                property: "signals",
                given: [],
                allowed: "one signal or more",
                fix: "say what to scale on, such as signals.cpu({ utilization: 60 })",
            },
        ];
    }
    const names = signals.map(({ name }) => name);
    const twice = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
    return twice.map((name) => ({
        property: "signals",
        given: name,
        allowed: "a name of its own for each signal",
        fix: `name one of the signals "${name}" otherwise`,
    }));
}

function checkFallback(args: AutoscalerArgs, { chain }: AutoscalerPlan): Problem[] {
    const given = args.fallbackReplicas;
    if (given === undefined) return [];
    const property = "fallbackReplicas";
    // What is wrong with the maximum is told of the maximum.
    const most = Number.isInteger(chain.maxReplicas) ? chain.maxReplicas : 1000;
    const problems = checkWhole(property, given, Math.max(1, chain.minReplicas), most);
    if (chain.backend !== "keda" || args.signals.every(isResource)) {
        problems.push({
            property,
            given,
            allowed:
                "nothing, but for signals other than cpu and memory under KEDA: an HPA has no fallback, it holds",
            fix: 'leave it out, or choose the back end "keda"',
        });
    }
    return problems;
}

function checkPlatform({ platform }: AutoscalerArgs): Problem[] {
    return [
        ...checkWhole("platform.ruleSeconds", platform?.ruleSeconds, 1, 300),
        ...checkPrometheusUrl("platform.prometheusUrl", platform?.prometheusUrl),
        ...Object.entries(platform?.alerts ?? {}).flatMap(([delay, given]) =>
            checkDuration(`platform.alerts.${delay}`, given),
        ),
    ];
}
