// Draws every [data-chart] out of the JSON beside it; colours are the page's, so that light and dark both hold.
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const dark = () => document.documentElement.dataset.bsTheme === "dark";
const DARK = "#8ab0f5 #f0bf6a #7fd39c #bdb0f2 #f5a8a2 #79cfd8 #c9d07a #e4a1cf #a6b0bd #d7b28c #9be0c4".split(" ");
const LIGHT = "#2456b8 #b26a00 #1b7f46 #6a4fb3 #b3261e #0f7480 #6b7100 #a13b83 #55606f #8a5a2b #2c8f74".split(" ");
const number = new Intl.NumberFormat(document.documentElement.lang);
const base = () => ({
  color: dark() ? DARK : LIGHT,
  animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
  animationDuration: 300,
  textStyle: { fontFamily: css("--tblr-font-sans-serif") || "system-ui", color: css("--ink"), fontSize: 13 },
  tooltip: {
    renderMode: "richText",
    backgroundColor: css("--paper"),
    borderColor: css("--line"),
    textStyle: { color: css("--ink"), fontSize: 13 },
    confine: true,
  },
  legend: {
    top: 4,
    type: "scroll",
    textStyle: { color: css("--ink") },
    inactiveColor: css("--line"),
    pageTextStyle: { color: css("--ink") },
  },
  grid: { left: 16, right: 24, top: 64, bottom: 16, containLabel: true },
});
const axis = (more) => ({
  axisLine: { lineStyle: { color: css("--quiet") } },
  axisLabel: { color: css("--quiet"), ...(more.axisLabel || {}) },
  splitLine: { lineStyle: { color: css("--line") } },
  nameTextStyle: { color: css("--quiet"), align: more.name && more.nameLocation !== "middle" ? "left" : undefined },
  ...Object.fromEntries(Object.entries(more).filter(([key]) => key !== "axisLabel")),
});

