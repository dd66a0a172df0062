// A generated client that drives a running device registry; the first argument is the address of its entry point.

import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./registry.js";

const root = process.argv[2];
assert(root, "the address of the entry point is missing");
// book: client
// Errors come as `application/problem+json` too where a client asks for that; this one does not.
const client = createClient<paths, "application/json">({ baseUrl: root });
// book: end

const deviceTypeId = "typescript-client";

/** A device type and five devices; the first one is sent twice. */
async function create(): Promise<string[]> {
  // book: create
  const kind = await client.POST("/device-types", {
    body: { id: "typescript-client", displayName: "Made by a client" },
  });
  // book: end
  assert.equal(kind.response.status, 201, JSON.stringify(kind.error));
  const devices: string[] = [];
  for (let number = 1; number <= 5; number++) {
    devices.push((await createDevice(number)).id);
  }
  const again = await createDevice(1);
  assert.equal(again.id, devices[0], "a request id makes one device, however often it is sent");
  console.log(`created ${deviceTypeId} with ${devices.length} devices`);
  return devices;
}

async function createDevice(number: number): Promise<components["schemas"]["Device"]> {
  // book: retry
  const send = () =>
    client.POST("/device-types/{deviceTypeId}/devices", {
      params: {
        path: { deviceTypeId: "typescript-client" },
        header: { "Request-ID": `typescript-client-device-${number}` },
      },
      body: { displayName: `Device ${number}`, owner: "amira", serialNumber: `TC-${number}` },
    });
  let answer = await send();
  for (let attempt = 1; answer.error?.status.additionalInfo.retry && attempt < 3; attempt++) {
    answer = await send();
  }
  // book: end
  assert(answer.data, JSON.stringify(answer.error));
  const values = answer.data.data.values;
  assert("id" in values, "there is no device in the answer");
  return values as components["schemas"]["Device"];
}

async function pages(devices: string[]): Promise<void> {
  // book: pages
  const seen: components["schemas"]["Device"][][] = [];
  let cursor: string | undefined;
  do {
    const { data, error } = await client.GET("/device-types/{deviceTypeId}/devices", {
      params: {
        path: { deviceTypeId: "typescript-client" },
        query: { $limit: 2, ...(cursor && { $cursor: cursor }) },
      },
    });
    if (error) throw new Error(error.status.description);
    seen.push(data.data.values);
    const next = data.data.meta.cursorNextLink;
    cursor = next ? (new URL(next).searchParams.get("$cursor") ?? undefined) : undefined;
  } while (cursor);
  // book: end
  assert.deepEqual(seen.map((page) => page.length), [2, 2, 1]);
  const ids = seen.flat().map((device) => device.id);
  assert.deepEqual(ids.sort(), [...devices].sort());
  console.log(`listed ${ids.length} devices on ${seen.length} pages`);
}

async function update(deviceId: string): Promise<void> {
  // book: update
  const path = { deviceTypeId: "typescript-client", deviceId };
  const device = await client.GET("/device-types/{deviceTypeId}/devices/{deviceId}", { params: { path } });
  const etag = device.data?.data.values.etag ?? "*";
  const louder = await client.PATCH("/device-types/{deviceTypeId}/devices/{deviceId}", {
    params: { path, header: { "If-Match": etag } },
    body: { volume: 9 },
  });
  // book: end
  assert.equal(louder.data?.data.values.volume, 9, JSON.stringify(louder.error));
  assert.notEqual(louder.data.data.values.etag, etag);
  const stale = await client.PATCH("/device-types/{deviceTypeId}/devices/{deviceId}", {
    params: { path, header: { "If-Match": etag } },
    body: { volume: 1 },
  });
  assert.equal(stale.response.status, 412);
  assert.equal(stale.error?.status.additionalInfo.reason, "PreconditionFailed");
  console.log("updated with If-Match, and was refused with the old tag");
}

async function customMethods(deviceId: string): Promise<void> {
  const path = { deviceTypeId, deviceId };
  const ring = () =>
    client.POST("/device-types/{deviceTypeId}/devices/{deviceId}/state:ring", { params: { path } });
  const early = await ring();
  assert.equal(early.response.status, 409);
  assert.equal(early.error?.status.additionalInfo.reason, "FailedPrecondition");
  // book: custom
  const state = await client.POST("/device-types/{deviceTypeId}/devices/{deviceId}/state:transition", {
    params: { path: { deviceTypeId: "typescript-client", deviceId } },
    body: { to: "On" },
  });
  // book: end
  assert.equal(state.data?.data.values.mode, "On", JSON.stringify(state.error));
  assert.equal((await ring()).data?.data.values.mode, "Ring");
  console.log("switched a device on and let it ring");
}

async function refusal(): Promise<void> {
  // book: refusal
  const { error, response } = await client.POST("/device-types/{deviceTypeId}/devices", {
    params: { path: { deviceTypeId: "typescript-client" } },
    body: { displayName: "Too loud", owner: "amira", serialNumber: "TC-9999", volume: 11 },
  });
  if (error) {
    const { reason, errors } = error.status.additionalInfo;
    console.log(`${reason}: ${error.status.description}`);
    for (const fault of errors) console.log(`  ${fault.pointer}: ${fault.detail}`);
  }
  // book: end
  assert.equal(response.status, 422);
  assert.equal(error?.status.additionalInfo.reason, "InvalidValue");
  assert.deepEqual(error.status.additionalInfo.errors.map((fault) => fault.pointer), ["/volume"]);
}

async function dryRun(before: number): Promise<void> {
  const path = { deviceTypeId };
  const planned = await client.POST("/device-types/{deviceTypeId}/devices", {
    params: { path, query: { $validate: true } },
    body: { displayName: "Planned", owner: "amira", serialNumber: "TC-1000" },
  });
  assert.deepEqual(planned.data?.data.values, {});
  assert.equal(planned.data?.data.meta.validated, true);
  assert.equal(planned.data?.data.meta.preview?.["displayName"], "Planned");
  const list = await client.GET("/device-types/{deviceTypeId}/devices", {
    params: { path, query: { $limit: 0 } },
  });
  assert.equal(list.data?.data.meta.totalCount, before);
  console.log("planned a device, and made none");
}

const devices = await create();
await pages(devices);
await update(devices[0]!);
await customMethods(devices[0]!);
await refusal();
await dryRun(devices.length);
