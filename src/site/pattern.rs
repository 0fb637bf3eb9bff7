//! The path patterns of `_redirects` and `_headers`.
//!
//! A segment `:name` matches any one non-empty segment, and `*`, allowed once, any run of bytes,
//! even an empty one. Matching needs no heap and no backtracking: with a single `*`, a pattern is
//! a prefix and a suffix.

/// The values of a pattern's placeholders in one path.
#[derive(Clone, Copy, Debug)]
pub struct Captures<'a> {
    pattern: &'a [u8],
    path: &'a [u8],
}

/// The captures, if `pattern` matches all of `path`.
#[must_use]
pub fn matches<'a>(pattern: &'a [u8], path: &'a [u8]) -> Option<Captures<'a>> {
    let captures = Captures { pattern, path };
    captures.walk(|_, _| ()).then_some(captures)
}

impl<'a> Captures<'a> {
    /// The value of the placeholder `name`, the first if there are several; `*` is named `splat`.
    #[must_use]
    pub fn get(&self, name: &[u8]) -> Option<&'a [u8]> {
        let mut found = None;
        self.walk(|placeholder, value| {
            if placeholder == name {
                found = found.or(Some(value));
            }
        });
        found
    }

    /// Walks pattern and path in parallel and passes each placeholder and its value to `see`.
    /// Returns whether they match.
    fn walk(&self, mut see: impl FnMut(&'a [u8], &'a [u8])) -> bool {
        let (mut pattern, mut path) = (self.pattern, self.path);
        let mut segment_start = false;
        while let Some((&first, rest)) = pattern.split_first() {
            match first {
                b'*' => {
                    let Some(splat) = path.strip_suffix(rest) else { return false };
                    see(b"splat", splat);
                    return true;
                }
                b':' if segment_start && name_len(rest) > 0 => {
                    let (name, after) = rest.split_at(name_len(rest));
                    let len = path.iter().position(|&b| b == b'/').unwrap_or(path.len());
                    if len == 0 {
                        return false;
                    }
                    see(name, &path[..len]);
                    (pattern, path) = (after, &path[len..]);
                }
                _ => {
                    if path.first() != Some(&first) {
                        return false;
                    }
                    (pattern, path) = (rest, &path[1..]);
                }
            }
            segment_start = first == b'/';
        }
        path.is_empty()
    }
}

/// The length in bytes of the placeholder name that `text` starts with: letters, digits and `_`,
/// not starting with a digit. 0 if there is none.
#[must_use]
pub fn name_len(text: &[u8]) -> usize {
    if text.first().is_none_or(u8::is_ascii_digit) {
        return 0;
    }
    text.iter().position(|&b| !(b.is_ascii_alphanumeric() || b == b'_')).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[track_caller]
    fn check(pattern: &str, path: &str, want: Option<&[(&str, &str)]>) {
        let got = matches(pattern.as_bytes(), path.as_bytes());
        assert_eq!(got.is_some(), want.is_some(), "{pattern} against {path}");
        for (name, value) in want.unwrap_or_default() {
            let value = Some(value.as_bytes());
            assert_eq!(got.and_then(|c| c.get(name.as_bytes())), value, "{pattern} {path} {name}");
        }
    }

    #[test]
    fn matches_whole_paths_only() {
        check("/a", "/a", Some(&[]));
        check("/a", "/a/", None);
        check("/a/", "/a", None);
        check("/a", "/ab", None);
    }

    #[test]
    fn a_star_matches_any_run_of_bytes_even_an_empty_one() {
        check("/*", "/", Some(&[("splat", "")]));
        check("/news/*", "/news/2024/x.html", Some(&[("splat", "2024/x.html")]));
        check("/news/*", "/news/", Some(&[("splat", "")]));
        check("/news/*", "/news", None);
        check("/*.css", "/a/b.css", Some(&[("splat", "a/b")]));
        check("/ab*ba", "/aba", None);
    }

    #[test]
    fn a_name_matches_one_non_empty_segment() {
        check("/:year/:slug", "/2024/hello", Some(&[("year", "2024"), ("slug", "hello")]));
        check("/:year/:slug", "/2024/", None);
        check("/:year/:slug", "/2024/a/b", None);
        check("/u/:id/*", "/u/7/", Some(&[("id", "7"), ("splat", "")]));
    }

    #[test]
    fn a_colon_within_a_segment_is_literal() {
        check("/a:b", "/a:b", Some(&[]));
        check("/a:b", "/axx", None);
    }
}
