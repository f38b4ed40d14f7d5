//! The addresses that are measured: each row of the server's table of routes that is read, with the places of the filled
//! database, and each list by its filters, orders and searches.

use crate::error::{Error, Result};

/// The server's table of routes, which this has no other way to.
const ROUTES: &str = include_str!("../../../enroll-server/web/src/routes.rs");

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// An administrator.
    Administrator,
    /// A holder on their own pages.
    Holder,
    /// Somebody who is not signed in.
    Stranger,
    /// A program with a token.
    Program,
}

/// What is measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// What it is one of.
    pub group: &'static str,
    /// The path, with its query.
    pub path: String,
    /// Who asks.
    pub reader: Reader,
}

/// What stands in the filled database in place of a parameter, by the beginning of the path; the first that fits counts.
const PLACES: &[(&str, &str)] = &[
    ("/language/{tag}", "/language/en"),
    (
        "/me/enter/{token}",
        "/me/enter/MILLIONMILLIONMILLIONMILLIONMILL",
    ),
    ("/me/not-accepted/{reason}", "/me/not-accepted/expired"),
    ("/me/phones/{id}", "/me/phones/p123401"),
    (
        "/invitation/{token}",
        "/invitation/INVITEINVITEINVITEINVITEINVITEIN",
    ),
    (
        "/password/{token}",
        "/password/PASSWORDPASSWORDPASSWORDPASSWORD",
    ),
    ("/me/requests/{id}", "/me/requests/r123401"),
    ("/requests/{id}", "/requests/r249981"),
    ("/api/v1/requests/{id}", "/api/v1/requests/r249981"),
    ("/invitations/{id}", "/invitations/i249980"),
    // Nobody who ever had a phone is removed, and nobody is let go twice.
    ("/holders/{id}/remove", "/holders/h249980/remove"),
    ("/holders/{id}", "/holders/h123401"),
    ("/phones/{id}", "/phones/p123456"),
    ("/certificates/{id}", "/certificates/c9Ap248001"),
    ("/colleagues/{id}", "/colleagues/a100"),
    ("/webhooks/{id}", "/webhooks/w1"),
    ("/api-tokens/{id}", "/api-tokens/t1"),
    ("/api/v1/people/{id}", "/api/v1/people/h123401"),
    ("/api/v1/phones/{id}", "/api/v1/phones/p123456"),
    (
        "/api/v1/certificates/{id}",
        "/api/v1/certificates/c9Ap248001",
    ),
    ("/api/v1/invitations/{id}", "/api/v1/invitations/i249980"),
];

/// What is read and not measured, and why not.
const NOT_MEASURED: &[(&str, &str)] = &[
    ("/assets/{name}", "part of the first page"),
    ("/setup/{token}", "there is an administrator"),
    ("/sign-in/second-factor", "reads one row"),
    ("/account/authenticator/remove", "Ada has none"),
    ("/account/recovery-codes", "Ada has none"),
    ("/account/passkeys/{id}", "Ada has none"),
    ("/account/passkeys/{id}/remove", "Ada has none"),
    ("/colleagues/{id}/second-factor", "nobody has one"),
    ("/language/{tag}", "only leads elsewhere"),
    ("/selections/{id}", "measured with the choice of all rows"),
    ("/invitations.csv", "a file"),
    ("/holders.csv", "a file"),
    ("/phones.csv", "a file"),
    ("/requests.csv", "a file"),
    ("/certificates.csv", "a file"),
    ("/audit.csv", "a file"),
    ("/audit.jsonl", "a file"),
];

/// Everything that is measured.
///
/// # Errors
/// If a row of the table has a parameter that nobody gave a place here.
pub fn all() -> Result<Vec<Address>> {
    let mut found = routes()?;
    found.extend(lists());
    Ok(found)
}

/// The rows of the table that pages and programs read.
fn routes() -> Result<Vec<Address>> {
    let mut found = Vec::new();
    for row in ROUTES.lines() {
        let words: Vec<&str> = row.split_whitespace().collect();
        let &[surface @ ("Portal" | "Api"), "get", path, access, ..] = words.as_slice() else {
            continue;
        };
        let path = path.trim_matches('"');
        if NOT_MEASURED.iter().any(|(left_out, _)| *left_out == path) {
            continue;
        }
        let reader = match (surface, access) {
            ("Api", _) => Reader::Program,
            (_, "Holder") => Reader::Holder,
            (_, "Anyone" | "Invitation" | "HolderLink" | "PasswordLink") => Reader::Stranger,
            _ => Reader::Administrator,
        };
        let group = match reader {
            Reader::Administrator => "pages and forms",
            Reader::Holder => "holders' own pages",
            Reader::Stranger => "pages for whoever has a link",
            Reader::Program => "API",
        };
        found.push(Address {
            group,
            path: placed(path)?,
            reader,
        });
    }
    Ok(found)
}

