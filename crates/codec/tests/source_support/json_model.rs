//! A model of JSON Lines, as simple as possible.

use clearpipe_codec::jsonl::OUTCOME_FIELDS;
use clearpipe_model::field::Field;

/// A record: its known fields as JSON, and the unknown ones as written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelRecord {
    pub fields: [Option<String>; 6],
    pub extra: Vec<(String, String)>,
}

impl ModelRecord {
    /// Returns the line of the record in one of the two files.
    pub fn line(&self, outcome: &str) -> String {
        let known = Field::ALL.iter().zip(&self.fields);
        let known = known.filter_map(|(name, value)| Some(format!("\"{name}\":{},", value.as_ref()?)));
        let extra = self.extra.iter().map(|(key, value)| format!(",{key}:{value}"));
        format!("{{{}{outcome}{}}}\n", known.collect::<String>(), extra.collect::<String>())
    }
}

impl ModelRecord {
    /// Returns the name of the field for the line of the record when it failed.
    pub fn line_name(&self) -> String {
        let names = self.extra.iter().map(|(key, _)| serde_json::from_str(key).expect("a string"));
        let mut taken: Vec<String> = names.collect();
        let name = if taken.iter().any(|name| name == "line") { "input_line" } else { "line" };
        free_name(name, &mut taken)
    }
}

/// Returns and takes the first of `name`, `name_2`, `name_3`, … that is free.
pub fn free_name(name: &str, taken: &mut Vec<String>) -> String {
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    let free = [name.to_owned()].into_iter().chain(numbered).find(|name| !taken.contains(name)).expect("a free name");
    taken.push(free.clone());
    free
}

/// Returns the names that any record may use.
pub fn reserved_names() -> Vec<String> {
    let fields = Field::ALL.iter().map(|field| field.as_str());
    fields.chain(OUTCOME_FIELDS).map(str::to_owned).collect()
}

/// Returns whether the pipeline wrote a record with these members.
fn is_own(members: &[(String, &str)]) -> bool {
    let values =
        |name: &str| -> Vec<&str> { members.iter().filter(|member| member.0 == name).map(|member| member.1).collect() };
    let [status, error, others @ ..] = OUTCOME_FIELDS.map(values);
    let counts = others.map(|values| values.len());
    match (&status[..], &error[..]) {
        (["\"processed\""], []) => counts == [1, 1, 1],
        (["\"invalid\"" | "\"transformation_error\""], [error]) => {
            let numbers = |range: &str| {
                let (min, max) = range.trim_start_matches('-').split_once('-').unwrap_or_default();
                min.parse::<f64>().is_ok() && max.parse::<f64>().is_ok()
            };
            let error = error.trim_matches('"');
            let is_range = error.strip_prefix("Value out of expected range (").and_then(|text| text.strip_suffix(')'));
            let whole = [
                "Timestamp is no RFC 3339 time such as 2026-01-31T23:59:59Z",
                "Timestamp is not an RFC 3339 time such as 2026-01-31T23:59:59Z",
                "Invalid unit for transformation",
                "No value for transformation",
                "Anomaly score out of the range of a 64-bit float",
            ];
            let panicked = ["the Validator panicked: ", "the Transformer panicked: "];
            counts == [0, 0, 0]
                && (whole.contains(&error)
                    || is_range.is_some_and(numbers)
                    || panicked.iter().any(|begin| error.starts_with(begin)))
        }
        _ => false,
    }
}

/// Returns whether this member gives the position of a record that the pipeline wrote when it failed: the line right
/// before the status, or the file before that.
fn is_own_position(members: &[(String, &str)], at: usize) -> bool {
    let is = |at: usize, own: &str| {
        let Some((name, value)) = members.get(at) else { return false };
        let number = name.strip_prefix(&format!("input_{own}_"));
        let is_named = name == own
            || name == &format!("input_{own}")
            || number.is_some_and(|number| !number.is_empty() && number.chars().all(|digit| digit.is_ascii_digit()));
        is_named
            && if own == "line" { value.chars().all(|digit| digit.is_ascii_digit()) } else { value.starts_with('"') }
    };
    let is_status = |at: usize| members.get(at).is_some_and(|member| member.0 == "status");
    let is_own_failure = is_own(members) && members.iter().any(|member| member.0 == "error");
    let is_line = |at| is(at, "line") && is_status(at + 1);
    is_own_failure && (is_line(at) || (is(at, "file") && is_line(at + 1)))
}

