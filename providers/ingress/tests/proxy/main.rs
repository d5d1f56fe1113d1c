//! The ingress in front of real HTTP servers in this process: no lattice, no host.
//! Each file is one aspect of what clients and upstreams see.

mod bodies;
mod caching;
mod compression;
mod equals;
mod failures;
mod fixture;
mod headers;
mod health;
mod lifecycle;
mod routing;
