#!/usr/bin/env node
import { Command } from "commander";
import { type DoctorOptions, doctor, exitCodes } from "./command";

const program = new Command("pulumi-kube-observability").description(
    "Tools beside the component library of this name.",
);

// Commander's own status for wrong usage is 1, which here says that something is broken.
program.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : exitCodes.couldNotLook));

program
    .command("doctor")
    .description(
        "walk the chain of an autoscaler from its metric to its replicas, and name the first broken hop",
    )
    .argument("[autoscaler]", "namespace/name of an HPA, a ScaledObject or what one scales; all without it")
    .option("--json", "the findings as JSON, in the schema of docs/doctor.md")
    .option("--watch", "look again every few seconds, until interrupted")
    .option("--context <name>", "context of the kubeconfig")
    .option("--kubeconfig <path>", "kubeconfig; KUBECONFIG or ~/.kube/config without it")
    .option("--as <user>", "act as another user, e.g. system:serviceaccount:tools:doctor")
    .option(
        "--prometheus-url <url>",
        "where Prometheus answers from this machine, for one outside the cluster",
    )
    .addHelpText(
        "after",
        "\nExit status: 0 healthy, 1 broken, 2 could not look. Nothing in the cluster is changed.",
    )
    .action(async (autoscaler: string | undefined, options: DoctorOptions) => {
        process.exitCode = await doctor(autoscaler, options);
    });

program.parseAsync().catch((error: Error) => {
    console.error(process.env.DEBUG === undefined ? error.message : error.stack);
    process.exitCode = exitCodes.couldNotLook;
});
