// The pages for people in a real browser, against the real program.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import { launch, screenshot, violations, visit } from "./page.mjs";
import { start } from "./service.mjs";

let browser;
let service;
before(async () => { [browser, service] = await Promise.all([launch(), start()]); });
after(async () => { await browser?.close(); await service?.end(); });

const DEVICES = "/api/v1/device-types/house-alarm/devices";
const pages = (path, work, options = {}) => visit({ browser, origin: service.origin, path, ...options }, work);
const get = async (path) => (await fetch(service.origin + path)).json();
const patch = (path, body) => fetch(service.origin + path, { method: "PATCH", headers: { "Content-Type": "application/merge-patch+json" }, body: JSON.stringify(body) });
/** Opens the form `id`, and gives it. */
const form = async (page, id) => {
  const action = page.locator(`details.action[id="${id}"]`);
  await action.locator("> summary").click();
  return action;
};
const press = async (action, name) => { await action.getByRole("button", { name }).click(); };

test("every page keeps the rules of accessibility, in light and in dark", async () => {
  const paths = [
    "/api/v1", "/api/v1/device-types", `${DEVICES}?$limit=20&$orderBy=volume%20desc`, `${DEVICES}?$filter=volume==3`,
    `${DEVICES}/cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4`, `${DEVICES}/cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4/state#verb-transition`,
    "/api/v1/device-types/house-alarm/state-machine#update", "/api/v1/device-types/weather-vane/devices#create",
  ];
  for (const colorScheme of ["light", "dark"]) {
    for (const [at, path] of paths.entries()) {
      // A refused page is an error to the console; all else that it could say would be a mistake.
      const refused = path.includes("==");
      await pages(path, async (page, { errors }) => {
        assert.deepEqual(await violations(page), [], `${path} in ${colorScheme}`);
        await screenshot(page, `page-${at}-${colorScheme}`);
        if (refused) errors.splice(0, errors.length, ...errors.filter((error) => !error.includes("400 (Bad Request)")));
      }, { colorScheme });
    }
  }
  await pages(DEVICES, async (page) => {
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 360, `the page is ${width} pixels wide`);
    await screenshot(page, "page-narrow");
  }, { viewport: { width: 360, height: 780 } });
});

test("without script, everything can be read, filtered, ordered and paged", async () => {
  await pages("/api/v1", async (page) => {
    await page.getByRole("link", { name: "Device types" }).click();
    await page.getByRole("link", { name: "house-alarm" }).click();
    await page.getByRole("link", { name: "Devices", exact: true }).click();
    assert.equal(await page.locator("tbody tr").count(), 50);
    await page.getByLabel("Filter", { exact: true }).fill('volume > 8 AND displayName = "House*"');
    await page.getByRole("button", { name: "Filter" }).click();
    const total = (await get(`${DEVICES}?$filter=${encodeURIComponent('volume > 8 AND displayName = "House*"')}`)).data.meta.totalCount;
    assert.ok(await page.getByText(`${total} elements`).isVisible());
    await page.getByRole("link", { name: "volume" }).click();
    assert.equal(await page.getByRole("columnheader", { name: "volume" }).getAttribute("aria-sort"), "ascending");
    assert.equal(await page.getByLabel("Filter", { exact: true }).inputValue(), 'volume > 8 AND displayName = "House*"', "the filter is kept");
    await page.goto(`${service.origin}${DEVICES}?$limit=100`);
    await page.getByRole("link", { name: "Next page" }).first().click();
    assert.equal(await page.locator("tbody tr").count(), 20);
    await page.getByRole("link", { name: "First page" }).click();
    assert.equal(await page.locator("tbody tr").count(), 100);
    await page.locator("details.action > summary").first().click();
    assert.ok(await page.getByText("needs script").isVisible(), "what needs script says so");
    assert.ok(!await page.getByRole("button", { name: "Check" }).isVisible());
  }, { javaScriptEnabled: false });
});

test("a resource is created, changed and deleted, each after a dry run", async () => {
  await pages("/api/v1/device-types#create", async (page, { requests, errors }) => {
    let action = page.locator("#create");
    await press(action, "Check");
    await action.getByText("displayName", { exact: true }).waitFor();
    await page.locator(".fault:visible").first().waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.dataset.name), "id", "the first fault has the focus");
    await screenshot(page, "form-faults");
    await page.getByLabel("id required").fill("made-by-hand");
    await page.getByLabel("displayName required").fill("Made by hand");
    await page.getByLabel("category").selectOption("Lock");
    await press(action, "Check");
    await action.getByText("This can be done").waitFor();
    assert.equal((await get("/api/v1/device-types/made-by-hand")).status.code, 404, "a dry run changes nothing");
    await page.getByLabel("displayName required").fill("Made by hands");
    assert.ok(!await action.getByRole("button", { name: "Create a device type" }).isVisible(), "what was not checked cannot be sent");
    await press(action, "Check");
    await press(action, "Create a device type");
    await page.waitForURL("**/device-types/made-by-hand");
    assert.equal(await page.getByRole("heading", { level: 1 }).textContent(), "Made by hands");

    action = await form(page, "update");
    await press(action, "Check");
    await action.getByText("This would change nothing.").waitFor();
    await page.getByLabel("manufacturer").fill("<b>Ourselves</b> & \"others\"");
    await press(action, "Check");
    await action.locator("ins").waitFor();
    assert.equal(await action.locator(".outcome li").textContent(), 'manufacturer: null → "<b>Ourselves</b> & \\"others\\""');
    await screenshot(page, "form-preview");
    await press(action, "Update");
    await page.getByText("<b>Ourselves</b>").first().waitFor();
    const sent = requests.filter((request) => request.method() === "PATCH").at(-1);
    assert.deepEqual(JSON.parse(sent.postData()), { manufacturer: "<b>Ourselves</b> & \"others\"" }, "only what was changed is sent");

    await patch("/api/v1/device-types/made-by-hand", { displayName: "Changed behind your back" });
    action = await form(page, "update");
    await page.getByLabel("displayName").fill("Mine");
    await press(action, "Check");
    await action.getByText("was changed since it was read").waitFor();
    await action.getByRole("link", { name: "Load the page again" }).click();
    await page.getByRole("heading", { name: "Changed behind your back" }).waitFor();

    action = await form(page, "delete");
    await press(action, "Check");
    await press(action, "Delete");
    await page.getByText("This resource was deleted.").waitFor();
    action = await form(page, "verb-undelete");
    await press(action, "Check");
    await press(action, "Undelete");
    await page.locator("#update").waitFor();
    // The console tells of each refusal that was asked for here.
    errors.splice(0, errors.length, ...errors.filter((error) => !/status of (400|404|412|422)/.test(error)));
  });
});

