//! Rust's source as far as imports need it: words, `::` and single characters. Comments,
//! literals and lifetimes are left out.

/// A token and the line it is on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token<'a> {
    pub(crate) line: usize,
    pub(crate) text: &'a str,
}

/// Whether a token is an identifier or a keyword.
pub(crate) fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// The tokens of a file.
pub(crate) fn tokens(text: &str) -> Vec<Token<'_>> {
    let (mut rest, mut line, mut found) = (text, 1, Vec::new());
    while let Some(first) = rest.chars().next() {
        let len = match skipped(rest) {
            0 => {
                let len = token_len(rest, first);
                if !first.is_whitespace() {
                    found.push(Token { line, text: &rest[..len] });
                }
                len
            }
            len => len,
        };
        line += rest[..len].matches('\n').count();
        rest = &rest[len..];
    }
    found
}

fn token_len(rest: &str, first: char) -> usize {
    if rest.starts_with("::") {
        return 2;
    }
    if first.is_alphanumeric() || first == '_' {
        return rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    }
    first.len_utf8()
}

/// The length of a comment, a literal or a lifetime at the beginning, or 0.
fn skipped(rest: &str) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment(rest);
    }
    let literal = rest.trim_start_matches(['b', 'c', 'r']);
    let prefix = rest.len() - literal.len();
    let hashes = literal.len() - literal.trim_start_matches('#').len();
    if prefix <= 2 && literal[hashes..].starts_with('"') {
        if rest[..prefix].ends_with('r') {
            let end = format!("\"{}", "#".repeat(hashes));
            let open = prefix + hashes + 1;
            return open + rest[open..].find(&end).unwrap() + end.len();
        }
        if hashes == 0 {
            return prefix + 1 + quoted(&literal[1..], '"');
        }
    }
    if prefix <= 1 && literal.starts_with('\'') {
        // 'a' is a character, 'a without its quote a lifetime.
        let mut chars = literal[1..].chars();
        return match (chars.next(), chars.next()) {
            (Some('\\'), _) | (Some(_), Some('\'')) => prefix + 1 + quoted(&literal[1..], '\''),
            _ => prefix + 1,
        };
    }
    0
}

/// The length up to and including the quote that ends a literal.
fn quoted(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    let end = text.find(|c| {
        let ends = c == quote && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    });
    end.expect("a literal ends") + 1
}

/// The length of a block comment, which may hold others.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    loop {
        match &text[at..] {
            it if it.starts_with("/*") => (depth, at) = (depth + 1, at + 2),
            it if it.starts_with("*/") => (depth, at) = (depth - 1, at + 2),
            it => at += it.chars().next().expect("a comment ends").len_utf8(),
        }
        if depth == 0 {
            return at;
        }
    }
}

/// The tokens without those of items under `#[cfg(test)]`.
pub(crate) fn without_tests<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    const ATTRIBUTE: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let (mut rest, mut kept) = (tokens, Vec::new());
    while let [first, others @ ..] = rest {
        if rest.iter().map(|token| token.text).take(7).eq(ATTRIBUTE) {
            rest = &rest[item_len(rest)..];
        } else {
            kept.push(*first);
            rest = others;
        }
    }
    kept
}

/// The length of an item: up to a `;` outside of brackets, or the end of its braces.
fn item_len(tokens: &[Token<'_>]) -> usize {
    let mut depth = 0;
    let end = tokens.iter().position(|token| {
        match token.text {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            _ => {}
        }
        depth == 0 && matches!(token.text, "}" | ";")
    });
    end.expect("an item ends") + 1
}
