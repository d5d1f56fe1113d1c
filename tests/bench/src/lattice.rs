//! How the measured lattices are set up.
use e2e::Setup;

/// The defaults, on servers of its own: a lattice that shared somebody's would find what others have left there.
pub fn setup() -> Setup {
    Setup::new().with("DATABASE_URL", "").with("NATS_URL", "")
}
