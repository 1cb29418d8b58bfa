// What the page holds that is none of ours, and which of the texts can be seen in it. Given to page.evaluate.
([texts, isAdmin]) => {
   const OURS = new Set(
       (
           "html head meta title link body a abbr article aside b blockquote br button caption cite code col colgroup " +
           "dd del details div dl dt em fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr i " +
           "input ins label legend li " +
           "main mark nav ol optgroup option output p path pre script section select small span strong sub summary sup svg " +
           "table tbody td template textarea tfoot th thead time tr u ul use g circle text symbol"
       ).split(" "),
   );
   const DRAWN = "svg.face, svg.base-svgs, svg.theme-icon-when-auto, svg.theme-icon-when-dark, svg.theme-icon-when-light";
   const ADDRESSES = ["href", "xlink:href", "src", "action", "formaction", "data", "poster", "background", "cite", "ping"];
   // What a page of the site says for machines: one block of data, which no browser runs.
   const DATA = isAdmin ? null : document.querySelector('body > script[type="application/ld+json"]:last-child');
   const SUGGESTS = /^\/static\/conditions\/suggest(\.[0-9a-f]+)?\.js$/;
   const isJson = (text) => {
       try {
           JSON.parse(text);
           return true;
       } catch {
           return false;
       }
   };
   const squeeze = (text) => text.replace(/[\s\ufeff]+/g, " ").trim();
   const foreign = [];
   const words = [document.documentElement.textContent];
   // What those see whose browser runs no scripts.
   const plain = [...document.querySelectorAll("noscript")].flatMap((one) => [
       ...new DOMParser().parseFromString(one.textContent, "text/html").body.querySelectorAll("*"),
   ]);
   // What the browser makes of XML and plain text is its own.
   for (const element of document.contentType === "text/html" ? [...document.querySelectorAll("*"), ...plain] : []) {
       const name = element.localName;
       const report = (what) => foreign.push(`${what} in ${element.outerHTML.slice(0, 160)}`);
       const isIcon = isAdmin && name === "img" && (element.getAttribute("src") ?? "").startsWith("/static/admin/img/");
       if (!(OURS.has(name) || isIcon || (isAdmin && name === "noscript")) || (element instanceof SVGElement && !element.closest(DRAWN))) {
           report(`element ${name}`);
       }
       if (name === "script") {
           const path = String(element.src ?? "").startsWith(location.origin) ? new URL(element.src).pathname : "";
           const isData = element === DATA;
           const isFile = path.startsWith("/static/") || path === "/admin/jsi18n/";
           if (isData ? !isJson(element.textContent) : element.textContent.trim() || !isFile) {
               report("script");
           }
           if (!isAdmin && !isData && !SUGGESTS.test(path)) {
               report("script for readers");
           }
       }
       for (const { name: attribute, value } of element.attributes) {
           words.push(value);
           if (/^on/i.test(attribute) || attribute === "http-equiv" || attribute === "srcdoc" || attribute === "autofocus") {
               if (!(isAdmin && attribute === "autofocus" && element.matches("#id_username, #searchbar"))) {
                   report(`attribute ${attribute}`);
               }
           }
           if (attribute === "style" && !(isAdmin && element.closest(".calendarbox, .clockbox"))) {
               report("attribute style");
           }
           if (ADDRESSES.includes(attribute) && !(name === "link" && element.rel === "icon" && value === "data:,")) {
               const address = new URL(value, location.href);
               if (!["http:", "https:", "mailto:", "tel:"].includes(address.protocol)) {
                   report(`address ${address.protocol}`);
               }
               if (name !== "a" && address.origin !== location.origin) {
                   report("address elsewhere");
               }
           }
       }
       if ("value" in element && typeof element.value === "string") {
           words.push(element.value);
       }
   }
   const all = squeeze(words.join("\n"));
   const seen = texts.flatMap((text, place) => (all.includes(squeeze(text)) ? [place] : []));
   return { foreign, seen, isOurs: document.contentType === "text/html" };
}
