//! Doc comments as HTML: their Markdown, and nothing that could run, load or frame anything.

use maud::PreEscaped;
use pulldown_cmark::{BrokenLink, CowStr, Event, Options, Parser, Tag, TagEnd, html::push_html};

/// Paragraphs, lists, tables and code.
pub(crate) fn block(source: &str) -> PreEscaped<String> {
    let mut html = String::with_capacity(source.len() + source.len() / 4);
    push_html(&mut html, events(source, false));
    PreEscaped(html)
}

/// A text within a sentence or cell: emphasis, code and links of its paragraphs.
pub(crate) fn inline(source: &str) -> PreEscaped<String> {
    let mut html = String::with_capacity(source.len() + 16);
    push_html(&mut html, events(source, true));
    PreEscaped(html.trim_end().to_owned())
}

/// Whether a link may lead there: to another page, to a mail program, or within this page.
pub(crate) fn is_safe(address: &str) -> bool {
    ["http://", "https://", "mailto:", "#"]
        .iter()
        .any(|start| address.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start)))
}

fn events(source: &str, is_inline: bool) -> impl Iterator<Item = Event<'_>> {
    // What rustdoc would link is a name in the code, which leads nowhere here.
    let name = |_: BrokenLink<'_>| Some((CowStr::Borrowed(""), CowStr::Borrowed("")));
    let parser = Parser::new_with_broken_link_callback(
        source.trim(),
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH,
        Some(name),
    );
    // Which of the open links are written.
    let mut links = Vec::new();
    parser.filter_map(move |event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::HtmlBlock) => Some(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::HtmlBlock) => Some(Event::End(TagEnd::Paragraph)),
        Event::Start(Tag::Link { link_type, dest_url, .. }) => {
            // An address in angle brackets that holds an `@` is written without its scheme.
            let is_email = link_type == pulldown_cmark::LinkType::Email;
            links.push(is_email || is_safe(&dest_url));
            let link =
                Tag::Link { link_type, dest_url, title: CowStr::Borrowed(""), id: CowStr::Borrowed("") };
            links.last().is_some_and(|shown| *shown).then_some(Event::Start(link))
        }
        Event::End(TagEnd::Link) => links.pop().filter(|shown| *shown).map(|_| event),
        // Of a picture the words remain: the page loads nothing.
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        // The headings of the page have their own order.
        Event::Start(Tag::Heading { .. }) => Some(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::Heading(_)) => Some(Event::End(TagEnd::Paragraph)),
        // Alignment would be a style attribute, which the page's policy forbids.
        Event::Start(Tag::Table(columns)) => {
            Some(Event::Start(Tag::Table(vec![pulldown_cmark::Alignment::None; columns.len()])))
        }
        Event::Start(Tag::Paragraph) if is_inline => None,
        Event::End(TagEnd::Paragraph) if is_inline => Some(Event::SoftBreak),
        other => Some(other),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: &str) {
        assert_eq!(block(source).0.trim(), expected, "{source}");
    }

    #[test]
    fn markup_of_the_author_is_text() {
        check("a <b onclick=\"x()\">c</b>", "<p>a &lt;b onclick=\"x()\"&gt;c&lt;/b&gt;</p>");
        check("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>");
        check("</section><!-- ", "<p>&lt;/section&gt;&lt;!--</p>");
        check("`<i>`", "<p><code>&lt;i&gt;</code></p>");
    }

    #[test]
    fn links_lead_to_pages_mail_and_parts_of_the_page_only() {
        check(
            "[a](https://example.com/?a=1&b=2)",
            "<p><a href=\"https://example.com/?a=1&amp;b=2\">a</a></p>",
        );
        check(
            "[a](#x) <me@example.com>",
            "<p><a href=\"#x\">a</a> <a href=\"mailto:me@example.com\">me@example.com</a></p>",
        );
        check("[a](javascript:alert(1))", "<p>a</p>");
        check("[a](JAVASCRIPT:alert(1)) <data:text/html,x>", "<p>a data:text/html,x</p>");
        check(
            "[`Device`] and [text][Device] and ![a picture](https://example.com/x.png)",
            "<p><code>Device</code> and text and a picture</p>",
        );
    }

    #[test]
    fn nothing_needs_a_style_and_no_heading_is_made() {
        check("# One", "<p>One</p>");
        assert!(!block("|a|\n|:-:|\n|1|").0.contains("style"));
        assert_eq!(inline("One `two`.\n\nThree.").0, "One <code>two</code>.\nThree.");
    }
}
