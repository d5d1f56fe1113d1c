//! The one thing this provider asks of a component, apart from how the call travels.
//! The lattice's is in `component`; tests bring their own.

use std::future::Future;

use bytes::Bytes;

/// Is invoked on a schedule.
pub trait Scheduled: Send + Sync + 'static {
    /// Does what is due. The error is for the log and the health report; the tick is not repeated.
    fn invoke(&self, payload: Bytes) -> impl Future<Output = Result<(), String>> + Send;
}
