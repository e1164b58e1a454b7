//! The names by which the server may be addressed. Another site can make its own name resolve to this machine (“DNS
//! rebinding”) and then read what is served here, unless the server only answers to its own names.

use hyper::Uri;
use hyper::header::{HOST, HeaderMap, HeaderValue};
use std::net::IpAddr;

const LOCAL: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// The scheme of addresses, with the port that an address without one means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `http`
    Http,
    /// `https`
    Https,
}

impl Scheme {
    /// Its name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }

    fn port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }
}

/// The names of a server.
#[derive(Clone, Debug)]
pub struct Names {
    /// What it listens on: a name or an address.
    pub host: String,
    /// The port that it listens on.
    pub port: u16,
    /// How it is addressed.
    pub scheme: Scheme,
    /// Further names: with a port, or for any.
    pub allowed: Vec<String>,
}

impl Names {
    /// Returns whether a name with or without a port, as in the header `Host`, is one of this server.
    pub fn has(&self, authority: &str) -> bool {
        let authority = authority.to_ascii_lowercase();
        let Some((name, port)) = split(&authority) else { return false };
        if self.is_allowed(&authority) {
            return true;
        }
        // An IP address isn't a name that could resolve differently later.
        let is_address = name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
        port.unwrap_or(self.scheme.port()) == self.port
            && (LOCAL.contains(&name)
                || name == in_address(&self.host).to_ascii_lowercase()
                || is_address && is_everywhere(&self.host))
    }

    /// Returns whether a page of this origin, as in the header `Origin`, comes from this server, or from one of the
    /// allowed names: there may be a proxy with another scheme before this server.
    pub fn has_origin(&self, origin: &str) -> bool {
        [Scheme::Http, Scheme::Https].into_iter().any(|scheme| {
            let authority = origin.strip_prefix(scheme.name()).and_then(|rest| rest.strip_prefix("://"));
            authority.is_some_and(|authority| match scheme == self.scheme {
                true => self.has(authority),
                false => self.is_allowed(&authority.to_ascii_lowercase()),
            })
        })
    }

    /// Returns whether the name of an authority, in lower case, is an allowed one.
    fn is_allowed(&self, authority: &str) -> bool {
        let Some((name, _)) = split(authority) else { return false };
        self.allowed.iter().any(|other| [name, authority].contains(&other.to_ascii_lowercase().as_str()))
    }
}

/// Returns the path and the host that a request asks for, or none if it is unclear.
pub fn wanted<'a>(target: &'a Uri, headers: &'a HeaderMap<HeaderValue>, scheme: Scheme) -> Option<(&'a str, &'a str)> {
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next();
    if hosts.next().is_some() {
        return None;
    }
    let path = target.path();
    if path.bytes().any(|byte| !byte.is_ascii_graphic()) {
        return None;
    }
    match (target.scheme_str(), target.authority()) {
        (None, None) if path.starts_with('/') => Some((path, host?.to_str().ok()?)),
        // The form for a proxy.
        (Some(name), Some(authority)) if name == scheme.name() && !authority.as_str().contains('@') => {
            Some((path, authority.as_str()))
        }
        _ => None,
    }
}

/// Returns a name or an IP address as it stands in an address of the web.
pub fn in_address(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

/// Returns whether a server that listens on this listens on every address of the machine.
pub fn is_everywhere(host: &str) -> bool {
    host.parse::<IpAddr>().is_ok_and(|address| address.is_unspecified())
}

/// Splits a name from its port. None if it is neither a name nor an address.
fn split(authority: &str) -> Option<(&str, Option<u16>)> {
    let end = match authority.starts_with('[') {
        true => authority.find(']')? + 1,
        false => authority.find(':').unwrap_or(authority.len()),
    };
    let (name, port) = authority.split_at(end);
    let is_name = match name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !name.is_empty() && !name.contains(['[', ']']),
    };
    let port = match port.strip_prefix(':') {
        None => port.is_empty().then_some(None),
        Some(digits) if digits.len() <= 5 && digits.bytes().all(|digit| digit.is_ascii_digit()) => {
            digits.parse().ok().map(Some)
        }
        Some(_) => None,
    };
    port.filter(|_| is_name).map(|port| (name, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(host: &str, port: u16, allowed: &[&str]) -> Names {
        let allowed = allowed.iter().map(|&name| name.to_owned()).collect();
        Names { host: host.to_owned(), port, scheme: Scheme::Http, allowed }
    }

    #[test]
    fn a_server_on_this_machine_has_the_names_of_this_machine() {
        for name in ["localhost:4180", "LOCALHOST:4180", "127.0.0.1:4180", "[::1]:4180"] {
            assert!(names("127.0.0.1", 4180, &[]).has(name), "{name}");
            assert!(!names("127.0.0.1", 80, &[]).has(name), "{name}");
            assert!(names("127.0.0.1", 80, &[]).has(name.strip_suffix(":4180").unwrap()), "{name}");
        }
        for wrong in [
            "",
            ":",
            "*",
            "evil.example",
            "evil.example:4180",
            "127.0.0.1.evil.example:4180",
            "127.0.0.1",
            "localhost:4181",
            "localhost.:4180",
            "localhost:4180@evil.example",
            "user@localhost:4180",
            "localhost:4180, evil.example",
            "localhost:041800",
            "localhost:",
            "localhost:+4180",
            "[::1",
            "[::1]4180",
            "2130706433:4180",
            "127.1:4180",
            "[::ffff:127.0.0.1]:4180",
            "192.168.1.7:4180",
        ] {
            assert!(!names("127.0.0.1", 4180, &[]).has(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_server_elsewhere_also_has_those_of_its_address() {
        for (host, name, is_ours) in [
            ("192.168.1.7", "192.168.1.7:4180", true),
            ("0.0.0.0", "192.168.1.7:4180", true),
            ("::", "[fe80::1]:4180", true),
            ("0.0.0.0", "pc.example:4180", false),
            ("pc.example", "pc.example:4180", true),
            ("fe80::1", "[fe80::1]:4180", true),
        ] {
            assert_eq!(names(host, 4180, &[]).has(name), is_ours, "{host}: {name}");
        }
    }

    #[test]
    fn further_names_are_allowed_for_any_port_or_for_one() {
        assert!(names("127.0.0.1", 4180, &["PC.example"]).has("pc.example:80"));
        assert!(names("127.0.0.1", 4180, &["PC.example"]).has("pc.EXAMPLE"));
        assert!(names("127.0.0.1", 4180, &["pc.example:80"]).has("pc.example:80"));
        assert!(!names("127.0.0.1", 4180, &["pc.example:80"]).has("pc.example:81"));
    }

    #[test]
    fn an_origin_is_one_of_the_names_with_its_scheme() {
        let names = names("127.0.0.1", 4180, &["pc.example"]);
        for (origin, is_ours) in [
            ("http://localhost:4180", true),
            ("http://127.0.0.1:4180", true),
            ("http://pc.example", true),
            // A proxy that speaks TLS.
            ("https://pc.example", true),
            ("https://localhost:4180", false),
            ("http://localhost:3000", false),
            ("http://localhost", false),
            ("http://evil.example", false),
            ("null", false),
            ("", false),
            ("file://", false),
            ("localhost:4180", false),
        ] {
            assert_eq!(names.has_origin(origin), is_ours, "{origin}");
        }
        let names = Names { port: 443, scheme: Scheme::Https, ..names };
        assert!(names.has_origin("https://localhost") && !names.has_origin("http://localhost"));
    }
}
