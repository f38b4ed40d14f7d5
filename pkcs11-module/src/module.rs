//! The module between `C_Initialize` and `C_Finalize`: its slots and the table of sessions. No lock of this type is
//! held while a card is waited for; each token and each session has its own.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use card_edge::piv::pin::PinForm;
use cryptoki_sys::*;

use crate::announce::Announcer;
use crate::end::End;
use crate::error::{Error, Result};
use crate::mechanism;
use crate::pcsc::Readers;
use crate::pcsc::bounded::BoundedReaders;
use crate::pin::FreePins;
use crate::session::{Access, Session};
use crate::settings::Settings;
use crate::slot::event::Blocking;
use crate::slot::{Slot, SlotState, Slots};
use crate::token::Token;
use crate::token::known::Tries;

/// The manufacturer that tokens, slots and the library name.
pub const MANUFACTURER: &str = "Tapcard";
/// The model that tokens name.
pub const MODEL: &str = "PIV";
/// The library's description.
pub const DESCRIPTION: &str = "Tapcard PKCS#11 for PIV cards";

/// A counter of `CK_ULONG`'s width.
#[cfg(all(target_pointer_width = "64", not(windows)))]
type AtomicHandle = std::sync::atomic::AtomicU64;
/// A counter of `CK_ULONG`'s width, which is 32 bits on all of Windows.
#[cfg(any(target_pointer_width = "32", windows))]
type AtomicHandle = std::sync::atomic::AtomicU32;

/// The next session's handle. Handles are not used again after `C_Finalize` or in a forked child: a program that uses
/// an old one gets an error, and does not reach another card's session.
static NEXT_SESSION: AtomicHandle = AtomicHandle::new(1);

/// Which slots `C_GetSlotList` lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// All.
    All,
    /// Those with a token.
    WithToken,
}

/// What `C_GetTokenInfo` returns of a token, before it is put into a C structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenInfo {
    /// The label.
    pub label: String,
    /// The serial number, 16 characters.
    pub serial: String,
    /// `CKF_...`
    pub flags: CK_FLAGS,
    /// The fewest characters of its PIN.
    pub pin_min: usize,
    /// Open sessions.
    pub sessions: usize,
    /// Open read/write sessions.
    pub read_write_sessions: usize,
}

/// What `C_GetSlotInfo` returns of a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotInfo {
    /// The reader's name.
    pub description: String,
    /// `CKF_...`
    pub flags: CK_FLAGS,
}

/// The state of the module.
pub struct Module {
    process: u32,
    slots: Arc<Slots>,
    sessions: Mutex<BTreeMap<CK_SESSION_HANDLE, Arc<Session>>>,
    free_pins: FreePins,
    announcer: Arc<Announcer>,
    end: Arc<End>,
}

impl Module {
    /// A module on these readers, in this process.
    #[must_use]
    pub fn new(readers: Arc<dyn Readers>, settings: Settings) -> Self {
        let end = Arc::new(End::default());
        let readers = BoundedReaders::new(readers, settings.bounds, Arc::clone(&end));
        let announcer = Arc::new(Announcer::new(settings.audience, Arc::clone(&end)));
        Self {
            process: std::process::id(),
            slots: Arc::new(Slots::new(
                readers,
                settings.cache,
                settings.known_cards.holding(),
                settings.logins,
                settings.one_tap,
                Arc::clone(&announcer),
            )),
            sessions: Mutex::new(BTreeMap::new()),
            free_pins: settings.free_pins,
            announcer,
            end,
        }
    }

    fn pin_form(&self, token: &Token) -> PinForm {
        self.free_pins.form(&token.serial())
    }

    /// Whether it was made in this process, and not in one that this was forked from.
    #[must_use]
    pub fn is_of_this_process(&self) -> bool {
        self.process == std::process::id()
    }

    /// Ends everything: waiting threads return, sessions are closed, users are logged out.
    pub fn finalize(&self) {
        self.end.announce();
        // A card that is being waited for keeps no other logged in.
        self.close_sessions(|session| session.token.is_idle());
        self.close_sessions(|_| true);
        self.announcer.close();
    }

    fn lock_sessions(&self) -> MutexGuard<'_, BTreeMap<CK_SESSION_HANDLE, Arc<Session>>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is in the slot, or is shown in it while it is away.
    fn state(&self, slot: &Slot) -> SlotState {
        let state = self.card_state(slot);
        if !matches!(state, SlotState::Empty) || !self.slots.shows_awaited() {
            return state;
        }
        // The phone may be in another reader.
        for other in self.slots.others_unseen(slot) {
            self.card_state(&other);
        }
        self.slots.awaited_in(slot).map_or(state, SlotState::Token)
    }

    /// What is in the slot; sessions of a card that another one has replaced end here.
    fn card_state(&self, slot: &Slot) -> SlotState {
        let (state, replaced) = self.slots.state(slot);
        if let Some(replaced) = replaced {
            self.close_sessions(|session| {
                session.slot == slot.id && Arc::ptr_eq(&session.token, &replaced)
            });
        }
        state
    }

    fn token(&self, slot: CK_SLOT_ID) -> Result<Arc<Token>> {
        match self.state(&*self.slots.get(slot)?) {
            SlotState::Token(token) => Ok(token),
            SlotState::NotPiv => Err(Error::TokenNotRecognized),
            SlotState::Empty => Err(Error::TokenNotPresent),
        }
    }

