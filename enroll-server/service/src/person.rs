//! A holder's names: read once, into what certificates and pages can carry.

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};

use serde::{Deserialize, Serialize};

use enroll_server_model::{HolderState, Timestamp};
use enroll_server_store::holder::Holder;

use crate::error::{Error, Result};
use crate::refusal::{Field, FieldFlaw};
use crate::text;

/// Most characters of a name (RFC 5280, ub-common-name).
const LONGEST_NAME: usize = 64;
/// Most octets of a mail address or UPN. Certificates live on a card that is read 256 bytes at a time.
const LONGEST_ADDRESS: usize = 128;
/// Most octets before the '@' of a mail address (RFC 5321, section 4.5.3.1.1).
const LONGEST_LOCAL_PART: usize = 64;

/// In which language somebody is written to, by its tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailLanguage {
    /// In this one from now on.
    Chosen(String),
    /// In this one, unless they are on record: then they keep theirs.
    IfNew(String),
}

impl MailLanguage {
    /// Its tag.
    #[must_use]
    pub fn tag(&self) -> &str {
        match self {
            Self::Chosen(tag) | Self::IfNew(tag) => tag,
        }
    }
}

/// Accounts that belong to systems and not to people: those of distributions, of their cloud images and of well-known
/// services. sshd lets a phone log in as whatever its holder's account is called.
const SYSTEM_ACCOUNTS: &[&str] = &[
    "adm",
    "admin",
    "administrator",
    "almalinux",
    "alpine",
    "ansible",
    "apache",
    "arch",
    "avahi",
    "azureuser",
    "backup",
    "bin",
    "bind",
    "bitnami",
    "centos",
    "chrony",
    "cloud-user",
    "colord",
    "core",
    "cups-pk-helper",
    "daemon",
    "db2inst1",
    "dbus",
    "debian",
    "debian-exim",
    "dnsmasq",
    "docker",
    "dovecot",
    "dovenull",
    "ec2-user",
    "elasticsearch",
    "exim",
    "fedora",
    "freebsd",
    "ftp",
    "fwupd-refresh",
    "games",
    "gdm",
    "geoclue",
    "git",
    "gitlab-runner",
    "gnats",
    "grafana",
    "guest",
    "haldaemon",
    "halt",
    "hplip",
    "http",
    "httpd",
    "irc",
    "jenkins",
    "kali",
    "kvm",
    "landscape",
    "libvirt-qemu",
    "lightdm",
    "list",
    "lp",
    "lpadmin",
    "lxd",
    "mail",
    "man",
    "mariadb",
    "memcache",
    "messagebus",
    "mongodb",
    "mysql",
    "nagios",
    "named",
    "news",
    "nfsnobody",
    "nginx",
    "nobody",
    "nogroup",
    "nologin",
    "ntp",
    "opc",
    "opensuse",
    "openvpn",
    "operator",
    "oracle",
    "pi",
    "polkitd",
    "pollinate",
    "postfix",
    "postgres",
    "prometheus",
    "proxy",
    "pulse",
    "puppet",
    "puppetdb",
    "rabbitmq",
    "redis",
    "rocky",
    "root",
    "rtkit",
    "sa",
    "saned",
    "sddm",
    "server",
    "shutdown",
    "speech-dispatcher",
    "sshd",
    "staff",
    "statd",
    "strongswan",
    "sudo",
    "sync",
    "sys",
    "syslog",
    "system",
    "tomcat",
    "toor",
    "tss",
    "ubuntu",
    "unbound",
    "usbmux",
    "users",
    "uucp",
    "uuidd",
    "vagrant",
    "vmail",
    "wheel",
    "whoopsie",
    "www-data",
    "wwwrun",
    "zabbix",
];

/// A holder's names, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The mail address, as it was typed.
    pub email: MailAddress,
    /// The user principal name, lower case.
    pub upn: String,
    /// The part of the UPN before the '@'.
    pub username: String,
}

/// A mail address in both of its forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailAddress {
    /// As it was typed.
    pub typed: String,
    /// With the domain in ASCII (A-labels, RFC 5890): as certificates carry it (RFC 5280, section 7.5).
    pub ascii: String,
}

/// Whether an account may be one that systems have for themselves: somebody has to say that this is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SystemAccount {
    /// It may not.
    #[default]
    Refuse,
    /// It may.
    Accept,
}

/// Whether a mail address may be another holder's too: somebody has to say that this is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SharedMail {
    /// It may not.
    #[default]
    Refuse,
    /// It may.
    Accept,
}

/// Whether an account is one that systems have for themselves, or one that programs may read as something else: a number
/// as a user's id, a sign as an option.
#[must_use]
pub fn is_system_account(name: &str) -> bool {
    name.starts_with("systemd-")
        || name.starts_with(['_', '-', '+'])
        || name.bytes().all(|byte| byte.is_ascii_digit())
        || SYSTEM_ACCOUNTS.contains(&name)
}

