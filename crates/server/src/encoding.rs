//! Which encodings of a file a client accepts.

/// Returns whether a client accepts Brotli, by its `Accept-Encoding` (RFC 9110, section 12.5.3).
pub fn accepts_brotli(header: &str) -> bool {
    let mut any = None;
    let mut brotli = None;
    for item in header.to_ascii_lowercase().split(',') {
        let mut parts = item.split(';').map(str::trim);
        let accepted = |parameters: Vec<&str>| has_weight(&parameters);
        match parts.next() {
            Some("br") => brotli = Some(accepted(parts.collect())),
            Some("*") => any = Some(accepted(parts.collect())),
            _ => {}
        }
    }
    brotli.or(any).unwrap_or(false)
}

/// Returns whether the weight of a coding is more than zero; one that makes no sense counts as zero.
fn has_weight(parameters: &[&str]) -> bool {
    let [parameter] = parameters else { return parameters.is_empty() };
    let Some(weight) = parameter.strip_prefix("q=") else { return false };
    let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
    let is_number = decimals.len() <= 3 && decimals.bytes().all(|digit| digit.is_ascii_digit());
    let is_zero = decimals.bytes().all(|digit| digit == b'0');
    is_number && (whole == "1" && is_zero || whole == "0" && !is_zero)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_says_whether_it_accepts_brotli() {
        for (header, accepts) in [
            ("br", true),
            ("gzip, deflate, br, zstd", true),
            ("BR", true),
            ("*", true),
            ("gzip;q=1.0, br ; q=0.001", true),
            ("br;q=1.000", true),
            ("br, *;q=0", true),
            ("", false),
            ("gzip", false),
            ("identity", false),
            ("br;q=0", false),
            ("br;q=0.000", false),
            ("*;q=0", false),
            ("br;q=0, *", false),
            ("brotli", false),
            ("x-br", false),
            // No weights.
            ("br;q=2", false),
            ("br;q=1.001", false),
            ("br;q=0.0001", false),
            ("br;q=", false),
            ("br;q=1;q=1", false),
            ("br;level=1", false),
        ] {
            assert_eq!(accepts_brotli(header), accepts, "{header}");
        }
    }
}
