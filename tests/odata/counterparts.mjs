// `make counterparts`: programs that others wrote read the feed. HUB is its address, TOKEN a token.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { OData } from "@odata/client";
import pq from "@microsoft/powerquery-parser";

const { HUB, TOKEN, PQ } = process.env;
const headers = { Authorization: `Basic ${Buffer.from(`reader:${TOKEN}`).toString("base64")}` };

// OASIS' schemas: the metadata is valid CSDL, in XML and, converted, in JSON.
const xml = await (await fetch(`${HUB}/odata/$metadata`, { headers })).text();
fs.writeFileSync("metadata.xml", xml);
execFileSync("node_modules/.bin/odata-csdl-xml2json", ["metadata.xml"], { stdio: "inherit" });
const csdl = JSON.parse(fs.readFileSync("metadata.json", "utf8"));
const sets = Object.entries(csdl.AutoHub.Container).filter(([, v]) => v.$Collection);
if (sets.length !== 7) throw new Error(`${sets.length} entity sets in the metadata`);

// A client from others reads every set.
const client = OData.New4({
  serviceEndpoint: `${HUB}/odata/`,
  metadataUri: `${HUB}/odata/$metadata`,
  commonHeaders: headers,
});
for (const [name] of sets) {
  const found = await client.newRequest({ collection: name, params: client.newParam().top(5) });
  if (found.error || !Array.isArray(found.value)) throw new Error(`${name}: ${JSON.stringify(found)}`);
  console.log(`${name}: ${found.value.length} rows`);
}
const params = client.newParam().orderby("process_id", "desc").top(3).select("process_id");
params.filter(client.newFilter().property("process_id").gt(1));
const { value } = await client.newRequest({ collection: "Automations", params });
if (value.length !== 3 || value[0].process_id < value[1].process_id) throw new Error("no order");

// Microsoft's own parser reads the query for Power BI.
const text = fs.readFileSync(PQ, "utf8");
const parsed = await pq.TaskUtils.tryLexParse(pq.DefaultSettings, text);
if (parsed.resultKind !== "Ok") throw new Error(`${PQ}: ${parsed.error?.message}`);
console.log("metadata, client and query as they should be");
