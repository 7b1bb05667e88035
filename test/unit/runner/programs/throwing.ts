import { core } from "@pulumi/kubernetes";

const { metadata } = new core.v1.ConfigMap("made", { metadata: { name: "made", namespace: "default" } });
metadata.apply(({ annotations }) => annotations.none);
