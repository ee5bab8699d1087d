// Draws a district, or the teachers of a school, as SVG. Shared by the page and the replay; knows neither.
window.partnersimDrawing = (() => {
  const NS = "http://www.w3.org/2000/svg";
  const QUIET = "#666666", LINE = "#c9ced6", ACCENT = "#12436d", CONTEST = "#e06c1f", PAPER = "#ffffff";

  const make = (kind, attributes, parent, text) => {
    const node = document.createElementNS(NS, kind);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    if (text !== undefined) node.textContent = text;
    if (parent) parent.appendChild(node);
    return node;
  };

  // collaborates: a full circle; holds back: an open square; contests: a triangle; advisers: a dot. Never colour alone.
  const outline = (stance, r) => {
    if (stance === "1") return `M${-r * 0.85} ${-r * 0.85}h${r * 1.7}v${r * 1.7}h${-r * 1.7}z`;
    if (stance === "2") return `M0 ${-r * 1.15}L${r * 1.1} ${r * 0.85}L${-r * 1.1} ${r * 0.85}z`;
    const k = stance === "-" ? r * 0.7 : r;
    return `M${-k} 0a${k} ${k} 0 1 0 ${2 * k} 0a${k} ${k} 0 1 0 ${-2 * k} 0z`;
  };
  const FILL = { 0: ACCENT, 1: PAPER, 2: CONTEST, "-": LINE };
  const STROKE = { 0: ACCENT, 1: QUIET, 2: CONTEST, "-": LINE };
  const dress = (node, stance, r) => {
    node.setAttribute("d", outline(stance, r));
    node.setAttribute("fill", FILL[stance]);
    node.setAttribute("stroke", STROKE[stance]);
  };
  const canvas = (host, width, height, title) => {
    host.replaceChildren();
    const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, width: "100%", height: "100%", role: "img", xmlns: NS, "font-family": "Roboto, Segoe UI, Arial, sans-serif" }, host);
    make("title", {}, svg, title);
    return svg;
  };

  class District {
    constructor(host, drawn, labels, onSchool) {
      this.drawn = drawn;
      const svg = (this.svg = canvas(host, drawn.width, drawn.height, labels.title));
      this.last = {};
      const [p, s] = drawn.people;
      this.ties = [make("line", { x1: p[1] + 12, y1: p[2], x2: s[1] - 12, y2: s[2], stroke: ACCENT, "stroke-opacity": 0.55 }, svg)];
      this.houses = drawn.schools.map(([number, x, y, size]) => {
        const group = make("g", { class: "school" }, svg);
        const name = `${labels.open || labels.school} ${number + 1}`;
        const house = make("rect", { x: x - size / 2, y: y - size * 0.36, width: size, height: size * 0.72, rx: size * 0.14, fill: "#f1f3f6", stroke: "#f1f3f6" }, group);
        make("title", {}, group, name);
        this.ties.push(make("line", { x1: x - size * 0.2, y1: y, x2: x + size * 0.2, y2: y, stroke: ACCENT, "stroke-opacity": 0.5 }, group));
        if (onSchool) {
          group.style.cursor = "pointer";
          group.addEventListener("click", () => onSchool(number));
          for (const [key, value] of Object.entries({ role: "button", "aria-label": name, tabindex: number ? -1 : 0 })) group.setAttribute(key, value);
          group.addEventListener("keydown", (e) => this.walk(e, group, () => onSchool(number)));
        }
        return { group, house };
      });
      const size = drawn.schools.length ? drawn.schools[0][3] : 20;
      this.people = drawn.people.map(([, x, y, kind]) => {
        const r = { president: 10, superintendent: 10, board: 5, cabinet: 5 }[kind] || Math.max(1.6, Math.min(6.5, size * 0.15));
        const node = make("path", { transform: `translate(${x} ${y})`, "stroke-width": kind === "president" || kind === "superintendent" ? 2 : 1.3, "pointer-events": "none" }, svg);
        return { node, r };
      });
      const say = (x, y, text) => make("text", { x, y, "text-anchor": "middle", "font-size": 14.5, fill: QUIET }, svg, text);
      const centre = (kind) => { const xs = drawn.people.filter((one) => one[3] === kind).map((one) => one[1]); return (Math.min(...xs) + Math.max(...xs)) / 2; };
      say(p[1] - 14, p[2] + 26, labels.president);
      say(s[1] + 14, s[2] + 26, labels.superintendent);
      ["board", "cabinet"].forEach((kind, n) => drawn.people.some((one) => one[3] === kind) && say(centre(kind), p[2] - 13, labels.teams[n]));
      if (labels.schools) say(drawn.width / 2, drawn.top - 6, labels.schools.replace("{shown}", drawn.schools.length).replace("{all}", drawn.all));
    }
    // only one school is reached by the tab key, the others from it by arrows
    walk(e, group, open) {
      const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
      if (e.key === "Enter" || e.key === " ") open();
      else if (by) {
        const all = this.houses.map((one) => one.group), next = all[(all.indexOf(group) + by + all.length) % all.length];
        group.setAttribute("tabindex", -1);
        next.setAttribute("tabindex", 0);
        next.focus();
      } else return;
      e.preventDefault();
      e.stopPropagation();
    }
    show(stances, ties, joined) {
      const last = this.last;
      this.people.forEach(({ node, r }, n) => {
        if (!last.stances || last.stances[n] !== stances[n]) dress(node, stances[n], r);
      });
      const size = this.drawn.schools.length ? this.drawn.schools[0][3] : 20;
      this.ties.forEach((node, n) => {
        if (!last.ties || last.ties[n] !== ties[n]) node.setAttribute("stroke-width", (n ? size / 45 : 1) * (0.4 + (n ? 0.85 : 1.1) * ties[n]));
      });
      this.houses.forEach(({ house }, n) => {
        if (last.joined && last.joined[n] === joined[n]) return;
        house.setAttribute("fill", joined[n] === "1" ? "#eef2f7" : PAPER);
        house.setAttribute("stroke", joined[n] === "1" ? "#eef2f7" : LINE);
        house.setAttribute("stroke-dasharray", joined[n] === "1" ? "none" : "3 2");
      });
      this.last = { stances, ties, joined };
    }
  }

  const staff = (host, data, title) => {
    const svg = canvas(host, data.size, data.size, title);
    const at = {};
    data.order.forEach((member, n) => (at[member] = data.people[n]));
    for (const [i, j, w] of data.ties) make("line", { x1: at[i][0], y1: at[i][1], x2: at[j][0], y2: at[j][1], stroke: ACCENT, "stroke-opacity": 0.12 + 0.5 * w, "stroke-width": 0.5 + 2 * w }, svg);
    for (const [x, y, support, engaged, present] of data.people) {
      if (!present) make("circle", { cx: x, cy: y, r: 5 * data.dot, fill: PAPER, stroke: LINE, "stroke-dasharray": "2 2" }, svg);
      else make("circle", { cx: x, cy: y, r: (5 + 5 * support) * data.dot, fill: engaged ? ACCENT : PAPER, stroke: engaged ? PAPER : QUIET, "stroke-width": 1.4 }, svg);
    }
  };

  const legend = (host, words) => {
    host.replaceChildren();
    ["0", "1", "2"].forEach((stance, n) => {
      const item = document.createElement("span");
      item.className = "legend-item";
      const svg = make("svg", { viewBox: "-8 -8 16 16", width: 14, height: 14 }, item);
      dress(make("path", { "stroke-width": 1.4 }, svg), stance, 5.5);
      item.append(" " + words[n]);
      host.append(item);
    });
  };
  return { District, staff, legend };
})();
