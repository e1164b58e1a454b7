//! Guesses the name that was meant.

/// Returns the name that is most similar to one of the wanted ones, if any is similar. Earlier wanted names take
/// precedence.
pub(super) fn similar<'a>(wanted: &[&str], names: &[&'a str]) -> Option<&'a str> {
    let wanted: Vec<String> = wanted.iter().map(|wanted| plain(wanted)).collect();
    let rank = |name: &str| {
        let name = plain(name);
        let ranks = wanted.iter().enumerate().filter_map(|(at, wanted)| Some((likeness(wanted, &name)?, at)));
        ranks.min()
    };
    names.iter().filter_map(|name| Some((rank(name)?, *name))).min_by_key(|(rank, _)| *rank).map(|(_, name)| name)
}

/// Returns how much a name differs from the wanted one: 0 not at all, 1 by typing errors, 2 by something added or left
/// out. `None` if it is another name. Both names must be plain.
fn likeness(wanted: &str, name: &str) -> Option<u8> {
    /// Shorter parts occur in too many names.
    const SHORTEST_PART: usize = 4;
    if name == wanted {
        return Some(0);
    }
    let length = wanted.chars().count();
    if strsim::levenshtein(wanted, name) <= length.min(8) / 3 {
        return Some(1);
    }
    let is_part = |part: &str, whole: &str| part.len() >= SHORTEST_PART && whole.contains(part);
    (is_part(wanted, name) || is_part(name, wanted)).then_some(2)
}

/// Returns a name without what is often written differently: case, spaces and punctuation. What is left is truncated if
/// it is longer than any name that it could be compared with.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).take(64).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(wanted: &[&str], names: &[&str]) -> Option<String> {
        similar(wanted, names).map(str::to_owned)
    }

    #[test]
    fn a_long_name_is_not_taken_for_its_beginning() {
        assert_eq!(plain(&format!("id{}5", " ".repeat(100))), "id5");
    }

    #[test]
    fn near_misses() {
        assert_eq!(like(&["sensor_id"], &["x", "Sensor ID"]).unwrap(), "Sensor ID");
        assert_eq!(like(&["value"], &["Value [l/s]", "x"]).unwrap(), "Value [l/s]");
        assert_eq!(like(&["timestamp"], &["timestmap"]).unwrap(), "timestmap");
        assert_eq!(like(&["timestamp"], &["time"]).unwrap(), "time");
        assert_eq!(like(&["value"], &["values", "VALUE"]).unwrap(), "VALUE");
        assert_eq!(like(&["timestamp", "date"], &["date"]).unwrap(), "date");
        assert_eq!(like(&["tmp"], &["max", "temp"]).unwrap(), "temp");
        assert_eq!(like(&["id"], &["idx", "grid"]), None);
        assert_eq!(like(&["value"], &["precipitation"]), None);
        assert_eq!(like(&["value"], &[""]), None);
    }
}
