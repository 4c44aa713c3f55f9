// What the tests ask of a page: the least contrast of its texts, and its controls without a name.
window.checks = {
  contrast: function () {
    function part(c) { c /= 255; return c <= 0.03928 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4); }
    function light(colour) {
      const [r, g, b] = colour.match(/\d+/g).map(Number);
      return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    }
    function paper(element) {
      while (element && getComputedStyle(element).backgroundColor === "rgba(0, 0, 0, 0)") { element = element.parentElement; }
      return getComputedStyle(element || document.body).backgroundColor;
    }
    return Math.min(...Array.from(document.querySelectorAll("p, td, th, h1, h2, span, b, button, label, li, code"))
      .filter((element) => element.textContent.trim() && element.offsetParent && !element.disabled)
      .map((element) => {
        const [a, b] = [light(getComputedStyle(element).color), light(paper(element))].sort((x, y) => y - x);
        return (a + 0.05) / (b + 0.05);
      }));
  },
  nameless: function () {
    return Array.from(document.querySelectorAll("button, select"))
      .filter((element) => !element.closest("[hidden]"))
      .filter((element) => !(element.getAttribute("aria-label") || element.closest("label") ||
        (element.tagName === "BUTTON" && element.textContent.trim()))).length;
  },
  button: function (box, text) {
    return Array.from(document.querySelectorAll(box + " button")).find((element) => element.textContent === text);
  },
};
0;
