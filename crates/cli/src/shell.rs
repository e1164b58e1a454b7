//! Commands to be typed in a shell.

use clearpipe_codec::{Encoding, InputOptions};
use clearpipe_model::hint::TableForm;

/// A text as one argument. In double quotes where they do, which the shells of Windows know as well, or else in single
/// quotes as POSIX has them.
pub fn quoted(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./=:,%+@".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        text.to_owned()
    } else if text.contains(['"', '$', '`', '\\', '!']) {
        format!("'{}'", text.replace('\'', r"'\''"))
    } else {
        format!("\"{text}\"")
    }
}

/// An input that is a table, for commands that change it on its way into this one. They are those of a POSIX system.
pub struct TableInput<'a> {
    /// Its name; the standard input has none.
    pub name: Option<&'a str>,
    /// How it is written.
    pub form: &'a TableForm,
    /// What the command that led here said of it.
    pub options: &'a InputOptions,
}

impl TableInput<'_> {
    /// The command that reads it without its first lines.
    pub fn without(&self, lines: u64) -> String {
        let filter = format!("tail -n +{}", lines + 1);
        let reading = self.reading();
        match (self.argument(), &self.converters()[..]) {
            (None, []) => format!("{filter} | {reading}"),
            (Some(name), []) => format!("{filter} {name} | {reading}"),
            _ => format!("{} | {filter} | {reading}", self.content()),
        }
    }

    /// The command that reads it with a header of these names before it.
    pub fn with_header(&self, names: &[&str]) -> String {
        let header = names.join(&self.form.delimiter.to_string());
        format!("{{ echo {}; {}; }} | {}", quoted(&header), self.content(), self.reading())
    }

    /// The command that gives its content, as other programs can read it.
    fn content(&self) -> String {
        let mut commands = self.converters();
        match (self.argument(), commands.first_mut()) {
            (Some(name), Some(first)) if first.starts_with("tr ") => first.push_str(&format!(" < {name}")),
            (Some(name), Some(first)) => first.push_str(&format!(" {name}")),
            (Some(name), None) => commands.push(format!("cat {name}")),
            (None, Some(_)) => {}
            (None, None) => commands.push("cat".to_owned()),
        }
        commands.join(" | ")
    }

    /// Returns the commands that turn it into lines of text that other programs can read, in the order of the pipe.
    fn converters(&self) -> Vec<String> {
        let wide = self.encoding().filter(|encoding| encoding.is_wide());
        let iconv = wide.map(|encoding| format!("iconv -f {} -t UTF-8", encoding.name().to_ascii_uppercase()));
        let tr = self.form.has_returns.then(|| r"tr '\r' '\n'".to_owned());
        [self.unpacker().map(str::to_owned), iconv, tr].into_iter().flatten().collect()
    }

    /// The command that unpacks it, if it is compressed.
    fn unpacker(&self) -> Option<&'static str> {
        match self.name?.rsplit('.').next()? {
            "gz" => Some("zcat"),
            "zst" => Some("zstdcat"),
            "bz2" => Some("bzcat"),
            "xz" => Some("xzcat"),
            _ => None,
        }
    }

    /// Its name as an argument.
    fn argument(&self) -> Option<String> {
        // A name that starts with a hyphen would be taken for an option.
        let path = |name: &str| if name.starts_with('-') { format!("./{name}") } else { name.to_owned() };
        self.name.map(|name| quoted(&path(name)))
    }

    fn encoding(&self) -> Option<Encoding> {
        self.form.encoding.as_ref()?.parse().ok()
    }

    /// The command that reads such a table from its standard input.
    fn reading(&self) -> String {
        let mut command = format!("clearpipe run -i - {}", table_format(self.form.delimiter));
        for (field, origin) in self.options.map.iter() {
            command.push_str(&format!(" --map {}", quoted(&format!("{field}={origin}"))));
        }
        let (given, usual) = (self.options, InputOptions::default());
        // Without its beginning, a byte order mark no longer tells.
        if let Some(encoding) = self.encoding().filter(|encoding| !encoding.is_wide()) {
            command.push_str(&format!(" --encoding {encoding}"));
        }
        if given.max_line != usual.max_line {
            command.push_str(&format!(" --max-line {}", given.max_line));
        }
        if let Some(name) = &given.source_field {
            command.push_str(&format!(" --source-field {}", quoted(name)));
        }
        if given.rename_prefix != usual.rename_prefix {
            command.push_str(&format!(" --rename-prefix {}", quoted(&given.rename_prefix)));
        }
        command
    }
}

