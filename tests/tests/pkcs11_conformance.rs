//! OpenSC's own tests of a PKCS#11 module (`pkcs11-tool --test` and its like) on ours, in Debian 12's and in Debian 13's
//! version. docs/pkcs11-conformance.md says what each of them does, and what it cannot do with a card.

use rig::phone::PIN;
use rig::portal::Profile;
use rig::program::{Outcome, Program};
use rig::stage::Stage;
use rig::{Result, unexpected};

fn tool(stage: &Stage) -> Program {
    stage.module.pkcs11_tool(&stage.folder)
}

/// The words, and none that tell of a failure.
fn told(outcome: &Outcome, words: &[&str]) -> Result {
    let text = outcome.all_text();
    println!("{text}");
    let missing = words.iter().find(|word| !text.contains(**word));
    let failed = ["error: ", "errors: ", "failed", "ERR"]
        .iter()
        .find(|word| text.contains(**word));
    match (missing, failed) {
        (None, None) => Ok(()),
        (missing, failed) => Err(unexpected(format!(
            "without {missing:?}, with {failed:?}:\n{text}"
        ))),
    }
}

#[test]
fn opensc_finds_no_fault_with_rsa_keys() -> Result {
    Stage::with_each_system(Profile::Standard, all_of_its_tests)
}

#[test]
fn opensc_finds_no_fault_with_ec_keys() -> Result {
    Stage::with_each_system(Profile::Compact, all_of_its_tests)
}

fn all_of_its_tests(stage: &Stage) -> Result {
    operations(stage)?;
    fork(stage)?;
    events(stage)?;
    threads(stage)?;
    stage.module.was_used()
}

/// Digests, signatures, verification, decryption.
fn operations(stage: &Stage) -> Result {
    let outcome = tool(stage)
        .args(["--login", "--pin", PIN, "--test"])
        .run()?;
    told(&outcome, &["No errors"])
}

/// A forked child initializes the module for itself.
fn fork(stage: &Stage) -> Result {
    let outcome = tool(stage)
        .args(["--test-fork", "--list-slots"])
        .succeed()?;
    told(&outcome, &["Calling C_Initialize in forked child process"])
}

/// A card that stays, and somebody who is asked to press a key.
fn events(stage: &Stage) -> Result {
    let outcome = tool(stage).arg("--test-hotplug").input("\n\nx\n").run()?;
    let words = "Testing card detection using C_WaitForSlotEvent()";
    told(&outcome, &[words])
}

/// Each option of `--test-threads`: Pn pauses, IN and IL initialize, GI asks of the library, SL lists the slots, Tn asks of
/// the token in slot n.
fn threads(stage: &Stage) -> Result {
    for threads in [
        &["IN"][..],
        &["IL"],
        &["IN", "IN"],
        &["IL", "IL", "IL", "IL"],
        &["ILGISLT0"],
        &["INGISLT0", "P1INGISLT0"],
        &[
            "ILGISLT0T0T0",
            "ILSLT0GI",
            "P1ILSLT0",
            "SLT0",
            "ILSLT0SLT0SLT0",
        ],
    ] {
        let outcome = tool(stage)
            .args(threads.iter().flat_map(|thread| ["--test-threads", thread]))
            .arg("--list-token-slots")
            .run()?;
        told(&outcome, &["Tapcard"])?;
    }
    Ok(())
}