const makers = {
  decision(data) {
    const { points, texts } = data;
    const middle = median(points.map((p) => p.y));
    const top = nice(Math.max(10, ...points.map((p) => p.y)) * 1.08);
    const steep = top > 10 * middle; // a few large ones would press all others flat: tens instead of steps
    const low = steep ? 1 : 0;
    const drivers = [...new Set(points.map((p) => p.driver))];
    const quarter = (name, position, x, y) => [
      { name, xAxis: x[0], yAxis: y[0], label: { position, color: css("--quiet"), fontWeight: 600, fontSize: 13 } },
      { xAxis: x[1], yAxis: y[1] },
    ];
    return {
      ...base(),
      xAxis: axis({ type: "value", min: 0, max: 100, name: texts.x, nameLocation: "middle", nameGap: 28 }),
      yAxis: axis({ type: steep ? "log" : "value", min: low, max: top, name: steep ? texts.steep : texts.y }),
      grid: { left: 16, right: 24, top: 72, bottom: 32, containLabel: true },
      tooltip: {
        ...base().tooltip,
        formatter: ({ data, value: [x, y, score] }) =>
          [
            data.name,
            `${texts.x}: ${x}`,
            `${texts.y}: ${number.format(Math.round(y))}`,
            `${texts.score}: ${Math.round(score)}`,
          ].join("\n"),
      },
      series: drivers.map((driver, i) => ({
        name: driver,
        type: "scatter",
        symbolSize: (value) => 8 + value[2] / 4,
        itemStyle: { opacity: 0.78, borderColor: css("--paper") },
        emphasis: { focus: "self", itemStyle: { opacity: 1, borderColor: css("--ink"), borderWidth: 2 } },
        data: points
          .filter((p) => p.driver === driver)
          .map((p) => ({ name: p.name, value: [p.x, Math.max(low, p.y), p.size], id: p.id, href: p.href })),
        ...(i === 0
          ? {
              markLine: {
                silent: true,
                symbol: "none",
                label: { show: false },
                lineStyle: { color: css("--quiet"), type: "dashed" },
                data: [{ xAxis: 50 }, { yAxis: middle }],
              },
              markArea: {
                silent: true,
                itemStyle: { color: "transparent" },
                data:
                  innerWidth < 700
                    ? []
                    : [
                        quarter(texts.major, "insideTopLeft", [0, 50], [middle, top]),
                        quarter(texts.quick, "insideTopRight", [50, 100], [middle, top]),
                        quarter(texts.long, "insideBottomLeft", [0, 50], [low, middle]),
                        quarter(texts.low, "insideBottomRight", [50, 100], [low, middle]),
                      ],
              },
            }
          : {}),
      })),
    };
  },
  bars(data) {
    // All names, aslant; of months some may be left out.
    const long = !data.horizontal && !data.inTime && data.labels.length <= 14 && data.labels.join("").length > 30;
    return {
      ...base(),
      tooltip: {
        ...base().tooltip,
        trigger: "axis",
        axisPointer: { type: "shadow" },
        valueFormatter: (v) => (v === null || v === undefined ? "–" : number.format(v)),
      },
      [data.horizontal ? "yAxis" : "xAxis"]: axis({
        type: "category",
        data: data.labels,
        inverse: Boolean(data.horizontal),
        splitLine: { show: false },
        axisLabel: {
          hideOverlap: !long,
          rotate: long ? 30 : 0,
          interval: data.horizontal || long ? 0 : "auto",
          width: data.horizontal ? 150 : undefined,
          overflow: "truncate",
        },
      }),
      [data.horizontal ? "xAxis" : "yAxis"]: axis({
        type: "value",
        name: data.unit || "",
        minInterval: data.whole ? 1 : 0,
      }),
      series: data.series.map((one) => ({
        name: one.name,
        type: one.line ? "line" : "bar",
        stack: one.stack || undefined,
        data: one.values.map((v, i) => ({ value: v, href: (one.hrefs || data.hrefs || [])[i] })),
        barMaxWidth: 36,
        symbolSize: 7,
        showSymbol: one.values.length <= 24,
        connectNulls: false,
      })),
    };
  },
};
// The next round number: 6382 -> 7000.
const nice = (value) => {
  const step = 10 ** Math.floor(Math.log10(value));
  return Math.ceil(value / step) * step;
};
const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length ? sorted[Math.floor(sorted.length / 2)] : 0;
};

function draw() {
  document.querySelectorAll("[data-chart]").forEach((place) => {
    const data = JSON.parse(document.getElementById(place.dataset.chart).textContent);
    const chart = echarts.getInstanceByDom(place) || echarts.init(place, null, { renderer: "canvas" });
    chart.setOption(makers[data.kind](data), true);
    chart.off("click");
    chart.on("click", (event) => {
      if (event.data?.id) choose(event.data.id);
      else if (event.data?.href) location.href = event.data.href;
    });
    place.chart = chart;
  });
}
function choose(id) {
  for (const row of document.querySelectorAll("[data-point]")) {
    row.classList.toggle("is-current", row.dataset.point === String(id));
  }
  document.querySelector(`[data-point="${id}"]`)?.scrollIntoView({ block: "nearest" });
}
document.addEventListener("mouseover", (event) => {
  const row = event.target.closest?.("[data-point]");
  const chart = document.querySelector("[data-chart]")?.chart;
  if (!row || !chart) return;
  chart.dispatchAction({ type: "downplay" });
  chart.getOption().series.forEach((one, seriesIndex) => {
    const dataIndex = one.data.findIndex((point) => String(point.id) === row.dataset.point);
    if (dataIndex >= 0) chart.dispatchAction({ type: "highlight", seriesIndex, dataIndex });
  });
});
draw();
document.addEventListener("themed", draw);
document.addEventListener("listed", draw);
addEventListener("resize", () => {
  for (const place of document.querySelectorAll("[data-chart]")) place.chart?.resize();
});
