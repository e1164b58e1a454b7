//! The certificate of a server that speaks https: made when the server starts, signed by itself, and kept nowhere.

use anyhow::{Context, Result};
use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};
use ring::digest::{SHA256, digest};
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::fmt::Write;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use tokio_rustls::TlsAcceptor;

/// How long a certificate is valid: a server is started anew before that.
const VALID: Duration = Duration::days(90);

/// A certificate with its key.
pub struct Certificate {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl Certificate {
    /// Makes one for these names and IP addresses.
    pub fn new(names: &[String]) -> Result<Certificate> {
        let make = || -> Result<Certificate, rcgen::Error> {
            let mut params = CertificateParams::new(names)?;
            // The clocks of the others may be behind.
            params.not_before = OffsetDateTime::now_utc() - Duration::DAY;
            params.not_after = OffsetDateTime::now_utc() + VALID;
            params.distinguished_name = DistinguishedName::new();
            params.distinguished_name.push(DnType::CommonName, "Clearpipe on this machine");
            params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
            let key = KeyPair::generate()?;
            let certificate = params.self_signed(&key)?.der().clone();
            Ok(Certificate { certificate, key: PrivatePkcs8KeyDer::from(key.serialize_der()).into() })
        };
        make().context("no certificate can be made for these names")
    }

    /// Its SHA-256 fingerprint, as browsers show it.
    pub fn fingerprint(&self) -> String {
        let mut text = String::new();
        for byte in digest(&SHA256, &self.certificate).as_ref() {
            if !text.is_empty() {
                text.push(':');
            }
            // Writing to a text can't fail.
            let _ = write!(text, "{byte:02X}");
        }
        text
    }

    /// What accepts connections with it.
    pub fn acceptor(self) -> Result<TlsAcceptor> {
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .context("TLS can't be set up")?;
        let mut config = config
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate], self.key)
            .context("TLS refuses the certificate")?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_certificate_is_a_new_one() {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
        let prints = [(); 2].map(|()| Certificate::new(&names).unwrap().fingerprint());
        assert_ne!(prints[0], prints[1]);
        for print in prints {
            assert_eq!(print.split(':').filter(|byte| u8::from_str_radix(byte, 16).is_ok()).count(), 32, "{print}");
        }
    }
}