test("a custom method is carried out, and a value that is no JSON is not sent", async () => {
  const device = `${DEVICES}/cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4`;
  await pages(`${device}/state`, async (page) => {
    const { mode } = (await get(`${device}/state`)).data.values;
    const [to, next] = mode === "On" ? ["Ring", "silence"] : ["On", "ring"];
    const action = await form(page, "verb-transition");
    await action.getByLabel("to").selectOption(to);
    await press(action, "Check");
    await action.locator(".outcome li").waitFor();
    await press(action, "Transition");
    await page.locator(`#verb-${next}`).waitFor();
    assert.equal((await get(`${device}/state`)).data.values.mode, to);
  });
  await pages(`${device}#update`, async (page) => {
    const action = page.locator("#update");
    await action.getByLabel("tags").fill('["a", ');
    await press(action, "Check");
    await action.getByText("is not JSON").waitFor();
    await action.getByLabel("tags").fill('["a", "b"]');
    await press(action, "Check");
    await press(action, "Update");
    await page.locator("td li", { hasText: "b" }).first().waitFor();
    assert.deepEqual((await get(device)).data.values.tags, ["a", "b"]);
  });
});

test("an update sends what was touched, and passes over nothing", async () => {
  const path = `${DEVICES}/cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4`;
  await patch("/api/v1/device-types/house-alarm", { manufacturer: "" });
  await pages("/api/v1/device-types/house-alarm#update", async (page) => {
    await page.getByLabel("displayName").fill("House alarms");
    await press(page.locator("#update"), "Check");
    await page.locator("#update .outcome li").first().waitFor();
    assert.deepEqual(await page.locator("#update .outcome li code").allTextContents(), ["displayName"]);
    await press(page.locator("#update"), "Update");
    await page.getByRole("heading", { name: "House alarms" }).waitFor();
    assert.equal((await get("/api/v1/device-types/house-alarm")).data.values.manufacturer, "", "an empty text is no absent one");
  });
  await pages(`${path}#update`, async (page, { errors }) => {
    await page.getByLabel("volume").fill("");
    await press(page.locator("#update"), "Check");
    await page.locator(".fault:visible").first().waitFor();
    assert.match(await page.locator(".fault:visible").textContent(), /must be an integer/);
    errors.splice(0, errors.length, ...errors.filter((error) => !/status of 422/.test(error)));
  });
});

test("what is stored cannot run", async () => {
  const hostile = "</script><script>document.title='run'</script><img src=x onerror=\"document.title='run'\">";
  const device = `${DEVICES}/cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4`;
  assert.equal((await patch(device, { owner: hostile, tags: [hostile.slice(0, 100)] })).status, 200);
  for (const path of [device, DEVICES, `${device}/changes`, `${DEVICES}?owner=${encodeURIComponent(hostile)}`]) {
    await pages(path, async (page) => {
      assert.notEqual(await page.title(), "run", path);
      assert.equal(await page.locator("img").count(), 0, path);
    });
  }
});

test("a form of another site cannot write", async () => {
  const before = (await get("/api/v1/device-types")).data.meta.totalCount;
  const target = `${service.origin}/api/v1/device-types`;
  // The trick of old: a body of text that reads as JSON.
  const trap = `<form method=post enctype=text/plain action="${target}"><input name='{"id":"trapped","displayName":"' value='x"}'></form>
    <script>document.forms[0].submit()</script>`;
  const other = createServer((_, response) => { response.setHeader("content-type", "text/html"); response.end(trap); });
  await new Promise((resolve) => { other.listen(0, "127.0.0.1", resolve); });
  // The same machine by another name is another site.
  const { port } = other.address();
  const page = await browser.newPage();
  const [refused] = await Promise.all([
    page.waitForResponse((response) => response.url() === target),
    page.goto(`http://localhost:${port}/`),
  ]);
  assert.equal(refused.status(), 403);
  await page.getByText("403 Forbidden").waitFor();
  await page.close();
  other.close();
  assert.equal((await get("/api/v1/device-types")).data.meta.totalCount, before);
});