/// The flags for a table whose cells this separates.
pub fn table_format(delimiter: char) -> String {
    match delimiter {
        '\t' => "--format tsv".to_owned(),
        ',' => "--format csv".to_owned(),
        other => format!("--format csv --delimiter {}", quoted(&other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: [&str; 3] = ["id", "timestamp", "value"];

    /// What leaves out the first line of a table, and what puts a header before it.
    fn commands(name: Option<&str>, form: &TableForm, options: &InputOptions) -> [String; 2] {
        let table = TableInput { name, form, options };
        [table.without(1), table.with_header(&FIELDS)]
    }

    fn form(delimiter: char, encoding: Option<&str>, has_returns: bool) -> TableForm {
        TableForm { delimiter, encoding: encoding.map(str::to_owned), has_returns }
    }

    #[test]
    fn an_argument_is_quoted_if_it_must_be() {
        for (text, argument) in [
            ("a/b-c_1.csv", "a/b-c_1.csv"),
            ("", "\"\""),
            ("my data.csv", "\"my data.csv\""),
            (";", "\";\""),
            ("unit='°C'", "\"unit='°C'\""),
            ("it's", "\"it's\""),
            ("it's $5", r"'it'\''s $5'"),
            ("a\\b!", r"'a\b!'"),
            ("say \"x\"", "'say \"x\"'"),
        ] {
            assert_eq!(quoted(text), argument);
        }
    }

    #[test]
    fn a_table_is_read_as_it_is_written() {
        let rest = "clearpipe run -i - --format csv";
        let header = "echo id,timestamp,value";
        for (name, encoding, has_returns, content, flags) in [
            (Some("x.csv"), Some("utf-16le"), false, "iconv -f UTF-16LE -t UTF-8 x.csv", ""),
            (Some("x.csv.gz"), Some("utf-16be"), false, "zcat x.csv.gz | iconv -f UTF-16BE -t UTF-8", ""),
            (None, Some("utf-16le"), false, "iconv -f UTF-16LE -t UTF-8", ""),
            (Some("a b.csv"), Some("windows-1252"), true, r#"tr '\r' '\n' < "a b.csv""#, " --encoding windows-1252"),
            (Some("x.csv.zst"), None, true, r"zstdcat x.csv.zst | tr '\r' '\n'", ""),
            (None, None, true, r"tr '\r' '\n'", ""),
        ] {
            let [without, with_header] = commands(name, &form(',', encoding, has_returns), &InputOptions::default());
            assert_eq!(without, format!("{content} | tail -n +2 | {rest}{flags}"));
            assert_eq!(with_header, format!("{{ {header}; {content}; }} | {rest}{flags}"));
        }
    }

    #[test]
    fn lines_of_utf_8_need_no_conversion() {
        let options = InputOptions::default();
        for (name, delimiter, without, with_header) in [
            (
                Some("x.csv"),
                ',',
                "tail -n +2 x.csv | clearpipe run -i - --format csv",
                "{ echo id,timestamp,value; cat x.csv; } | clearpipe run -i - --format csv",
            ),
            // A name is never an option.
            (
                Some("-a.csv"),
                '\t',
                "tail -n +2 ./-a.csv | clearpipe run -i - --format tsv",
                "{ echo \"id\ttimestamp\tvalue\"; cat ./-a.csv; } | clearpipe run -i - --format tsv",
            ),
            (
                None,
                ';',
                "tail -n +2 | clearpipe run -i - --format csv --delimiter \";\"",
                "{ echo \"id;timestamp;value\"; cat; } | clearpipe run -i - --format csv --delimiter \";\"",
            ),
        ] {
            assert_eq!(commands(name, &form(delimiter, None, false), &options), [without, with_header]);
        }
    }

    #[test]
    fn what_was_said_of_the_input_is_said_again() {
        let mut options = InputOptions {
            max_line: 5,
            source_field: Some("from file".to_owned()),
            rename_prefix: "in.".to_owned(),
            ..InputOptions::default()
        };
        options.map.add("unit='°C'".parse().unwrap()).unwrap();
        assert_eq!(
            commands(Some("x.csv"), &form(',', None, false), &options)[0],
            "tail -n +2 x.csv | clearpipe run -i - --format csv --map \"unit='°C'\" --max-line 5 --source-field \
             \"from file\" --rename-prefix in."
        );
    }
}
