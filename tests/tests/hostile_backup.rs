//! A backup that somebody has changed, and files that are not revocation lists: nothing of the data is lost, nothing outside is
//! touched, and the command comes to its end and says why.

use rig::Result;
use rig::folder::Folder;
use rig::machine::Machine;
use rig::portal::Portal;

/// What was done to a backup, in its folder, and what is said when it is restored. An empty text: it is restored.
const CHANGES: [(&str, &str); 26] = [
    (
        "head -c 200000 /dev/urandom > enroll-server.db",
        "the database of the backup",
    ),
    (
        "truncate -s 5000 enroll-server.db",
        "the database of the backup",
    ),
    (
        "dd if=/dev/urandom of=enroll-server.db bs=4096 seek=1 count=3 conv=notrunc",
        "the database of the backup",
    ),
    (": > enroll-server.db", "the database of the backup"),
    (
        "rm enroll-server.db; mkfifo enroll-server.db",
        "enroll-server.db",
    ),
    (
        "rm enroll-server.db; ln -s /dev/zero enroll-server.db",
        "enroll-server.db",
    ),
    (
        "rm enroll-server.db; mkdir enroll-server.db",
        "enroll-server.db",
    ),
    ("truncate -s 8G enroll-server.db", "there is no space"),
    (
        "for name in $(sqlite3 enroll-server.db \"SELECT name FROM sqlite_master WHERE type = 'trigger'\"); do
             sqlite3 enroll-server.db \"DROP TRIGGER $name\"
         done; sqlite3 enroll-server.db \"DELETE FROM audit_events WHERE sequence = 2\"",
        "the audit trail of the copy is broken at event 2",
    ),
    // Not of this database: SQLite takes nothing of it.
    ("head -c 100000 /dev/urandom > enroll-server.db-wal", ""),
    (
        "rm authority/root.pem; mkfifo authority/root.pem",
        "that can be read (root.pem, issuing.pem)",
    ),
    (
        "truncate -s 8G authority/root.pem",
        "that can be read (root.pem, issuing.pem)",
    ),
    (
        "rm authority/issuing.pem; ln -s /dev/zero authority/issuing.pem",
        "that can be read (root.pem, issuing.pem)",
    ),
    (
        "rm authority/root.pem; ln -s ../../../../../../etc/passwd authority/root.pem",
        "that can be read (root.pem, issuing.pem)",
    ),
    ("rm -r authority; ln -s . authority", "authority/"),
    ("truncate -s 8G authority/large.crl", "there is no space"),
    (
        "for list in authority/*.crl; do echo rubbish > $list; done",
        "",
    ),
    ("rm authority/root.key; mkfifo authority/root.key", ""),
    ("rm made.txt; mkfifo made.txt", ""),
    ("printf 'x\\033[2Jx\\n' > made.txt", ""),
    ("truncate -s 8G made.txt", ""),
    (
        "touch \"$(printf 'evil\\033[2J\\nname')\"",
        "evil\\u{1b}[2J\\u{a}name",
    ),
    (
        "mkdir -p \"$(printf 'deep/%.0s' $(seq 600))\"",
        "lies too deep",
    ),
    ("ln -s . tls/turn", "lies in"),
    ("ln -s \"$TAPCARD_DATA\" within", "lies in"),
    (
        "mkdir -p restore.ready/new; touch lock; mkdir enroll-server.db.lock
         printf '%s\\0%s\\0' \"$TAPCARD_DATA/authority\" \"$DISK/moved\" > restore.ready/renames",
        "",
    ),
];

/// The content of all files of the data folder, without locks and what SQLite makes when it opens a database.
const SUM: &str = "(cd \"$TAPCARD_DATA\" && find . -type f ! -name '*lock' ! -name '*-shm' ! -name '*-wal' \
    | sort | xargs sha256sum | sha256sum); ls \"$DISK\"";

#[test]
fn a_backup_that_somebody_has_changed_is_restored_whole_or_not_at_all() -> Result {
    let folder = Folder::for_test()?;
    let machine = stopped(&folder)?;
    let before = machine.shell(SUM).succeed()?.text();
    for (change, said) in CHANGES {
        machine
            .shell(&format!(
                "rm -rf \"$DISK/evil\" \"$TAPCARD_DATA\"*; cp -a \"$DISK/of-before\" \"$TAPCARD_DATA\"
                 cp -r \"$BACKUP\" \"$DISK/evil\"; cd \"$DISK/evil\"; {change}"
            ))
            .succeed()?;
        let restore = machine.shell("timeout 60 enroll-server restore --force \"$DISK/evil\"");
        let ran = restore.run()?;
        let text = ran.all_text();
        assert!(
            !text.contains("panicked") && !text.contains('\u{1b}'),
            "{change}: {text}"
        );
        assert!(text.contains(said), "{change}: {text}");
        if ran.status.success() {
            assert!(said.is_empty() || said.contains("name"), "{change}: {text}");
            let sound = "enroll-server audit verify; enroll-server reconcile >/dev/null 2>&1 || true\n\
                 test ! -e \"$DISK/moved\"; systemctl start enroll-server; systemctl stop enroll-server";
            machine.shell(sound).succeed()?;
        } else {
            assert_eq!(ran.status.code(), Some(1), "{change}: {text}");
            let left = "rm -rf \"$DISK/evil\"; ";
            assert_eq!(
                machine.shell(&format!("{left}{SUM}")).succeed()?.text(),
                before,
                "{change}"
            );
        }
    }
    Ok(())
}

#[test]
fn what_is_no_revocation_list_is_refused_with_a_word() -> Result {
    let folder = Folder::for_test()?;
    let machine = stopped(&folder)?;
    let before = machine.shell(SUM).succeed()?.text();
    let not_a_list = "what --crl names is not a revocation list";
    for (source, said) in [
        ("/dev/null", not_a_list),
        ("/dev/zero", "it has more than 268435456 bytes"),
        ("\"$MACHINE/large\"", "it has more than 268435456 bytes"),
        ("/etc/passwd", not_a_list),
        ("\"$TAPCARD_DATA/authority/root.pem\"", not_a_list),
        ("\"$TAPCARD_DATA/authority\"", "Is a directory"),
        ("/nowhere", "No such file"),
        ("https://localhost/0.crl", "https is not fetched"),
        ("file:///etc/passwd", "No such file"),
        ("\"$(printf '\\033[2J')\"", "\\u{1b}[2J"),
    ] {
        let refused = machine
            .shell(&format!(
                "truncate -s 300M \"$MACHINE/large\"; timeout 60 enroll-server reconcile --crl {source}"
            ))
            .fail()?
            .saying(&[said])?;
        assert!(!refused.all_text().contains("root:"), "{source}");
        assert_eq!(machine.shell(SUM).succeed()?.text(), before, "{source}");
    }
    Ok(())
}

/// A machine whose server has been set up and is stopped; `$BACKUP` is a backup, `$DISK/of-before` a copy of the data.
fn stopped(folder: &Folder) -> Result<Machine<'_>> {
    let mut machine = Machine::start(folder, "96m")?;
    let backup = folder.join("backup").display().to_string();
    machine.set("BACKUP", &backup);
    let server = machine.start_service()?;
    Portal::set_up(&server)?;
    machine.wait_for_lists()?;
    machine
        .shell(
            "enroll-server backup \"$BACKUP\"; systemctl stop enroll-server
             cp -a \"$TAPCARD_DATA\" \"$DISK/of-before\"",
        )
        .succeed()?;
    Ok(machine)
}