fn placed(path: &str) -> Result<String> {
    if !path.contains('{') {
        return Ok(path.to_owned());
    }
    let placed = PLACES
        .iter()
        .find_map(|(begin, place)| Some(format!("{place}{}", path.strip_prefix(begin)?)));
    placed
        .filter(|path| !path.contains('{'))
        .ok_or_else(|| Error::Machine(format!("nothing is known to measure {path} with")))
}

/// Searches of every list of people's things: for one person, for what everybody fits, nobody, for little, for signs, for several
/// words, of which one alone fits everybody, and in other scripts.
const SEARCHES: &[&str] = &[
    "123401%40example",
    "example",
    "nobody+at+all",
    "an",
    "a",
    "9%40example.org",
    "_%25%5C",
    "o%27neill",
    "anna+example",
    "example+m%C3%BCller+9",
    "example+nowhere",
    "grzegorz+quist",
    "%E7%8E%8B",
    "%E7%8E%8B%E5%B0%8F%E6%98%8E",
    "%E6%AC%A7%E9%98%B3%E7%A7%80%E8%8B%B1",
    "%EA%B9%80%EB%AF%BC%EC%A4%80",
    "%D0%BA%D1%83%D0%B7%D0%BD%D0%B5%D1%86%D0%BE%D0%B2",
    "%D9%85%D8%AD%D9%85%D8%AF",
];

/// Card numbers: whole, in groups, and in part.
const CARDS: &[&str] = &[
    "1b4c2d8e3f0000000000003908850076",
    "%7B1b4c2d8e-3f00-0000-0000-003908850076%7D",
    "4f1c2d3e",
    "3908850076",
    "pixel",
    "galaxy+123401",
    "pixel+anna",
];

/// Serial numbers and fingerprints in the notations of programs, and a beginning of each.
const NUMBERS: &[&str] = &[
    "4a00008859454476",
    "4A%3A00%3A00%3A88%3A59%3A45%3A44%3A76",
    "0x4a00008859454476",
    "5332262544419931254",
    "4a00",
    "4",
    "5ea0000000000000000000000000000000000000000000000003908859454476",
    "5E%3AA0%3A00%3A00%3A00%3A00%3A00%3A00%3A00%3A00%3A00%3A00%3A00%3A00%3A00%3A00%3A00%3A00%3A00%3A00%3A00%3A00%3A00%3A00%3A00%3A03%3A90%3A88%3A59%3A45%3A44%3A76",
];

/// A list as people browse it: its filters, orders and searches.
struct List {
    group: &'static str,
    path: &'static str,
    /// The same for programs, which has an order of its own, and the parameter that narrows it.
    api: (&'static str, &'static str),
    states: &'static [&'static str],
    orders: &'static [&'static str],
    searches: &'static [&'static [&'static str]],
}

const LISTS: &[List] = &[
    List {
        group: "people",
        path: "/holders",
        api: ("/api/v1/people", "filter"),
        states: &[
            "",
            "without-phone",
            "several-phones",
            "ending",
            "ended",
            "suspended",
            "gone",
        ],
        orders: &["name", "-name", "end", "-end", "seen", "-seen"],
        searches: &[SEARCHES],
    },
    List {
        group: "phones",
        path: "/phones",
        api: ("/api/v1/phones", "state"),
        states: &["", "active", "suspended", "revoked"],
        orders: &["enrolled", "-enrolled", "end", "-end", "seen", "-seen"],
        searches: &[SEARCHES, CARDS],
    },
    List {
        group: "certificates",
        path: "/certificates",
        api: ("/api/v1/certificates", "filter"),
        states: &["", "valid", "ending", "expired", "suspended", "revoked"],
        orders: &["issued", "-issued", "end", "-end"],
        searches: &[SEARCHES, NUMBERS],
    },
    List {
        group: "invitations",
        path: "/invitations",
        api: ("/api/v1/invitations", "state"),
        states: &["", "pending", "expired", "used", "cancelled"],
        orders: &["invited", "-invited"],
        searches: &[SEARCHES],
    },
    List {
        group: "requests",
        path: "/requests",
        api: ("/api/v1/requests", "state"),
        states: &[
            "",
            "waiting",
            "approved",
            "refused",
            "withdrawn",
            "expired",
            "closed",
        ],
        orders: &["asked", "-asked"],
        searches: &[SEARCHES],
    },
];

