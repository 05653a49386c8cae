//! The page around plots.

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1rem/1.5 system-ui,sans-serif;margin:0 auto;padding:1rem;max-width:80rem;color:#1a1a1a;background:#fff}\
@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#161616}a{color:#8ab4f8}}\
h1{font-size:1.6rem}h2{font-size:1.25rem;margin:2rem 0 .25rem}\
.plots{display:grid;margin-top:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:1rem}\
figure{margin:0;min-width:0}figcaption{font-weight:600}\
svg{width:100%;height:auto}svg text{fill:currentColor}svg [stroke=\"#000000\"]{stroke:currentColor}\
.legend{margin:0;font-size:.9rem}.legend span{margin-right:.75rem;display:inline-block}\
table{border-collapse:collapse}caption{text-align:left;font-weight:600;padding:.5rem 0}\
th{font-weight:500}th,td{text-align:left;padding:.2rem .8rem .2rem 0;vertical-align:top}\
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\
.wide,pre{overflow-x:auto}small{opacity:.8}\
@media(max-width:40rem){.runs,.runs tbody{display:block}.runs tr{display:grid;grid-template-columns:1fr 6rem 6rem;padding:.3rem 0}\
.runs :is(th,td):last-child{grid-column:1/-1}.runs th:last-child{display:none}}\
summary{cursor:pointer}pre{font-size:.85rem}code{overflow-wrap:anywhere}";

/// A page in one file; `title` is text, `body` is HTML.
///
/// # Example
/// ```
/// let page = netdsl_plot::page("Norms & losses", "<p>None.</p>");
/// assert!(page.contains("<h1>Norms &amp; losses</h1>\n<p>None.</p>"));
/// ```
pub fn page(title: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        "<!doctype html>\n<html lang=en>\n<head><meta charset=utf-8>\n\
         <meta name=viewport content=\"width=device-width,initial-scale=1\">\n\
         <title>{title}</title>\n<style>{STYLE}</style></head>\n<body>\n<h1>{title}</h1>\n{body}</body>\n</html>\n"
    )
}

/// A sentence as HTML: what stands between backticks is code.
///
/// # Example
/// ```
/// assert_eq!(netdsl_plot::sentence("use `a < b`, not `c"), "use <code>a &lt; b</code>, not `c");
/// ```
pub fn sentence(text: &str) -> String {
    let text = escape(text);
    let mut pieces = text.split('`');
    let mut html = String::from(pieces.next().unwrap_or_default());
    while let Some(code) = pieces.next() {
        match pieces.next() {
            Some(rest) => html += &format!("<code>{code}</code>{rest}"),
            None => html += &format!("`{code}"),
        }
    }
    html
}

/// A text as HTML and XML write it.
///
/// # Example
/// ```
/// assert_eq!(netdsl_plot::escape("a < \"b\" & c"), "a &lt; &quot;b&quot; &amp; c");
/// ```
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
