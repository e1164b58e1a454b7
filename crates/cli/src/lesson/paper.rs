//! Texts on a terminal: wrapped to its width, with their styles.

use super::text::{Block, Inline, Style as InlineStyle};
use anstyle::{AnsiColor, Style};
use clearpipe_io::text::visible;

/// The width if it is unknown, and the largest one that is easy to read.
const WIDTHS: [usize; 2] = [80, 100];

/// Headings.
const HEADING: Style = Style::new().bold();
/// Code.
const CODE: Style = AnsiColor::Cyan.on_default();

/// What is to be printed.
pub struct Paper {
    width: usize,
    text: String,
}

impl Paper {
    /// Creates an empty one, as wide as the terminal.
    pub fn new() -> Paper {
        let terminal = terminal_size::terminal_size_of(std::io::stdout());
        let width = terminal.map_or(WIDTHS[0], |(width, _)| usize::from(width.0).min(WIDTHS[1]));
        Paper { width, text: String::new() }
    }

    /// Takes what is on it.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    /// Adds a heading.
    pub fn heading(&mut self, heading: &str) {
        self.text += &format!("\n{HEADING}{}{HEADING:#}\n", visible(heading));
    }

    /// Adds an empty line.
    pub fn gap(&mut self) {
        self.text.push('\n');
    }

    /// Adds a line as it is.
    pub fn line(&mut self, line: &str) {
        self.text += &visible(line);
        self.text.push('\n');
    }

    /// Adds a sentence.
    pub fn say(&mut self, sentence: &str) {
        self.paragraph("", &[Inline { style: InlineStyle::Text, text: sentence.to_owned() }]);
    }

    /// Adds blocks, with an empty line between them.
    pub fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            self.gap();
            match block {
                Block::Paragraph { inlines } => self.paragraph("", inlines),
                Block::List { ordered, items } => {
                    for (item, number) in items.iter().zip(1..) {
                        let mark = if *ordered { format!("{number}. ") } else { "- ".to_owned() };
                        self.paragraph(&mark, item);
                    }
                }
                Block::Table { head, rows } => self.table(head, rows),
                Block::Code { text } => text.lines().for_each(|line| self.line(&format!("    {line}"))),
            }
        }
    }

    /// Adds a paragraph behind a mark, below which its other lines begin.
    pub fn paragraph(&mut self, mark: &str, inlines: &[Inline]) {
        let indent = mark.chars().count();
        let mut used = indent;
        self.text += mark;
        for (index, Word { styled, width }) in words(inlines).into_iter().enumerate() {
            if index > 0 && used + 1 + width > self.width {
                self.text += &format!("\n{:indent$}", "");
                used = indent;
            } else if index > 0 {
                self.text.push(' ');
                used += 1;
            }
            self.text += &styled;
            used += width;
        }
        self.text.push('\n');
    }

    fn table(&mut self, head: &[Vec<Inline>], rows: &[Vec<Vec<Inline>>]) {
        let line = |cells: &[Vec<Inline>]| cells.iter().map(|cell| styled(cell)).collect::<Vec<_>>();
        let all: Vec<Vec<(String, usize)>> =
            std::iter::once(line(head)).chain(rows.iter().map(|row| line(row))).collect();
        let width =
            |column: usize| all.iter().filter_map(|row| row.get(column)).map(|(_, width)| *width).max().unwrap_or(0);
        let widths: Vec<usize> = (0..head.len()).map(width).collect();
        for (index, row) in all.iter().enumerate() {
            let mut printed = String::from(" ");
            for ((cell, width), column) in row.iter().zip(&widths) {
                let cell = if index == 0 { format!("{HEADING}{cell}{HEADING:#}") } else { cell.clone() };
                printed += &format!(" {cell}{:gap$} ", "", gap = column - width);
            }
            self.text += printed.trim_end();
            self.text.push('\n');
        }
    }
}

/// A part of a line that isn't divided.
#[derive(Default)]
struct Word {
    /// With its styles.
    styled: String,
    /// How many characters people see.
    width: usize,
}

/// Divides a text into words. Code isn't divided.
fn words(inlines: &[Inline]) -> Vec<Word> {
    let (mut words, mut word) = (Vec::new(), Word::default());
    for Inline { style, text } in inlines {
        let text = visible(text);
        let ends = |letter: char| letter == ' ' && *style != InlineStyle::Code;
        for (index, part) in text.split(ends).enumerate() {
            if index > 0 && word.width > 0 {
                words.push(std::mem::take(&mut word));
            }
            if !part.is_empty() {
                let (shown, width) = styled_part(*style, part);
                word.styled += &shown;
                word.width += width;
            }
        }
    }
    words.extend(Some(word).filter(|word| word.width > 0));
    words
}

/// Returns a text with its styles, and its width.
fn styled(inlines: &[Inline]) -> (String, usize) {
    let parts = inlines.iter().map(|inline| styled_part(inline.style, &visible(&inline.text)));
    parts.fold((String::new(), 0), |(text, width), (part, more)| (text + &part, width + more))
}

fn styled_part(style: InlineStyle, text: &str) -> (String, usize) {
    let with = |style: Style| format!("{style}{text}{style:#}");
    let width = text.chars().count();
    match style {
        InlineStyle::Text => (text.to_owned(), width),
        InlineStyle::Emphasis => (with(Style::new().italic()), width),
        InlineStyle::Strong => (with(HEADING), width),
        InlineStyle::Code => (with(CODE), width),
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::sections;
    use super::*;

    fn printed(markdown: &str, width: usize) -> String {
        let mut paper = Paper { width, text: String::new() };
        let mut problems = Vec::new();
        for section in sections(&format!("## A\n\n{markdown}"), &mut problems) {
            paper.blocks(&section.blocks);
        }
        assert_eq!(problems, []);
        anstream::adapter::strip_str(&paper.take()).to_string()
    }

    #[test]
    fn texts_are_wrapped() {
        assert_eq!(printed("One *two* three, **four**.", 10), "\nOne two\nthree,\nfour.\n");
        assert_eq!(printed("- one two\n- three `four five`", 10), "\n- one two\n- three\n  four five\n");
        assert_eq!(printed("1. a\n2. b", 10), "\n1. a\n2. b\n");
        assert_eq!(
            printed("| a | b |\n|--|--|\n| 1 | long |\n| long | 2 |", 10),
            "\n  a     b\n  1     long\n  long  2\n"
        );
        assert_eq!(printed("```\na  b\n```", 10), "\n    a  b\n");
    }
}
