//! What a card has to bear: malformed commands, wrong PINs, and being pulled away in the middle.

use rig::Result;
use rig::bare_reader::{BareReader, InsertedCard};
use rig::folder::Folder;
use rig::phone::Phone;

const SELECT_PIV: &[u8] = &[0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08];
const VERIFY_DEFAULT_PIN: &[u8] = b"\x00\x20\x00\x80\x08123456\xFF\xFF";
const VERIFY_WRONG_PIN: &[u8] = b"\x00\x20\x00\x80\x08000000\xFF\xFF";
const VERIFY_EMPTY: &[u8] = &[0x00, 0x20, 0x00, 0x80];
const GET_CHUID: &[u8] = &[
    0x00, 0xCB, 0x3F, 0xFF, 0x05, 0x5C, 0x03, 0x5F, 0xC1, 0x02, 0x00,
];

/// A phone that nobody has enrolled, in a bare reader.
struct Rig {
    card: InsertedCard,
    reader: BareReader,
    phone: Phone,
    folder: Folder,
}

impl Rig {
    fn new() -> Result<Self> {
        let folder = Folder::for_test()?;
        let reader = BareReader::new()?;
        let mut phone = Phone::at(folder.join("phone"));
        phone.hold_to_reader(&folder, &reader.address()?)?;
        let mut card = reader.wait_for_card()?;
        assert_eq!(card.status_of(SELECT_PIV)? & 0xFF00, 0x9000);
        Ok(Self {
            card,
            reader,
            phone,
            folder,
        })
    }

    /// The phone leaves without a warning and comes back.
    fn pull_and_return(self) -> Result<Self> {
        self.card.pull();
        let mut card = self.reader.wait_for_card()?;
        assert_eq!(card.status_of(SELECT_PIV)?, 0x9000);
        Ok(Self { card, ..self })
    }

    /// The phone's process is killed and started again.
    fn kill_and_restart(mut self) -> Result<Self> {
        self.phone.take_away()?;
        self.phone
            .hold_to_reader(&self.folder, &self.reader.address()?)?;
        let mut card = self.reader.wait_for_card()?;
        assert_eq!(card.status_of(SELECT_PIV)?, 0x9000);
        Ok(Self { card, ..self })
    }
}

#[test]
fn a_wrong_pin_counts_down_and_stays_counted_through_a_kill() -> Result {
    let mut rig = Rig::new()?;
    assert_eq!(rig.card.status_of(VERIFY_EMPTY)?, 0x63C5);
    assert_eq!(rig.card.status_of(VERIFY_WRONG_PIN)?, 0x63C4);
    assert_eq!(rig.card.status_of(VERIFY_WRONG_PIN)?, 0x63C3);
    let mut rig = rig.kill_and_restart()?;
    assert_eq!(rig.card.status_of(VERIFY_EMPTY)?, 0x63C3);
    assert_eq!(rig.card.status_of(VERIFY_DEFAULT_PIN)?, 0x9000);
    assert_eq!(rig.card.status_of(VERIFY_EMPTY)?, 0x9000);
    rig.card.reset()?;
    assert_eq!(rig.card.status_of(SELECT_PIV)?, 0x9000);
    assert_eq!(rig.card.status_of(VERIFY_EMPTY)?, 0x63C5);
    Ok(())
}

#[test]
fn a_blocked_pin_refuses_the_right_one_until_the_puk_comes() -> Result {
    let mut rig = Rig::new()?;
    for left in [0x63C4, 0x63C3, 0x63C2, 0x63C1] {
        assert_eq!(rig.card.status_of(VERIFY_WRONG_PIN)?, left);
    }
    // The last try may be answered with "none left" or with "blocked"; from then on it is blocked.
    let last = rig.card.status_of(VERIFY_WRONG_PIN)?;
    assert!([0x63C0, 0x6983].contains(&last), "{last:04X}");
    assert_eq!(rig.card.status_of(VERIFY_DEFAULT_PIN)?, 0x6983);
    let mut rig = rig.kill_and_restart()?;
    assert_eq!(rig.card.status_of(VERIFY_DEFAULT_PIN)?, 0x6983);
    let reset = b"\x00\x2C\x00\x80\x1012345678123456\xFF\xFF";
    assert_eq!(rig.card.status_of(reset)?, 0x9000);
    assert_eq!(rig.card.status_of(VERIFY_DEFAULT_PIN)?, 0x9000);
    Ok(())
}

