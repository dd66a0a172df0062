"use strict";
// Nothing here is needed to read the page, and nothing is sent before somebody presses "Send".
(() => {
  const root = document.documentElement;
  root.dataset.script = "";

  // What the browser remembers is a convenience; it may be forbidden.
  const remembered = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
  const remember = (name, value) => { try { localStorage.setItem(name, value); } catch { /* It is not kept. */ } };

  const COLOURS = ["system", "light", "dark"];
  const wear = (colours) => {
    if (colours === "system") delete root.dataset.colours; else root.dataset.colours = colours;
  };
  let colours = COLOURS.includes(remembered("docs-colours")) ? remembered("docs-colours") : "system";
  // Before the body is drawn, so that nothing flashes.
  wear(colours);

  const element = (name, properties = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
      if (key in made) made[key] = value; else made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  };
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  const theme = () => {
    const button = document.getElementById("theme");
    const show = () => { button.textContent = `Colours: ${colours}`; };
    button.addEventListener("click", () => {
      colours = COLOURS[(COLOURS.indexOf(colours) + 1) % COLOURS.length];
      wear(colours);
      remember("docs-colours", colours);
      show();
    });
    show();
  };

  // Colours JSON without changing the markup.
  const TOKENS = /("(?:\\.|[^"\\])*")(\s*:)?|-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b|\b(?:true|false|null)\b/g;
  const colour = (code) => {
    if (!window.Highlight || !code.firstChild || code.dataset.coloured || code.textContent.length > 200000) return;
    code.dataset.coloured = "";
    for (const token of code.textContent.matchAll(TOKENS)) {
      const kind = token[2] ? "name" : token[1] ? "string" : "literal";
      const range = new Range();
      range.setStart(code.firstChild, token.index);
      range.setEnd(code.firstChild, token.index + (token[1] || token[0]).length);
      if (!CSS.highlights.has(kind)) CSS.highlights.set(kind, new Highlight());
      CSS.highlights.get(kind).add(range);
    }
  };

  const copy = async (pre, button) => {
    const text = pre.querySelector("code").textContent;
    let done = false;
    try {
      await navigator.clipboard.writeText(text);
      done = true;
    } catch {
      // Pages without TLS have no clipboard of their own.
      const area = element("textarea", { value: text });
      pre.append(area);
      area.select();
      done = document.execCommand("copy");
      area.remove();
      button.focus();
    }
    button.textContent = done ? "Copied" : "Not copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  };
  const addCopy = (pre) => {
    if (pre.querySelector(".copy")) return;
    const button = element("button", { type: "button", className: "copy", textContent: "Copy" });
    button.addEventListener("click", () => copy(pre, button));
    pre.append(button);
  };
  const prepare = (within) => {
    all("pre[data-copy]", within).forEach(addCopy);
    all("code.json", within).forEach(colour);
  };

  // One choice of language for the whole page.
  const languages = () => {
    const choose = (label, within = document) => {
      for (const other of all(".tabs > label", within)) {
        if (other.textContent === label) other.control.checked = true;
      }
    };
    document.addEventListener("change", ({ target }) => {
      if (!target.matches(".tabs > input")) return;
      const label = target.labels[0].textContent;
      remember("docs-language", label);
      choose(label);
    });
    const label = remembered("docs-language");
    if (label) choose(label);
  };

  const search = () => {
    const input = document.getElementById("search");
    const found = document.getElementById("found");
    const list = document.getElementById("hits");
    let index = null;
    let parts = null;
    const MOST = 20;
    const text = (part) => part.textContent.replace(/\s+/g, " ").trim();
    // What has a name of its own, with what it is, where it is and where that is described.
    const name = () => {
      const found = [];
      const add = (label, what, where, id) => found.push({ label, what, where, id, words: `${label} ${what} ${where}`.toLowerCase() });
      for (const row of all("main tr[id]")) {
        const [label, title] = [text(row.querySelector("th code")), text(row.closest("section").querySelector("h2"))];
        const caption = text(row.closest("table").caption);
        const what = { "shared-parameters": "parameter", "shared-headers": "header" }[row.closest("section").id]
          ?? (row.closest(".value") || row.id.startsWith("shared-") ? "member" : "field");
        add(label, what, caption.toLowerCase().includes(title.toLowerCase()) ? title : `${title}, ${caption}`, row.id);
        for (const code of all(".variants code", row)) add(text(code), "value", `${label}, ${title}`, row.id);
      }
      for (const op of all("main > .resource > .op")) {
        const panel = op.querySelector("[data-path]");
        const { id, dataset: { method, path } } = panel;
        const where = `${method} ${path}`;
        const verb = path.split(":")[1];
        if (verb) add(verb, "verb", where, id);
        for (const row of all("tr[data-name]", panel)) add(row.dataset.name, "parameter", where, id);
        for (const link of all("[data-given] a", panel)) add(text(link), "parameter", where, id);
        for (const one of all(".errors li", panel)) {
          for (const reason of text(one.querySelector("span")).split(", ")) {
            add(reason, `reason of ${text(one.querySelector("a"))}`, where, id);
          }
        }
      }
      for (const error of all(".error[id]")) {
        for (const code of all("p code", error)) add(text(code), "reason", text(error.querySelector("h3")), error.id);
      }
      return found;
    };
    const show = (terms) => {
      list.replaceChildren();
      list.hidden = terms.length === 0;
      if (list.hidden) return;
      parts ??= name();
      const rank = ({ label }) => {
        const low = label.toLowerCase();
        return terms.includes(low) ? 0 : terms.some((term) => low.startsWith(term)) ? 1 : 2;
      };
      const hits = parts
        .filter(({ label, words }) => terms.every((term) => words.includes(term))
          && terms.some((term) => label.toLowerCase().includes(term)))
        .sort((one, other) => rank(one) - rank(other));
      list.hidden = hits.length === 0;
      for (const { label, what, where, id } of hits.slice(0, MOST)) {
        const link = element("a", { href: `#${id}` }, element("code", {}, label), " ", element("span", {}, `${what}, ${where}`));
        list.append(element("li", {}, link));
      }
      if (hits.length > MOST) list.append(element("li", {}, `and ${hits.length - MOST} more`));
    };
    // Each operation with its own words; those of its resource find it as well.
    const build = () => all("main > .resource").map((section) => {
      const ops = all(":scope > .op", section);
      // The names of fields and variants find their resource; running text would find nearly everything.
      const own = all("h3, th code, .variants code, .error p code", section).filter((part) => !part.closest(".op"));
      const words = own.map((part) => part.textContent).join(" ");
      return {
        section,
        own: words.toLowerCase(),
        title: (section.querySelector("h2").textContent + " " + section.id).toLowerCase(),
        ops: ops.map((op) => ({
          op,
          id: op.querySelector("[data-path]").id,
          words: [
            op.querySelector("summary").textContent, op.querySelector("[data-path]").id,
            ...all("[data-given] a, .errors span", op).map((part) => part.textContent),
            ...all("tr[data-name]", op).map((row) => row.dataset.name),
          ].join(" ").toLowerCase(),
        })),
      };
    });
    const filter = () => {
      index ??= build();
      const terms = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      const shown = new Set();
      let count = 0;
      for (const { section, own, title, ops } of index) {
        const named = terms.every((term) => title.includes(term));
        const described = named || terms.every((term) => own.includes(term));
        let any = false;
        for (const { op, id, words } of ops) {
          const hit = named || terms.every((term) => words.includes(term) || title.includes(term));
          op.hidden = !hit;
          if (hit) { any = true; count += 1; shown.add(id); }
        }
        section.hidden = !any && !described;
        if (!section.hidden) shown.add(section.id);
      }
      for (const item of all("nav li").reverse()) {
        const link = item.querySelector(":scope > a");
        const below = item.querySelector(":scope > ul > li:not([hidden])");
        item.hidden = terms.length > 0 && !below && !shown.has(decodeURIComponent(link.hash.slice(1)));
      }
      show(terms);
      const intro = document.querySelector(".intro");
      intro.hidden = terms.length > 0;
      const sections = index.filter(({ section }) => !section.hidden).length;
      found.textContent = terms.length === 0 ? ""
        : sections === 0 ? "Nothing found"
        : `${count} ${count === 1 ? "operation" : "operations"} in ${sections} ${sections === 1 ? "section" : "sections"}`;
    };
    input.addEventListener("input", filter);
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && input.value) { event.preventDefault(); input.value = ""; filter(); }
    });
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("input, textarea, select");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.focus();
      input.select();
    });
    return () => { if (input.value) { input.value = ""; filter(); } };
  };

  // Opens what an address leads to, and marks in the contents what is on the screen.
  const navigation = (clearSearch) => {
    const contents = document.getElementById("contents");
    const wide = matchMedia("(min-width: 64rem)");
    const fit = () => { contents.open = wide.matches; };
    wide.addEventListener("change", fit);
    fit();
    const reveal = () => {
      const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (!target) return;
      if (target.closest("[hidden]")) clearSearch();
      const op = target.closest(".op");
      if (op) { op.open = true; op.scrollIntoView(); }
    };
    addEventListener("hashchange", reveal);
    document.addEventListener("click", ({ target }) => {
      const link = target.closest("a[href^='#']");
      if (!link) return;
      if (!wide.matches && link.closest("nav")) contents.open = false;
      // An address that is there already leads there again.
      if (link.hash === location.hash) setTimeout(reveal);
      else if (document.getElementById(decodeURIComponent(link.hash.slice(1)))?.closest("[hidden]")) clearSearch();
    });
    const links = new Map(all("nav a").map((link) => [decodeURIComponent(link.hash.slice(1)), link]));
    const visible = new Set();
    const mark = () => {
      const [first] = [...visible].sort((one, other) => one.compareDocumentPosition(other) & 4 ? -1 : 1).reverse();
      const id = first && (first.id || first.querySelector("[data-path]").id);
      for (const link of all("nav a[aria-current]")) link.removeAttribute("aria-current");
      const link = links.get(id);
      if (!link) return;
      link.setAttribute("aria-current", "true");
      const [nav, box] = [link.closest("nav"), link.getBoundingClientRect()];
      if (wide.matches && (box.top < 80 || box.bottom > innerHeight - 20)) {
        nav.scrollTop += box.top - innerHeight / 2;
      }
    };
    // What crosses a line a little below the bar is what is being read.
    const observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) visible.add(target); else visible.delete(target);
      }
      mark();
    }, { rootMargin: "-25% 0px -74% 0px" });
    all("main > .resource").forEach((section) => observer.observe(section));
    document.addEventListener("toggle", ({ target }) => {
      if (!target.matches?.(".op")) return;
      if (target.open) observer.observe(target); else { observer.unobserve(target); visible.delete(target); mark(); }
    }, true);
    reveal();
  };

  const uuid = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = bytes[6] & 15 | 64;
    bytes[8] = bytes[8] & 63 | 128;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  };

  const pretty = (text, type) => {
    if (!/\bjson\b/.test(type)) return text;
    // Written anew by the browser, a number beyond 2^53 would lose digits; then the text stays as it came.
    try {
      const value = JSON.parse(text);
      return JSON.stringify(value) === text ? JSON.stringify(value, null, 2) : indent(text);
    } catch { return text; }
  };
  const indent = (text) => {
    let level = 0;
    const line = () => "\n" + "  ".repeat(level);
    return text.replace(/("(?:\\.|[^"\\])*")|([{[])(?=([}\]])?)|([}\]])|(,)|(:)|\s+/g,
      (whole, string, open, empty, close, comma, colon) => {
        if (string) return string;
        if (open) { level += 1; return empty ? open : open + line(); }
        if (close) { level -= 1; return close; }
        if (comma) return "," + line();
        return colon ? ": " : "";
      });
  };

  // The form of one operation, made when its details are opened for the first time.
  const addTry = (op) => {
    const panel = op.querySelector("[data-path]");
    if (panel.querySelector(".try")) return;
    const { id, dataset: { method, path } } = panel;
    const described = all("[data-in]", panel).map(({ dataset }) => (
      { place: dataset.in, name: dataset.name, example: dataset.example ?? "" }
    ));
    // Those that are named alone: headers are written in capitals, and everything else goes into the query.
    const named = all("[data-given] a", panel).map(({ textContent: name }) => (
      { place: /^[A-Z]/.test(name) ? "header" : "query", name, example: "" }
    ));
    const parameters = [...described, ...named];
    const fields = new Map();
    const field = ({ place, name, example }, button) => {
      const input = element("input", {
        value: place === "path" ? example : "", autocomplete: "off", spellcheck: false,
        required: place === "path",
      });
      fields.set(input, { place, name });
      const label = element("label", {}, name, input);
      return button ? element("div", { className: "row" }, label, button(input)) : label;
    };
    const group = (title, parts) => parts.length === 0 ? [] : [
      element("fieldset", {}, element("legend", {}, title), ...parts),
    ];
    const of = (place) => parameters.filter((parameter) => parameter.place === place);
    const fresh = (input) => {
      const button = element("button", { type: "button" }, "New id");
      button.addEventListener("click", () => { input.value = uuid(); });
      return button;
    };
    const writes = method !== "GET";
    const query = of("query").filter(({ name }) => name !== "$validate" && name !== "$format");
    const headers = of("header").map((parameter) => field(parameter, parameter.name === "Request-ID" ? fresh : null));
    const validate = element("input", { type: "checkbox" });

    const form = element("form", { noValidate: false }, ...group("Path", of("path").map((one) => field(one))));
    const more = [...group("Query", query.map((one) => field(one))), ...group("Headers", headers)];
    let media = null;
    let body = null;
    const bodies = all("[data-media]", panel).flatMap((from) => from.dataset.media.split(" ").map((name) => ({
      name, example: from.querySelector("code")?.textContent ?? "",
    })));
    if (bodies.length > 0) {
      media = element("select", {}, ...bodies.map(({ name }) => element("option", { value: name }, name)));
      body = element("textarea", { value: bodies[0].example, spellcheck: false, rows: 8 });
      media.addEventListener("change", () => {
        // What somebody wrote is theirs.
        if (bodies.some(({ example }) => example === body.value)) body.value = bodies[media.selectedIndex].example;
      });
      form.append(element("fieldset", {},
        ...(bodies.length > 1 ? [element("label", {}, "Media type", media)] : []),
        element("label", {}, bodies.length > 1 ? "Body" : `Body, ${bodies[0].name}`, body),
      ));
    }
    if (more.length > 0) form.append(element("details", {}, element("summary", {}, "Query and headers"), ...more));
    if (writes && parameters.some(({ name }) => name === "$validate")) {
      form.append(element("label", { className: "check" }, validate, "Dry run: check everything, change nothing"));
    }
    const send = element("button", { type: "submit", className: "send" }, "Send");
    const status = element("p", { role: "status" });
    const answer = element("div", { className: "answer" });
    form.append(send);

    const request = () => {
      let address = path === "/" ? "" : path;
      const search = new URLSearchParams();
      const sent = new Headers({ Accept: "application/json, application/x-ndjson;q=0.9" });
      for (const [input, { place, name }] of fields) {
        if (place === "path") address = address.replace(`{${name}}`, encodeURIComponent(input.value));
        else if (input.value && place === "query") search.append(name, input.value);
        else if (input.value) sent.append(name, input.value);
      }
      if (validate.checked) search.append("$validate", "true");
      const url = new URL(document.body.dataset.root + address, location.origin);
      url.search = search.size > 0 ? search.toString() : "";
      const options = { method, headers: sent, cache: "no-store", redirect: "manual" };
      if (body && body.value.trim()) {
        options.body = body.value;
        sent.set("Content-Type", media.value);
      }
      return [url, options];
    };
    const show = (response, text, took) => {
      const words = `${response.status} ${response.statusText}`.trim();
      const names = [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
      const code = element("code", {}, pretty(text, response.headers.get("content-type") ?? ""));
      const pre = element("pre", { tabIndex: 0, role: "region", "aria-label": `Body of the answer of ${id}` }, code);
      status.replaceChildren(
        element("b", { className: response.ok || response.status === 304 ? "good" : "bad" }, words), ` in ${took} ms`,
      );
      answer.append(element("details", {}, element("summary", {}, "Headers"), element("pre", {}, element("code", {}, names))));
      if (text) answer.append(pre); else answer.append(element("p", {}, "No body."));
      colour(code);
    };
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      send.disabled = true;
      status.textContent = "Sending …";
      answer.replaceChildren(status);
      const started = performance.now();
      try {
        const [url, options] = request();
        const response = await fetch(url, { ...options, signal: AbortSignal.timeout(60000) });
        const text = await response.text();
        show(response, text, Math.round(performance.now() - started));
      } catch (reason) {
        const words = reason.name === "TimeoutError"
          ? "There was no answer within a minute."
          : reason instanceof TypeError && /header|ISO-8859|ByteString/i.test(reason.message)
            ? "A header has a character that headers cannot have."
            : "The service could not be reached. It may have ended, or the network is down.";
        status.replaceChildren(element("b", { className: "bad" }, words));
      }
      // A button that was disabled has lost the focus.
      send.disabled = false;
      if (document.activeElement === document.body) send.focus({ preventScroll: true });
    });
    answer.append(status);
    panel.querySelector(".side").append(
      element("div", { className: "code try" }, element("h4", {}, "Try it"), form, answer),
    );
  };

  document.addEventListener("DOMContentLoaded", () => {
    theme();
    languages();
    document.addEventListener("toggle", ({ target }) => {
      if (!target.open) return;
      if (target.matches(".op")) addTry(target);
      prepare(target);
    }, true);
    for (const part of all(".side")) {
      if (!part.closest("details")) prepare(part);
    }
    all(".op[open]").forEach((op) => { addTry(op); prepare(op); });
    addEventListener("beforeprint", () => all("main details").forEach((details) => { details.open = true; }));
    navigation(search());
  });
})();