/// Parses a line; `None` if it can't be parsed.
pub fn record(line: &[u8]) -> Option<ModelRecord> {
    let text = std::str::from_utf8(line).ok()?;
    let mut record = ModelRecord::default();
    let mut seen = Vec::new();
    let members: Option<Vec<(String, &str)>> =
        members(text)?.into_iter().map(|(key, value)| Some((serde_json::from_str(key).ok()?, value))).collect();
    let members = members?;
    let mut taken = reserved_names();
    taken.extend(members.iter().map(|member| member.0.clone()));
    let is_own = is_own(&members);
    let mut there = Vec::new();
    for (place, (key, value)) in self::members(text)?.into_iter().enumerate() {
        let name: String = serde_json::from_str(key).ok()?;
        if is_own_position(&members, place) {
            continue;
        }
        if let Some(at) = Field::ALL.iter().position(|field| field.as_str() == name) {
            if seen.contains(&at) {
                return None;
            }
            seen.push(at);
            let is_value = Field::ALL[at] == Field::Value;
            match value.as_bytes()[0] {
                b'n' => {}
                b'-' | b'0'..=b'9' if is_value && value.parse::<f64>().ok()?.is_finite() => {
                    record.fields[at] = Some(value.to_owned());
                }
                b'"' if !is_value => record.fields[at] = Some(value.to_owned()),
                _ => return None,
            }
        } else if OUTCOME_FIELDS.contains(&name.as_str()) {
            if !is_own && value != "null" && (&*name, value) != ("status", "\"raw\"") {
                let name = free_name(&format!("input_{name}"), &mut taken);
                record.extra.push((serde_json::to_string(&name).ok()?, on_one_line(value)));
            }
        } else if there.contains(&name) {
            let name = free_name(&name, &mut taken);
            record.extra.push((serde_json::to_string(&name).ok()?, on_one_line(value)));
        } else {
            there.push(name);
            record.extra.push((key.to_owned(), on_one_line(value)));
        }
    }
    Some(record)
}

/// Returns a value that spans lines without the whitespace in it.
fn on_one_line(value: &str) -> String {
    if !value.contains(['\n', '\r']) {
        return value.to_owned();
    }
    let mut json = Json { text: value, at: 0 };
    let mut out = String::new();
    while let Some(byte) = json.peek() {
        match byte {
            b'"' => out.push_str(json.part(Json::string).expect("a string")),
            b' ' | b'\t' | b'\r' | b'\n' => json.at += 1,
            _ => {
                out.push(byte as char);
                json.at += 1;
            }
        }
    }
    out
}

/// Returns the members of a JSON object, each key and value as written.
pub fn members(text: &str) -> Option<Vec<(&str, &str)>> {
    let mut json = Json { text, at: 0 };
    let mut members = Vec::new();
    json.space();
    json.expect(b'{')?;
    json.space();
    if json.peek() == Some(b'}') {
        json.at += 1;
    } else {
        loop {
            json.space();
            let key = json.part(Json::string)?;
            json.space();
            json.expect(b':')?;
            json.space();
            let value = json.part(Json::value)?;
            members.push((key, value));
            json.space();
            if json.expect(b'}').is_some() {
                break;
            }
            json.expect(b',')?;
        }
    }
    json.space();
    (json.at == text.len()).then_some(members)
}

struct Json<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Json<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn part(&mut self, read: fn(&mut Json<'a>) -> Option<()>) -> Option<&'a str> {
        let start = self.at;
        read(self)?;
        Some(&self.text[start..self.at])
    }

    fn string(&mut self) -> Option<()> {
        let start = self.at;
        self.expect(b'"')?;
        while self.peek()? != b'"' {
            self.at += if self.peek()? == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
        serde_json::from_str::<String>(self.text.get(start..self.at)?).ok().map(drop)
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn number(&mut self) -> Option<()> {
        let _ = self.expect(b'-');
        if self.expect(b'0').is_none() {
            self.digits()?;
        }
        if self.expect(b'.').is_some() {
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(())
    }

    fn key(&mut self) -> Option<()> {
        self.space();
        self.string()?;
        self.space();
        self.expect(b':')
    }

    fn value(&mut self) -> Option<()> {
        let mut open = Vec::new();
        loop {
            self.space();
            match self.peek()? {
                b'{' => {
                    self.at += 1;
                    self.space();
                    if self.expect(b'}').is_none() {
                        self.key()?;
                        open.push(b'}');
                        continue;
                    }
                }
                b'[' => {
                    self.at += 1;
                    self.space();
                    if self.expect(b']').is_none() {
                        open.push(b']');
                        continue;
                    }
                }
                b'"' => self.string()?,
                b'-' | b'0'..=b'9' => self.number()?,
                _ => {
                    let rest = &self.text[self.at..];
                    self.at += ["true", "false", "null"].iter().find(|word| rest.starts_with(**word))?.len();
                }
            }
            loop {
                let Some(&close) = open.last() else { return Some(()) };
                self.space();
                if self.expect(b',').is_some() {
                    if close == b'}' {
                        self.key()?;
                    }
                    break;
                }
                self.expect(close)?;
                open.pop();
            }
        }
    }
}
