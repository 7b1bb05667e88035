export { arrivalTimes } from "./arrivals";
export { type Arrivals, type ClientPhase, type LoadPlan, planSeconds, type RatePhase } from "./plan";
export { exponential, type Random, seeded } from "./random";
export { type Answer, isFailure, type LoadOptions, type LoadResult, latency, runLoad } from "./run";
