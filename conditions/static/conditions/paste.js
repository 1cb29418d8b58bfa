"use strict";
// What is pasted into a box for Markdown comes in as Markdown: lists, headings, links and bold of HTML, Word's bullets.
{
    const MARKED = "li,h1,h2,h3,h4,h5,h6,b,strong,a[href],[data-style*=mso-list]";
    const BULLET = /^[ \t]*[•·▪◦‣●○][ \t\xa0]*/gm;
    const EDGE = "\f"; // of an item: two that meet are one line end, so that a list has no empty lines in it
    const UNSEEN = /[\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g;

    const plain = (text) =>
        text.replace(/\r\n?|[\v\u2028\u2029]/g, "\n").replace(UNSEEN, "").replace(BULLET, "- ");

    const item = (node, words) => {
        const own = node.dataset.style || "";
        const numbered = node.parentNode.localName === "ol" || /mso-list/.test(own) && /^\s*\d/.test(node.textContent);
        const mark = numbered ? "1. " : "- ";
        return `${EDGE}${mark}${words.replace(/[ \t]*[\n\f]([ \t]*[\n\f])*/g, `\n${" ".repeat(mark.length)}`)}${EDGE}`;
    };

    const written = (node) => {
        const {localName: name, nodeType} = node;
        const style = node.dataset?.style || "";
        if (nodeType === Node.TEXT_NODE) {
            return node.data.replace(/[ \t\r\n\f]+/g, " ");
        }
        if (nodeType !== Node.ELEMENT_NODE || /^(style|script|title)$/.test(name) || /mso-list:\s*Ignore/i.test(style)) {
            return "";
        }
        const inside = [...node.childNodes].map(written).join("");
        const words = inside.trim();
        if (name === "br") {
            return "\n";
        }
        if (!words) {
            return inside;
        }
        if (/^(b|strong)$/.test(name) && !/font-weight:\s*(normal|400)/.test(style)) {
            return inside.replace(words, () => `**${words}**`);
        }
        if (name === "a" && /^(https?|mailto|tel):/.test(node.getAttribute("href"))) {
            return inside.replace(words, () => `[${words}](${node.getAttribute("href")})`);
        }
        if (name === "li" || /mso-list/.test(style)) {
            return item(node, words);
        }
        if (/^h[1-6]$/.test(name)) {
            return `\n\n${"#".repeat(name[1])} ${words}\n\n`;
        }
        return /^(p|div|ul|ol|table|tr|blockquote|section|article)$/.test(name) ? `\n\n${words}\n\n` : inside;
    };

    // Styles are only read, but the page's policy would refuse each, and say so on the console, were it called one.
    const unstyled = (html) => html.replace(/<style\b[^]*?<\/style\s*>/gi, "")
        .replace(/<[^>]*>/g, (tag) => tag.replace(/\s(style|on\w+)\s*=/gi, " data-$1="));

    const markdown = (html) => {
        const {body} = new DOMParser().parseFromString(unstyled(html), "text/html");
        const words = body.querySelector(MARKED) && written(body);
        const lines = words && words.replace(/\f\s*\f|\f/g, "\n");
        return lines && plain(lines).replace(/[ \t]+$/gm, "").replace(/\n{3,}/g, "\n\n").trim();
    };

    document.addEventListener("paste", (event) => {
        if (event.target.matches("textarea[data-markdown]")) {
            const text = event.clipboardData.getData("text/plain");
            const words = markdown(event.clipboardData.getData("text/html")) || plain(text);
            if (words !== text) {
                event.preventDefault();
                document.execCommand("insertText", false, words);
            }
        }
    });
}
