//! Guesses which column of a table gives which field, for the user to review.
//!
//! A name that is common for a field counts most. A similar name counts unless the values speak against it. After that,
//! the first column whose values look right is taken; and what no column gives is the same for all records.

use super::suggestion::{plain, similar};
use crate::mapping::Origin;
use clearpipe_model::field::Field;
use serde::Serialize;

/// Where a field may come from that no column is named after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct GuessedOrigin {
    /// The field.
    pub field: Field,
    /// The column, or what is the same for all records.
    pub origin: Origin,
    /// Whether a column was recognised by its values alone, rather than by its name.
    pub by_values: bool,
}

/// A column of the table.
struct Column<'a> {
    name: &'a str,
    /// Its values in the first rows, without surrounding spaces.
    values: Vec<&'a str>,
    /// Whether it gives a field already, or can't give one.
    is_taken: bool,
}

impl Column<'_> {
    /// Returns how many of its values look right.
    #[inline(never)]
    fn count(&self, looks_right: fn(&str) -> bool) -> usize {
        self.values.iter().filter(|value| looks_right(value)).count()
    }

    /// Returns whether it has values, and they all look right.
    fn all(&self, looks_right: fn(&str) -> bool) -> bool {
        !self.values.is_empty() && self.count(looks_right) == self.values.len()
    }

    /// Returns whether it has values, and at least half of them look right.
    fn most(&self, looks_right: fn(&str) -> bool) -> bool {
        !self.values.is_empty() && 2 * self.count(looks_right) >= self.values.len()
    }

    /// Returns whether it is a counter, or the number of a row or a device, rather than a measurement.
    fn counts(&self) -> bool {
        const LAST_WORDS: [&str; 6] = ["id", "no", "nr", "index", "row", "year"];
        let last_word = self.name.rsplit(['_', ' ']).next().unwrap_or_default();
        if LAST_WORDS.iter().any(|word| last_word.eq_ignore_ascii_case(word)) {
            return true;
        }
        let number = |value: &str| value.parse().unwrap_or(f64::NAN);
        let Some(first) = self.values.first().map(|value| number(value)) else { return false };
        self.values.len() > 2 && self.values.iter().enumerate().all(|(at, value)| number(value) == first + at as f64)
    }
}

/// Guesses a mapping from the names of the columns and the first rows, in the order of the fields. A required field may
/// still be missing. `stem` is the name of the file without its extension.
pub(super) fn guess(header: &[String], rows: &[Vec<String>], stem: &str) -> Vec<GuessedOrigin> {
    let mut columns: Vec<Column<'_>> = (0..header.len())
        .map(|at| {
            let name = &*header[at];
            Column {
                name,
                values: rows.iter().map(|row| row.get(at).map_or("", |value| value.trim())).collect(),
                // A repeated name is ambiguous.
                is_taken: Field::of_name(name).is_some()
                    || !can_be_written(name)
                    || header.iter().filter(|other| *other == name).count() > 1,
            }
        })
        .collect();
    let has_column = |field: &Field| header.iter().any(|name| name == field.as_str());
    let missing: Vec<Field> = Field::ALL.into_iter().filter(|field| !has_column(field)).collect();
    let mut found: [Option<GuessedOrigin>; Field::ALL.len()] = Default::default();
    // The best signs first, for all fields: a column that is named for one must not give another.
    for (find, by_values) in [(common as Find, false), (similar_to, false), (by_values, true)] {
        for &field in &missing {
            if found[field.index()].is_none()
                && let Some(at) = find(field, &columns)
            {
                columns[at].is_taken = true;
                let origin = Origin::Column(columns[at].name.to_owned());
                found[field.index()] = Some(GuessedOrigin { field, origin, by_values });
            }
        }
    }
    let guessed = missing.into_iter().filter_map(|field| {
        found[field.index()].take().or_else(|| {
            let origin = Origin::Constant(constant(field, stem)?);
            Some(GuessedOrigin { field, origin, by_values: false })
        })
    });
    guessed.collect()
}

/// Returns whether a mapping in text form, one field per line, can name this column.
fn can_be_written(name: &str) -> bool {
    !name.is_empty() && !name.starts_with(['\'', '"']) && !name.contains(['\n', '\r'])
}

