//! The text of a lesson: the part of Markdown that lessons use, as a small tree that the command and the page show.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use serde::Serialize;
use std::iter::Peekable;
use std::ops::Range;
use std::vec::IntoIter;

/// A part of a text that stands on its own.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Block {
    /// A paragraph.
    Paragraph {
        /// Its text.
        inlines: Vec<Inline>,
    },
    /// A list.
    List {
        /// Whether its items are numbered, from 1.
        ordered: bool,
        /// The text of each item.
        items: Vec<Vec<Inline>>,
    },
    /// A table.
    Table {
        /// The cells of its first row.
        head: Vec<Vec<Inline>>,
        /// The cells of the others.
        rows: Vec<Vec<Vec<Inline>>>,
    },
    /// Lines of code.
    Code {
        /// The lines.
        text: String,
    },
}

/// A part of a text that has one style.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Inline {
    /// Its style.
    pub style: Style,
    /// The text.
    pub text: String,
}

/// How a text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// Like any other.
    Text,
    /// `*emphasised*`
    Emphasis,
    /// `**strong**`
    Strong,
    /// Code.
    Code,
}

/// The part of a text below a heading.
#[derive(Debug, PartialEq)]
pub struct Section {
    /// The heading.
    pub heading: String,
    /// The position of the heading in the text.
    pub at: usize,
    /// What is below it.
    pub blocks: Vec<Block>,
}

/// What is wrong with a text, and at which position.
pub type Problem = (usize, String);

/// Reads a text with headings of the second level. All problems are added to `problems`.
pub fn sections(text: &str, problems: &mut Vec<Problem>) -> Vec<Section> {
    let mut reader = Reader::of(text, problems);
    let mut sections: Vec<Section> = Vec::new();
    while let Some((event, range)) = reader.events.next() {
        match event {
            Event::Start(Tag::Heading { level: pulldown_cmark::HeadingLevel::H2, .. }) => {
                let inlines = reader.inlines(|end| matches!(end, TagEnd::Heading(_)));
                sections.push(Section { heading: plain(&inlines), at: range.start, blocks: Vec::new() });
            }
            event => {
                let block = reader.block(event, range.clone());
                match (sections.last_mut(), block) {
                    (Some(section), Some(block)) => section.blocks.push(block),
                    (None, Some(_)) => reader.refuse(range, "this text is above the first section"),
                    (_, None) => {}
                }
            }
        }
    }
    sections
}

/// Reads a text of one paragraph.
///
/// # Errors
/// What is wrong with it.
pub fn paragraph(text: &str) -> Result<Vec<Inline>, String> {
    let mut problems = Vec::new();
    let mut reader = Reader::of(text, &mut problems);
    let mut blocks = Vec::new();
    while let Some((event, range)) = reader.events.next() {
        blocks.extend(reader.block(event, range));
    }
    match (problems.into_iter().next(), &mut blocks[..]) {
        (Some((_, problem)), _) => Err(problem),
        (None, [Block::Paragraph { inlines }]) => Ok(std::mem::take(inlines)),
        (None, _) => Err("this must be one paragraph".to_owned()),
    }
}

/// Returns a text without its styles.
pub fn plain(inlines: &[Inline]) -> String {
    inlines.iter().map(|inline| inline.text.as_str()).collect()
}

/// Returns the number of words in a text.
pub fn words(blocks: &[Block]) -> usize {
    let count = |inlines: &Vec<Inline>| plain(inlines).split_whitespace().count();
    let of_block = |block: &Block| match block {
        Block::Paragraph { inlines } => count(inlines),
        Block::List { items, .. } => items.iter().map(count).sum(),
        Block::Table { head, rows } => head.iter().chain(rows.iter().flatten()).map(count).sum(),
        Block::Code { text } => text.split_whitespace().count(),
    };
    blocks.iter().map(of_block).sum()
}

/// Reads a text from its beginning to its end.
struct Reader<'a> {
    events: Peekable<IntoIter<(Event<'a>, Range<usize>)>>,
    problems: &'a mut Vec<Problem>,
}

