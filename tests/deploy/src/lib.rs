//! Checks the files in `deploy/` against each other, against `wadm.yaml` and against the documents: every name that one
//! of them uses exists in another, and every port leads somewhere. There is no code here but tests.
#![cfg(test)]
#![forbid(unsafe_code)]

mod compose;
mod files;
mod kubernetes;
mod manifest;
