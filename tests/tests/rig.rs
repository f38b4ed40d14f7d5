//! The rig itself: a private PC/SC daemon, a card in it, and the wire between them.

use rig::Result;
use rig::folder::Folder;
use rig::foreign_card::ForeignCard;
use rig::stage::Desk;
use rig::wire::Cut;

#[test]
fn a_card_is_seen_with_its_atr_and_counted_at_the_wire() -> Result {
    let folder = Folder::for_test()?;
    let desk = Desk::set_up(&folder)?;
    let _card = ForeignCard::insert(&desk.wire.address())?;
    desk.wait_for_card(&folder)?;

    let atr = desk.client(&folder, "opensc-tool").arg("--atr").succeed()?;
    assert_eq!(
        atr.text().trim(),
        "3b:8a:80:01:00:31:c1:73:c8:40:00:00:90:00:90"
    );

    let mark = desk.wire.mark();
    desk.client(&folder, "opensc-tool")
        .args([
            "--card-driver",
            "default",
            "--send-apdu",
            "00A4040005A000000308",
        ])
        .succeed()?
        .saying(&["SW1=0x6A, SW2=0x82"])?;
    let last = desk
        .wire
        .since(mark)
        .pop()
        .ok_or_else(|| rig::unexpected("no command on the wire"))?;
    assert_eq!(last.header(), [0x00, 0xA4, 0x04, 0x00]);
    assert_eq!(last.status(), Some(0x6A82));
    Ok(())
}

#[test]
fn a_cut_wire_takes_the_card_out_of_the_reader() -> Result {
    let folder = Folder::for_test()?;
    let desk = Desk::set_up(&folder)?;
    let _card = ForeignCard::insert(&desk.wire.address())?;
    desk.wait_for_card(&folder)?;

    desk.wire.cut_at(1, Cut::BeforeCommand);
    desk.client(&folder, "opensc-tool")
        .args([
            "--card-driver",
            "default",
            "--send-apdu",
            "00A4040005A000000308",
        ])
        .fail()?;
    assert!(desk.wire.has_been_cut());
    desk.wait_for_no_card(&folder)
}

#[test]
fn a_daemon_that_was_stopped_comes_back_with_its_readers() -> Result {
    let folder = Folder::for_test()?;
    let mut desk = Desk::set_up(&folder)?;
    desk.pcsc.stop()?;
    desk.client(&folder, "opensc-tool")
        .arg("--list-readers")
        .run()?
        .saying(&["No smart card readers"])?;
    desk.pcsc.start_again(&folder)?;
    desk.client(&folder, "opensc-tool")
        .arg("--list-readers")
        .run()?
        .saying(&[rig::pcscd::READER])?;
    Ok(())
}
