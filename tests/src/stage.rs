//! The whole path set up: reader, wire, server, administrator, and a phone enrolled through an invitation.

use crate::Result;
use crate::folder::Folder;
use crate::module::Module;
use crate::pcscd::{PcscDaemon, READER};
use crate::phone::{PIN, Phone};
use crate::portal::{Holder, Portal, Profile};
use crate::postgres::PostgresCluster;
use crate::program::{Outcome, Program};
use crate::server::Server;
use crate::sshd::user_name;
use crate::system::System;
use crate::wait::wait_until;
use crate::wire::Wire;

use std::time::Duration;

const CARD_LIMIT: Duration = Duration::from_secs(20);

/// The holder's full name.
pub const HOLDER: &str = "Alice Example";

/// The administrator's part: a server with a database and a signed-in administrator.
#[derive(Debug)]
pub struct Office {
    /// The signed-in administrator.
    pub portal: Portal,
    /// The server.
    pub server: Server,
    database: Option<PostgresCluster>,
}

impl Office {
    /// On SQLite.
    ///
    /// # Errors
    /// When the server does not start or cannot be set up.
    pub fn open(folder: &Folder) -> Result<Self> {
        let server = Server::on_sqlite(folder)?;
        let portal = Portal::set_up(&server)?;
        Ok(Self::with(server, portal))
    }

    /// On a PostgreSQL cluster of its own.
    ///
    /// # Errors
    /// When cluster or server does not start, or the server cannot be set up.
    pub fn open_on_postgres(folder: &Folder) -> Result<Self> {
        let database = PostgresCluster::start(folder)?;
        let server = Server::on_database(folder, &database.url())?;
        Ok(Self {
            portal: Portal::set_up(&server)?,
            server,
            database: Some(database),
        })
    }

    /// Of a server and an administrator that are there already.
    #[must_use]
    pub fn with(server: Server, portal: Portal) -> Self {
        Self {
            portal,
            server,
            database: None,
        }
    }

    /// Invites the user who runs the rig; returns the link.
    ///
    /// # Errors
    /// When the portal refuses.
    pub fn invite(&self, folder: &Folder, profile: Profile) -> Result<String> {
        let upn = format!("{}@example.test", user_name(folder)?);
        let holder = Holder {
            name: HOLDER,
            email: "alice@example.test",
            upn: &upn,
        };
        self.portal.invite(holder, profile)
    }

    /// Whether it runs on PostgreSQL.
    #[must_use]
    pub fn is_on_postgres(&self) -> bool {
        self.database.is_some()
    }
}

/// A reader with a wire to it.
#[derive(Debug)]
pub struct Desk {
    /// The wire between card and reader.
    pub wire: Wire,
    /// The PC/SC daemon.
    pub pcsc: PcscDaemon,
}

impl Desk {
    /// With a reader of the usual name.
    ///
    /// # Errors
    /// When pcscd does not start.
    pub fn set_up(folder: &Folder) -> Result<Self> {
        Self::with_reader(folder, READER)
    }

    /// With a reader of another name.
    ///
    /// # Errors
    /// When pcscd does not start.
    pub fn with_reader(folder: &Folder, name: &str) -> Result<Self> {
        Self::of_system(System::ThisMachine, folder, name)
    }

    /// With the PC/SC daemon of a system, whose programs are then its clients.
    ///
    /// # Errors
    /// When pcscd does not start.
    pub fn of_system(system: System, folder: &Folder, reader: &str) -> Result<Self> {
        let pcsc = PcscDaemon::start_of(system, folder, reader)?;
        Ok(Self {
            wire: Wire::to_reader(folder, pcsc.reader_port())?,
            pcsc,
        })
    }

    /// Holds a phone to the reader and waits until PC/SC says that a card is there.
    ///
    /// # Errors
    /// When the card does not come.
    pub fn hold(&self, folder: &Folder, phone: &mut Phone) -> Result {
        phone.hold_to_reader(folder, &self.wire.address())?;
        self.wait_for_card(folder)
    }

    /// Takes a phone that is at the reader away, and holds it there again as over NFC; `model` is what `tapcard-phone run --nfc`
    /// takes.
    ///
    /// # Errors
    /// When the card does not leave, or does not come.
    pub fn hold_over_nfc(&self, folder: &Folder, phone: &mut Phone, model: &str) -> Result {
        phone.take_away()?;
        self.wait_for_no_card(folder)?;
        phone.hold_to_reader_with(folder, &self.wire.address(), &["--nfc", model])?;
        self.wait_for_card(folder)
    }

    /// Waits until PC/SC says that a card is there.
    ///
    /// # Errors
    /// When none comes.
    pub fn wait_for_card(&self, folder: &Folder) -> Result {
        wait_until("a card is in the reader", CARD_LIMIT, || {
            Ok(self.list_readers(folder)?.text().contains(" Yes "))
        })
    }

    /// Waits until PC/SC says that no card is there.
    ///
    /// # Errors
    /// When one stays.
    pub fn wait_for_no_card(&self, folder: &Folder) -> Result {
        wait_until("no card is in the reader", CARD_LIMIT, || {
            Ok(!self.list_readers(folder)?.text().contains(" Yes "))
        })
    }

