"use strict";
(function () {
  // Everything below puts text on the page with textContent and attributes, never with innerHTML.
  var data = JSON.parse(document.getElementById("data").textContent);
  var report = data.report, cube = data.cube, names = cube.names, time = report.over_time;
  var DIMENSIONS = ["code", "product", "region", "endpoint", "sub_account"];
  var SHOWN = 25, COLOURS = 7;
  var chosen = {}, shown = SHOWN;

  function byId(id) { return document.getElementById(id); }
  function make(tag, attributes, children) {
    var element = document.createElement(tag);
    Object.keys(attributes || {}).forEach(function (name) {
      if (name === "text") { element.textContent = attributes[name]; } else { element.setAttribute(name, attributes[name]); }
    });
    (children || []).forEach(function (child) { element.appendChild(child); });
    return element;
  }
  function svg(tag, attributes) {
    var element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    Object.keys(attributes).forEach(function (name) { element.setAttribute(name, attributes[name]); });
    return element;
  }
  function number(value) { return value.toLocaleString("en-US"); }
  function share(part, whole) { return whole ? Math.round(100 * part / whole) + " %" : "0 %"; }
  function clear(element) { while (element.firstChild) { element.removeChild(element.firstChild); } return element; }
  function pad(value) { return (value < 10 ? "0" : "") + value; }
  function moment(bucket) {
    var at = new Date(Date.parse(time.start) + bucket * time.seconds * 1000);
    var day = at.getUTCFullYear() + "-" + pad(at.getUTCMonth() + 1) + "-" + pad(at.getUTCDate());
    if (time.seconds >= 86400) { return day; }
    return day + " " + pad(at.getUTCHours()) + ":" + pad(at.getUTCMinutes()) + (time.seconds < 60 ? ":" + pad(at.getUTCSeconds()) : "");
  }
  var steps = time.buckets.length;

  // --- The facts of a row -------------------------------------------------------------------------------------------
  // A row of the cube is [bucket, code, product, region, endpoint, sub-account, count].
  function value(row, dimension) { return names[dimension][row[1 + DIMENSIONS.indexOf(dimension)]]; }
  function about(code) { return Object.prototype.hasOwnProperty.call(cube.codes, code) ? cube.codes[code] : { code: code, registry: "", description: "", category: "unknown", retryable: null }; }
  function fits(row, except) {
    return Object.keys(chosen).every(function (name) {
      if (except === "time" && (name === "from" || name === "to")) { return true; }
      if (name === "from") { return row[0] !== null && row[0] >= chosen.from; }
      if (name === "to") { return row[0] !== null && row[0] <= chosen.to; }
      if (name === "category") { return about(value(row, "code")).category === chosen.category; }
      return value(row, name) === chosen[name];
    });
  }
  function sums(rows, key) {
    var found = new Map();
    rows.forEach(function (row) { var name = key(row); found.set(name, (found.get(name) || 0) + row[6]); });
    return Array.from(found, function (entry) { return { name: entry[0], count: entry[1] }; }).sort(function (a, b) {
      return b.count - a.count || (a.name < b.name ? -1 : 1);
    });
  }

  // --- Filters ------------------------------------------------------------------------------------------------------
  var FILTERS = [["code", "Code"], ["category", "Category"], ["product", "Product"], ["region", "Region"], ["endpoint", "Endpoint"], ["sub_account", "Sub-account"], ["from", "From"], ["to", "To"]];
  var selects = {};
  function options(name) {
    if (name === "from" || name === "to") {
      return time.buckets.map(function (_, bucket) { return [String(bucket), moment(bucket)]; });
    }
    var key = name === "category" ? function (row) { return about(value(row, "code")).category; } : function (row) { return value(row, name); };
    return sums(cube.rows, key).map(function (entry) {
      var text = name === "code" ? about(entry.name).code + " " + about(entry.name).description : entry.name || "(not told)";
      return ["=" + entry.name, text + " (" + number(entry.count) + ")"];
    });
  }
  function buildFilters() {
    var box = byId("filters");
    FILTERS.forEach(function (filter) {
      var name = filter[0], choices = options(name);
      var select = make("select", { "data-filter": name }, [make("option", { value: "", text: "All" })]);
      choices.forEach(function (choice) { select.appendChild(make("option", { value: choice[0], text: choice[1] })); });
      select.addEventListener("change", function () {
        if (select.value === "") { delete chosen[name]; }
        else { chosen[name] = name === "from" || name === "to" ? Number(select.value) : select.value.slice(1); }
        shown = SHOWN;
        draw();
      });
      selects[name] = select;
      var label = make("label", { text: filter[1] }, [select]);
      label.hidden = choices.length < 2;
      box.appendChild(label);
    });
    var reset = make("button", { type: "button", id: "reset", text: "Reset filters" });
    reset.addEventListener("click", function () { chosen = {}; shown = SHOWN; draw(); });
    box.appendChild(reset);
  }
  function toggle(name, entry) {
    if (chosen[name] === entry) { delete chosen[name]; } else { chosen[name] = entry; }
    shown = SHOWN;
    draw();
  }
  function drawFilters() {
    FILTERS.forEach(function (filter) {
      var name = filter[0], on = Object.prototype.hasOwnProperty.call(chosen, name);
      selects[name].value = on ? (name === "from" || name === "to" ? String(chosen[name]) : "=" + chosen[name]) : "";
      selects[name].className = on ? "on" : "";
    });
    byId("reset").disabled = Object.keys(chosen).length === 0;
  }

  // --- Totals -------------------------------------------------------------------------------------------------------
  function drawTiles(rows, total) {
    var again = 0, not = 0;
    rows.forEach(function (row) {
      var retryable = about(value(row, "code")).retryable;
      if (retryable === true) { again += row[6]; } else if (retryable === false) { not += row[6]; }
    });
    var tiles = [
      [number(total), "failures"],
      [share(again, total), "can be sent again: 8x8 surely did not accept them"],
      [share(not, total), "fail again as they are"],
      [number(sums(rows, function (row) { return value(row, "code"); }).length), "codes"],
      [number(report.recovered_by_retry), "calls more went well after a retry (not filtered)"]
    ];
    var box = clear(byId("tiles"));
    tiles.forEach(function (tile) { box.appendChild(make("div", { "class": "tile" }, [make("b", { text: tile[0] }), make("span", { text: tile[1] })])); });
  }

  // --- Over time ----------------------------------------------------------------------------------------------------
  var palette = new Map();
  sums(cube.rows, function (row) { return value(row, "code"); }).slice(0, COLOURS).forEach(function (entry, at) { palette.set(entry.name, at); });
  function colour(code) { return palette.has(code) ? palette.get(code) : COLOURS; }
  function named(key) {
    var code = Array.from(palette.keys())[key];
    return code === undefined ? null : about(code);
  }
  function drawChart() {
    var box = clear(byId("chart")), legend = clear(byId("legend")), table = clear(byId("time-table"));
    byId("time-details").hidden = !steps;
    if (!steps) { box.appendChild(make("p", { text: "The lines have no time that could be read." })); return; }
    // All bars stay, whatever the time filter: the next one to press is among them.
    var rows = cube.rows.filter(function (row) { return row[0] !== null && fits(row, "time"); });
    var counts = time.buckets.map(function () { return {}; }), totals = time.buckets.map(function () { return 0; }), seen = {};
    rows.forEach(function (row) {
      var key = colour(value(row, "code"));
      counts[row[0]][key] = (counts[row[0]][key] || 0) + row[6];
      totals[row[0]] += row[6];
      seen[key] = (seen[key] || 0) + row[6];
    });
    var most = Math.max.apply(null, totals.concat([1])), width = 1000, height = 240, left = 0, bottom = 2, top = 4;
    var step = (width - left) / steps, scale = (height - bottom - top) / most;
    var sum = totals.reduce(function (a, b) { return a + b; }, 0);
    var peak = totals.indexOf(most);
    var picture = svg("svg", { viewBox: "0 0 " + width + " " + height, preserveAspectRatio: "none", role: "img", "aria-label": number(sum) + " failures from " + moment(0) + " to " + moment(steps - 1) + (sum ? ", most of them (" + number(most) + ") at " + moment(peak) : "") });
    [0, .5, 1].forEach(function (part) {
      var y = height - bottom - part * (height - bottom - top);
      picture.appendChild(svg("line", { x1: left, x2: width, y1: y, y2: y }));
    });
    counts.forEach(function (bucket, at) {
      var y = height - bottom;
      for (var key = 0; key <= COLOURS; key += 1) {
        if (bucket[key]) {
          var tall = bucket[key] * scale;
          y -= tall;
          picture.appendChild(svg("rect", { "class": "k" + key, x: left + at * step + step * .08, width: step * .84, y: y, height: Math.max(tall, .5) }));
        }
      }
      var inside = !(chosen.from > at || chosen.to < at);
      var hit = svg("rect", { "class": "hit" + (inside ? "" : " out"), x: left + at * step, width: step, y: top, height: height - bottom - top, "data-bucket": at });
      hit.addEventListener("mousemove", function (event) { tip(event, at, bucket, totals[at]); });
      hit.addEventListener("mouseleave", function () { byId("tip").hidden = true; });
      hit.addEventListener("click", function () {
        if (chosen.from === at && chosen.to === at) { delete chosen.from; delete chosen.to; } else { chosen.from = at; chosen.to = at; }
        byId("tip").hidden = true;
        draw();
      });
      picture.appendChild(hit);
    });
    box.appendChild(picture);
    // The words stand beside the picture, not in it: they keep their size whatever its width.
    box.appendChild(make("div", { "class": "axis", "aria-hidden": "true" }, [make("span", { text: moment(0) }), make("span", { text: "at most " + number(most) + " in " + duration(time.seconds) }), make("span", { text: moment(steps - 1) })]));
    for (var key = 0; key <= COLOURS; key += 1) {
      if (seen[key]) {
        var what = named(key);
        legend.appendChild(make("li", {}, [
          make("i", { "class": "k" + key }),
          document.createTextNode((what ? what.code + " " + what.description : "other codes") + " " + number(seen[key]))
        ]));
      }
    }
    var body = make("tbody");
    totals.forEach(function (count, at) { if (count) { body.appendChild(make("tr", {}, [make("td", { text: moment(at) }), make("td", { "class": "n", text: number(count) })])); } });
    table.appendChild(make("table", {}, [make("thead", {}, [make("tr", {}, [make("th", { scope: "col", text: "From (UTC)" }), make("th", { scope: "col", "class": "n", text: "Failures" })])]), body]));
  }
  function duration(seconds) {
    var units = [[86400, "day"], [3600, "hour"], [60, "minute"], [1, "second"]];
    for (var at = 0; at < units.length; at += 1) {
      if (seconds >= units[at][0]) { var many = Math.round(seconds / units[at][0]); return many + " " + units[at][1] + (many > 1 ? "s" : ""); }
    }
    return seconds + " s";
  }
  function tip(event, at, bucket, total) {
    var lines = [moment(at) + ": " + number(total)];
    Object.keys(bucket).forEach(function (key) {
      var what = named(Number(key));
      lines.push((what ? what.code : "other") + ": " + number(bucket[key]));
    });
    var box = byId("tip");
    box.textContent = lines.join("\n");
    box.hidden = false;
    box.style.left = Math.min(event.pageX + 12, document.documentElement.scrollWidth - box.offsetWidth - 8) + "px";
    box.style.top = (event.pageY + 12) + "px";
  }

  // --- Tables -------------------------------------------------------------------------------------------------------
  function bars(id, entries, columns) {
    var most = entries.length ? entries[0].count : 1, body = make("tbody");
    entries.forEach(function (entry) {
      var bar = make("i");
      bar.style.width = Math.max(1, 100 * entry.count / most) + "%";
      var cells = [make("td", { "class": "n", text: number(entry.count) }), make("td", { "class": "bar", "aria-hidden": "true" }, [bar])];
      columns.forEach(function (column) { cells.push(column.cell(entry)); });
      body.appendChild(make("tr", {}, cells));
    });
    var heads = [make("th", { scope: "col", "class": "n", text: "Failures" }), make("td", { "class": "bar" })];
    columns.forEach(function (column) { heads.push(make("th", { scope: "col", text: column.title, "class": column.wide ? "wide" : "" })); });
    clear(byId(id)).appendChild(make("table", {}, [make("thead", {}, [make("tr", {}, heads)]), body]));
  }
  function chooser(name, entry, text) {
    var button = make("button", { type: "button", text: text, "aria-pressed": String(chosen[name] === entry) });
    button.addEventListener("click", function () { toggle(name, entry); });
    return make("td", { "class": name === "code" ? "" : "long" }, [button]);
  }
  var AGAIN = { "true": "yes", "false": "no", "null": "not known" };
  function seenAt(time) { return make("td", { "class": "wide small", text: time ? time.slice(0, 16).replace("T", " ") : "" }); }
  function drawTables(rows) {
    bars("codes", sums(rows, function (row) { return value(row, "code"); }), [
      { title: "Code", cell: function (entry) { var cell = chooser("code", entry.name, about(entry.name).code); if (about(entry.name).registry !== "api") { cell.appendChild(make("div", { "class": "small", text: about(entry.name).registry })); } return cell; } },
      { title: "Description", cell: function (entry) { return make("td", { "class": "long", text: about(entry.name).description }); } },
      { title: "Category", wide: true, cell: function (entry) { return make("td", { "class": "wide", text: about(entry.name).category }); } },
      { title: "Send again", wide: true, cell: function (entry) { return make("td", { "class": "wide", text: AGAIN[String(about(entry.name).retryable)] }); } },
      { title: "First seen", wide: true, cell: function (entry) { return seenAt(about(entry.name).first_seen); } },
      { title: "Last seen", wide: true, cell: function (entry) { return seenAt(about(entry.name).last_seen); } }
    ]);
    [["endpoints", "endpoint", "Endpoint"], ["accounts", "sub_account", "Sub-account"]].forEach(function (table) {
      bars(table[0], sums(rows, function (row) { return value(row, table[1]); }).slice(0, 20), [
        { title: table[2], cell: function (entry) { return chooser(table[1], entry.name, entry.name || "(not told)"); } }
      ]);
    });
  }

  // --- Latest failures ----------------------------------------------------------------------------------------------
  function reference(entry) { return entry.error_id || entry.umid || entry.request_id || entry.session_id || entry.batch_id || ""; }
  function fitsEntry(entry) {
    return Object.keys(chosen).every(function (name) {
      if (name === "from" || name === "to") {
        if (!entry.time) { return false; }
        var bucket = Math.floor((Date.parse(entry.time) - Date.parse(time.start)) / 1000 / time.seconds);
        return name === "from" ? bucket >= chosen.from : bucket <= chosen.to;
      }
      var own = name === "code" ? entry.registry + " " + entry.code : entry[name] || "";
      return own === chosen[name] || (chosen[name] === "(other)" && names[name].indexOf(own) < 0);
    });
  }
  function copy(text, what) {
    function done() { byId("status").textContent = what + " copied."; }
    function failed() { byId("status").textContent = "The browser did not allow the copy. " + what + ": " + text; }
    if (navigator.clipboard && navigator.clipboard.writeText) { navigator.clipboard.writeText(text).then(done, function () { byHand(text) ? done() : failed(); }); }
    else if (byHand(text)) { done(); } else { failed(); }
  }
  function byHand(text) {
    var area = make("textarea", { readonly: "", "aria-hidden": "true" }), before = document.activeElement, worked = false;
    area.value = text;
    document.body.appendChild(area);
    area.select();
    try { worked = document.execCommand("copy"); } catch (error) { worked = false; }
    document.body.removeChild(area);
    if (before && before.focus) { before.focus(); }
    return worked;
  }
  function copyButton(label, text, what, full) {
    var button = make("button", { type: "button", text: label, "aria-label": full });
    button.addEventListener("click", function () { copy(text, what); });
    return button;
  }
  function drawRecent() {
    var entries = report.recent.filter(fitsEntry), list = clear(byId("recent"));
    entries.slice(0, shown).forEach(function (entry) {
      var id = reference(entry), buttons = [], title = entry.code + " " + entry.description;
      if (id) { buttons.push(copyButton("Copy id", id, (entry.error_id ? "errorId " : "Id ") + id, "Copy the id of " + title)); }
      buttons.push(copyButton("Copy ticket", entry.ticket, "The ticket", "Copy the ticket of " + title));
      var where = [entry.time ? entry.time.replace("T", " ").replace("Z", "") : "", entry.endpoint, entry.sub_account].filter(Boolean).join("  ");
      list.appendChild(make("li", {}, [
        make("div", {}, [make("b", { text: title }), make("div", { "class": "small", text: where }), make("code", { text: id || "(no id)" })]),
        make("div", { "class": "copy" }, buttons)
      ]));
    });
    if (!entries.length) { list.appendChild(make("li", { text: "None of the latest " + report.recent.length + " failures is one of these." })); }
    byId("more").hidden = entries.length <= shown;
  }

  // --- The page -----------------------------------------------------------------------------------------------------
  function draw() {
    var rows = cube.rows.filter(function (row) { return fits(row); });
    var total = rows.reduce(function (sum, row) { return sum + row[6]; }, 0);
    drawFilters();
    drawTiles(rows, total);
    drawChart();
    drawTables(rows);
    drawRecent();
    var on = Object.keys(chosen).length;
    byId("status").textContent = on ? number(total) + " of " + number(report.failures) + " failures with these filters." : "";
  }
  function size(bytes) { return bytes >= 1e9 ? (bytes / 1e9).toFixed(1) + " GB" : bytes >= 1e6 ? (bytes / 1e6).toFixed(1) + " MB" : Math.ceil(bytes / 1e3) + " kB"; }
  function isDark() {
    var theme = document.documentElement.getAttribute("data-theme");
    return theme ? theme === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
  }
  function drawTheme() { byId("theme").textContent = isDark() ? "Light" : "Dark"; byId("theme").setAttribute("aria-pressed", String(isDark())); byId("theme").setAttribute("aria-label", "Dark mode"); }
  byId("theme").addEventListener("click", function () { document.documentElement.setAttribute("data-theme", isDark() ? "light" : "dark"); drawTheme(); });
  byId("print").addEventListener("click", function () { window.print(); });
  byId("more").addEventListener("click", function () { shown += 50; drawRecent(); });
  var parts = [number(report.failures) + " failures"];
  if (report.first_seen) { parts.push(report.first_seen.slice(0, 16).replace("T", " ") + " to " + report.last_seen.slice(0, 16).replace("T", " ") + " UTC"); }
  parts.push(report.files + (report.files === 1 ? " file" : " files") + (report.bytes ? ", " + size(report.bytes) : ""));
  if (report.without_time) { parts.push(number(report.without_time) + " without a time"); }
  if (!cube.whole) { parts.push("the rarest combinations are left out of the filters"); }
  byId("source").textContent = parts.join(", ");
  byId("app").hidden = false;
  buildFilters();
  drawTheme();
  draw();
}());
