// Reads objects as a JSON array; writes a line for each that its published schema refuses.
import { readFileSync } from "node:fs";

for (const object of JSON.parse(readFileSync(0, "utf-8"))) {
  const [group, version] = object.apiVersion.split("/");
  const from = group === "gateway.networking.k8s.io" ? "gateway-api" : "gke";
  try {
    const models = await import(`@kubernetes-models/${from}/${group}/${version}`);
    new models[object.kind](object).validate();
  } catch (error) {
    console.log(`${object.kind} ${object.metadata.name}: ${error.message.replaceAll("\n", " ")}`);
  }
}