    fn list_readers(&self, folder: &Folder) -> Result<Outcome> {
        self.client(folder, "opensc-tool")
            .arg("--list-readers")
            .run()
    }

    /// A PC/SC client of this desk.
    #[must_use]
    pub fn client(&self, folder: &Folder, program: &str) -> Program {
        let system = self.pcsc.system();
        system
            .program(folder, program)
            .envs(self.pcsc.environment())
    }
}

/// Everything: an enrolled phone at a reader, the server that enrolled it, and the module.
///
/// Fields are dropped in this order: what uses something goes before it.
#[derive(Debug)]
pub struct Stage {
    /// The enrolled phone, at the reader.
    pub phone: Phone,
    /// The module, which finds the reader.
    pub module: Module,
    /// Reader and wire.
    pub desk: Desk,
    /// Server and administrator.
    pub office: Office,
    /// Everything's files.
    pub folder: Folder,
}

impl Stage {
    /// A phone enrolled with `profile` by a server on SQLite.
    ///
    /// # Errors
    /// When any part fails.
    pub fn enrolled(profile: Profile) -> Result<Self> {
        Self::enrolled_in(Folder::for_test()?, profile)
    }

    /// The same, in this folder.
    ///
    /// # Errors
    /// When any part fails.
    pub fn enrolled_in(folder: Folder, profile: Profile) -> Result<Self> {
        let office = Office::open(&folder)?;
        Self::enrolled_by(folder, office, profile)
    }

    /// A phone enrolled with `profile` by a server on PostgreSQL.
    ///
    /// # Errors
    /// When any part fails.
    pub fn enrolled_on_postgres(profile: Profile) -> Result<Self> {
        let folder = Folder::for_test()?;
        let office = Office::open_on_postgres(&folder)?;
        Self::enrolled_by(folder, office, profile)
    }

    /// Lets a test meet a phone of its own, enrolled with `profile`, with the programs of each system at the reader.
    ///
    /// # Errors
    /// When any part fails.
    pub fn with_each_system(profile: Profile, test: impl Fn(&Self) -> Result) -> Result {
        System::each(|system| test(&Self::of_system(system, profile)?))
    }

    /// A phone enrolled with `profile`, with the programs of this system at the reader.
    ///
    /// # Errors
    /// When any part fails.
    pub fn of_system(system: System, profile: Profile) -> Result<Self> {
        Self::of_system_in(Folder::for_test()?, system, profile)
    }

    /// The same, in this folder.
    ///
    /// # Errors
    /// When any part fails.
    pub fn of_system_in(folder: Folder, system: System, profile: Profile) -> Result<Self> {
        let office = Office::open(&folder)?;
        Self::enrolled_at(system, folder, office, profile)
    }

    /// A phone enrolled with `profile` by the server of this office.
    ///
    /// # Errors
    /// When any part fails.
    pub fn enrolled_by(folder: Folder, office: Office, profile: Profile) -> Result<Self> {
        Self::enrolled_at(System::ThisMachine, folder, office, profile)
    }

    fn enrolled_at(
        system: System,
        folder: Folder,
        office: Office,
        profile: Profile,
    ) -> Result<Self> {
        let invitation = office.invite(&folder, profile)?;
        let mut phone = Phone::at(folder.join("phone"));
        phone.enroll(&folder, &invitation, PIN)?;
        let desk = Desk::of_system(system, &folder, READER)?;
        desk.hold(&folder, &mut phone)?;
        Ok(Self {
            phone,
            module: Module::at(&folder, &desk.pcsc)?,
            desk,
            office,
            folder,
        })
    }
}

/// A phone that nobody has enrolled, at a reader.
#[derive(Debug)]
pub struct FreshCard {
    /// The phone.
    pub phone: Phone,
    /// Reader and wire.
    pub desk: Desk,
    /// Everything's files.
    pub folder: Folder,
}

impl FreshCard {
    /// At a reader of the usual name.
    ///
    /// # Errors
    /// When any part fails.
    pub fn at_reader() -> Result<Self> {
        Self::at_reader_of(System::ThisMachine, READER)
    }

    /// Lets a test meet a card of its own with the programs of each system.
    ///
    /// # Errors
    /// When any part fails.
    pub fn with_each_system(test: impl Fn(&Self) -> Result) -> Result {
        Self::with_each_system_at(READER, test)
    }

    /// The same, at a reader of another name.
    ///
    /// # Errors
    /// When any part fails.
    pub fn with_each_system_at(reader: &str, test: impl Fn(&Self) -> Result) -> Result {
        System::each(|system| test(&Self::at_reader_of(system, reader)?))
    }

    fn at_reader_of(system: System, reader: &str) -> Result<Self> {
        let folder = Folder::for_test()?;
        let desk = Desk::of_system(system, &folder, reader)?;
        let mut phone = Phone::at(folder.join("phone"));
        desk.hold(&folder, &mut phone)?;
        Ok(Self {
            phone,
            desk,
            folder,
        })
    }
}
