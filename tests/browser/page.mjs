// A Chromium whose pages report what must never happen: an error in the console, a request to another host.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const SCREENSHOTS = process.env.SCREENSHOTS ?? fileURLToPath(new URL("../../target/browser", import.meta.url));
mkdirSync(SCREENSHOTS, { recursive: true });

export const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
  ],
});

/** Opens the documentation, hands the page to `work`, and then checks that nothing forbidden happened. */
export const visit = async ({ browser, origin, path = "/docs", ...options }, work) => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, ...options });
  const page = await context.newPage();
  const errors = [];
  const requests = [];
  page.on("console", (message) => { if (message.type() === "error") errors.push(message.text()); });
  page.on("pageerror", (error) => errors.push(String(error)));
  await context.route("**", (route) => {
    requests.push(route.request());
    return new URL(route.request().url()).origin === origin ? route.continue() : route.abort();
  });
  try {
    await page.goto(origin + path);
    await work(page, { requests, errors });
    const foreign = requests.map((request) => request.url()).filter((url) => new URL(url).origin !== origin);
    assert.deepEqual(foreign, [], "the page asked another host");
    assert.deepEqual(errors, [], "the console has errors");
  } finally {
    await context.close();
  }
};

export const screenshot = (page, name) => page.screenshot({ path: `${SCREENSHOTS}/${name}.png` });

/** axe on the page as it is; its source is run by the debugger, past the page's policy. */
export const violations = async (page) => {
  await page.evaluate(axe);
  // Parts that are off the screen are not drawn, and what is not drawn has no contrast.
  await page.evaluate(() => {
    for (const section of document.querySelectorAll(".resource")) section.style.contentVisibility = "visible";
  });
  const { violations, passes } = await page.evaluate(() => window.axe.run(document));
  assert.ok(passes.some(({ id }) => id === "color-contrast"), "the colours were looked at");
  return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 120)).join(" | ")}`);
};