impl Person {
    /// Reads the names as somebody typed them.
    ///
    /// # Errors
    /// [`Error::InvalidField`] with the first field that cannot be what it should.
    pub fn parse(name: &str, email: &str, upn: &str) -> Result<Self> {
        let name = person_name(name)?;
        let email = mail_address(email)?;
        let upn = account_name(upn)?;
        let username = upn.split('@').next().unwrap_or_default().to_owned();
        Ok(Self {
            name,
            email,
            upn,
            username,
        })
    }

    /// The record of a holder with these names, who is written to in this language, is active and has no phone.
    #[must_use]
    pub fn into_holder(self, id: String, language: String, created: Timestamp) -> Holder {
        Holder {
            id,
            name: self.name,
            email: self.email.typed,
            email_ascii: self.email.ascii,
            upn: self.upn,
            username: self.username,
            state: HolderState::Active,
            phones: 0,
            language,
            created,
        }
    }
}

/// A mail address as administrators sign in with it, in lower case and with the domain in ASCII: browsers send either form
/// of an international one. What is not an address stays what it is.
#[must_use]
pub fn sign_in_name(typed: &str) -> String {
    let typed = typed.trim().to_lowercase();
    mail_address(&typed).map_or(typed, |address| address.ascii)
}

/// Reads a person's name.
///
/// # Errors
/// [`Error::InvalidField`] if it is empty, too long or has characters that cannot be seen.
pub fn person_name(typed: &str) -> Result<String> {
    let name = text::one_line(typed);
    let flaw = if name.is_empty() {
        FieldFlaw::NameEmpty
    } else if name.chars().count() > LONGEST_NAME {
        FieldFlaw::NameLong {
            longest: LONGEST_NAME,
        }
    } else if let Some(unseen) = text::first_unseen(&name) {
        FieldFlaw::NameUnseen {
            character: text::code_point(unseen),
        }
    } else {
        return Ok(name);
    };
    Err(Error::InvalidField {
        field: Field::Name,
        flaw,
    })
}

/// Reads a mail address: before the '@' a dot-atom (RFC 5322, section 3.2.3), after it a domain name, which may be
/// international. What is before the '@' must be ASCII: certificates carry no other (RFC 9598 would take a name form that
/// most programs do not know).
///
/// # Errors
/// [`Error::InvalidField`] if a certificate cannot carry it.
pub fn mail_address(typed: &str) -> Result<MailAddress> {
    let typed = typed.trim();
    let checked = (|| {
        let (local, domain) = parts(typed)?;
        if !local.is_ascii() {
            return Err(FieldFlaw::MailLocalNotAscii);
        }
        if local.len() > LONGEST_LOCAL_PART || !is_dot_atom(local, is_atext) {
            return Err(FieldFlaw::MailLocal);
        }
        let ascii = format!("{local}@{}", ascii_domain(domain)?);
        if ascii.len() > LONGEST_ADDRESS {
            return Err(TOO_LONG);
        }
        Ok(MailAddress {
            typed: typed.to_owned(),
            ascii,
        })
    })();
    checked.map_err(|flaw| Error::InvalidField {
        field: Field::Email,
        flaw,
    })
}

/// Reads a UPN: before the '@' what account names of hosts have, after it a domain name, lower case.
///
/// # Errors
/// [`Error::InvalidField`] if it cannot be one.
pub fn account_name(typed: &str) -> Result<String> {
    let checked = (|| {
        let (local, domain) = parts(typed.trim())?;
        if !is_dot_atom(local, |b| b.is_ascii_alphanumeric() || b"_-+".contains(&b)) {
            return Err(FieldFlaw::AccountLocal);
        }
        let ascii = ascii_domain(domain)?;
        let (unicode, _) = Uts46::new().to_unicode(ascii.as_bytes(), AsciiDenyList::STD3, HYPHENS);
        Ok(format!("{}@{unicode}", local.to_lowercase()))
    })();
    checked.map_err(|flaw| Error::InvalidField {
        field: Field::Upn,
        flaw,
    })
}

const TOO_LONG: FieldFlaw = FieldFlaw::AddressLong {
    longest: LONGEST_ADDRESS,
};

/// Hyphens may stand where registries let them stand: some have two in the third and fourth place.
const HYPHENS: Hyphens = Hyphens::CheckFirstLast;

/// An address's parts before and after its '@'.
fn parts(address: &str) -> Result<(&str, &str), FieldFlaw> {
    if address.len() > LONGEST_ADDRESS {
        return Err(TOO_LONG);
    }
    address.split_once('@').ok_or(FieldFlaw::AddressWithoutAt)
}

/// Whether a text is atoms with single dots between them.
fn is_dot_atom(text: &str, is_of_atom: impl Fn(u8) -> bool) -> bool {
    text.split('.')
        .all(|atom| !atom.is_empty() && atom.bytes().all(&is_of_atom))
}

