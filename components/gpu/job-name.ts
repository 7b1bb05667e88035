import { checkName, type Problem } from "../problems";

/** Most letters of a Job's name that leave room for what is added to it: a hash, the number of a pod. */
const most = 50;

/** The problem with the name that Jobs and their pods begin with, if there is one. */
export function checkJobName(property: string, given: string | undefined): Problem[] {
    const problems = checkName(property, given);
    return problems.length > 0 || given === undefined || given.length <= most
        ? problems
        : [
              {
                  property,
                  given,
                  allowed: `at most ${most} letters, as the names of its pods are longer`,
                  fix: "shorten it",
              },
          ];
}
