// The documentation page in a real browser, against the real program.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, screenshot, violations, visit } from "./page.mjs";
import { start } from "./service.mjs";

let browser;
let service;
before(async () => { [browser, service] = await Promise.all([launch(), start()]); });
after(async () => { await browser?.close(); await service?.end(); });

const docs = (options, work) => visit({ browser, origin: service.origin, ...options }, work);
const operation = (page, id) => page.locator(`details.op:has([id="${id}"])`);
const open = async (page, id) => {
  const details = operation(page, id);
  await details.locator("> summary").click();
  return details;
};
const send = async (details) => {
  await details.getByRole("button", { name: "Send" }).click();
  const answer = details.locator(".answer");
  await answer.locator(".good, .bad").waitFor();
  return answer;
};
const get = async (path) => (await fetch(`${service.origin}/api/v1/${path}`)).json();

test("the page loads nothing beyond itself, and sends nothing by itself", async () => {
  for (const path of ["/docs", "/api/v1/docs"]) {
    await docs({ path }, async (page, { requests }) => {
      await open(page, "createDevice");
      await page.waitForTimeout(200);
      assert.deepEqual(requests.map((request) => new URL(request.url()).pathname), [path]);
      await screenshot(page, "operation");
    });
  }
});

test("the page is whole on the second visit, which the browser asks about", async () => {
  // A page whose requests are looked at is never kept, so this one is opened without.
  const context = await browser.newContext();
  const page = await context.newPage();
  const errors = [];
  page.on("console", (message) => { if (message.type() === "error") errors.push(message.text()); });
  for (let visit = 0; visit < 3; visit += 1) {
    await page.goto(`${service.origin}/docs`);
    await page.getByRole("searchbox").waitFor();
  }
  await context.close();
  assert.deepEqual(errors, [], "the console has errors");
});

test("everything can be read without script", async () => {
  await docs({ javaScriptEnabled: false }, async (page) => {
    await screenshot(page, "without-script");
    const document = await (await fetch(`${service.origin}/openapi.json`)).json();
    const ids = Object.values(document.paths).flatMap((path) => Object.values(path).map(({ operationId }) => operationId));
    assert.ok(ids.length > 20, "the document has operations");
    for (const id of ids) assert.equal(await operation(page, id).count(), 1, id);
    const details = await open(page, "createDevice");
    assert.ok(await details.getByText("serialNumber").first().isVisible());
    assert.ok(await details.getByText("curl -X POST").isVisible());
    assert.ok(!await details.getByText("urlopen").first().isVisible());
    await details.getByText("Python", { exact: true }).click();
    assert.ok(await details.getByText("urlopen").first().isVisible());
    for (const scripted of ["#search", "#theme", ".try", ".copy"]) {
      assert.ok(!await page.locator(scripted).first().isVisible(), `${scripted} does nothing without script`);
    }
    await page.goto(`${service.origin}/docs#ringDeviceState`);
    assert.ok(await page.getByText("Lets the device ring").isVisible());
    assert.notEqual(await operation(page, "ringDeviceState").getAttribute("open"), null, "a link opens what it leads to");
  });
});

