"use strict";
// The page can be read without this script, which adds search, filters and the like. It puts text into the page as text; the one
// markup that it makes nodes of is that of the page's own `noscript` elements, as a browser without scripts does.
(function () {
  document.documentElement.classList.add("js");
  const all = (selector, below = document) => Array.from(below.querySelectorAll(selector));
  const button = (text, action) => {
    const node = document.createElement("button");
    node.type = "button";
    node.textContent = text;
    node.addEventListener("click", action);
    return node;
  };

  // The state of the page is in its address, so that a link shows the same to everybody who has the file.
  const state = new URLSearchParams();
  const readState = () => {
    for (const name of Array.from(state.keys())) state.delete(name);
    const text = location.hash.startsWith("#?") ? location.hash.slice(2) : "";
    for (const [name, value] of new URLSearchParams(text)) state.append(name, value);
  };
  const writeState = () => {
    const text = state.toString();
    history.replaceState(null, "", text ? "#?" + text : location.pathname + location.search);
  };
  const set = (name, value) => (value ? state.set(name, value) : state.delete(name));
  readState();

  const form = document.querySelector("form.filter");
  const list = document.querySelector(".findings");
  const option = (name, index) => form.elements[name]?.options[Number(index) + 1]?.value ?? "";
  let apply = () => {};
  let finish = () => {};

  if (form && list) {
    const chips = document.querySelector(".chips");
    const output = form.querySelector("output");
    const servers = Number(list.dataset.servers);
    const total = Number(list.dataset.findings);
    const ranks = ["info", "low", "medium", "high", "critical"];
    const numbers = (text) => (text ? text.split(" ").map(Number) : []);
    const rows = [];
    const take = (block) => {
      for (const node of all(":scope > details.f", block)) {
        const data = node.dataset;
        const row = { node, place: rows.length, level: Number(data.l), server: data.s, folder: data.f, on: Number(data.n) };
        row.reasons = new Set(numbers(data.r));
        row.times = numbers(data.t);
        rows.push(row);
      }
    };

    // The first blocks of findings are nodes already. The others are still text, so that the page opens quickly: they become nodes when
    // the browser is idle, or at once where all are needed.
    const blocks = all(":scope > .block", list);
    const waiting = [];
    for (const block of blocks) block.querySelector(":scope > noscript") ? waiting.push(block) : take(block);
    const build = () => {
      const block = waiting.shift();
      const { body } = new DOMParser().parseFromString(block.firstElementChild.textContent, "text/html");
      block.replaceChildren(...body.children);
      take(block);
    };
    finish = () => {
      while (waiting.length) build();
    };
    const idle = window.requestIdleCallback ?? ((action) => setTimeout(action, 20));
    const continueBuilding = (deadline) => {
      do {
        if (waiting.length) build();
      } while (waiting.length && deadline?.timeRemaining() > 8);
      if (waiting.length) idle(continueBuilding);
    };
    addEventListener("load", () => requestAnimationFrame(() => idle(continueBuilding)));
    let placed = rows;
    const size = Number(list.dataset.block);
    const place = (order) => {
      if (order.some((row, at) => row !== placed[at])) {
        blocks.forEach((block, at) => block.append(...order.slice(at * size, (at + 1) * size).map((row) => row.node)));
        placed = order;
      }
      blocks.forEach((block, at) => (block.hidden = placed.slice(at * size, (at + 1) * size).every((row) => row.node.hidden)));
    };
    const search = (row) => (row.text ??= row.node.textContent.toLowerCase());
    const pathOf = (row) => (row.path ??= row.node.querySelector(".path").textContent.toLowerCase());
    const hashOf = (row) => (row.hash ??= row.node.querySelector("dd[data-copy] bdi")?.textContent ?? "");
    // Compared by number: the options are in the order of the numbers.
    const index = (name, value) => {
      const at = Array.from(form.elements[name]?.options ?? []).findIndex((one) => one.value === value);
      return at > 0 ? at - 1 : -1;
    };

    // What "hide like this" hides: `content:`, `reason:` or `folder:`, and which.
    const hides = () =>
      state.getAll("hide").map((text) => {
        const at = text.indexOf(":");
        const [kind, value] = [text.slice(0, at), text.slice(at + 1)];
        if (kind === "reason") {
          const number = index("reason", value);
          return (row) => row.reasons.has(number);
        }
        if (kind === "folder") {
          const number = String(index("folder", value));
          return (row) => row.folder === number;
        }
        return (row) => kind === "content" && hashOf(row) === value;
      });

    const sorts = {
      time: (row) => row.times[0] ?? Infinity,
      path: pathOf,
      server: (row) => Number(row.server),
      rare: (row) => row.on,
    };

    apply = () => {
      if (!state.size && !touched) {
        output.textContent = `${total} findings`;
        return;
      }
      touched = true;
      finish();
      for (const field of form.elements) if (field.name) field.value = state.get(field.name) ?? "";
      const value = (name) => state.get(name) ?? "";
      const words = value("q").toLowerCase().split(/\s+/).filter(Boolean);
      const least = ranks.indexOf(value("level"));
      const server = value("server") && String(index("server", value("server")));
      const folder = value("folder") && String(index("folder", value("folder")));
      const reason = value("reason") ? index("reason", value("reason")) : null;
      const most = { one: 1, some: Math.max(1, Math.floor(servers / 10)) }[value("on")] ?? Infinity;
      const fewest = value("on") === "all" ? servers : 0;
      const [from, to] = value("only") ? [Number(value("from") || -Infinity), Number(value("to") || Infinity)] : [-Infinity, Infinity];
      const hidden = hides();
      let shown = 0;
      for (const row of rows) {
        const is =
          row.level >= least &&
          (!server || row.server === server) &&
          (!folder || row.folder === folder) &&
          (reason === null || row.reasons.has(reason)) &&
          row.on <= most &&
          row.on >= fewest &&
          (!value("only") || row.times.some((time) => time >= from && time <= to)) &&
          !hidden.some((hides) => hides(row)) &&
          words.every((word) => search(row).includes(word));
        if (row.node.hidden === is) row.node.hidden = !is;
        if (is) shown += 1;
      }
      output.textContent = shown === total ? `${total} findings` : `${shown} of ${total} findings`;
      const key = sorts[value("sort")];
      const order = rows.slice().sort((a, b) => {
        const [x, y] = key ? [key(a), key(b)] : [0, 0];
        return x < y ? -1 : x > y ? 1 : a.place - b.place;
      });
      place(order);
      chips.replaceChildren(
        ...state.getAll("hide").map((text) => {
          const chip = button(`hidden: ${text.replace(":", " ")}  ×`, () => {
            const rest = state.getAll("hide").filter((one) => one !== text);
            state.delete("hide");
            for (const one of rest) state.append("hide", one);
            changed();
          });
          chip.setAttribute("aria-label", `show ${text} again`);
          return chip;
        }),
      );
    };
    const changed = () => (writeState(), apply());

    let touched = false;
    let wait = 0;
    form.addEventListener("input", () => {
      clearTimeout(wait);
      wait = setTimeout(() => {
        for (const field of form.elements) if (field.name) set(field.name, field.value);
        changed();
      }, 100);
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", (event) => {
      event.preventDefault();
      for (const name of Array.from(state.keys())) state.delete(name);
      changed();
    });

    // What a finding offers is made when it is opened.
    const prepare = (node) => {
      if (node.dataset.ready) return;
      node.dataset.ready = "1";
      // Reasons and code of an earlier finding are shown here as well.
      const same = node.querySelector(".same a");
      const first = same && document.getElementById(same.hash.slice(1));
      if (first) for (const part of all(":scope > div > ol.r, :scope > div > table.code", first)) same.parentElement.before(part.cloneNode(true));
      const hide = (kind, value) => button(kind, () => (state.append("hide", `${kind}:${value}`), changed()));
      const like = document.createElement("p");
      like.className = "like";
      like.append("Hide like this, by ");
      const hash = node.querySelector("dd[data-copy] bdi")?.textContent;
      if (hash) like.append(hide("content", hash));
      const folder = node.dataset.f && option("folder", node.dataset.f);
      if (folder) like.append(hide("folder", folder));
      const reason = node.querySelector("ol.r .id")?.textContent ?? option("reason", node.dataset.r.split(" ")[0]);
      if (reason) like.append(hide("reason", reason));
      node.querySelector(":scope > div").prepend(like);
      copies(node);
    };
    list.addEventListener("toggle", (event) => event.target.matches("details.f[open]") && prepare(event.target), true);
  }

  // Buttons to copy a hash.
  const copies = (below) => {
    for (const node of all("dd[data-copy]", below)) {
      if (node.querySelector("button")) continue;
      const value = node.querySelector("bdi");
      const copy = button("copy", async () => {
        let done = "copied";
        try {
          await navigator.clipboard.writeText(value.textContent);
        } catch {
          // A browser may refuse it to a page from a file: then the text is selected.
          getSelection().selectAllChildren(value);
          done = "selected";
        }
        copy.textContent = done;
        setTimeout(() => (copy.textContent = "copy"), 1500);
      });
      node.append(copy);
    }
  };
  copies(document.querySelector("#provenance"));

  // A link to a finding, or to a part of the page, opens it.
  const open = () => {
    if (location.hash.startsWith("#?")) return readState(), apply();
    const id = location.hash.slice(1);
    if (/^f\d+$/.test(id) && !document.getElementById(id)) finish();
    const target = id && document.getElementById(id);
    if (target?.matches?.("details")) {
      target.hidden = false;
      if (target.parentElement.matches(".block")) target.parentElement.hidden = false;
      target.open = true;
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", open);
  apply();
  open();

  // Keys: j and k go through the findings, / searches.
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest?.("input, select, textarea")) return;
    if (event.key === "/" && form) {
      event.preventDefault();
      form.elements.q.focus();
    }
    const step = { j: 1, k: -1 }[event.key];
    if (!step || !list) return;
    const shown = () => all(":scope > .block > details.f:not([hidden])", list);
    let seen = shown();
    const at = seen.indexOf(document.activeElement.closest?.("details.f"));
    if (at + step >= seen.length) {
      finish();
      seen = shown();
    }
    const next = seen[Math.max(0, Math.min(seen.length - 1, at + step))];
    next?.querySelector("summary").focus();
    next?.scrollIntoView({ block: "center" });
  });

  // Printing opens what is shown, up to a number that a printer is for.
  let opened = [];
  addEventListener("beforeprint", () => {
    finish();
    // In the order of the page, so that what is inside of one that is opened is opened as well.
    opened = all("details:not([open])").filter((node) => !node.closest("[hidden]")).slice(0, 500);
    for (const node of opened) node.open = true;
  });
  addEventListener("afterprint", () => {
    for (const node of opened) node.open = false;
  });

  // Timeline.
  const svg = document.querySelector("#timeline svg");
  if (!svg) return;
  const range = document.querySelector("form.range");
  const marks = all(".e", svg).map((node) => {
    const y = node.getAttribute("transform").split(" ")[1].slice(0, -1);
    return { node, time: Number(node.dataset.t), kind: node.classList[1], y };
  });
  const events = all("#timeline tbody tr").map((node) => ({ node, time: Number(node.dataset.t), kind: node.className }));
  const kinds = all(".legend input");
  const ticks = svg.querySelector(".ticks");
  const left = Number(svg.dataset.left);
  const { width, height } = svg.viewBox.baseVal;
  const bounds = [Number(svg.dataset.first) - 60, Number(svg.dataset.last) + 60];
  const begin = [Number(svg.dataset.from), Number(svg.dataset.to)];
  let [from, to] = begin;
  const pad = 10;
  const x = (time) => left + pad + ((time - from) / (to - from)) * (width - left - 2 * pad);
  const timeAt = (px) => from + ((px - left - pad) / (width - left - 2 * pad)) * (to - from);
  const svgNode = (name, attributes) => {
    const node = document.createElementNS(svg.namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    return node;
  };
  const day = 86400;
  const steps = [1, 5, 15, 60, 300, 900, 3600, 10800, 21600, 43200, day, 2 * day, 7 * day, 14 * day, 30 * day, 91 * day, 365 * day, 1825 * day, 18250 * day];
  const label = (time, step) => {
    const text = new Date(time * 1000).toISOString();
    return (step >= day ? text.slice(0, 10) : step >= 60 ? text.slice(5, 16) : text.slice(11, 19)).replace("T", " ");
  };
  const drawTicks = () => {
    const step = steps.find((one) => (to - from) / one < 8) ?? (to - from) / 7;
    ticks.replaceChildren();
    for (let time = Math.ceil(from / step) * step; time <= to; time += step) {
      const at = x(time).toFixed(1);
      const text = svgNode("text", { x: at, y: height - 4 });
      text.textContent = label(time, step);
      ticks.append(svgNode("line", { x1: at, x2: at, y1: 0, y2: height - 16 }), text);
    }
  };
  const field = (time) => new Date(time * 1000).toISOString().slice(0, 19);
  const fields = () => {
    range.elements.from.value = field(from);
    range.elements.to.value = field(to);
  };
  const draw = () => {
    const off = new Set(kinds.filter((one) => !one.checked).map((one) => one.value));
    for (const { node, time, kind, y } of marks) {
      if (time < from || time > to || off.has(kind)) node.setAttribute("display", "none");
      else {
        node.setAttribute("transform", `translate(${x(time).toFixed(1)} ${y})`);
        node.removeAttribute("display");
      }
    }
    for (const { node, time, kind } of events) node.hidden = off.has(kind) || (range.elements.only.checked && (time < from || time > to));
    drawTicks();
    fields();
  };
  const show = (a, b) => {
    drawn = true;
    [from, to] = [Math.max(bounds[0], Math.min(a, b)), Math.min(bounds[1], Math.max(a, b))];
    if (to - from < 2) [from, to] = [from - 1, from + 1];
    // A filter by time has to have its range, even if it is that of the first view.
    const kept = range.elements.only.checked || from !== begin[0] || to !== begin[1];
    set("from", kept && String(Math.floor(from)));
    set("to", kept && String(Math.ceil(to)));
    writeState();
    draw();
    if (range.elements.only.checked) apply();
  };
  const zoom = (factor, about = (from + to) / 2) => {
    const span = Math.max(4, Math.min(bounds[1] - bounds[0], (to - from) * factor));
    const start = Math.max(bounds[0], Math.min(bounds[1] - span, about - (span * (about - from)) / (to - from)));
    show(start, start + span);
  };
  for (const node of all("[data-zoom]")) {
    node.addEventListener("click", () => (node.dataset.zoom === "all" ? show(...bounds) : zoom(node.dataset.zoom === "in" ? 0.5 : 2)));
  }
  for (const box of kinds) box.addEventListener("change", draw);
  range.addEventListener("submit", (event) => event.preventDefault());
  range.addEventListener("change", (event) => {
    if (event.target.name === "only") {
      set("only", event.target.checked && "1");
      show(from, to);
      return event.target.checked || apply();
    }
    const [a, b] = [range.elements.from, range.elements.to].map((one) => Date.parse(one.value + "Z") / 1000);
    if (Number.isFinite(a) && Number.isFinite(b)) show(a, b);
  });
  svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.shiftKey) return;
    event.preventDefault();
    zoom(event.deltaY + event.deltaX < 0 ? 0.7 : 1.4, timeAt(point(event)));
  }, { passive: false });
  const point = (event) => {
    const box = svg.getBoundingClientRect();
    return ((event.clientX - box.left) / box.width) * width;
  };
  let drag = null;
  svg.addEventListener("pointerdown", (event) => {
    if (event.button === 0 && event.pointerType !== "touch") drag = { start: point(event), node: svgNode("rect", { class: "drag", y: 0, height: height - 16, width: 0, x: point(event) }) };
  });
  addEventListener("pointermove", (event) => {
    if (!drag) return;
    const [a, b] = [drag.start, point(event)].sort((one, two) => one - two);
    drag.node.setAttribute("x", a);
    drag.node.setAttribute("width", b - a);
    if (b - a > 4 && !drag.node.isConnected) svg.append(drag.node);
  });
  addEventListener("pointerup", (event) => {
    if (!drag) return;
    const [a, b] = [drag.start, point(event)].sort((one, two) => one - two);
    drag.node.remove();
    drag = null;
    if (b - a > 4) show(timeAt(Math.max(a, left)), timeAt(b));
  });
  const tip = document.querySelector(".tip");
  svg.addEventListener("pointerover", (event) => {
    const title = event.target.closest?.(".e")?.querySelector("title");
    if (title) tip.textContent = title.textContent;
  });
  let drawn = false;
  const restore = () => {
    range.elements.only.checked = Boolean(state.get("only"));
    [from, to] = [Number(state.get("from")), Number(state.get("to"))];
    if (!state.has("from") || !state.has("to") || !(to > from)) [from, to] = begin;
    // The page begins with the picture of the first view.
    if (from === begin[0] && to === begin[1] && !drawn) return fields();
    drawn = true;
    draw();
  };
  addEventListener("hashchange", () => location.hash.startsWith("#?") && restore());
  form?.addEventListener("reset", restore);
  restore();
})();