/// What narrows the audit trail, and the API's events: by what they are about and what they are, by who did it and from where, by
/// day, and by the names of people; each alone, and with another that leaves few.
const AUDIT: &[&str] = &[
    "about=holder",
    "about=invitation",
    "about=phone",
    "about=certificate",
    "about=issuer",
    "about=administrator",
    "about=phone&kind=sign-in",
    "kind=certificate-issued",
    "kind=phone-suspended",
    "kind=sign-in-refused",
    "kind=api-token-revoked",
    "actor=a100",
    "actor=nobody",
    "actor=a100&kind=sign-in",
    "actor=a100&kind=phone-suspended",
    "actor=a100&about=certificate",
    "actor=a100&source=192.0.2.99",
    "actor=a100&source=192.0.2.1",
    "source=192.0.2.19",
    "source=192.0.2.20&about=issuer",
    "source=192.0.2.20&kind=phone-suspended",
    "source=198.51.100.1",
    "person=123401%40example",
    "person=example",
    "person=nobody+at+all",
    "person=an",
    "person=anna",
    "person=quist",
    "person=%E7%8E%8B%E5%B0%8F%E6%98%8E",
    "person=example&kind=phone-suspended",
    "person=example&kind=api-token-revoked",
    "person=example&actor=a100",
    "person=example&source=198.51.100.1",
    "person=anna&kind=sign-in",
    "person=anna&about=phone",
    "person=anna&kind=phone-suspended&source=192.0.2.19",
];

/// Days that are long over, of which the audit trail has events; as the page's and as the API's parameters.
const DAYS: [&str; 2] = [
    "from=2020-01-01&to=2020-01-02",
    "from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z",
];

fn lists() -> Vec<Address> {
    let mut found = Vec::new();
    let mut add = |group, reader, path: String| {
        found.push(Address {
            group,
            path,
            reader,
        });
    };
    for list in LISTS {
        let (group, path) = (list.group, list.path);
        let searches = || list.searches.iter().copied().flatten();
        for state in list.states {
            for order in list.orders {
                let path = format!("{path}?state={state}&sort={order}");
                add(group, Reader::Administrator, path);
            }
            for search in searches() {
                let path = format!("{path}?q={search}&state={state}");
                add(group, Reader::Administrator, path);
            }
            for search in ["example", "anna"] {
                for order in list.orders {
                    let path = format!("{path}?q={search}&state={state}&sort={order}");
                    add(group, Reader::Administrator, path);
                }
            }
        }
        add(group, Reader::Administrator, format!("{path}?rows=print"));
        let (path, parameter) = list.api;
        for state in list.states {
            let narrowed = match *state {
                "" => String::new(),
                state => format!("&{parameter}={state}"),
            };
            add(
                "API",
                Reader::Program,
                format!("{path}?limit=100{narrowed}"),
            );
            for search in searches() {
                let path = format!("{path}?q={search}{narrowed}");
                add("API", Reader::Program, path);
            }
        }
    }
    for narrowed in AUDIT {
        for order in ["", "&sort=when"] {
            let path = format!("/audit?{narrowed}{order}");
            add("audit trail", Reader::Administrator, path);
        }
        let path = format!("/api/v1/events?{narrowed}");
        add("API", Reader::Program, path);
    }
    let [on_page, of_api] = DAYS;
    add(
        "audit trail",
        Reader::Administrator,
        format!("/audit?{on_page}"),
    );
    add(
        "audit trail",
        Reader::Administrator,
        format!("/audit?{on_page}&person=example&sort=when"),
    );
    add(
        "audit trail",
        Reader::Administrator,
        "/audit?rows=print".to_owned(),
    );
    add("API", Reader::Program, format!("/api/v1/events?{of_api}"));
    for more in [
        "/holders/h107",
        "/holders/h109",
        "/phones/p109",
        "/phones/p103",
        "/phones/p1",
        "/phones/p123401c",
        "/certificates/c9Ap103",
        "/invitations/i1",
        "/invitations/i40",
    ] {
        add("pages and forms", Reader::Administrator, more.to_owned());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_that_is_read_is_measured_or_left_out_with_a_reason() {
        let found = all().unwrap();
        for path in [
            "/",
            "/holders/h123401/let-go",
            "/me",
            "/api/v1/people/h123401",
        ] {
            assert!(found.iter().any(|one| one.path == path), "{path}");
        }
        let known: Vec<&str> = NOT_MEASURED.iter().map(|(path, _)| *path).collect();
        for path in known {
            assert!(ROUTES.contains(&format!("\"{path}\"")), "{path}");
        }
        assert!(placed("/new/{id}").is_err());
    }
}
