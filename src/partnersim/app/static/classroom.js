// The moving part of the page: draws what the server has computed, plays it, and tells the server what was clicked.
// Playing needs no server, so pausing stops at once and thirty tabs can play at the same time.
window.classroom = (() => {
  const QUIET = "#666666", ACCENT = "#12436d", BASE = "#8b929c";
  const STYLE = { a: { colour: BASE, dash: [5, 4], width: 2, fan: 0.2 }, b: { colour: ACCENT, dash: "solid", width: 2.4, fan: 0.16 } };
  const state = {
    slots: {}, months: 240, cursor: 240, end: 240, playing: false, speed: 12, sides: { a: null, b: null }, marks: [], thin: 3,
    drawings: {}, frames: {}, drawn: 0, began: 0, bet: null, drawing: false, words: {},
  };
  const tell = (kind, more = {}) => emitEvent("classroom", { kind, ...more });
  const byId = (id) => document.getElementById(id);
  const chartOf = (slot) => { const found = state.slots[slot] && getElement(state.slots[slot].id); return found && found.chart; };
  const when = (month) => `Year ${Math.floor(Math.max(0, month - 1) / 12) + 1}, month ${(Math.max(0, month - 1) % 12) + 1}`;

  // -- charts ---------------------------------------------------------------------------------------------------------
  const fan = (id, band, style, upto) => ({
    id, type: "custom", silent: true, clip: true, z: 1, data: band ? [[0, 0]] : [], tooltip: { show: false },
    renderItem: (params, api) => {
      if (!band) return;
      const [low, high] = band, points = [];
      const many = Math.min(low.length, Math.floor(upto / state.thin) + 1);
      for (let k = 0; k < many; k++) points.push(api.coord([k * state.thin, high[k]]));
      for (let k = many - 1; k >= 0; k--) points.push(api.coord([k * state.thin, low[k]]));
      const edge = (part) => ({ type: "polyline", shape: { points: part }, style: { stroke: style.colour, fill: "none", opacity: 0.55, lineWidth: 0.8, lineDash: style.dash === "solid" ? null : [3, 3] } });
      return { type: "group", children: [{ type: "polygon", shape: { points }, style: { fill: style.colour, opacity: style.fan } }, edge(points.slice(0, many)), edge(points.slice(many))] };
    },
  });
  const line = (id, values, style, upto, z, lift) => ({
    id, type: "line", showSymbol: false, z, clip: true, silent: true,
    data: values ? values.slice(0, upto + 1).map((y, x) => [x, y]).slice(1) : [],
    lineStyle: { color: style.colour, width: style.width, type: style.dash }, itemStyle: { color: style.colour },
    endLabel: { show: !!values && upto > 3, formatter: id.toUpperCase(), color: style.colour, fontWeight: 700, fontSize: Math.round(13 * (state.scale || 1)), distance: 4, offset: [0, lift] },
  });
  const shown = () => (state.whole() ? state.months : state.cursor);
  state.whole = () => !state.playing && !state.held;

  // how far the names at the lines' ends have to move so that they lie neither on each other nor on the axis
  function lifts(chart, ends, floor) {
    const k = state.scale || 1, apart = 17 * k;
    const at = ends.map((end) => (end && end[1] !== undefined ? chart.convertToPixel({ gridIndex: 0 }, end)[1] : null));
    const order = at.map((y, n) => n).filter((n) => at[n] !== null).sort((m, n) => at[n] - at[m]); // the lowest first
    const to = [...at];
    let lowest = chart.getHeight() - floor * k;
    if (order.length === 2) to[order[0]] += Math.max(0, (apart - Math.abs(at[order[0]] - at[order[1]])) / 2);
    for (const n of order) { to[n] = Math.min(to[n], lowest); lowest = to[n] - apart; }
    return at.map((y, n) => (y === null ? 0 : to[n] - y));
  }
  function draw(slot) {
    const chart = chartOf(slot);
    if (!chart) return;
    const { name, main } = state.slots[slot], upto = shown(), { a, b } = state.sides;
    const [liftA, liftB] = lifts(chart, [a, b].map((side) => side && side.lines[name] && [upto, side.lines[name][upto]]), 34);
    const series = [
      fan("fan a", a && a.fans[name], STYLE.a, upto), fan("fan b", b && b.fans[name], STYLE.b, upto),
      line("a", a && a.lines[name], STYLE.a, upto, 3, liftA), line("b", b && b.lines[name], STYLE.b, upto, 4, liftB),
      { id: "mark", type: "line", data: [], silent: true, markLine: { silent: true, symbol: "none", animation: false, label: { show: false }, lineStyle: { color: QUIET, type: "solid", width: 1 }, data: [{ xAxis: state.cursor }] } },
    ];
    if (main) {
      const low = 0.012;
      const events = b ? state.marks.filter((m) => m.month <= upto) : [];
      series.push({ id: "events", type: "scatter", z: 6, cursor: "pointer", data: events.map((m) => ({ value: [m.month, low], own: m.own, month: m.month, symbolSize: m.own ? 13 : 6, symbol: m.own ? "diamond" : "circle", itemStyle: m.own ? { color: ACCENT, borderColor: "#fff", borderWidth: 1.5 } : { color: "#fff", borderColor: QUIET, borderWidth: 1.2 } })) });
      series.push({ id: "alive", type: "line", data: [], silent: true, markLine: { silent: true, symbol: "none", animation: false, lineStyle: { color: QUIET, type: "dotted", width: 1 }, label: { formatter: state.words.alive || "", position: "insideStartTop", color: QUIET, fontSize: Math.round(11 * (state.scale || 1)) }, data: state.alive ? [{ yAxis: state.alive }] : [] } });
      series.push({ id: "bet", type: "line", z: 7, showSymbol: false, smooth: 0.2, silent: true, data: state.bet || [], lineStyle: { color: "#222", width: 2, type: [2, 3] } });
    }
    chart.setOption({ series });
  }
  // letters as large as the room needs
  function sizes() {
    const projector = document.body.classList.contains("projector");
    state.scale = (projector ? 1.45 : 1) * (innerWidth >= 1700 ? 1.2 : 1);
    for (const [slot, one] of Object.entries(state.slots)) {
      const chart = chartOf(slot);
      if (!chart) continue;
      const k = state.scale, base = one.main ? 13 : 11, label = { fontSize: Math.round((base - 1) * k) };
      const option = { xAxis: { axisLabel: label }, yAxis: { axisLabel: label }, grid: { left: Math.round((one.plot ? 44 : 34) * k), bottom: Math.round((one.plot ? 34 : 24) * k), top: Math.round((one.plot ? 14 : one.main ? 34 : 28) * k) } };
      if (!one.plot) option.title = { top: Math.round(9 * (k - 1)), textStyle: { rich: { name: { fontSize: Math.round((base + 1) * k) }, unit: { fontSize: Math.round((base - 1) * k) } } } };
      else { option.grid.right = Math.round(126 * k); option.xAxis.nameTextStyle = label; option.xAxis.nameGap = Math.round(20 * k); option.yAxis.nameTextStyle = label; option.yAxis.nameGap = Math.round(30 * k); }
      chart.setOption(option);
    }
  }
  addEventListener("resize", () => { clearTimeout(state.resizing); state.resizing = setTimeout(() => { sizes(); frame(); }, 150); });
  function projector(on) { document.body.classList.toggle("projector", on); setTimeout(() => { sizes(); frame(); }, 60); }

  function frame() {
    // while playing, what lies in a closed tab is left alone
    const seen = (node) => !state.playing || (node && node.offsetParent);
    for (const slot of Object.keys(state.slots)) if (!state.slots[slot].plot && seen(getHtmlElement(state.slots[slot].id))) draw(slot);
    const month = Math.min(state.cursor, state.months);
    for (const side of ["a", "b"]) {
      const drawing = state.drawings[side], data = state.frames[side];
      if (drawing && data && seen(byId("district-" + side))) drawing.show(data.stances[month], data.ties[month], data.joined[month]);
    }
    const label = byId("when");
    if (label) label.textContent = when(month);
    const bar = byId("progress");
    if (bar) bar.style.width = (100 * month) / state.months + "%";
    const caption = byId("caption");
    if (caption && state.sides.b) {
      const last = state.marks.filter((m) => m.month <= month && month - m.month < 12).pop();
      caption.textContent = last ? `${when(last.month)}: ${last.text}` : "";
    } else if (caption) caption.textContent = "";
    state.drawn += 1;
  }
  window.classroomTip = (params) => {
    const list = Array.isArray(params) ? params : [params];
    const month = Math.round(list[0].axisValue ?? list[0].value[0]);
    const rows = [`<b>${when(month)}</b>`];
    for (const side of ["a", "b"]) {
      const lines = state.sides[side] && state.sides[side].lines[state.slots.main.name];
      if (lines && month <= shown() && lines[month] !== undefined) rows.push(`<span style="color:${STYLE[side].colour}"><b>${side.toUpperCase()}</b> ${lines[month].toFixed(2)}</span>`);
    }
    if (state.sides.b) for (const m of state.marks) if (Math.abs(m.month - month) <= 1 && m.month <= shown()) { const span = document.createElement("span"); span.textContent = m.text; rows.push(span.innerHTML); }
    return rows.join("<br>");
  };

  // -- play -----------------------------------------------------------------------------------------------------------
  let handle = 0, before = 0, due = 0;
  const tick = (now) => {
    if (!state.playing) return;
    due += ((now - before) / 1000) * state.speed;
    before = now;
    if (due >= 1) {
      state.cursor = Math.min(state.months, state.cursor + Math.floor(due));
      due -= Math.floor(due);
      frame();
      if (state.cursor >= state.months) return pause();
    }
    handle = requestAnimationFrame(tick);
  };
  function play() {
    if (state.cursor >= state.months) state.cursor = 0;
    state.playing = true; state.held = true; before = performance.now(); due = 1;
    state.drawn = 0; state.began = before;
    button(); handle = requestAnimationFrame(tick);
  }
  function pause() {
    state.playing = false; cancelAnimationFrame(handle);
    if (state.cursor >= state.months) state.held = false;
    button(); frame(); report();
  }
  const toggle = () => (state.playing ? pause() : play());
  const button = () => { const node = byId("play"); if (node) { node.classList.toggle("is-playing", state.playing); node.setAttribute("aria-label", state.playing ? state.words.pause : state.words.play); } };
  let waiting = 0;
  const report = () => { clearTimeout(waiting); waiting = setTimeout(() => tell("month", { month: Math.max(1, state.cursor) }), 120); };
  function go(month) {
    if (state.playing) { state.playing = false; cancelAnimationFrame(handle); button(); }
    state.cursor = Math.max(0, Math.min(state.months, month));
    frame(); report();
  }
  const step = (by) => { state.held = true; go(state.cursor + by); };
  const reset = () => { state.held = true; go(0); };
  const whole = () => { state.held = false; go(state.months); };
  const mark = (month) => { go(month); };

  // -- clicks, keys, drawing a bet --------------------------------------------------------------------------------------
  function listen(slot) {
    const chart = chartOf(slot), { main } = state.slots[slot];
    const zr = chart.getZr();
    const at = (e) => chart.convertFromPixel({ gridIndex: 0 }, [e.offsetX, e.offsetY]);
    let pen = null;
    zr.on("mousedown", (e) => { if (state.drawing && main) { pen = []; state.bet = pen; } });
    zr.on("mousemove", (e) => {
      if (!pen) return;
      const [x, y] = at(e);
      if (x >= 0 && x <= state.months && (!pen.length || x > pen[pen.length - 1][0])) { pen.push([Math.round(x), Math.max(0, Math.min(1, y))]); draw("main"); }
    });
    zr.on("mouseup", () => { if (pen) { tell("drawn", { points: pen.filter((p, n) => n % 3 === 0 || n === pen.length - 1) }); pen = null; state.drawing = false; tips(true); byId("charts").classList.remove("is-drawing"); } });
    zr.on("click", (e) => {
      if (state.drawing) return;
      if (chart.containPixel("grid", [e.offsetX, e.offsetY])) mark(Math.round(at(e)[0]));
    });
    chart.on("click", (e) => { if (e.seriesId === "events") { mark(e.data.month); tell("event", { month: e.data.month }); } });
  }
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const busy = e.target.closest && e.target.closest("input, textarea, select, [contenteditable], .q-dialog");
    if (busy) return;
    const inControl = e.target.closest && e.target.closest("button, a, .q-slider, .q-radio, .q-toggle, [role=tab], [role=button]");
    if (inControl && [" ", "ArrowLeft", "ArrowRight"].includes(e.key)) return;
    const key = e.key.toLowerCase();
    if (key === " ") toggle();
    else if (key === "arrowright") step(1);
    else if (key === "arrowleft") step(-1);
    else if (key === "r") reset();
    else if (key === "z") tell("undo");
    else if (key === "p") tell("room");
    else return;
    e.preventDefault();
  });

  // after a click with the mouse the keys belong to the page again; who came by keyboard stays where they are
  document.addEventListener("click", (e) => { if (e.detail > 0) { const held = e.target.closest && e.target.closest("button, .q-slider"); if (held) document.activeElement.blur(); } });

  // -- what the server says ---------------------------------------------------------------------------------------------
  function start(slots, words) {
    state.words = words;
    for (const [slot, { id, name, main, plot }] of Object.entries(slots)) state.slots[slot] = { id, name, main, plot, ready: false };
    const attempt = () => {
      let missing = false;
      for (const [slot, one] of Object.entries(state.slots)) {
        if (one.ready) continue;
        if (chartOf(slot)) { one.ready = true; if (!one.plot) { listen(slot); draw(slot); } else if (one.last) plot(slot, one.last); } else missing = true;
      }
      if (missing) setTimeout(attempt, 30);
      else sizes();
    };
    attempt();
    const legend = byId("legend");
    if (legend && window.partnersimDrawing) partnersimDrawing.legend(legend, words.legend);
  }
  function set(data) {
    const grew = data.months !== undefined && data.months !== state.months;
    if (data.names) for (const [slot, name] of Object.entries(data.names)) if (state.slots[slot]) state.slots[slot].name = name;
    for (const key of ["months", "marks", "thin", "alive", "bet"]) if (data[key] !== undefined) state[key] = data[key];
    if (grew) state.cursor = state.months;
    if (data.cursor !== undefined) { state.cursor = data.cursor; state.held = false; report(); }
    for (const side of ["a", "b"]) if (data[side] !== undefined) {
      const old = state.sides[side];
      // a new line keeps the old fan behind it until the new fan is there
      state.sides[side] = data[side] && { lines: { ...(old && old.lines), ...data[side].lines }, fans: { ...(old && old.fans), ...data[side].fans } };
      if (data[side] === null) delete state.frames[side];
    }
    if (data.frames) Object.assign(state.frames, data.frames);
    if (data.drawn) for (const side of ["a", "b"]) {
      const host = byId("district-" + side);
      if (host) state.drawings[side] = new partnersimDrawing.District(host, data.drawn, { ...state.words.labels, title: state.words.labels.title + " " + side.toUpperCase() }, (school) => tell("school", { side, school, month: state.cursor }));
    }
    if (data.drawn || data.frames) for (const side of ["a", "b"]) {
      const host = byId("district-" + side);
      if (host) host.style.visibility = state.frames[side] ? "visible" : "hidden";
    }
    frame();
    if (data.serial) state.serial = data.serial;
  }
  // a chart of lines and bands: spread and compare
  function plot(slot, data) {
    const one = state.slots[slot], chart = chartOf(slot);
    one.last = data;
    if (!chart) return;
    const series = [], offsets = lifts(chart, data.lines.map((item) => item.points[item.points.length - 1]), 44);
    for (const [n, item] of data.lines.entries()) {
      if (item.band) series.push({ type: "custom", silent: true, clip: true, data: [[0, 0]], renderItem: (p, api) => ({ type: "polygon", shape: { points: [...item.band.map(([x, , hi]) => api.coord([x, hi])), ...item.band.slice().reverse().map(([x, lo]) => api.coord([x, lo]))] }, style: { fill: item.colour, opacity: 0.14 } }) });
      series.push({ type: "line", name: item.name, step: item.step ? "end" : false, showSymbol: false, silent: true, data: item.points, lineStyle: { color: item.colour, width: 2.2, type: item.dash || "solid" }, itemStyle: { color: item.colour }, endLabel: { show: true, formatter: item.label || item.name, color: item.colour, fontWeight: 600, width: Math.round(112 * (state.scale || 1)), overflow: "truncate", offset: [0, offsets[n]] } });
    }
    chart.setOption({ ...(data.option || {}), series }, { replaceMerge: ["series"] });
  }
  const tips = (show) => chartOf("main").setOption({ tooltip: { show } }); // they would hide what is drawn
  function drawBet() { tips(false); state.drawing = true; state.bet = []; byId("charts").classList.add("is-drawing"); draw("main"); }
  function picture(slot, name) {
    const chart = chartOf(slot);
    if (!chart) return;
    save(chart.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: "#ffffff" }), name);
  }
  function svgPicture(id, name) {
    const svg = byId(id).querySelector("svg"), box = svg.viewBox.baseVal, scale = 3;
    const copy = svg.cloneNode(true);
    copy.setAttribute("width", box.width * scale); copy.setAttribute("height", box.height * scale);
    const image = new Image();
    image.onload = () => {
      const canvas = document.createElement("canvas");
      canvas.width = box.width * scale; canvas.height = box.height * scale;
      const pen = canvas.getContext("2d");
      pen.fillStyle = "#fff"; pen.fillRect(0, 0, canvas.width, canvas.height); pen.drawImage(image, 0, 0);
      save(canvas.toDataURL("image/png"), name);
    };
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(new XMLSerializer().serializeToString(copy));
  }
  function save(url, name) { const a = document.createElement("a"); a.href = url; a.download = name; a.click(); }
  const staff = (id, data, title) => { const attempt = () => { const host = byId(id); host ? partnersimDrawing.staff(host, data, title) : setTimeout(attempt, 30); }; attempt(); };
  const address = (query) => history.replaceState(null, "", query ? "?" + query : location.pathname);
  const copy = (text) => navigator.clipboard ? navigator.clipboard.writeText(text) : undefined;
  const setSpeed = (speed) => { state.speed = speed; };
  return { start, set, plot, toggle, play, pause, step, reset, whole, mark, drawBet, picture, svgPicture, staff, address, copy, setSpeed, sizes, projector, state };
})();
