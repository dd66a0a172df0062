// Sends the forms of a page: first as a dry run, and then, when that went well and the person says so, for good.
(() => {
  "use strict";
  document.documentElement.dataset.script = "";

  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const element = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };
  // Addresses of the answer may name the service by another name than the page has; both are the same service.
  const local = (address) => { const { pathname, search } = new URL(address, location.href); return pathname + search; };
  const number = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

  // What an input says, as JSON text. A number stays the digits that were typed: made anew, it could lose some.
  const json = (input) => {
    const { dataset: { kind, nullable, was }, value } = input;
    if (value === "" && nullable !== undefined) return "null";
    // Of what is new, the service knows what a field is that is left out; of what is there, nothing may be passed over.
    if (value === "" && kind !== "text") return was === undefined ? undefined : '""';
    if (kind === "boolean") return value;
    if (kind === "number") return number.test(value.trim()) ? value.trim() : JSON.stringify(value);
    if (kind === "json") { JSON.parse(value); return value; }
    return JSON.stringify(value);
  };
  // Whether nobody touched it: an empty text and none at all look alike, and line breaks are not what they were.
  const isLeft = (input) => input.matches("select")
    ? [...input.options].every((option) => option.selected === option.defaultSelected)
    : input.value === input.defaultValue;
  // Whether the text is the same JSON as before, however it is written.
  const isSame = (text, was) => was !== undefined && JSON.stringify(JSON.parse(text)) === JSON.stringify(JSON.parse(was));

  // The body of a form; faults that only the page can find are told in `faults`.
  const bodyOf = (form, faults) => {
    const updates = form.dataset.method === "PATCH";
    const members = [];
    for (const input of all("[data-name]", form)) {
      const { name, was } = input.dataset;
      if (updates && isLeft(input)) continue;
      let text;
      try { text = json(input); } catch (reason) {
        faults.push({ pointer: `/${name}`, detail: `is not JSON: ${reason.message}` });
        continue;
      }
      if (text === undefined) continue;
      if (updates && isSame(text, was)) continue;
      members.push(`${JSON.stringify(name)}:${text}`);
    }
    return `{${members.join(",")}}`;
  };

  // Each fault stands at its input; those without one are listed.
  const show = (form, outcome, status, faults) => {
    const rest = [];
    let first;
    for (const fault of faults) {
      const [, name] = (fault.pointer ?? "").match(/^\/([^/]+)(.*)$/) ?? [];
      const input = name && all("[data-name]", form).find(({ dataset }) => dataset.name === name);
      if (!input) { rest.push(fault); continue; }
      const place = document.getElementById(`${input.id}-fault`);
      const where = fault.pointer === `/${name}` ? "" : `${fault.pointer}: `;
      place.textContent = `${place.hidden ? "" : `${place.textContent}; `}${where}${fault.detail}`;
      place.hidden = false;
      input.setAttribute("aria-invalid", "true");
      first ??= input;
    }
    outcome.replaceChildren(element("p", { className: "bad" }, status));
    if (rest.length > 0) {
      outcome.append(element("ul", {}, ...rest.map((fault) => element("li", {},
        element("code", {}, fault.pointer ?? fault.parameter ?? fault.header ?? ""), ` ${fault.detail}`))));
    }
    first?.focus();
  };
  const clear = (form) => {
    for (const place of all(".fault", form)) { place.hidden = true; place.textContent = ""; }
    for (const input of all("[aria-invalid]", form)) input.removeAttribute("aria-invalid");
  };

  // What a dry run says would be different.
  const changes = (now, preview) => Object.keys(preview ?? {})
    .filter((name) => !["links", "etag", "updatedAt", "updatedBy"].includes(name))
    .filter((name) => name in now && JSON.stringify(now[name]) !== JSON.stringify(preview[name]))
    .map((name) => element("li", {}, element("code", {}, name), ": ",
      element("del", {}, JSON.stringify(now[name])), " → ", element("ins", {}, JSON.stringify(preview[name]))));

  const prepare = (form) => {
    const { method, href, tag, then } = form.dataset;
    const outcome = form.querySelector(".outcome");
    const go = form.querySelector(".go");
    const buttons = all("button", form);
    let id;
    // What was checked is no longer what would be sent.
    const forget = () => { go.hidden = true; id = undefined; };
    form.noValidate = true;
    form.addEventListener("input", () => { forget(); outcome.replaceChildren(); });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const isCheck = event.submitter !== go;
      clear(form);
      const faults = [];
      const hasBody = method !== "DELETE" && (form.querySelector("[data-name]") !== null || method === "PATCH");
      const body = hasBody ? bodyOf(form, faults) : undefined;
      if (faults.length > 0) { show(form, outcome, "Nothing was sent.", faults); return; }
      const url = new URL(href, location.href);
      for (const input of all("[data-parameter]", form)) if (input.checked) url.searchParams.set(input.dataset.parameter, "true");
      if (isCheck) url.searchParams.set("$validate", "true");
      // The same id for every try, so that what was sent twice is done once.
      id ??= [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      const headers = { Accept: "application/json" };
      if (!isCheck) headers["Request-ID"] = id;
      if (tag) headers["If-Match"] = tag;
      if (hasBody) headers["Content-Type"] = method === "PATCH" ? "application/merge-patch+json" : "application/json";
      for (const button of buttons) button.disabled = true;
      outcome.replaceChildren(element("p", {}, isCheck ? "Checking …" : "Sending …"));
      try {
        const response = await fetch(url, { method, headers, body, cache: "no-store", signal: AbortSignal.timeout(60000) });
        const { status, data } = await response.json();
        if (!response.ok) {
          forget();
          show(form, outcome, status.description, status.additionalInfo.errors ?? []);
          if (response.status === 412) outcome.append(element("p", {}, element("a", { href: location.pathname + location.search }, "Load the page again")));
        } else if (isCheck) {
          const list = changes(data.values ?? {}, data.meta.preview);
          const told = list.length === 0 && method === "PATCH" ? "This would change nothing." : "This can be done; nothing was changed yet.";
          outcome.replaceChildren(element("p", { className: "good" }, told), ...(list.length > 0 ? [element("ul", {}, ...list)] : []));
          go.hidden = list.length === 0 && method === "PATCH";
        } else if (then === "open" && response.headers.has("Location")) {
          location.assign(local(response.headers.get("Location")));
          return;
        } else if (then === "up") {
          location.assign(location.pathname.replace(/\/[^/]*\/?$/, ""));
          return;
        } else if (then === "show" && data.values && !("url" in data.values) && Object.keys(data.values).length > 0) {
          forget();
          outcome.replaceChildren(
            element("p", { className: "good" }, status.description),
            element("pre", { className: "json" }, element("code", {}, JSON.stringify(data.values, null, 2))),
          );
        } else {
          location.reload();
          return;
        }
      } catch (reason) {
        const late = reason.name === "TimeoutError";
        outcome.replaceChildren(element("p", { className: "bad" }, late
          ? "There was no answer within a minute. Sending it again does not do it twice."
          : "The service could not be reached. Sending it again does not do it twice."));
      } finally {
        for (const button of buttons) button.disabled = false;
      }
      if (!go.hidden) go.focus();
    });
  };

  document.addEventListener("DOMContentLoaded", () => {
    all("form[data-method]").forEach(prepare);
    // An address with the name of a form opens it.
    const open = () => { const named = document.getElementById(location.hash.slice(1)); if (named?.matches("details")) named.open = true; };
    addEventListener("hashchange", open);
    open();
  });
})();