/// Whether a byte is atext (RFC 5322, section 3.2.3).
fn is_atext(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

/// A domain name in ASCII and lower case (UTS #46), which drops characters that cannot be seen: they are refused.
fn ascii_domain(domain: &str) -> Result<String, FieldFlaw> {
    if text::first_unseen(domain).is_some() {
        return Err(FieldFlaw::AddressDomain);
    }
    Uts46::new()
        .to_ascii(
            domain.as_bytes(),
            AsciiDenyList::STD3,
            HYPHENS,
            DnsLength::Verify,
        )
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| FieldFlaw::AddressDomain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "alice@example.org";

    fn refused(result: Result<Person>) -> (Field, FieldFlaw) {
        match result {
            Err(Error::InvalidField { field, flaw }) => (field, flaw),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn names_are_read_as_people_type_them() {
        let person = Person::parse(
            "  Alice   Example ",
            "Alice@Example.org ",
            " Alice@Corp.Example",
        )
        .unwrap();
        assert_eq!(person.name, "Alice Example");
        assert_eq!(person.email.typed, "Alice@Example.org");
        assert_eq!(person.email.ascii, "Alice@example.org");
        assert_eq!(person.upn, "alice@corp.example");
        assert_eq!(person.username, "alice");
    }

    #[test]
    fn mail_addresses_are_those_that_mail_has() {
        for local in ["o'brien", "r&d", "first.last", "a!#$%&'*+-/=?^_`{|}~z", "x"] {
            let typed = format!("{local}@example.org");
            let read = mail_address(&typed).unwrap();
            assert_eq!((&read.typed, &read.ascii), (&typed, &typed));
        }
        for local in [
            "",
            ".a",
            "a.",
            "a..b",
            "a b",
            "a@b",
            "(a)",
            "a,b",
            "\"a\"",
            "a\\b",
            &"a".repeat(65),
        ] {
            let (field, flaw) = refused(Person::parse("A", &format!("{local}@example.org"), GOOD));
            assert_eq!(field, Field::Email, "{local}");
            assert!(
                matches!(flaw, FieldFlaw::MailLocal | FieldFlaw::AddressDomain),
                "{local}: {flaw:?}"
            );
        }
        let (_, flaw) = refused(Person::parse("A", "älice@example.org", GOOD));
        assert_eq!(flaw, FieldFlaw::MailLocalNotAscii);
    }

    #[test]
    fn an_international_domain_has_two_forms() {
        for typed in [
            "alice@münchen.example",
            "alice@MÜNCHEN.example",
            "alice@mu\u{308}nchen.example",
        ] {
            let read = mail_address(typed).unwrap();
            assert_eq!(read.typed, typed);
            assert_eq!(read.ascii, "alice@xn--mnchen-3ya.example");
            assert_eq!(account_name(typed).unwrap(), "alice@münchen.example");
        }
        assert_eq!(
            mail_address("alice@xn--mnchen-3ya.example").unwrap().typed,
            "alice@xn--mnchen-3ya.example"
        );
        let label = "d".repeat(64);
        for domain in [
            "",
            "a..b",
            ".a",
            "a.",
            "-a.b",
            "a_b.c",
            "a b",
            "xn--a.b",
            "a\u{202e}b.c",
            &label,
        ] {
            for (email, upn, field) in [
                (format!("a@{domain}"), GOOD.to_owned(), Field::Email),
                (GOOD.to_owned(), format!("a@{domain}"), Field::Upn),
            ] {
                let found = refused(Person::parse("A", &email, &upn));
                assert_eq!(found, (field, FieldFlaw::AddressDomain), "{domain}");
            }
        }
    }

    #[test]
    fn an_account_is_one_that_hosts_can_have() {
        for good in ["alice", "a.b-c_d+e", "x1"] {
            assert!(
                account_name(&format!("{good}@example.org")).is_ok(),
                "{good}"
            );
        }
        for bad in ["", "o'brien", ".a", "a.", "a..b", "a b", "ä"] {
            let found = refused(Person::parse("A", GOOD, &format!("{bad}@example.org")));
            assert_eq!(found, (Field::Upn, FieldFlaw::AccountLocal), "{bad}");
        }
        for (account, is_systems) in [
            ("root", true),
            ("ROOT", true),
            ("www-data", true),
            ("systemd-network", true),
            ("rootes", false),
            ("alice", false),
        ] {
            let person = Person::parse("A", GOOD, &format!("{account}@example.org")).unwrap();
            assert_eq!(is_system_account(&person.username), is_systems, "{account}");
        }
    }

    #[test]
    fn a_name_is_what_is_seen_of_it() {
        assert_eq!(
            refused(Person::parse(" ", GOOD, GOOD)).1,
            FieldFlaw::NameEmpty
        );
        let long = refused(Person::parse(&"x".repeat(65), GOOD, GOOD));
        assert_eq!(long.0, Field::Name);
        let unseen = refused(Person::parse("Alice\u{202e}elpmaxE", GOOD, GOOD));
        assert_eq!(
            unseen,
            (
                Field::Name,
                FieldFlaw::NameUnseen {
                    character: "U+202E".to_owned()
                }
            )
        );
    }
}
