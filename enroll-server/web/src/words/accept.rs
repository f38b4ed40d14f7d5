//! Which of our languages a browser asks for (RFC 9110, section 12.5.4; RFC 4647, section 3.4).

/// Most bytes of what a browser asks for that are read: no browser asks for more.
const LONGEST: usize = 1_000;
/// A weight of 1, in thousandths.
const WHOLE: u16 = 1_000;

/// A language range with its weight in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Asked<'a> {
    range: &'a str,
    weight: u16,
}

/// The one of `ours`, the first of which is the one for everybody, that a browser asks for most.
pub(super) fn lookup<'o>(header: &str, ours: &[&'o str]) -> Option<&'o str> {
    let mut asked: Vec<Asked<'_>> = header
        .get(..LONGEST)
        .unwrap_or(header)
        .split(',')
        .filter_map(parsed)
        .collect();
    let refused = asked.clone();
    let is_refused = |tag: &str| {
        refused
            .iter()
            .any(|one| one.weight == 0 && one.range.eq_ignore_ascii_case(tag))
    };
    let ours: Vec<&str> = ours
        .iter()
        .copied()
        .filter(|tag| !is_refused(tag))
        .collect();
    // Stable: of what is asked for equally the first comes first.
    asked.sort_by_key(|one| std::cmp::Reverse(one.weight));
    asked
        .iter()
        .filter(|one| one.weight > 0)
        .find_map(|one| match one.range {
            "*" => ours.first().copied(),
            range => shorter_and_shorter(range)
                .find_map(|range| ours.iter().find(|tag| tag.eq_ignore_ascii_case(range)))
                .copied(),
        })
}

/// A range, and what is left of it without its last part, and so on: `de-CH-1996`, `de-CH`, `de`.
fn shorter_and_shorter(range: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(range), |range| {
        range.rsplit_once('-').map(|(before, _)| before)
    })
}

/// One range of the list; none if it is not written as one.
fn parsed(element: &str) -> Option<Asked<'_>> {
    let mut parts = element.split(';').map(str::trim);
    let range = parts.next().filter(|range| !range.is_empty())?;
    let weight = match parts.next() {
        Some(parameter) => weight(parameter)?,
        None => WHOLE,
    };
    Some(Asked { range, weight })
}

/// A weight: `q=0.8`, with at most three digits after the point.
fn weight(parameter: &str) -> Option<u16> {
    let (name, value) = parameter.split_once('=')?;
    if !name.trim_end().eq_ignore_ascii_case("q") {
        return None;
    }
    let (whole, fraction) = value
        .trim_start()
        .split_once('.')
        .unwrap_or((value.trim_start(), ""));
    let is_digits = fraction.bytes().all(|byte| byte.is_ascii_digit());
    if fraction.len() > 3 || !is_digits {
        return None;
    }
    let thousandths: u16 = format!("{fraction:0<3}").parse().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(WHOLE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OURS: &[&str] = &["en", "de"];

    #[test]
    fn a_browser_gets_what_it_asks_for_most() {
        for (header, language) in [
            ("de", Some("de")),
            ("DE-at", Some("de")),
            ("de-CH-1996", Some("de")),
            ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", Some("en")),
            ("fr, de;q=0.7, en;q=0.3", Some("de")),
            ("en;q=0.5,de;q=0.501", Some("de")),
            ("en;q=0.5, de;q=0.5", Some("en")),
            ("de;q=0.5, en;q=0.5", Some("de")),
            ("de ; Q=1.000 , en", Some("de")),
            ("fr, *", Some("en")),
            ("en;q=0, *;q=0.1", Some("de")),
            ("de;q=0, fr", None),
            ("de;q=0, de-AT", None),
            ("fr, it", None),
            ("", None),
            (",,;q=1, ;", None),
            // Not a weight: the range is left out.
            ("de;q=2, en;q=0.1", Some("en")),
            ("de;q=0.1234, en;q=0.1", Some("en")),
            ("de;level=1, en;q=0.1", Some("en")),
            ("dex, d, en-", Some("en")),
        ] {
            assert_eq!(lookup(header, OURS), language, "{header}");
        }
    }

    #[test]
    fn only_so_much_is_read() {
        let header = format!("{}de", "fr,".repeat(LONGEST));
        assert_eq!(lookup(&header, OURS), None);
        assert_eq!(lookup(&format!("de,{header}"), OURS), Some("de"));
    }

    proptest! {
        #[test]
        fn whatever_is_asked_for_there_is_an_answer(header in ".{0,1200}") {
            let found = lookup(&header, OURS);
            prop_assert!(found.is_none_or(|tag| OURS.contains(&tag)));
        }

        #[test]
        fn the_greater_weight_wins_wherever_it_stands(english in 1_u16..=999, german in 1_u16..=999, turned: bool) {
            prop_assume!(english != german);
            let mut ranges = [format!("en-GB;q=0.{english:03}"), format!("de-DE;q=0.{german:03}")];
            if turned {
                ranges.reverse();
            }
            let wanted = if english > german { "en" } else { "de" };
            prop_assert_eq!(lookup(&ranges.join(", "), OURS), Some(wanted));
        }
    }
}
