//! provisional
/// x
pub const UNICODE_VERSION: &str = "16.0.0";
