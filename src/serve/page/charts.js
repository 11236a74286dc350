// Small charts as inline SVG. Each has a text alternative. Text is set as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

export const count = new Intl.NumberFormat("en");

function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

// A share of a whole, from 0 to 1. The number beside it is the text alternative.
export function bar(share, kind = "") {
  const width = Math.max(0, Math.min(1, share)) * 100;
  return svg("svg", { class: "bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { class: "track", width: 100, height: 10 }),
    svg("rect", { class: `fill ${kind}`, width: width > 0 ? Math.max(width, 1) : 0, height: 10 }));
}

// The history of a number over the last minutes; decoration beside the number itself.
export function sparkline(values) {
  const greatest = Math.max(1, ...values);
  const points = values.map((value, i) =>
    `${(i / Math.max(1, values.length - 1)) * 100},${28 - (value / greatest) * 26}`);
  return svg("svg", { viewBox: "0 0 100 30", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("polyline", { class: "line", points: points.join(" ") }));
}

// Columns with the first and last label under them. `bars`: [{label, value, kind}].
export function columns(bars, description) {
  const width = 400;
  const height = 110;
  const step = width / Math.max(bars.length, 8);
  const greatest = Math.max(1, ...bars.map((one) => one.value));
  const chart = svg("svg", { viewBox: `0 0 ${width} ${height + 18}`, role: "img", "aria-label": description });
  bars.forEach((one, i) => {
    const tall = one.value > 0 ? Math.max(1, (one.value / greatest) * height) : 0;
    chart.append(svg("rect", { class: `column ${one.kind || ""}`, x: (i * step + 1).toFixed(1), y: (height - tall).toFixed(1),
      width: Math.max(1, step - 2).toFixed(1), height: tall.toFixed(1) },
    svg("title", {}, `${one.label}: ${count.format(one.value)}`)));
  });
  if (bars.length > 0) chart.append(svg("text", { class: "label", x: 0, y: height + 14 }, bars[0].label));
  if (bars.length > 1) {
    const end = Math.max(bars.length * step, 200);
    chart.append(svg("text", { class: "label", x: end.toFixed(1), y: height + 14, "text-anchor": "end" }, bars[bars.length - 1].label));
  }
  return chart;
}