/// Returns what a required field without a column is in all records.
fn constant(field: Field, stem: &str) -> Option<String> {
    match field {
        Field::SensorId => {
            let name: String = stem.chars().filter(|letter| *letter != '\'' && !letter.is_control()).collect();
            (!name.trim().is_empty()).then_some(name)
        }
        Field::Unit | Field::Location => Some("unknown".to_owned()),
        Field::Id | Field::Timestamp | Field::Value => None,
    }
}

/// Finds the column for a field among those that aren't taken.
type Find = fn(Field, &[Column<'_>]) -> Option<usize>;

/// Returns the columns that aren't taken, with their indexes.
fn free<'a>(columns: &'a [Column<'a>]) -> impl Iterator<Item = (usize, &'a Column<'a>)> {
    columns.iter().enumerate().filter(|(_, column)| !column.is_taken)
}

/// Finds a column by a common name.
fn common(field: Field, columns: &[Column<'_>]) -> Option<usize> {
    let names: Vec<&str> = free(columns).map(|(_, column)| column.name).collect();
    let name = column_named_for(field, &names)?;
    columns.iter().position(|column| column.name == name)
}

/// Finds a column by a similar name, unless its values speak against it.
fn similar_to(field: Field, columns: &[Column<'_>]) -> Option<usize> {
    // Without an id, the row number becomes one: no column has to give it.
    let fitting = free(columns).filter(|(_, column)| field != Field::Id && !is_contradicted(field, column));
    let names: Vec<&str> = fitting.map(|(_, column)| column.name).collect();
    let name = column_named_like(field, &names)?;
    columns.iter().position(|column| column.name == name)
}

/// Finds the first column whose values all look right, or else, for numbers, one in which most do: the others fail and
/// are reported.
fn by_values(field: Field, columns: &[Column<'_>]) -> Option<usize> {
    let first = |looks_right| free(columns).find(|(_, column)| column.all(looks_right));
    let found = match field {
        // Neither has a typical form.
        Field::Id | Field::Location => None,
        Field::Timestamp => first(is_time),
        Field::SensorId => first(is_code),
        Field::Unit => first(is_unit),
        Field::Value => free(columns)
            .find(|(_, column)| column.all(is_number) && !column.counts())
            .or_else(|| first(is_number))
            .or_else(|| free(columns).find(|(_, column)| column.most(is_number))),
    };
    found.map(|(at, _)| at)
}

/// Returns whether the values of a column with a similar name show that it doesn't give the field.
fn is_contradicted(field: Field, column: &Column<'_>) -> bool {
    let could_be: fn(&str) -> bool = match field {
        Field::Value => is_number,
        // Not even a number: those of seconds since some time have names that are common.
        Field::Timestamp => |text| text.contains(|letter: char| letter.is_ascii_digit()) && !is_number(text),
        Field::Unit => |text| !is_number(text),
        Field::Id | Field::SensorId | Field::Location => return false,
    };
    !column.values.is_empty() && !column.most(could_be)
}

/// Returns the first of these names that is common for a field, by the order of the common ones.
pub(super) fn column_named_for<'a>(field: Field, names: &[&'a str]) -> Option<&'a str> {
    let common = common_names(field);
    let rank = |name: &str| {
        let name = plain(name);
        common.iter().position(|common| *common == name)
    };
    names.iter().filter_map(|name| Some((rank(name)?, *name))).min_by_key(|(rank, _)| *rank).map(|(_, name)| name)
}

/// Returns the name that is most similar to one of those of a field, if any is.
pub(super) fn column_named_like<'a>(field: Field, names: &[&'a str]) -> Option<&'a str> {
    similar(distinctive_names(field), names)
}

/// Returns common names of a column for a field, best first, in lower case and without punctuation.
fn common_names(field: Field) -> &'static [&'static str] {
    match field {
        Field::Id => &["id"],
        Field::Timestamp => &["timestamp", "datetime", "time", "date", "ts", "when"],
        Field::SensorId => {
            &["sensorid", "sensor", "device", "deviceid", "station", "stationid", "meter", "symbol", "probe", "name"]
        }
        Field::Value => {
            &["value", "measurement", "reading", "temperature", "tempmax", "temp", "price", "amount", "result"]
        }
        Field::Unit => &["unit", "units", "uom"],
        Field::Location => &["location", "place", "city", "site", "region", "area", "country", "position"],
    }
}

