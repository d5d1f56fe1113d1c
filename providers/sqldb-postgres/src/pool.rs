//! Connection pools of a link: how its connections are opened and kept.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::NoTls;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::settings::Settings;

/// Idle time after which the system probes whether the server is still there.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(15);
/// How long sent bytes may stay unacknowledged before a connection counts as lost.
const UNACKNOWLEDGED: Duration = Duration::from_secs(10);

/// Why no pool can be made from a link's settings.
#[derive(Debug, thiserror::Error)]
pub enum PoolSetupError {
    /// The link's own certificates cannot be read.
    #[error("POSTGRES_TLS_CA holds no usable certificate in PEM")]
    Certificates,
    /// TLS is required and the system trusts nobody.
    #[error("TLS is required, but the system has no trusted certificates; set POSTGRES_TLS_CA")]
    NoTrustedCertificates,
    /// rustls refuses the TLS settings.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// The pool refuses its own settings.
    #[error("the pool cannot be set up: {0}")]
    Pool(#[from] deadpool_postgres::BuildError),
}

/// A pool of at most `size` connections. Nothing connects before the first is asked for.
///
/// # Errors
/// When TLS is required and cannot be set up.
pub fn pool(settings: &Settings, size: usize) -> Result<Pool, PoolSetupError> {
    let config = connection(settings);
    // Fast: a connection that is known to be closed is replaced, without a round trip for the others.
    let manager_config = ManagerConfig {
        recycling_method: RecyclingMethod::Fast,
    };
    let manager = if settings.tls_required {
        let tls = MakeRustlsConnect::new(tls(settings)?);
        Manager::from_config(config, tls, manager_config)
    } else {
        Manager::from_config(config, NoTls, manager_config)
    };
    Ok(Pool::builder(manager)
        .max_size(size)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(settings.pool_wait_timeout))
        .create_timeout(Some(settings.connect_timeout))
        .recycle_timeout(Some(settings.connect_timeout))
        .build()?)
}

fn connection(settings: &Settings) -> tokio_postgres::Config {
    let mut config = tokio_postgres::Config::new();
    config
        .host(&settings.host)
        .port(settings.port)
        .user(&settings.username)
        .password(&settings.password)
        .dbname(&settings.database)
        .application_name("sqldb-postgres")
        .connect_timeout(settings.connect_timeout)
        .keepalives(true)
        .keepalives_idle(KEEPALIVE_IDLE)
        .tcp_user_timeout(UNACKNOWLEDGED)
        // As a startup option it is the session's own default and costs no round trip.
        .options(format!(
            "-c statement_timeout={}",
            settings.statement_timeout.as_millis()
        ))
        .ssl_mode(if settings.tls_required {
            SslMode::Require
        } else {
            SslMode::Disable
        });
    config
}

/// TLS that verifies the server's certificate and name.
fn tls(settings: &Settings) -> Result<ClientConfig, PoolSetupError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(trusted(settings.tls_ca.as_deref())?)
        .with_no_client_auth())
}

fn trusted(ca: Option<&str>) -> Result<RootCertStore, PoolSetupError> {
    let mut store = RootCertStore::empty();
    match ca {
        Some(pem) => {
            for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
                let certificate = certificate.map_err(|_| PoolSetupError::Certificates)?;
                if store.add(certificate).is_err() {
                    return Err(PoolSetupError::Certificates);
                }
            }
            if store.is_empty() {
                return Err(PoolSetupError::Certificates);
            }
        }
        None => {
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if store.is_empty() {
                return Err(PoolSetupError::NoTrustedCertificates);
            }
        }
    }
    Ok(store)
}