impl<'a> Reader<'a> {
    fn of(text: &'a str, problems: &'a mut Vec<Problem>) -> Reader<'a> {
        let events: Vec<_> = Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter().collect();
        Reader { events: events.into_iter().peekable(), problems }
    }

    fn refuse(&mut self, range: Range<usize>, message: &str) {
        self.problems.push((range.start, message.to_owned()));
    }

    /// Reads the block that begins with this event.
    fn block(&mut self, event: Event<'a>, range: Range<usize>) -> Option<Block> {
        match event {
            Event::Start(Tag::Paragraph) => {
                Some(Block::Paragraph { inlines: self.inlines(|end| matches!(end, TagEnd::Paragraph)) })
            }
            Event::Start(Tag::List(start)) => Some(Block::List { ordered: start.is_some(), items: self.items() }),
            Event::Start(Tag::Table(_)) => Some(self.table()),
            Event::Start(Tag::CodeBlock(kind)) => {
                if let CodeBlockKind::Fenced(info) = &kind
                    && !info.is_empty()
                {
                    self.refuse(range, "code has no language here; leave out what follows the ```");
                }
                Some(self.code())
            }
            event => {
                self.refuse_event(&event, range);
                None
            }
        }
    }

    /// Refuses an event, and skips what is in it.
    fn refuse_event(&mut self, event: &Event<'a>, range: Range<usize>) {
        let what = match event {
            Event::Start(Tag::Heading { .. }) => "headings other than those of the sections",
            Event::Start(Tag::Image { .. }) => "pictures",
            Event::Start(Tag::Link { .. }) => "links",
            Event::Start(Tag::BlockQuote(_)) => "quotations",
            Event::Start(Tag::List(_)) => "lists within lists",
            Event::Start(Tag::HtmlBlock) | Event::Html(_) | Event::InlineHtml(_) => "HTML",
            Event::Rule => "lines across the page",
            Event::Start(_) => "blocks of this kind",
            _ => "texts of this kind",
        };
        self.refuse(range, &format!("a lesson can't have {what}"));
        if matches!(event, Event::Start(_)) {
            self.skip();
        }
    }

    /// Skips everything up to the end of what has begun.
    fn skip(&mut self) {
        let mut depth = 1;
        for (event, _) in self.events.by_ref() {
            match event {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// Reads text up to an end, which it takes.
    fn inlines(&mut self, is_end: impl Fn(&TagEnd) -> bool) -> Vec<Inline> {
        let (mut inlines, mut styles) = (Vec::new(), vec![Style::Text]);
        while let Some((event, range)) = self.events.next() {
            match event {
                Event::End(end) if is_end(&end) => break,
                event => self.inline(event, range, &mut styles, &mut inlines),
            }
        }
        inlines
    }

    /// Adds a part of a text. The last of `styles` is the one that applies.
    fn inline(&mut self, event: Event<'a>, range: Range<usize>, styles: &mut Vec<Style>, inlines: &mut Vec<Inline>) {
        let style = styles.last().copied().unwrap_or(Style::Text);
        match event {
            Event::Text(text) => add(inlines, style, &text),
            Event::Code(text) => add(inlines, Style::Code, &text),
            Event::SoftBreak | Event::HardBreak => add(inlines, style, " "),
            Event::Start(Tag::Emphasis) => styles.push(Style::Emphasis),
            Event::Start(Tag::Strong) => styles.push(Style::Strong),
            Event::End(TagEnd::Emphasis | TagEnd::Strong) => drop(styles.pop()),
            event => self.refuse_event(&event, range),
        }
    }

    fn items(&mut self) -> Vec<Vec<Inline>> {
        let mut items = Vec::new();
        while let Some((event, range)) = self.events.next() {
            match event {
                Event::End(TagEnd::List(_)) => break,
                Event::Start(Tag::Item) => items.push(self.item()),
                event => self.refuse_event(&event, range),
            }
        }
        items
    }

    /// Reads an item, which is one paragraph. It isn't marked as such where no empty line is between the items.
    fn item(&mut self) -> Vec<Inline> {
        let (mut inlines, mut styles) = (Vec::new(), vec![Style::Text]);
        let mut paragraphs = 0;
        while let Some((event, range)) = self.events.next() {
            match event {
                Event::End(TagEnd::Item) => break,
                Event::End(TagEnd::Paragraph) => {}
                Event::Start(Tag::Paragraph) => {
                    paragraphs += 1;
                    if paragraphs > 1 {
                        self.refuse(range, "an item of a list is one paragraph");
                    }
                }
                event => self.inline(event, range, &mut styles, &mut inlines),
            }
        }
        inlines
    }

    fn table(&mut self) -> Block {
        let (mut head, mut rows) = (Vec::new(), Vec::new());
        while let Some((event, range)) = self.events.next() {
            match event {
                Event::End(TagEnd::Table) => break,
                Event::Start(Tag::TableHead) => head = self.cells(),
                Event::Start(Tag::TableRow) => rows.push(self.cells()),
                event => self.refuse_event(&event, range),
            }
        }
        Block::Table { head, rows }
    }

    fn cells(&mut self) -> Vec<Vec<Inline>> {
        let mut cells = Vec::new();
        while let Some((event, range)) = self.events.next() {
            match event {
                Event::End(TagEnd::TableHead | TagEnd::TableRow) => break,
                Event::Start(Tag::TableCell) => cells.push(self.inlines(|end| matches!(end, TagEnd::TableCell))),
                event => self.refuse_event(&event, range),
            }
        }
        cells
    }

    fn code(&mut self) -> Block {
        let mut code = String::new();
        for (event, _) in self.events.by_ref() {
            match event {
                Event::End(_) => break,
                Event::Text(text) => code += &text,
                _ => {}
            }
        }
        Block::Code { text: code.trim_end().to_owned() }
    }
}

/// Adds a text to the last one, if that has the same style.
fn add(inlines: &mut Vec<Inline>, style: Style, text: &str) {
    match inlines.last_mut() {
        Some(last) if last.style == style => last.text += text,
        _ => inlines.push(Inline { style, text: text.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inline(style: Style, text: &str) -> Inline {
        Inline { style, text: text.to_owned() }
    }

    #[test]
    fn what_lessons_use_of_markdown_becomes_a_tree() {
        let text = "## Before\n\nOne *two*\n**three** `four`.\n\n- a\n- b **c**\n\n## Why\n\n1. x\n\n2. y\n\n\
                    | h | `i` |\n|--|--|\n| 1 | 2 |\n\n```\ncode *as it is*\n```\n";
        let mut problems = Vec::new();
        let found = sections(text, &mut problems);
        assert_eq!(problems, []);
        assert_eq!((found[0].heading.as_str(), found[1].heading.as_str(), found[1].at), ("Before", "Why", 55));
        let plain = |text: &str| vec![inline(Style::Text, text)];
        assert_eq!(
            found[0].blocks,
            [
                Block::Paragraph {
                    inlines: vec![
                        inline(Style::Text, "One "),
                        inline(Style::Emphasis, "two"),
                        inline(Style::Text, " "),
                        inline(Style::Strong, "three"),
                        inline(Style::Text, " "),
                        inline(Style::Code, "four"),
                        inline(Style::Text, "."),
                    ]
                },
                Block::List {
                    ordered: false,
                    items: vec![plain("a"), vec![inline(Style::Text, "b "), inline(Style::Strong, "c")]]
                },
            ]
        );
        assert_eq!(
            found[1].blocks,
            [
                Block::List { ordered: true, items: vec![plain("x"), plain("y")] },
                Block::Table {
                    head: vec![plain("h"), vec![inline(Style::Code, "i")]],
                    rows: vec![vec![plain("1"), plain("2")]]
                },
                Block::Code { text: "code *as it is*".to_owned() },
            ]
        );
        assert_eq!((words(&found[0].blocks), words(&found[1].blocks)), (7, 10));
    }

    #[test]
    fn everything_else_is_refused_where_it_is() {
        for (text, expected) in [
            ("before\n\n## A\n", vec![(0, "this text is above the first section")]),
            ("## A\n\n### B\n\nc\n", vec![(6, "a lesson can't have headings other than those of the sections")]),
            ("## A\n\na [b](c) d\n", vec![(8, "a lesson can't have links")]),
            ("## A\n\n![b](c)\n", vec![(6, "a lesson can't have pictures")]),
            ("## A\n\na <b>c</b>\n", vec![(8, "a lesson can't have HTML"), (12, "a lesson can't have HTML")]),
            ("## A\n\n<p>\nx\n", vec![(6, "a lesson can't have HTML")]),
            ("## A\n\n> b\n", vec![(6, "a lesson can't have quotations")]),
            ("## A\n\n- b\n  - c\n", vec![(12, "a lesson can't have lists within lists")]),
            ("## A\n\n- b\n\n  c\n", vec![(13, "an item of a list is one paragraph")]),
            ("## A\n\n***\n", vec![(6, "a lesson can't have lines across the page")]),
            ("## A\n\n```rust\nx\n```\n", vec![(6, "code has no language here; leave out what follows the ```")]),
        ] {
            let mut problems = Vec::new();
            sections(text, &mut problems);
            let found: Vec<(usize, &str)> = problems.iter().map(|(at, problem)| (*at, problem.as_str())).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_question_is_one_paragraph() {
        assert_eq!(paragraph("a `b`"), Ok(vec![inline(Style::Text, "a "), inline(Style::Code, "b")]));
        assert_eq!(paragraph("a\n\nb"), Err("this must be one paragraph".to_owned()));
        assert_eq!(paragraph("- a"), Err("this must be one paragraph".to_owned()));
        assert_eq!(paragraph("a <i>"), Err("a lesson can't have HTML".to_owned()));
    }
}
