//! The headers that every answer has. `headers.json` has them, for Vite's servers too (`scripts/lib/headers.mjs`).

use anyhow::{Context, Result};
use hyper::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};

const HEADERS: &str = include_str!("../headers.json");

/// Returns the headers that keep the page to itself; with `is_isolated`, also those that threads need.
///
/// # Errors
///
/// If the built-in list of headers is wrong.
pub fn headers(is_isolated: bool) -> Result<HeaderMap> {
    let all: Value = serde_json::from_str(HEADERS).context("the list of headers is no JSON")?;
    let group = |name: &str| all[name].as_object().with_context(|| format!("the list of headers has no `{name}`"));
    let mut headers = HeaderMap::new();
    if is_isolated {
        add(&mut headers, group("isolation")?)?;
    }
    add(&mut headers, group("protection")?)?;
    let policy = group("policy")?.iter().map(|(name, value)| format!("{name} {}", value.as_str().unwrap_or_default()));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::try_from(policy.collect::<Vec<_>>().join("; "))?);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(headers)
}

fn add(headers: &mut HeaderMap, group: &Map<String, Value>) -> Result<()> {
    for (name, value) in group {
        let value = HeaderValue::from_str(value.as_str().unwrap_or_default())?;
        headers.insert(HeaderName::try_from(name)?, value);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_kept_to_itself() {
        let plain = headers(false).unwrap();
        assert_eq!(plain["x-content-type-options"], "nosniff");
        assert_eq!(plain["cache-control"], "no-cache");
        let policy = plain["content-security-policy"].to_str().unwrap();
        assert!(policy.split("; ").any(|directive| directive == "default-src 'none'"), "{policy}");
        assert!(!plain.contains_key("cross-origin-opener-policy"));
    }

    #[test]
    fn threads_need_isolation() {
        let isolated = headers(true).unwrap();
        assert_eq!(isolated["cross-origin-opener-policy"], "same-origin");
        assert_eq!(isolated["cross-origin-embedder-policy"], "require-corp");
    }
}
