//! TLS to Postgres: when the address says `sslmode=require`, with the server's certificate verified.
//! Trusted are the system's authorities, or those of `SSL_CERT_FILE`.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

/// TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    #[error("TLS: no certificate authority is known on this system")]
    NoAuthorities,
    #[error("TLS: {0}")]
    Setup(#[from] rustls::Error),
}

/// Whether the address asks for TLS. `prefer`, the default, does not: a server with the certificate of
/// nobody, as many distributions install it, would then be refused.
pub(crate) fn is_required(database: &Config) -> bool {
    database.get_ssl_mode() == SslMode::Require
}

/// Connects with TLS.
pub(crate) fn connector() -> Result<MakeRustlsConnect, TlsError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(TlsError::NoAuthorities);
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
