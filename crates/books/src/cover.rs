//! Covers drawn from type.
/// x
pub fn draw(title: &str, author: &str, seed: &str) -> String { format!("{title}{author}{seed}") }