test("search filters the tree and the operations", async () => {
  await docs({}, async (page) => {
    await page.keyboard.press("/");
    assert.equal(await page.evaluate(() => document.activeElement.id), "search");
    await page.keyboard.type("state ring");
    assert.ok(await operation(page, "ringDeviceState").isVisible());
    assert.ok(!await operation(page, "createDeviceType").isVisible());
    const links = page.locator("nav .ops a:visible");
    assert.deepEqual(await links.evaluateAll((all) => all.map((link) => link.hash)), ["#ringDeviceState"]);
    assert.match(await page.locator("#found").textContent(), /^1 operation in /);
    await screenshot(page, "search");
    await page.locator("#search").fill("serialNumber");
    assert.ok(await page.getByRole("heading", { name: "Devices", exact: true }).isVisible(), "a field finds its resource");
    const hits = page.locator("#hits a");
    for (const [sought, told, hash] of [
      ["$cursor", "$cursor parameter, Parameters", "#param-Cursor"],
      ["serialNumber", "serialNumber field, Devices", "#/device-types/devices.serialNumber"],
      ["camera", "Camera value, category, Device types", "#/device-types.category"],
      ["haschildren", "HasChildren reason of 409, DELETE /device-types/{deviceTypeId}", "#deleteDeviceType"],
      ["silence", "silence verb, POST /device-types/{deviceTypeId}/devices/{deviceId}/state:silence", "#silenceDeviceState"],
      ["batchcreate", "batchCreate verb, POST /device-types:batchCreate", "#batchCreateDeviceTypes"],
      ["idempotency-replayed", "Idempotency-Replayed header, Headers", "#header-Idempotency-Replayed"],
    ]) {
      await page.locator("#search").fill(sought);
      const all = await hits.evaluateAll((links) => links.map((link) => [link.textContent, decodeURIComponent(link.hash)]));
      assert.ok(all.some(([text, to]) => text === told && to === hash), `${sought}: ${JSON.stringify(all)}`);
      assert.ok(await page.locator(`[id="${hash.slice(1)}"]`).locator("xpath=ancestor-or-self::*[@hidden]").count() === 0, `${sought} is shown`);
    }
    await page.locator("#search").fill("haschildren");
    await screenshot(page, "search-parts");
    await page.locator('#hits a[href="#deleteDeviceType"]').click();
    await operation(page, "deleteDeviceType").locator(".errors").waitFor();
    await page.locator("#search").fill("xyzzy");
    assert.ok(!await page.locator("#hits").isVisible());
    assert.equal(await page.locator("#found").textContent(), "Nothing found");
    await page.keyboard.press("Escape");
    assert.ok(await operation(page, "createDeviceType").isVisible());
  });
});

