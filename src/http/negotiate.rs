//! Content negotiation by `Accept-Encoding` (RFC 9110, 12.5.3).

use crate::http::coding::Coding;

/// The index of the coding with the highest weight, the first if several have it. If none is
/// acceptable, the last, which is identity.
pub fn choose<E>(
    codings: impl Iterator<Item = Result<Coding, E>>,
    accept_encoding: &[u8],
) -> Result<usize, E> {
    let (mut best, mut best_weight) = (0, 0);
    for (index, coding) in codings.enumerate() {
        let weight = weight(accept_encoding, coding?);
        if weight > best_weight || best_weight == 0 {
            (best, best_weight) = (index, weight);
        }
    }
    Ok(best)
}

/// The weight of a coding in thousandths; 0 means not acceptable.
fn weight(accept_encoding: &[u8], coding: Coding) -> u16 {
    let mut any = None;
    for element in accept_encoding.split(|&b| b == b',') {
        let mut parts = element.split(|&b| b == b';');
        let name = parts.next().unwrap_or_default().trim_ascii();
        let mut weight = || parts.next().map_or(1000, quality);
        if is_named(name, coding) {
            return weight();
        }
        if name == b"*" {
            any = Some(weight());
        }
    }
    match coding {
        // Acceptable unless excluded, but any coding the visitor names is preferred.
        Coding::Identity => any.map_or(1, |weight| weight.min(1)),
        Coding::Br | Coding::Gzip => any.unwrap_or(0),
    }
}

/// Compares with patterns, which compile to code. As constants, the names would be on a page that
/// nothing else touches: a page fault on the board, 120 us for every visitor with a browser.
const fn is_named(name: &[u8], coding: Coding) -> bool {
    match coding {
        Coding::Br => matches!(name, [b'b' | b'B', b'r' | b'R']),
        // RFC 9110, 8.4.1.3: x-gzip is gzip.
        Coding::Gzip => matches!(
            name,
            [b'g' | b'G', b'z' | b'Z', b'i' | b'I', b'p' | b'P']
                | [b'x' | b'X', b'-', b'g' | b'G', b'z' | b'Z', b'i' | b'I', b'p' | b'P']
        ),
        Coding::Identity => matches!(
            name,
            [
                b'i' | b'I',
                b'd' | b'D',
                b'e' | b'E',
                b'n' | b'N',
                b't' | b'T',
                b'i' | b'I',
                b't' | b'T',
                b'y' | b'Y'
            ]
        ),
    }
}

/// The weight in a parameter such as `q=0.5`, in thousandths; 0 if it is malformed.
fn quality(parameter: &[u8]) -> u16 {
    let [b'q' | b'Q', b'=', value @ ..] = parameter.trim_ascii() else { return 0 };
    match value {
        [b'1'] | [b'1', b'.', ..] => 1000,
        [b'0'] | [b'0', b'.'] => 0,
        [b'0', b'.', decimals @ ..] => {
            let digit = |i| match decimals.get(i) {
                Some(&digit @ b'0'..=b'9') => u16::from(digit - b'0'),
                _ => 0,
            };
            digit(0) * 100 + digit(1) * 10 + digit(2)
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::weight;
    use crate::http::coding::Coding;

    #[test]
    fn weighs_codings() {
        // The header and the weights of br, gzip and identity.
        for (header, want) in [
            ("", [0, 0, 1]),
            ("gzip", [0, 1000, 1]),
            ("gzip, deflate, br", [1000, 1000, 1]),
            ("GZIP;Q=0.5,br ; q=0.25", [250, 500, 1]),
            ("x-gzip", [0, 1000, 1]),
            ("*", [1000, 1000, 1]),
            ("*;q=0", [0, 0, 0]),
            ("br;q=0, *", [0, 1000, 1]),
            ("*, br;q=0", [0, 1000, 1]),
            ("identity", [0, 0, 1000]),
            ("identity;q=0, gzip;q=0.001", [0, 1, 0]),
            ("gzip;q=1.000", [0, 1000, 1]),
            ("gzip;q=0.000", [0, 0, 1]),
            ("gzip;q=0.", [0, 0, 1]),
            ("gzip;q=", [0, 0, 1]),
            ("gzip;level=1", [0, 0, 1]),
            ("brr, gzipp", [0, 0, 1]),
            (",,;q=1,", [0, 0, 1]),
        ] {
            let weights = Coding::ALL.map(|coding| weight(header.as_bytes(), coding));
            assert_eq!(weights, want, "{header}");
        }
    }
}