/// Returns the names that a column for a field may resemble, the field's own name first. The others of
/// [`common_names`] occur in names that mean something else: `city` in `velocity`, `name` in `filename`.
fn distinctive_names(field: Field) -> &'static [&'static str] {
    match field {
        Field::Id => &["id"],
        Field::Timestamp => &["timestamp", "time", "datetime", "date", "when"],
        Field::SensorId => &["sensor_id", "sensor", "device", "station", "probe"],
        Field::Value => &["value", "reading", "measurement", "result"],
        Field::Unit => &["unit", "uom"],
        Field::Location => &["location", "site", "place", "position", "region"],
    }
}

/// What is left of a text while it is compared with a form.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    /// Skips one of these characters, if it comes next.
    #[inline(never)]
    fn skip(&mut self, one_of: &[u8]) -> bool {
        let is_next = self.0.first().is_some_and(|byte| one_of.contains(byte));
        self.0 = &self.0[usize::from(is_next)..];
        is_next
    }

    /// Skips digits, and returns how many.
    fn digits(&mut self) -> usize {
        let mut count = 0;
        while self.skip(b"0123456789") {
            count += 1;
        }
        count
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Returns whether a text is a number, even with a decimal comma, which is reported separately.
#[inline(never)]
fn is_number(text: &str) -> bool {
    let mut rest = Rest(text.as_bytes());
    rest.skip(b"+-");
    let mut digits = rest.digits();
    if rest.skip(b".,") {
        digits = rest.digits();
    }
    if digits > 0 && rest.skip(b"eE") {
        rest.skip(b"+-");
        digits = rest.digits();
    }
    digits > 0 && rest.is_empty()
}

/// Returns whether a text is a number with a decimal comma, such as `12,5` or `1.234,5`, which no record may have.
pub(super) fn has_decimal_comma(text: &str) -> bool {
    let mut rest = Rest(text.trim().as_bytes());
    rest.skip(b"+-");
    let mut is_whole = rest.digits() > 0;
    while rest.skip(b".") {
        is_whole &= rest.digits() == 3;
    }
    is_whole && rest.skip(b",") && rest.digits() > 0 && rest.is_empty()
}

/// Returns whether a text is a date, or a date and a time.
fn is_time(text: &str) -> bool {
    let mut rest = Rest(text.as_bytes());
    let is_date = rest.digits() == 4 && rest.skip(b"-") && rest.digits() == 2 && rest.skip(b"-") && rest.digits() == 2;
    is_date && (rest.is_empty() || (rest.skip(b"T ") && rest.digits() == 2 && rest.skip(b":") && rest.digits() == 2))
}

/// Returns whether a text is written as nothing but a unit is: `°C`, `m/s`, `kWh`.
fn is_unit(text: &str) -> bool {
    const UNITS: [&str; 36] = [
        "°", "°C", "°F", "°K", "%", "C", "F", "K", "g", "mg", "kg", "l", "ml", "cl", "W", "mW", "kW", "Wh", "kWh",
        "mWh", "V", "mV", "kV", "A", "mA", "Pa", "hPa", "bar", "mbar", "ppm", "lx", "lux", "dB", "Hz", "kHz", "MHz",
    ];
    let base = text.strip_suffix(['²', '³']).unwrap_or(text);
    if UNITS.contains(&text) || ["m", "mm", "cm", "km"].contains(&base) {
        return true;
    }
    let is_part = |text: &str, others: &str| {
        let text = text.strip_suffix(['²', '³']).unwrap_or(text);
        let is_letter = |letter: char| letter.is_ascii_lowercase() || others.contains(letter);
        (1..=4).contains(&text.chars().count()) && text.chars().all(is_letter)
    };
    text.split_once('/').is_some_and(|(above, below)| is_part(above, "µ") && is_part(below, ""))
}

/// Returns whether a text is letters and a number: `S1`, `dev-03`.
fn is_code(text: &str) -> bool {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let mut rest = Rest(&text.as_bytes()[letters..]);
    rest.skip(b"-_ ");
    letters > 0 && rest.digits() > 0 && rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Guesses from a header and rows whose cells are separated by commas; one entry of the mapping a line.
    fn guess_of(table: &[&str], stem: &str) -> Vec<GuessedOrigin> {
        let mut rows: Vec<Vec<String>> =
            table.iter().map(|row| row.split(',').map(|cell| cell.trim().to_owned()).collect()).collect();
        let header = if rows.is_empty() { Vec::new() } else { rows.remove(0) };
        guess(&header, &rows, stem)
    }

    fn lines(table: &[&str], stem: &str) -> Vec<String> {
        guess_of(table, stem).iter().map(|guessed| format!("{}={}", guessed.field, guessed.origin)).collect()
    }

    fn has(table: &[&str], line: &str) -> bool {
        lines(table, "x").iter().any(|other| other == line)
    }

    #[test]
    fn by_name() {
        assert_eq!(
            lines(&["date,precipitation,temp_max,temp_min,wind,weather"], "seattle-weather"),
            ["timestamp=date", "sensor_id='seattle-weather'", "value=temp_max", "unit='unknown'", "location='unknown'"]
        );
        assert_eq!(
            lines(&["Date Time,Station-ID,READING,[uom],City"], "x"),
            ["timestamp=Date Time", "sensor_id=Station-ID", "value=READING", "unit=[uom]", "location=City"]
        );
    }

    #[test]
    fn columns_named_like_fields_need_no_entry() {
        assert!(guess_of(&["id,timestamp,sensor_id,value,unit,location"], "x").is_empty());
        // In another case they do, and ids must not be replaced by the numbers of rows.
        let expected = ["id=ID", "timestamp=TIMESTAMP", "sensor_id=Sensor Id", "value=Value"];
        assert_eq!(lines(&["ID,TIMESTAMP,Sensor Id,Value,unit,location"], "x"), expected);
    }

    #[test]
    fn the_first_column_of_numbers() {
        assert!(has(&["day,what,Flow [l/s],other", "1.1.,a,1.5,2", "2.1.,b,-2e3,3"], "value=Flow [l/s]"));
        // Even if some are none.
        assert!(has(&["day,what,flow", "1.1.,a,1.5", "2.1.,b,broken"], "value=flow"));
        assert!(!has(&["day,what,flow", "1.1.,a,1.5", "2.1.,b,broken", "3.1.,c,-"], "value=flow"));
    }

    #[test]
    fn nothing_to_go_by() {
        assert_eq!(lines(&[], "it's"), ["sensor_id='its'", "unit='unknown'", "location='unknown'"]);
        assert_eq!(lines(&[], "'"), ["unit='unknown'", "location='unknown'"]);
    }

    #[test]
    fn from_what_the_values_look_like() {
        let table = [
            "n,x,y,z,w",
            "1,S1,2026-01-01T05:00,12.5,m/s",
            "2,S2,2026-01-02T05:00,-3,m/s",
            "3,S1,2026-01-03T05:00,1e3,km/h",
        ];
        assert_eq!(lines(&table, "f"), ["timestamp=y", "sensor_id=x", "value=z", "unit=w", "location='unknown'"]);
        let by_values: Vec<bool> = guess_of(&table, "f").iter().map(|guessed| guessed.by_values).collect();
        assert_eq!(by_values, [true, true, true, true, false]);
        assert!(guess_of(&["Date Time,value", "x,5"], "f").iter().all(|guessed| !guessed.by_values));
    }

    #[test]
    fn words_are_no_units_and_the_only_numbers_are_the_values_even_if_they_count() {
        let table = ["sky,nr", "rain,1", "sun,2", "rain,3"];
        assert!(has(&table, "value=nr"));
        assert!(has(&table, "unit='unknown'"));
    }

    #[test]
    fn counters_are_no_values_if_there_is_anything_else() {
        for counter in ["nr", "device id", "Year", "row_index", "n"] {
            assert!(has(&[&format!("{counter},flow"), "7,1", "8,5", "9,2"], "value=flow"), "{counter}");
        }
        assert!(has(&["n,flow", "7,1", "8,5"], "value=n"));
    }

    #[test]
    fn a_similar_name_counts_unless_the_values_speak_against_it() {
        assert!(has(&["Location Name,Sensor values", "North,5"], "location=Location Name"));
        assert!(has(&["pressure,Water value", "1,5"], "value=Water value"));
        assert!(has(&["pressure,Water value", "1,wet"], "value=pressure"));
        assert!(has(&["rate,day", "x,2026-01-01"], "timestamp=day"));
        assert!(has(&["Time of day,day", "noon at 12:00,2026-01-01"], "timestamp=Time of day"));
        let table = ["day,rate,units_sold", "2026-01-01,5.5,7", "2026-01-02,7,8"];
        assert_eq!(lines(&table, "x")[0], "timestamp=day");
        assert!(has(&table, "unit='unknown'"));
        // Common names of other things have nothing in common with those of a field.
        assert!(has(&["velocity,filename", "a,b"], "location='unknown'"));
        assert!(has(&["velocity,filename", "a,b"], "sensor_id='x'"));
    }

    #[test]
    fn a_column_that_a_mapping_can_not_name_gives_no_field() {
        assert!(!has(&["temp,temp,flow", "1,2,3"], "value=temp"));
        assert!(has(&["temp,temp,flow", "1,2,3"], "value=flow"));
        assert!(has(&["'temp',flow", "1,2"], "value=flow"));
        let header = ["two\nlines", "flow"].map(str::to_owned);
        let rows = [["1", "2"].map(str::to_owned).to_vec()];
        assert_eq!(guess(&header, &rows, "x")[1].origin, Origin::Column("flow".to_owned()));
    }

    #[test]
    fn a_column_gives_one_field() {
        assert_eq!(lines(&["time,value"], "x")[..2], ["timestamp=time", "sensor_id='x'"]);
        assert!(has(&["name,station", "a,b"], "sensor_id=station"));
        // A and C may be units, but the name counts more.
        let table = ["site,flow", "A,5", "C,7"];
        assert!(has(&table, "location=site"));
        assert!(has(&table, "unit='unknown'"));
        assert!(!has(&["date,day", "2026-01-01,2026-01-01"], "sensor_id=date"));
    }

    /// Checks which of the texts look right.
    fn check(looks_right: fn(&str) -> bool, right: &[&str], wrong: &[&str]) {
        right.iter().for_each(|text| assert!(looks_right(text), "{text}"));
        wrong.iter().for_each(|text| assert!(!looks_right(text), "{text}"));
    }

    #[test]
    fn numbers() {
        let wrong = ["", "-", ".", "5.", "1.2.3", "e5", "5e", "1e5.0", "five", "5 m", "1e+", "--5"];
        check(is_number, &["5", "-5", "+5", ".5", "5.25", "12,5", ",5", "1e3", "1.5E-3", "-2e+3"], &wrong);
    }

    #[test]
    fn decimal_commas() {
        let right = ["12,5", "-0,5", "1.234,5", " 12,5 ", "1.234.567,89"];
        check(has_decimal_comma, &right, &["12.5", "12", "a,5", "1,2,3", ",5", "5,", "12.34,5"]);
    }

    #[test]
    fn times() {
        let right = ["2026-01-01", "2026-01-01T05:00", "2026-01-01 05:00:00.5Z"];
        check(is_time, &right, &["2026-1-1", "01.01.2026", "2026-01-01x", "2026-01-01T", "2026-01-01T5:00", ""]);
    }

    #[test]
    fn units() {
        let right = ["°C", "°", "%", "m/s", "km/h", "µg/m³", "m²", "mm", "kWh", "hPa", "lx", "lux", "MHz", "K"];
        check(is_unit, &right, &["", "rain", "sun", "a", "m/", "/s", "metre/s", "m/S", "1", "²", "g²", "ms"]);
    }

    #[test]
    fn codes() {
        check(is_code, &["S1", "dev-03", "Probe 7", "a_1"], &["S", "1", "1S", "S--1", "S1x", "", "-1"]);
    }
}