test("what is tried is really done", async () => {
  await docs({}, async (page) => {
    const details = await open(page, "createDeviceType");
    const body = details.getByLabel("Body, application/json");
    assert.equal(JSON.parse(await body.inputValue()).id, "house-alarm", "the body begins as the example");
    await body.fill(JSON.stringify({ id: "tried", displayName: "Tried", category: "Lock" }));
    await details.getByLabel(/^Dry run/).check();
    let answer = await send(details);
    assert.match(await answer.textContent(), /201 Created in \d+ ms/);
    assert.match(await answer.textContent(), /"validated": true/);
    assert.equal((await get("device-types/tried")).status.code, 404, "a dry run changes nothing");

    await details.getByLabel(/^Dry run/).uncheck();
    await details.getByText("Query and headers").click();
    await details.getByRole("button", { name: "New id" }).click();
    const id = await details.getByLabel("Request-ID").inputValue();
    assert.match(id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    answer = await send(details);
    assert.match(await answer.textContent(), /201 Created/);
    await answer.getByText("Headers", { exact: true }).click();
    assert.match(await answer.textContent(), new RegExp(`request-id: ${id}`));
    await screenshot(page, "tried");
    assert.equal((await get("device-types/tried")).data.values.category, "Lock");
    answer = await send(details);
    assert.match(await answer.textContent(), /idempotency-replayed: true/, "the same id does nothing a second time");
    await answer.getByText("Headers", { exact: true }).click();
  });
});

test("each media type of a body, query parameters and conditions can be tried", async () => {
  await docs({}, async (page, { errors }) => {
    let details = await open(page, "patchDeviceType");
    await details.getByLabel("Media type").selectOption("application/json-patch+json");
    assert.match(await details.getByLabel("Body", { exact: true }).inputValue(), /^\[/);
    await details.getByText("Query and headers").click();
    await details.getByLabel("If-Match").fill('"0000000000000000"');
    assert.match(await (await send(details)).textContent(), /412 Precondition Failed/);
    await details.getByLabel("If-Match").fill("");
    assert.match(await (await send(details)).textContent(), /200 OK/);

    details = await open(page, "listDevices");
    await details.getByText("Query and headers").click();
    await details.getByLabel("$limit", { exact: true }).fill("2");
    await details.getByLabel("owner", { exact: true }).fill("jaykmr");
    const answer = await send(details);
    assert.match(await answer.textContent(), /"limit": 2,/);
    // Chromium writes refusals into the console by itself.
    assert.match(errors.splice(0).join(), /status of 412/);
  });
});

test("a service that is gone is told in words", async () => {
  await docs({}, async (page, { errors }) => {
    const details = await open(page, "readEntryPoint");
    await page.context().route("**", (route) => route.abort("connectionrefused"));
    const answer = await send(details);
    assert.match(await answer.textContent(), /could not be reached/);
    errors.length = 0;
  });
});

test("the colours follow the system until somebody chooses", async () => {
  await docs({ colorScheme: "light" }, async (page) => {
    const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await background();
    const button = page.getByRole("button", { name: /^Colours/ });
    await button.click();
    assert.equal(await background(), light);
    await button.click();
    assert.notEqual(await background(), light);
    await page.reload();
    assert.equal(await button.textContent(), "Colours: dark", "the choice is remembered");
    assert.notEqual(await background(), light);
    await screenshot(page, "dark");
  });
});

test("an operation is opened and sent with the keyboard alone", async () => {
  await docs({}, async (page) => {
    const focused = () => page.evaluate(() => document.activeElement.textContent.trim());
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "Skip to the content");
    await screenshot(page, "skip-link");
    await page.keyboard.press("Enter");
    const tabTo = async (wanted) => {
      for (let presses = 0; presses < 200; presses += 1) {
        await page.keyboard.press("Tab");
        if (await page.evaluate(wanted)) return;
      }
      assert.fail(`the keyboard does not reach ${wanted}`);
    };
    await tabTo(() => document.activeElement.matches("summary") && document.activeElement.textContent.includes("Reads a device type"));
    await page.keyboard.press("Enter");
    await tabTo(() => document.activeElement.matches("#readDeviceType .send"));
    await page.keyboard.press("Enter");
    await operation(page, "readDeviceType").locator(".good").waitFor();
    assert.equal(await focused(), "Send", "the focus stays where it was");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    assert.ok(await page.evaluate(() => !document.activeElement.closest("#readDeviceType .try")), "there is a way out");
  });
});

test("axe finds nothing to say, in light and in dark", async () => {
  for (const colorScheme of ["light", "dark"]) {
    await docs({ colorScheme }, async (page) => {
      await open(page, "patchDevice");
      await send(await open(page, "readEntryPoint"));
      assert.deepEqual(await violations(page), [], colorScheme);
    });
  }
});

test("a narrow screen shows everything without scrolling to the side", async () => {
  await docs({ viewport: { width: 360, height: 800 } }, async (page) => {
    await screenshot(page, "narrow");
    assert.ok(!await page.locator("nav .ops a").first().isVisible(), "the contents are folded up");
    await send(await open(page, "createAttribute"));
    for (const details of await page.locator("details.op").all()) await details.evaluate((op) => { op.open = true; });
    await page.evaluate(() => {
      for (const section of document.querySelectorAll(".resource")) section.style.contentVisibility = "visible";
    });
    const [width, content] = await page.evaluate(() => [innerWidth, document.documentElement.scrollWidth]);
    assert.equal(content, width);
    await operation(page, "createAttribute").scrollIntoViewIfNeeded();
    await screenshot(page, "narrow-operation");
    assert.deepEqual(await violations(page), []);
  });
});

test("the contents show where one is", async () => {
  await docs({}, async (page) => {
    await page.locator("nav a", { hasText: "Device state" }).click();
    await page.waitForTimeout(300);
    assert.equal(await page.locator("nav a[aria-current]").textContent(), "Device state");
    await page.locator("nav a[href='#ringDeviceState']").click();
    await page.locator("nav a[href='#ringDeviceState'][aria-current]").waitFor();
    await screenshot(page, "contents");
    assert.ok(await page.locator(`nav a[href='#ringDeviceState']`).isVisible());
  });
});

test("a service without documentation has no page", async () => {
  const bare = await start("--no-docs");
  try {
    for (const path of ["/docs", "/api/v1/docs"]) assert.equal((await fetch(bare.origin + path)).status, 404);
    const links = (await (await fetch(`${bare.origin}/api/v1`)).json()).data.values.links.map(({ rel }) => rel);
    assert.ok(links.includes("service-desc") && !links.includes("service-doc"));
  } finally {
    await bare.end();
  }
});
