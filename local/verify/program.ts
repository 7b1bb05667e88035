/** The program of `verify-charts`: one component on its own, from a directory of charts. */
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { componentSubjects } from "./subjects";

const config = new pulumi.Config();
const subject = componentSubjects[config.require("subject")];
if (!subject) {
    throw new pulumi.RunError(
        `subject: allowed are ${Object.keys(componentSubjects).join(", ")}; choose one of these.`,
    );
}
const provider = new Provider("cluster", {
    kubeconfig: config.require("kubeconfig"),
    // After a run that was killed, objects are in the cluster but not in the state: take them over.
    upsertExistingObjects: true,
});
const versions = config.getObject<Record<string, string>>("chartVersions") ?? {};
subject.declare({ mirror: config.require("chartMirror"), versions }, { provider });