    /// `C_GetSlotList`: all slots, or those with a token. It is not an error that there is no reader or no daemon.
    #[must_use]
    pub fn slot_list(&self, which: Which) -> Vec<CK_SLOT_ID> {
        self.slots.refresh();
        self.slots
            .all()
            .iter()
            .filter(|slot| which == Which::All || matches!(self.state(slot), SlotState::Token(_)))
            .map(|slot| slot.id)
            .collect()
    }

    /// `C_GetSlotInfo`
    ///
    /// # Errors
    /// [`Error::SlotId`].
    pub fn slot_info(&self, slot: CK_SLOT_ID) -> Result<SlotInfo> {
        let slot = self.slots.get(slot)?;
        let present = match self.state(&slot) {
            SlotState::Token(_) => CKF_TOKEN_PRESENT,
            SlotState::NotPiv | SlotState::Empty => 0,
        };
        Ok(SlotInfo {
            description: slot.description(),
            flags: CKF_REMOVABLE_DEVICE | CKF_HW_SLOT | present,
        })
    }

    /// `C_GetTokenInfo`
    ///
    /// # Errors
    /// [`Error::SlotId`], [`Error::TokenNotPresent`], [`Error::TokenNotRecognized`].
    pub fn token_info(&self, slot: CK_SLOT_ID) -> Result<TokenInfo> {
        let token = self.token(slot)?;
        let tries = match token.tries() {
            Tries::Unknown => 0,
            Tries::Left(1) => CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY,
            Tries::Left(_) => CKF_USER_PIN_COUNT_LOW,
            Tries::Blocked => CKF_USER_PIN_LOCKED,
        };
        let entry = token
            .pin_entry(self.pin_form(&token))
            .map_or(0, |_| CKF_PROTECTED_AUTHENTICATION_PATH);
        let sessions = self.lock_sessions();
        let of_token = || {
            sessions
                .values()
                .filter(|session| Arc::ptr_eq(&session.token, &token))
        };
        Ok(TokenInfo {
            label: token.label(),
            serial: token.serial(),
            flags: CKF_RNG
                | CKF_LOGIN_REQUIRED
                | CKF_USER_PIN_INITIALIZED
                | CKF_TOKEN_INITIALIZED
                | entry
                | tries,
            pin_min: self.pin_form(&token).shortest(),
            sessions: of_token().count(),
            read_write_sessions: of_token()
                .filter(|session| session.access == Access::ReadWrite)
                .count(),
        })
    }

    /// `C_GetMechanismList`
    ///
    /// # Errors
    /// As [`Self::token_info`].
    pub fn mechanism_list(&self, slot: CK_SLOT_ID) -> Result<Vec<CK_MECHANISM_TYPE>> {
        self.token(slot)?;
        Ok(mechanism::rows().map(|row| row.number).collect())
    }

    /// `C_GetMechanismInfo`
    ///
    /// # Errors
    /// As [`Self::token_info`], and [`Error::Mechanism`].
    pub fn mechanism_info(
        &self,
        slot: CK_SLOT_ID,
        mechanism: CK_MECHANISM_TYPE,
    ) -> Result<CK_MECHANISM_INFO> {
        self.token(slot)?;
        Ok(mechanism::find(mechanism)?.info())
    }

    /// `C_WaitForSlotEvent`: the slot where a card came or went. `C_Finalize` in another thread ends the wait.
    ///
    /// # Errors
    /// [`Error::NoEvent`], [`Error::NotInitialized`] after `C_Finalize`.
    pub fn wait_for_slot_event(&self, blocking: Blocking) -> Result<CK_SLOT_ID> {
        self.slots.wait_for_event(blocking, &self.end)
    }

    /// `C_OpenSession`
    ///
    /// # Errors
    /// As [`Self::token_info`], and [`Error::SessionReadWriteSoExists`].
    pub fn open_session(&self, slot: CK_SLOT_ID, access: Access) -> Result<CK_SESSION_HANDLE> {
        let token = self.token(slot)?;
        let handle = NEXT_SESSION.fetch_add(1, Ordering::Relaxed);
        token.session_opened(handle, access)?;
        let pin_form = self.pin_form(&token);
        let session = Session::new(
            handle,
            slot,
            token,
            access,
            pin_form,
            Arc::clone(&self.slots),
        );
        self.lock_sessions().insert(handle, Arc::new(session));
        Ok(handle)
    }

    /// The session with this handle.
    ///
    /// # Errors
    /// [`Error::SessionHandle`].
    pub fn session(&self, handle: CK_SESSION_HANDLE) -> Result<Arc<Session>> {
        self.lock_sessions()
            .get(&handle)
            .cloned()
            .ok_or(Error::SessionHandle)
    }

    /// `C_CloseSession`. The last session of a token takes the login with it.
    ///
    /// # Errors
    /// [`Error::SessionHandle`].
    pub fn close_session(&self, handle: CK_SESSION_HANDLE) -> Result<()> {
        let closed = self.lock_sessions().remove(&handle);
        let session = closed.ok_or(Error::SessionHandle)?;
        session.token.session_closed(handle);
        Ok(())
    }

    /// `C_CloseAllSessions`
    ///
    /// # Errors
    /// [`Error::SlotId`].
    pub fn close_all_sessions(&self, slot: CK_SLOT_ID) -> Result<()> {
        self.slots.get(slot)?;
        self.close_sessions(|session| session.slot == slot);
        Ok(())
    }

    fn close_sessions(&self, which: impl Fn(&Session) -> bool) {
        let handles: Vec<CK_SESSION_HANDLE> = self
            .lock_sessions()
            .values()
            .filter(|session| which(session))
            .map(|session| session.handle)
            .collect();
        for handle in handles {
            // Another thread may have closed it in between.
            drop(self.close_session(handle));
        }
    }
}