#[test]
fn truncated_and_oversized_commands_are_refused_and_harm_nothing() -> Result {
    let mut rig = Rig::new()?;
    let chuid = rig.card.transmit(GET_CHUID)?;
    let mut commands: Vec<Vec<u8>> = vec![
        vec![0x00, 0xA4],
        vec![0x00, 0xA4, 0x04],
        // Lc says more than there is, and less.
        vec![0x00, 0xA4, 0x04, 0x00, 0xFF, 0xA0],
        vec![0x00, 0x20, 0x00, 0x80, 0x08, 0x31],
        vec![0x00, 0xCB, 0x3F, 0xFF, 0x01, 0x5C, 0x03, 0x5F, 0xC1, 0x02],
        // Extended lengths: cut off, and zero.
        vec![0x00, 0xCB, 0x3F, 0xFF, 0x00, 0x00],
        vec![0x00, 0xCB, 0x3F, 0xFF, 0x00, 0xFF, 0xFF, 0x5C],
        vec![0x00, 0x87, 0x11, 0x9A, 0x00, 0x00, 0x00],
        // Broken templates: a length beyond the end, an indefinite one, one of five bytes, an empty one.
        vec![0x00, 0x87, 0x11, 0x9A, 0x04, 0x7C, 0x7F, 0x82, 0x00],
        vec![0x00, 0x87, 0x11, 0x9A, 0x04, 0x7C, 0x80, 0x82, 0x00],
        vec![
            0x00, 0x87, 0x11, 0x9A, 0x06, 0x7C, 0x84, 0xFF, 0xFF, 0xFF, 0xFF,
        ],
        vec![0x00, 0x87, 0x11, 0x9A, 0x02, 0x7C, 0x00],
        vec![0x00, 0xCB, 0x3F, 0xFF, 0x02, 0x5C, 0x7F],
        // Reserved classes, secure messaging that nobody has set up, an unknown instruction.
        vec![0xFF, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08],
        vec![0x0C, 0x20, 0x00, 0x80],
        vec![0x00, 0x00, 0x00, 0x00],
    ];
    // The largest message of the wire, as an extended command and as noise.
    let mut large = vec![0x00, 0xDB, 0x3F, 0xFF, 0x00, 0xFF, 0xF8];
    large.resize(65_535, 0x5C);
    commands.extend([large, vec![0xA5; 65_535]]);
    for command in commands {
        let status = rig.card.status_of(&command)?;
        let start: Vec<_> = command.iter().take(12).collect();
        assert!(
            status >> 8 != 0x90 && status >> 8 != 0x61,
            "{start:02X?}: {status:04X}"
        );
    }

    // A chain without an end: refused at some length, not collected without end.
    let mut link = vec![0x10, 0xDB, 0x3F, 0xFF, 0xFF];
    link.resize(5 + 255, 0x00);
    let refused = (0..1_000).find_map(|_| match rig.card.status_of(&link) {
        Ok(0x9000) => None,
        other => Some(other),
    });
    assert!(
        matches!(refused, Some(Ok(status)) if status != 0x9000),
        "{refused:?}"
    );

    assert_eq!(rig.card.status_of(SELECT_PIV)?, 0x9000);
    assert_eq!(rig.card.transmit(GET_CHUID)?, chuid);
    assert_eq!(rig.card.status_of(VERIFY_DEFAULT_PIN)?, 0x9000);
    Ok(())
}

#[test]
fn a_card_pulled_between_two_chained_commands_forgets_the_first_half() -> Result {
    let mut rig = Rig::new()?;
    let chuid = rig.card.transmit(GET_CHUID)?;
    assert_eq!(rig.card.status_of(VERIFY_DEFAULT_PIN)?, 0x9000);
    // The first part of a command that would come in two.
    let mut first = vec![0x10, 0x87, 0x07, 0x9A, 0xFF, 0x7C, 0x82, 0x01, 0x06];
    first.resize(5 + 255, 0x00);
    assert_eq!(rig.card.status_of(&first)?, 0x9000);
    let mut rig = rig.pull_and_return()?;
    // The second part alone means nothing; the PIN is forgotten, as after every removal; the data are there.
    let mut second = vec![0x00, 0x87, 0x07, 0x9A, 0x0B];
    second.resize(5 + 11, 0x00);
    let status = rig.card.status_of(&second)?;
    assert!(status >> 8 != 0x90 && status >> 8 != 0x61, "{status:04X}");
    assert_eq!(rig.card.status_of(VERIFY_EMPTY)?, 0x63C5);
    assert_eq!(rig.card.transmit(GET_CHUID)?, chuid);
    Ok(())
}

#[test]
fn another_command_in_the_middle_ends_a_chain() -> Result {
    let mut rig = Rig::new()?;
    let chuid = rig.card.transmit(GET_CHUID)?;
    let mut first = vec![0x10, 0xDB, 0x3F, 0xFF, 0xFF];
    first.resize(5 + 255, 0x5C);
    assert_eq!(rig.card.status_of(&first)?, 0x9000);
    assert_eq!(rig.card.transmit(GET_CHUID)?, chuid);
    Ok(())
}
