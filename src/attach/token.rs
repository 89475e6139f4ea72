//! Tokens of links that are shared by mail: unguessable, the same on every run.
//!
//! A keyed BLAKE3 hash of the company key (a message authentication code by construction; BLAKE3
//! paper, section 2.3), its key derived from the association's secret. Without the secret no
//! token tells anything of its company, and no token can be made.

use crate::problem::{Problem, Result};

/// What the key is derived for: another use of the same secret gives other keys.
const CONTEXT: &str = "thermaudit 2026-11-25 links to company sheets";

/// Least bytes of a secret.
const LEAST_SECRET: usize = 16;

/// Bytes of a token: 128 bits cannot be guessed.
const TOKEN_BYTES: usize = 16;

/// The token of a company, 32 hexadecimal digits.
///
/// # Errors
/// A secret of fewer than 16 bytes.
pub fn token(secret: &str, company_id: &str) -> Result<String> {
    if secret.trim().len() < LEAST_SECRET {
        return Err(
            Problem::setting(format!("the secret has under {LEAST_SECRET} bytes"))
                .field("privacy.link_secret_env")
                .hint("take a long random text, for example of 32 letters and digits"),
        );
    }
    let key = blake3::derive_key(CONTEXT, secret.trim().as_bytes());
    let hash = blake3::keyed_hash(&key, company_id.as_bytes());
    let bytes = hash.as_bytes().iter().take(TOKEN_BYTES);
    Ok(bytes.map(|b| format!("{b:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn a_token_is_stable_and_differs_by_company_and_secret() {
        let a = token(SECRET, "A").expect("a token");
        assert_eq!(a, token(SECRET, "A").expect("a token"));
        assert_eq!(a.len(), 32);
        assert!(a.bytes().all(|b| b.is_ascii_hexdigit()));
        assert_ne!(a, token(SECRET, "B").expect("a token"));
        let other = "1123456789abcdef0123456789abcdef";
        assert_ne!(a, token(other, "A").expect("a token"));
    }

    #[test]
    fn a_short_secret_is_refused() {
        let problem = token("geheim", "A").expect_err("too short");
        assert!(problem.to_string().contains("link_secret_env"));
        assert!(token("                      x", "A").is_err());
    }
}
