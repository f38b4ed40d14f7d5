//! The link to the reader is cut before and after every single APDU of what holders do. Afterwards the card works,
//! nothing is proved any more, no try is gone, and what was being written is the old or the new. The tests of both card
//! applications bring what their holders do.

pub mod reader;

use std::fmt::Debug;
use std::net::TcpListener;
use std::thread::{self, JoinHandle};

use card_edge::Transmit;
use card_edge::transmit::ResponseBytes;
use tapcard_phone::card::Card;
use tapcard_phone::interface::Interface;
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::link::vpcd::{self, Stop};
use tapcard_phone::state::Store;
use tempfile::TempDir;

use crate::common::folder;
use reader::{Reader, listener};

/// Where the link is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The card does not get this APDU any more.
    Before(usize),
    /// The card gets it; nobody takes its answer.
    After(usize),
}

/// The link was cut.
#[derive(Debug)]
pub struct Torn;

/// A phone at the real link, and the reader's side of it.
pub struct Link {
    listener: TcpListener,
    reader: Option<Reader>,
    sent: usize,
    cut: Option<Cut>,
    stop: Stop,
    phone: Option<JoinHandle<()>>,
    /// Dropped after the phone has ended.
    folder: TempDir,
}

impl Link {
    fn to(make: impl FnOnce(&mut Store)) -> Self {
        let (listener, address) = listener();
        let folder = folder();
        let mut store = Store::open_or_create(folder.path()).unwrap();
        make(&mut store);
        let stop = Stop::default();
        let stopped = stop.clone();
        let phone = thread::spawn(move || {
            let interface = Interface::Contact;
            let mut card = Card::new(store, Box::new(SoftwareKeyStore), interface);
            vpcd::serve(&mut card, interface, None, &address, &stopped, |_| {});
        });
        Self {
            listener,
            reader: None,
            sent: 0,
            cut: None,
            stop,
            phone: Some(phone),
            folder,
        }
    }

    /// The reader has the card again, with the link to be cut there.
    fn connect(&mut self, cut: Option<Cut>) -> &mut Self {
        self.reader = None;
        let mut reader = Reader::accept(&self.listener);
        reader.send(&[1]);
        self.reader = Some(reader);
        (self.sent, self.cut) = (0, cut);
        self
    }
}

impl Transmit for Link {
    type Error = Torn;

    fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, Torn> {
        let now = self.sent;
        self.sent += 1;
        if self.cut == Some(Cut::Before(now)) {
            self.reader = None;
        }
        let reader = self.reader.as_mut().ok_or(Torn)?;
        reader.send(command);
        if self.cut == Some(Cut::After(now)) {
            self.reader = None;
            return Err(Torn);
        }
        Ok(reader.receive().into())
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.stop.stop();
        self.reader = None;
        if let Some(phone) = self.phone.take()
            && !thread::panicking()
        {
            phone.join().unwrap();
        }
    }
}

/// What a holder or administrator does, and what must be true of it however often it was cut. It is done again and
/// again on one card; each time with another value.
pub trait Story {
    /// Exactly as many APDUs as it takes.
    const APDUS: usize;

    /// Why it did not come to its end.
    type Error: Debug;

    /// Makes a new card the one that it is about.
    fn make(_store: &mut Store) {}

    /// What must be on the card before.
    fn prepare(&mut self, _link: &mut Link) {}

    /// Does it, up to the cut.
    fn act(&mut self, link: &mut Link) -> Result<(), Self::Error>;

    /// Looks at a card that the power has just come back to: nothing is proved.
    fn check_security(link: &mut Link);

    /// Looks at the card: what was written is the old or, where this may be, the new.
    fn check(&mut self, link: &mut Link);
}

pub fn tear<S: Story>(mut story: S) {
    let mut link = Link::to(S::make);
    story.prepare(link.connect(None));
    story.act(link.connect(None)).unwrap();
    story.check(link.connect(None));
    let cuts = (0..S::APDUS).flat_map(|apdu| [Cut::Before(apdu), Cut::After(apdu)]);
    for cut in cuts {
        story
            .act(link.connect(Some(cut)))
            .expect_err("the link was cut");
        // Nobody but the holder uses tries up. It is asked when the card has seen that the link is gone.
        S::check_security(link.connect(None));
        let tries = Store::open(link.folder.path()).unwrap().tries().unwrap();
        assert_eq!((tries.pin, tries.puk), (5, 3), "{cut:?}");
        story.check(link.connect(None));
        // Done again it comes to its end, in as many APDUs as ever.
        story.act(link.connect(None)).unwrap();
        assert_eq!(link.sent, S::APDUS, "{cut:?}");
        story.check(link.connect(None));
    }
}
