// Every visible text of the page whose contrast with what lies behind it is below 4.5.
async () => {
  await Promise.allSettled(document.getAnimations().map((one) => one.finished));   // colours fade over
  const parse = (words) => {
    const numbers = words.match(/[\d.]+/g).map(Number);
    return { rgb: numbers.slice(0, 3), a: numbers[3] ?? 1 };
  };
  const over = (top, under) => top.rgb.map((c, i) => c * top.a + under[i] * (1 - top.a));
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.backgroundImage !== "none" && !style.backgroundImage.includes("repeating")) return null;
      layers.push(parse(style.backgroundColor));
      if (layers.at(-1).a === 1) break;
    }
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => {
    const [hi, lo] = [light(a), light(b)].sort((x, y) => y - x);
    return (hi + 0.05) / (lo + 0.05);
  };
  const found = [];
  let seen = 0;
  const look = (element, words, color) => {
    const under = behind(element);
    if (!under) return;
    let opacity = 1;
    for (let at = element; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
    const ink = parse(color);
    const contrast = ratio(over({ rgb: ink.rgb, a: ink.a * opacity }, under), under);
    seen += 1;
    if (contrast < 4.5) found.push([words.slice(0, 30), element.className, contrast.toFixed(2)]);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    const words = texts.currentNode.textContent.trim();
    if (!words || element.closest(".sr, .skip") || !element.checkVisibility()) continue;
    look(element, words, getComputedStyle(element).color);
  }
  for (const field of document.querySelectorAll("[placeholder]")) {
    if (field.checkVisibility()) look(field, field.placeholder, getComputedStyle(field, "::placeholder").color);
  }
  return { found, seen };
}
