//! A client that was written from docs/enrollment-protocol.md alone enrolls, and repeats a request whose answer was lost.
//! It shares no code with phone or server.

use rig::folder::Folder;
use rig::portal::Profile;
use rig::program::Program;
use rig::stage::Office;
use rig::{Result, unexpected};

const CLIENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/client_of_the_document.py");

fn client(folder: &Folder, state: &str, invitation: &str) -> Program {
    folder
        .program("python3")
        .arg(CLIENT)
        .arg(folder.join(state))
        .arg(invitation)
}

fn enrolls_and_repeats(folder: &Folder, office: &Office, profile: Profile) -> Result {
    let invitation = office.invite(folder, profile)?;
    // Its answer is lost. It has kept what it sent, and sends it again.
    client(folder, "phone", &invitation)
        .arg("--lose-answer")
        .succeed()?;
    let phones = office.portal.phones()?;
    let [phone] = phones.as_slice() else {
        return Err(unexpected(format!("not one phone: {phones:?}")));
    };
    let id = phone.trim_start_matches("/phones/");
    let first = client(folder, "phone", &invitation).succeed()?;
    let second = client(folder, "phone", &invitation).succeed()?;
    assert!(first.text().starts_with(id), "{}", first.text());
    assert_eq!(first.text().lines().count(), 5, "{}", first.text());
    assert_eq!(first.text(), second.text(), "the same certificates");
    assert_eq!(office.portal.phones()?.len(), 1);

    // One that has kept nothing is told what the document says.
    client(folder, "other", &invitation)
        .fail()?
        .saying(&["409 invitation_used"])?;
    let mut mistyped = invitation.clone();
    mistyped.replace_range(mistyped.len() - 4.., "AAAA");
    client(folder, "elsewhere", &mistyped)
        .fail()?
        .saying(&["not the one that the invitation is for"])?;
    Ok(())
}

#[test]
fn a_client_of_the_document_enrolls_and_repeats_a_lost_answer() -> Result {
    let folder = Folder::for_test()?;
    let office = Office::open(&folder)?;
    enrolls_and_repeats(&folder, &office, Profile::Standard)
}

#[test]
fn a_client_of_the_document_enrolls_and_repeats_a_lost_answer_on_postgresql() -> Result {
    let folder = Folder::for_test()?;
    let office = Office::open_on_postgres(&folder)?;
    enrolls_and_repeats(&folder, &office, Profile::Compact)
}
