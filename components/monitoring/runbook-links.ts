import * as pulumi from "@pulumi/pulumi";
import { type Problem, renderProblems } from "../problems";

/** The top of this repository, as far as the alerts of the library name it. */
const page = /^docs\/runbooks\//;

/**
 * Completes the links to runbooks of every alert of the library: its `runbook_url` is a path from the top of this
 * repository, as nobody else knows where that is read, and with this it is an address. Others' links stay as they are.
 *
 * For `transformations` of a component, or for a whole program before its first resource:
 * `pulumi.runtime.registerStackTransformation(runbookLinks(url))`.
 *
 * @param url address at which the top of this repository is read, without a slash at its end, such as
 * "https://git.example.com/platform/blob/main"
 * @throws pulumi.RunError where it is none.
 */
export function runbookLinks(url: string): pulumi.ResourceTransformation {
    const problems = checkRunbooksUrl(url);
    if (problems.length > 0) throw new pulumi.RunError(renderProblems(problems));
    return ({ type, props, opts }) =>
        /^kubernetes:monitoring\.coreos\.com\/.+:PrometheusRule$/.test(type)
            ? {
                  props: { ...props, spec: pulumi.output(props.spec).apply((spec) => linked(spec, url)) },
                  opts,
              }
            : undefined;
}

/** A PrometheusRule's spec with the address before every link of ours. */
function linked(spec: RuleSpec | undefined, url: string): RuleSpec | undefined {
    if (spec?.groups === undefined) return spec;
    const groups = spec.groups.map((group) => ({
        ...group,
        rules: group.rules?.map((rule) => lead(rule, url)),
    }));
    return { ...spec, groups };
}

function lead(rule: LooseRule, url: string): LooseRule {
    const link = rule.annotations?.runbook_url;
    return link !== undefined && page.test(link)
        ? { ...rule, annotations: { ...rule.annotations, runbook_url: `${url}/${link}` } }
        : rule;
}

/** Of anybody's PrometheusRule no more than is looked at. */
interface RuleSpec {
    readonly groups?: readonly { readonly rules?: readonly LooseRule[] | undefined }[];
}

interface LooseRule {
    readonly annotations?: Readonly<Record<string, string>>;
}

/** What an address of runbooks has to be, in words. */
export const allowedRunbooksUrl = "an address with http or https, without a slash at its end";

/** Whether links to runbooks can begin so. */
export function isRunbooksUrl(given: string): boolean {
    return /^https?:\/\/\S*[^/\s]$/.test(given) && URL.canParse(given);
}

/** The problem with an address of runbooks, if there is one. */
export function checkRunbooksUrl(given: string | undefined): Problem[] {
    return given === undefined || isRunbooksUrl(given)
        ? []
        : [
              {
                  property: "runbooksUrl",
                  given,
                  allowed: allowedRunbooksUrl,
                  fix: "give the address at which README.md of this repository is read, without its name",
              },
          ];
}
