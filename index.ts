/** The program: reads the configuration, follows the recipe for its target, exports what the recipe returns. */
import { readConfig, type StackConfig, type Target } from "./stacks/config";
import { dev } from "./stacks/dev";
import type { PlatformOutputs } from "./stacks/outputs";

const recipes: Record<Target, (config: StackConfig) => PlatformOutputs> = { dev };

const config = readConfig();
const outputs = recipes[config.target](config);

export const prometheusUrl = outputs.prometheusUrl;
export const alertmanagerUrl = outputs.alertmanagerUrl;
export const producerUrl = outputs.producerUrl;
export const grafanaUrl = outputs.grafanaUrl;
export const notes = outputs.notes;
